package dev.dormouse.storage.h2;

import dev.dormouse.storage.StorageKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/** How this package opens H2 files: no thread, no write behind, small caches. */
final class Stores {
  private static final long COPY_COMMIT_BYTES = 16L << 20;

  private Stores() {}

  /**
   * Opens a file or makes it. What is in the file is never written over: each commit goes to its
   * end, so a commit that the power cuts short is taken back by cutting the file to the length it
   * had. (H2 would reuse space by itself, and after a kill then opens what it takes for the newest
   * state, which may be one from long before.) Files that have grown are rewritten.
   */
  static MVStore open(Path file, int cacheMebibytes) {
    var store =
        new MVStore.Builder()
            .fileName(file.toString())
            .autoCommitDisabled()
            .autoCommitBufferSize(0)
            .autoCompactFillRate(0)
            .cacheSize(cacheMebibytes)
            .cacheConcurrency(1)
            .open();
    store.setRetentionTime(Integer.MAX_VALUE);
    store.setVersionsToKeep(0);
    return store;
  }

  /** A map whose pages are checked. Its name is one that H2's SQL engine leaves alone. */
  static MVMap<StorageKey, byte[]> map(MVStore store, String name) {
    return store.openMap(
        "dormouse." + name,
        new MVMap.Builder<StorageKey, byte[]>().keyType(Cells.KEYS).valueType(Cells.VALUES));
  }

  /**
   * Writes what maps of a store hold to a new file, flushes that, and puts it in the place of the
   * store's file: at every moment one whole file has the name. The store must be closed after it.
   */
  static void rewrite(MVStore store, Path path, String... names) throws IOException {
    var fresh = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    var copy = open(fresh, 1);
    try {
      for (var name : names) {
        copy(map(store, name), map(copy, name), copy);
      }
      copy.commit();
      copy.sync();
    } finally {
      copy.closeImmediately();
    }
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    forceDirectory(path);
  }

  private static void copy(
      MVMap<StorageKey, byte[]> from, MVMap<StorageKey, byte[]> to, MVStore store) {
    var all = from.cursor(null, null, false);
    long unsaved = 0;
    while (all.hasNext()) {
      var key = all.next();
      to.append(key, all.getValue());
      unsaved += key.length() + all.getValue().length;
      if (unsaved > COPY_COMMIT_BYTES) {
        store.commit();
        unsaved = 0;
      }
    }
  }

  /** Cuts a file to a length, if it is longer. It must not be open. */
  static void truncate(Path file, long bytes) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      if (channel.size() > bytes) {
        channel.truncate(bytes);
        channel.force(true);
      }
    }
  }

  /** Makes the presence or absence of a file durable. */
  static void forceDirectory(Path file) throws IOException {
    try (var channel = FileChannel.open(parent(file), StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  static Path parent(Path file) {
    return Objects.requireNonNull(file.getParent(), "every file here is in a directory");
  }
}
