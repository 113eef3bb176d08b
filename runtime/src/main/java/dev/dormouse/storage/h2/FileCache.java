package dev.dormouse.storage.h2;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.identity.ActorId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The actor files that are open: a bounded number, the least recently used closed first. A file in
 * use stays open; where all are in use, the next user waits, and nobody uses two at a time.
 *
 * <p>An interrupted thread that reads or writes an H2 file closes it under everybody else. So
 * writes come from the checkpoint's platform threads, and reads from threads of actors and of the
 * admin API, which nobody interrupts.
 */
final class FileCache {
  private final Path root;
  private final int max;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private final AtomicLong opens = new AtomicLong();
  private final AtomicLong rewrites = new AtomicLong();

  private static final class Entry {
    final String hex;
    final Path path;
    final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
    int pins;
    @Nullable ActorFile file;

    Entry(String hex, Path path) {
      this.hex = hex;
      this.path = path;
    }

    /** Under the write lock of {@code use}, or where nobody else can have the entry. */
    void close() {
      if (file != null) {
        file.close();
        file = null;
      }
    }
  }

  FileCache(Path root, int max) {
    this.root = root;
    this.max = max;
  }

  Path path(String hex) {
    return ActorFile.path(root, hex);
  }

  boolean exists(String hex) {
    return Files.exists(path(hex));
  }

  int size() {
    lock.lock();
    try {
      return entries.size();
    } finally {
      lock.unlock();
    }
  }

  long opens() {
    return opens.get();
  }

  long rewrites() {
    return rewrites.get();
  }

  /**
   * Reads from an actor's file, which must be there.
   *
   * @throws InternalFault naming the actor and the file, where that cannot be read
   */
  <T> T read(ActorId id, String hex, Function<ActorFile, T> reading) {
    var entry = pin(hex);
    try {
      return using(entry, false, reading);
    } catch (IOException | RuntimeException e) {
      drop(entry);
      if (e instanceof InternalFault fault) {
        throw fault;
      }
      throw damaged(id, entry.path, e);
    } finally {
      unpin(entry);
    }
  }

  static InternalFault damaged(ActorId id, Path file, Throwable cause) {
    return new InternalFault(
        Code.STORAGE_FAILED,
        "the file %s of actor %s cannot be read (%s); restore it from a backup, or delete the actor"
            .formatted(file, id, cause.getMessage()),
        cause);
  }

  /**
   * Lays an overlay over an actor's file, which is made where it is missing, and releases the
   * memory that H2 took for it. Readers meanwhile see the old state or the new.
   *
   * @param flushedBytes length of the file with all that was flushed; what an apply that failed
   *     left behind it is cut off
   */
  FileMeta apply(ActorId id, String hex, Overlay overlay, long flushedBytes) throws IOException {
    var entry = pin(hex);
    try {
      boolean created = !Files.exists(entry.path);
      if (created) {
        Files.createDirectories(Stores.parent(entry.path));
      } else if (Files.size(entry.path) > flushedBytes) {
        cut(entry, flushedBytes);
      }
      var after =
          using(
              entry,
              true,
              file -> {
                try {
                  var meta = file.apply(id, overlay);
                  if (file.needsRewrite()) {
                    file.rewrite();
                    rewrites.incrementAndGet();
                  }
                  return meta;
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      if (created) {
        for (var made = entry.path; !made.equals(root); made = Stores.parent(made)) {
          Stores.forceDirectory(made);
        }
      }
      return after.withFileBytes(Files.size(entry.path));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      drop(entry);
      unpin(entry);
    }
  }

  /** Cuts what was not flushed off an actor's file. */
  void cut(String hex, long flushedBytes) throws IOException {
    var entry = pin(hex);
    try {
      cut(entry, flushedBytes);
    } finally {
      unpin(entry);
    }
  }

  private static void cut(Entry entry, long flushedBytes) throws IOException {
    entry.use.writeLock().lock();
    try {
      entry.close();
      if (flushedBytes == 0) {
        Files.deleteIfExists(entry.path);
      } else {
        Stores.truncate(entry.path, flushedBytes);
      }
    } finally {
      entry.use.writeLock().unlock();
    }
  }

  /** The length of an actor's file. */
  long bytes(String hex) throws IOException {
    return Files.size(path(hex));
  }

  /** Removes an actor's file, if there is one. */
  void remove(String hex) throws IOException {
    var entry = pin(hex);
    try {
      entry.use.writeLock().lock();
      try {
        entry.close();
        if (Files.deleteIfExists(entry.path)) {
          Stores.forceDirectory(entry.path);
        }
      } finally {
        entry.use.writeLock().unlock();
      }
    } finally {
      unpin(entry);
    }
  }

  private <T> T using(Entry entry, boolean create, Function<ActorFile, T> work) throws IOException {
    entry.use.readLock().lock();
    try {
      while (entry.file == null) {
        entry.use.readLock().unlock();
        try {
          open(entry, create);
        } finally {
          entry.use.readLock().lock();
        }
      }
      return work.apply(entry.file);
    } finally {
      entry.use.readLock().unlock();
    }
  }

  private void open(Entry entry, boolean create) throws IOException {
    entry.use.writeLock().lock();
    try {
      if (entry.file == null) {
        if (!create && !Files.exists(entry.path)) {
          throw new IOException("it is missing");
        }
        entry.file = new ActorFile(entry.path);
        opens.incrementAndGet();
      }
    } finally {
      entry.use.writeLock().unlock();
    }
  }

  private void drop(Entry entry) {
    entry.use.writeLock().lock();
    try {
      entry.close();
    } finally {
      entry.use.writeLock().unlock();
    }
  }

  private Entry pin(String hex) {
    lock.lock();
    try {
      while (true) {
        var entry = entries.get(hex);
        if (entry == null && entries.size() >= max && !evict()) {
          room.awaitUninterruptibly();
          continue;
        }
        if (entry == null) {
          entry = new Entry(hex, path(hex));
          entries.put(hex, entry);
        }
        entry.pins++;
        return entry;
      }
    } finally {
      lock.unlock();
    }
  }

  private void unpin(Entry entry) {
    lock.lock();
    try {
      entry.pins--;
      if (entry.pins == 0) {
        if (entry.file == null) {
          entries.remove(entry.hex);
        }
        room.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean evict() {
    for (var all = entries.values().iterator(); all.hasNext(); ) {
      var entry = all.next();
      if (entry.pins == 0) {
        all.remove();
        entry.close();
        return true;
      }
    }
    return false;
  }

  /** Closes all; none may be in use. */
  void close() {
    lock.lock();
    try {
      entries.values().forEach(Entry::close);
      entries.clear();
    } finally {
      lock.unlock();
    }
  }
}
