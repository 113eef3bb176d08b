package dev.dormouse.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;

/**
 * Looks from outside at the files of a server's actors. A checkpoint changes them one after another
 * and then the catalog, so files newer than the catalog mean a checkpoint that has begun and not
 * ended.
 */
final class ActorFiles {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path actors;
  private final Path catalog;

  ActorFiles(Path data) {
    actors = data.resolve("actors");
    catalog = data.resolve("catalog.mv.db");
  }

  /** Waits until a file changes, at most a minute. */
  void awaitChange() {
    var before = newest();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (newest().compareTo(before) <= 0) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("no actor's file has changed for " + PATIENCE);
      }
      Thread.onSpinWait();
    }
  }

  boolean areAheadOfTheCatalog() {
    try {
      return newest().compareTo(Files.getLastModifiedTime(catalog)) > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private FileTime newest() {
    var newest = new FileTime[] {FileTime.fromMillis(0)};
    try {
      Files.walkFileTree(
          actors,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (attributes.lastModifiedTime().compareTo(newest[0]) > 0) {
                newest[0] = attributes.lastModifiedTime();
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException gone) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return newest[0];
  }
}
