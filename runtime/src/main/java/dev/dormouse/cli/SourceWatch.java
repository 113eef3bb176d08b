package dev.dormouse.cli;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Waits for changes to the sources of an app: files anywhere below its folder, except what builds
 * and editors leave there. Changes that come in quick succession, as editors and branch switches
 * make them, are one.
 *
 * <p>For one thread at a time; {@link #close} may come from any.
 */
final class SourceWatch implements AutoCloseable {
  private static final Set<String> IGNORED_FOLDERS =
      Set.of("target", "node_modules", ".dormouse", ".git", ".idea", ".vscode");
  private static final Set<String> IGNORED_FILES =
      Set.of("Cargo.lock", "package-lock.json", "4913");
  private static final long QUIET_MILLIS = 80;
  private static final int MOST_ROUNDS = 25;

  private final Path root;
  private final WatchService watch;
  private final Map<WatchKey, Path> folders = new HashMap<>();

  SourceWatch(Path root) throws IOException {
    this.root = root;
    this.watch = root.getFileSystem().newWatchService();
    register(root);
  }

  /**
   * Waits for a change.
   *
   * @return what changed, relative to the app; empty when the watch was closed
   */
  Set<Path> await() throws InterruptedException {
    Set<Path> changed = new TreeSet<>();
    try {
      while (changed.isEmpty()) {
        note(watch.take(), changed);
        for (int round = 0; round < MOST_ROUNDS; round++) {
          WatchKey next = watch.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
          if (next == null) {
            break;
          }
          note(next, changed);
        }
      }
    } catch (ClosedWatchServiceException closed) {
      changed.clear();
    }
    return changed;
  }

  private void note(WatchKey key, Set<Path> changed) {
    Path folder = folders.get(key);
    for (WatchEvent<?> event : key.pollEvents()) {
      if (folder == null) {
        continue;
      }
      if (!(event.context() instanceof Path name)) {
        // Too many events to tell apart: something changed.
        changed.add(root.relativize(folder));
        continue;
      }
      Path path = folder.resolve(name);
      if (ignored(name.toString())) {
        continue;
      }
      if (Files.isDirectory(path)) {
        if (event.kind() == StandardWatchEventKinds.ENTRY_CREATE) {
          registerQuietly(path);
          changed.add(root.relativize(path));
        }
        continue;
      }
      changed.add(root.relativize(path));
    }
    if (!key.reset()) {
      folders.remove(key);
    }
  }

  static boolean ignored(String name) {
    return IGNORED_FOLDERS.contains(name)
        || IGNORED_FILES.contains(name)
        || name.endsWith("~")
        || name.endsWith(".swp")
        || name.endsWith(".swx")
        || name.endsWith(".tmp")
        || name.startsWith(".#")
        || (name.startsWith("#") && name.endsWith("#"));
  }

  private void registerQuietly(Path folder) {
    try {
      register(folder);
    } catch (IOException gone) {
      // A folder that came and went: nothing of it is left to watch.
    }
  }

  private void register(Path top) throws IOException {
    Files.walkFileTree(
        top,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Path name = folder.getFileName();
            if (!folder.equals(root) && name != null && ignored(name.toString())) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            folders.put(
                folder.register(
                    watch,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE),
                folder);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }
        });
  }

  @Override
  public void close() {
    try {
      watch.close();
    } catch (IOException ignored) {
      // Nothing waits for it any more.
    }
  }
}
