package dev.dormouse.storage.h2;

import static org.awaitility.Awaitility.await;

import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.Alarm;
import dev.dormouse.storage.StorageKey;
import dev.dormouse.storage.WriteSet;
import dev.dormouse.time.SystemTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Stores in a temporary directory, and what a crash leaves of them. */
final class StoreFixture implements AutoCloseable {
  private final Path root;
  private final SystemTime time = new SystemTime();
  private final List<H2Store> opened = new ArrayList<>();
  private int copies;

  StoreFixture(Path root) {
    this.root = root;
  }

  Path directory() {
    return root.resolve("data" + copies);
  }

  /** Small segments, and no checkpoint unless asked for. */
  StoreOptions options() {
    var defaults = StoreOptions.in(directory()).withJournal(256 << 10, 64 << 20, 32 << 20);
    return new StoreOptions(
        defaults.directory(),
        defaults.segmentBytes(),
        defaults.queueBytes(),
        defaults.maxJournalBytes(),
        defaults.checkpointBytes(),
        Duration.ofHours(1),
        Duration.ofHours(1),
        Duration.ofSeconds(5),
        1 << 20,
        8,
        2);
  }

  H2Store open() {
    return open(options());
  }

  H2Store open(StoreOptions options) {
    var store = H2Store.open(options, time);
    opened.add(store);
    return store;
  }

  SystemTime time() {
    return time;
  }

  /** As if the server was killed now: from here on, the directory is a copy of what is on disk. */
  Path crash() {
    // A copy is no snapshot: nothing may be written meanwhile.
    await().atMost(Duration.ofSeconds(60)).until(() -> opened.getLast().isCheckpointIdle());
    var from = directory();
    copies++;
    copy(from, directory());
    return directory();
  }

  /** From here on, the directory is a copy of one that nobody uses. */
  void restoreFrom(Path from) {
    copies++;
    copy(from, directory());
  }

  static void copy(Path from, Path to) {
    try (var files = Files.walk(from)) {
      for (var file : (Iterable<Path>) files::iterator) {
        var target = to.resolve(from.relativize(file));
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    opened.forEach(H2Store::close);
    time.close();
  }

  static ActorId actor(String name) {
    return new ActorId("test", name);
  }

  static StorageKey key(String text) {
    return StorageKey.of(text);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static @Nullable String text(byte @Nullable [] value) {
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }

  static WriteSet put(String key, String value) {
    var entries = new TreeMap<StorageKey, byte[]>();
    entries.put(key(key), bytes(value));
    return new WriteSet(false, entries, null);
  }

  static WriteSet remove(String key) {
    var entries = new TreeMap<StorageKey, byte[]>();
    entries.put(key(key), null);
    return new WriteSet(false, entries, null);
  }

  static WriteSet alarm(long dueMillis) {
    return new WriteSet(false, new TreeMap<>(), Optional.of(Alarm.at(dueMillis)));
  }

  static WriteSet noAlarm() {
    return new WriteSet(false, new TreeMap<>(), Optional.empty());
  }
}
