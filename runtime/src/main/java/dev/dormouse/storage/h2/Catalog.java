package dev.dormouse.storage.h2;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.StorageKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The actors of the node that have files, by namespace and name, and their alarms by due time, in
 * an H2 file of its own. A checkpoint brings it up to date after the actor files and before the
 * journal lets go, so catalog and journal together always know every actor. It also remembers up to
 * which record each file is, so that a file which fell back to an older state is noticed.
 *
 * <p>All of it can be had from the actor files again: a catalog that cannot be read is set aside
 * and rebuilt from them. Any thread may read; one at a time writes.
 */
final class Catalog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Catalog.class);
  private static final StorageKey CHECKPOINT = StorageKey.of("checkpoint");
  private static final int CACHE_MEBIBYTES = 16;
  private static final long SLACK_BYTES = 4 << 20;
  private static final int ENTRY_OVERHEAD_BYTES = 16;
  private static final int ALARM_BYTES = 8;

  /** What a checkpoint leaves behind: all records below this number are in actor files. */
  record Checkpoint(long lsn) {}

  /** A change of one entry; no meta removes it. */
  record Change(ActorId id, Optional<FileMeta> meta) {}

  private final Path path;
  private final Path actors;
  private final FileCache files;
  private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
  private MVStore store;
  private MVMap<StorageKey, byte[]> entries;
  private MVMap<StorageKey, byte[]> alarms;
  private MVMap<StorageKey, byte[]> state;
  private long liveBytes;
  private final LengthMark length;

  @SuppressWarnings("NullAway.Init") // open() sets the maps, here and after a rebuild.
  Catalog(Path path, Path actors, FileCache files) throws IOException {
    this.path = path;
    this.actors = actors;
    this.files = files;
    boolean existed = Files.exists(path);
    boolean hasActors = hasActors();
    this.length = new LengthMark(path.resolveSibling(path.getFileName() + ".length"));
    try {
      if (existed && length.bytes() > 0) {
        Stores.truncate(path, length.bytes());
      }
      open();
      readThrough();
    } catch (RuntimeException e) {
      rebuild(e);
      return;
    }
    if ((!existed || state.get(CHECKPOINT) == null) && hasActors) {
      rebuild(new IOException("it is missing"));
    }
  }

  private boolean hasActors() throws IOException {
    if (!Files.exists(actors)) {
      return false;
    }
    try (var any = Files.list(actors)) {
      return any.findAny().isPresent();
    }
  }

  private void open() {
    store = Stores.open(path, CACHE_MEBIBYTES);
    entries = Stores.map(store, "actors");
    alarms = Stores.map(store, "alarms");
    state = Stores.map(store, "state");
  }

  /** Touches what a start needs; damage elsewhere shows itself later. */
  private void readThrough() {
    liveBytes = 0;
    checkpoint();
    entries.firstKey();
    alarms.firstKey();
  }

  static StorageKey key(ActorId id) {
    return key(id.namespace(), id.name().getBytes(StandardCharsets.UTF_8));
  }

  static StorageKey key(String namespace, byte[] name) {
    var space = namespace.getBytes(StandardCharsets.UTF_8);
    var key = Arrays.copyOf(space, space.length + 1 + name.length);
    System.arraycopy(name, 0, key, space.length + 1, name.length);
    return new StorageKey(key);
  }

  private static StorageKey alarmKey(long dueMillis, StorageKey actor) {
    // The sign is flipped so that times sort as bytes without sign.
    return new StorageKey(
        ByteBuffer.allocate(ALARM_BYTES + actor.length())
            .putLong(dueMillis ^ Long.MIN_VALUE)
            .put(actor.utf8())
            .array());
  }

  private static ActorId idOf(StorageKey key, int from) {
    int zero = from;
    while (key.utf8()[zero] != 0) {
      zero++;
    }
    return new ActorId(
        new String(key.utf8(), from, zero - from, StandardCharsets.UTF_8),
        new String(key.utf8(), zero + 1, key.length() - zero - 1, StandardCharsets.UTF_8));
  }

  Checkpoint checkpoint() {
    return reading(
        () -> {
          var saved = state.get(CHECKPOINT);
          return new Checkpoint(saved == null ? 0 : ByteBuffer.wrap(saved).getLong());
        });
  }

  Optional<FileMeta> find(StorageKey key) {
    return reading(() -> Optional.ofNullable(entries.get(key)).map(FileMeta::decode));
  }

  /**
   * Hands on entries in order, from a key, inclusive, until the taker has had enough.
   *
   * @param taker answers whether it takes more
   */
  void scan(StorageKey from, Function<FileMeta, Boolean> taker) {
    reading(
        () -> {
          var cursor = entries.cursor(from, null, false);
          while (cursor.hasNext()) {
            cursor.next();
            if (!taker.apply(FileMeta.decode(cursor.getValue()))) {
              break;
            }
          }
          return true;
        });
  }

  /** Hands on alarms that are due at or before a time, earliest first. */
  void due(long untilMillis, AlarmTaker taker) {
    reading(
        () -> {
          Iterator<StorageKey> all = alarms.keyIterator(null);
          while (all.hasNext()) {
            var key = all.next();
            long due = ByteBuffer.wrap(key.utf8()).getLong() ^ Long.MIN_VALUE;
            if (due > untilMillis || !taker.take(due, idOf(key, ALARM_BYTES))) {
              break;
            }
          }
          return true;
        });
  }

  /** Takes alarms one by one. */
  @FunctionalInterface
  interface AlarmTaker {
    /** Answers whether it takes more. */
    boolean take(long dueMillis, ActorId id);
  }

  private <T> T reading(java.util.function.Supplier<T> read) {
    use.readLock().lock();
    try {
      return read.get();
    } catch (MVStoreException e) {
      suspect = e;
      throw new InternalFault(
          Code.STORAGE_FAILED,
          "the catalog %s cannot be read (%s); it is being rebuilt, try again later"
              .formatted(path, e.getMessage()),
          e);
    } finally {
      use.readLock().unlock();
    }
  }

  /** Whether something could not be read: the next update rebuilds the catalog. */
  boolean isSuspect() {
    return suspect != null;
  }

  /** Writes changes and the checkpoint in one commit, and flushes it. */
  void update(Collection<Change> changes, Checkpoint checkpoint) throws IOException {
    var damage = suspect;
    if (damage != null) {
      rebuild(damage);
    }
    try {
      use.readLock().lock();
      try {
        changes.forEach(this::put);
        state.put(CHECKPOINT, ByteBuffer.allocate(8).putLong(checkpoint.lsn()).array());
        store.commit();
        store.sync();
        length.set(Files.size(path));
      } finally {
        use.readLock().unlock();
      }
    } catch (MVStoreException e) {
      if (e.getErrorCode() == DataUtils.ERROR_WRITING_FAILED
          || e.getErrorCode() == DataUtils.ERROR_CLOSED) {
        reopen();
      } else {
        suspect = e;
      }
      throw new IOException("the catalog could not be written: " + e.getMessage(), e);
    }
    if (Files.size(path) > 2 * live() + SLACK_BYTES) {
      rewrite();
    }
  }

  private long live() {
    // Names are short beside the rest; entries and alarms are of nearly equal size each.
    if (liveBytes == 0) {
      var first = entries.firstKey();
      liveBytes = first == null ? 1 : 3L * first.length() + 64;
    }
    return (liveBytes + ENTRY_OVERHEAD_BYTES) * entries.sizeAsLong()
        + (liveBytes + ENTRY_OVERHEAD_BYTES) * alarms.sizeAsLong();
  }

  private void put(Change change) {
    var key = key(change.id());
    var meta = change.meta();
    var before = meta.isPresent() ? entries.put(key, meta.get().encode()) : entries.remove(key);
    var alarmBefore = before == null ? null : FileMeta.decode(before).alarm().orElse(null);
    var alarmAfter = meta.flatMap(FileMeta::alarm).orElse(null);
    if (alarmBefore != null
        && (alarmAfter == null || alarmAfter.dueMillis() != alarmBefore.dueMillis())) {
      alarms.remove(alarmKey(alarmBefore.dueMillis(), key));
    }
    if (alarmAfter != null) {
      alarms.put(alarmKey(alarmAfter.dueMillis(), key), new byte[0]);
    }
  }

  /** After a failed write H2 closes its store: opens it again with what was flushed before. */
  private void reopen() throws IOException {
    use.writeLock().lock();
    try {
      store.closeImmediately();
      if (length.bytes() > 0) {
        Stores.truncate(path, length.bytes());
      }
      open();
    } finally {
      use.writeLock().unlock();
    }
  }

  private void rewrite() throws IOException {
    use.writeLock().lock();
    try {
      Stores.rewrite(store, path, "actors", "alarms", "state");
      store.closeImmediately();
      open();
      length.set(Files.size(path));
      liveBytes = 0;
    } finally {
      use.writeLock().unlock();
    }
  }

  private void rebuild(Exception cause) throws IOException {
    LOG.warn("the catalog {} is rebuilt from the actor files: {}", path, cause.getMessage());
    use.writeLock().lock();
    try {
      if (store != null) {
        store.closeImmediately();
      }
      setAside();
      open();
      long[] highest = {0};
      try (var files = Files.walk(actors)) {
        for (var file : (Iterable<Path>) files::iterator) {
          if (file.getFileName().toString().endsWith(ActorFile.SUFFIX)) {
            var meta = metaOf(file);
            if (meta != null) {
              put(new Change(meta.id(), Optional.of(meta)));
              highest[0] = Math.max(highest[0], meta.appliedLsn());
            }
          }
        }
      }
      // Records that the journal still has are applied once more, which changes nothing.
      state.put(CHECKPOINT, ByteBuffer.allocate(8).putLong(0).array());
      highestLsn = highest[0];
      liveBytes = 0;
      suspect = null;
      store.commit();
      store.sync();
      length.set(Files.size(path));
    } finally {
      use.writeLock().unlock();
    }
  }

  private long highestLsn;

  /** What showed that the catalog is damaged; null where nothing did. */
  private volatile @Nullable MVStoreException suspect;

  /** The highest record number that the files showed, where the catalog was rebuilt. */
  long highestLsn() {
    return highestLsn;
  }

  private void setAside() throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    for (int i = 1; ; i++) {
      var aside = path.resolveSibling(path.getFileName() + ".damaged-" + i);
      if (!Files.exists(aside)) {
        Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
        return;
      }
    }
  }

  private @Nullable FileMeta metaOf(Path file) {
    var name = file.getFileName().toString();
    var hex = name.substring(0, name.length() - ActorFile.SUFFIX.length());
    try {
      long bytes = Files.size(file);
      return files
          .read(new ActorId("", hex), hex, ActorFile::meta)
          .map(m -> m.withFileBytes(bytes))
          .orElse(null);
    } catch (IOException | RuntimeException e) {
      LOG.warn("the file {} of an actor cannot be read: {}", file, e.getMessage());
      return null;
    }
  }

  @Override
  public void close() {
    use.writeLock().lock();
    try {
      store.closeImmediately();
    } finally {
      use.writeLock().unlock();
    }
  }
}
