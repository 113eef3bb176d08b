package dev.dormouse.storage.h2;

import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.Alarm;
import dev.dormouse.storage.StorageKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/**
 * An actor's H2 file, opened: its keys and its {@link FileMeta}. Any number of threads may read
 * while one applies; they see the old state or the new one.
 */
final class ActorFile {
  static final String SUFFIX = ".mv.db";
  private static final StorageKey STATE = StorageKey.of("state");
  private static final int CACHE_MEBIBYTES = 1;

  /** What a file may be beyond twice what it must hold, before it is rewritten. */
  private static final long SLACK_BYTES = 256 * 1024;

  private static final int ENTRY_OVERHEAD_BYTES = 16;

  private final Path path;
  private final MVStore store;
  private final MVMap<StorageKey, byte[]> keys;
  private final MVMap<StorageKey, byte[]> meta;

  /** Opens a file, or makes it where there is none. */
  ActorFile(Path path) {
    this.path = path;
    this.store = Stores.open(path, CACHE_MEBIBYTES);
    try {
      this.keys = Stores.map(store, "keys");
      this.meta = Stores.map(store, "meta");
    } catch (RuntimeException e) {
      store.closeImmediately();
      throw e;
    }
  }

  /** The file of an actor under a directory. */
  static Path path(Path actors, String hex) {
    return actors.resolve(hex.substring(0, 2)).resolve(hex.substring(2, 4)).resolve(hex + SUFFIX);
  }

  /** Empty where nothing was ever applied, as in a file whose first commit was cut short. */
  Optional<FileMeta> meta() {
    var state = meta.get(STATE);
    return state == null ? Optional.empty() : Optional.of(FileMeta.decode(state));
  }

  byte @Nullable [] get(StorageKey key) {
    return keys.get(key);
  }

  /**
   * The entries from a key, inclusive, to a key, inclusive, or the other way round. A null leaves
   * that side open.
   */
  Cursor<StorageKey, byte[]> cursor(
      @Nullable StorageKey from, @Nullable StorageKey to, boolean reverse) {
    return reverse ? keys.cursor(to, from, true) : keys.cursor(from, to, false);
  }

  /** Lays an overlay over the file, in one commit that is flushed. */
  FileMeta apply(ActorId id, Overlay overlay) {
    var before = overlay.freshLsn > 0 ? Optional.<FileMeta>empty() : meta();
    long stored = before.map(FileMeta::storedBytes).orElse(0L);
    if (overlay.cleared() || before.isEmpty()) {
      keys.clear();
      stored = 0;
    }
    for (var e : overlay.cells.entrySet()) {
      var key = e.getKey();
      var value = e.getValue().value();
      var old = value == null ? keys.remove(key) : keys.put(key, value);
      stored += value == null ? 0 : key.length() + value.length;
      stored -= old == null ? 0 : key.length() + old.length;
    }
    var changed = overlay.alarm;
    Optional<Alarm> alarm = changed != null ? changed : before.flatMap(FileMeta::alarm);
    var after = new FileMeta(id, overlay.lastLsn, stored, 0, alarm);
    meta.put(STATE, after.encode());
    store.commit();
    store.sync();
    return after;
  }

  /** Whether the file has become much larger than what it holds. */
  boolean needsRewrite() throws IOException {
    long stored = meta().map(FileMeta::storedBytes).orElse(0L);
    long live = stored + ENTRY_OVERHEAD_BYTES * keys.sizeAsLong();
    return Files.size(path) > 2 * live + SLACK_BYTES;
  }

  /**
   * Writes what the file holds to a new one beside it, flushes that, and puts it in this one's
   * place: at every moment one whole file has the name. This object must be closed and opened anew
   * after it.
   */
  void rewrite() throws IOException {
    Stores.rewrite(store, path, "keys", "meta");
  }

  /** Releases the file; what was not committed is dropped. */
  void close() {
    store.closeImmediately();
  }
}
