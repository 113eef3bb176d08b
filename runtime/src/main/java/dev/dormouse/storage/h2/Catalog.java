package dev.dormouse.storage.h2;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.StorageKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Supplier;
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

  /** What a checkpoint leaves behind: all records below this number are in actor files. */
  record Checkpoint(long lsn) {}

  /** A change of one entry; no meta removes it. */
  record Change(ActorId id, Optional<FileMeta> meta) {}

  private final Path path;
  private final ActorFiles remains;
  private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
  private MVStore store;
  private MVMap<StorageKey, byte[]> entries;
  private MVMap<StorageKey, byte[]> alarms;
  private MVMap<StorageKey, byte[]> state;
  private long liveBytes;
  private final LengthMark length;
  private long highestLsn;

  /** What showed that the catalog is damaged; null where nothing did. */
  private volatile @Nullable MVStoreException suspect;

  @SuppressWarnings("NullAway.Init") // open() sets the maps, here and after a rebuild.
  Catalog(Path path, Path actors, FileCache files) throws IOException {
    this.path = path;
    this.remains = new ActorFiles(actors, files);
    boolean existed = Files.exists(path);
    boolean hasActors = remains.exist();
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
            long due = CatalogKeys.due(key);
            if (due > untilMillis || !taker.take(due, CatalogKeys.actorOfAlarm(key))) {
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

  private <T> T reading(Supplier<T> read) {
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
    var key = CatalogKeys.actor(change.id());
    var meta = change.meta();
    var before = meta.isPresent() ? entries.put(key, meta.get().encode()) : entries.remove(key);
    var alarmBefore = before == null ? null : FileMeta.decode(before).alarm().orElse(null);
    var alarmAfter = meta.flatMap(FileMeta::alarm).orElse(null);
    if (alarmBefore != null
        && (alarmAfter == null || alarmAfter.dueMillis() != alarmBefore.dueMillis())) {
      alarms.remove(CatalogKeys.alarm(alarmBefore.dueMillis(), key));
    }
    if (alarmAfter != null) {
      alarms.put(CatalogKeys.alarm(alarmAfter.dueMillis(), key), new byte[0]);
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
      highestLsn = 0;
      remains.each(
          meta -> {
            put(new Change(meta.id(), Optional.of(meta)));
            highestLsn = Math.max(highestLsn, meta.appliedLsn());
          });
      // Records that the journal still has are applied once more, which changes nothing.
      state.put(CHECKPOINT, ByteBuffer.allocate(8).putLong(0).array());
      liveBytes = 0;
      suspect = null;
      store.commit();
      store.sync();
      length.set(Files.size(path));
    } finally {
      use.writeLock().unlock();
    }
  }

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
