package dev.dormouse.storage.h2;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.InternalFault;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The directory of all state: {@code FORMAT}, {@code lock}, {@code catalog.mv.db}, {@code
 * journal/}, {@code actors/} and {@code damaged/}. One server has it at a time.
 */
final class DataDirectory implements AutoCloseable {
  private static final String FORMAT = "dormouse data, format 1";

  private final Path root;
  private final FileChannel lock;

  /**
   * Takes the directory, and makes it where it is missing.
   *
   * @throws InternalFault where another server has it, or it is of another format
   */
  DataDirectory(Path root) {
    this.root = root;
    try {
      Files.createDirectories(root);
      lock =
          FileChannel.open(
              root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      boolean taken = false;
      try {
        taken = lock.tryLock() != null;
      } catch (OverlappingFileLockException e) {
        // The other server is in this same process.
      } finally {
        if (!taken) {
          lock.close();
        }
      }
      if (!taken) {
        throw new InternalFault(
            Code.STORAGE_FAILED,
            "another server uses the data directory "
                + root
                + "; stop it, or give this one a directory of its own",
            null);
      }
      checkFormat();
      Files.createDirectories(journal());
      Files.createDirectories(actors());
      Files.createDirectories(damaged());
    } catch (IOException e) {
      throw new InternalFault(
          Code.STORAGE_FAILED,
          "the data directory " + root + " cannot be used: " + e.getMessage(),
          e);
    }
  }

  private void checkFormat() throws IOException {
    var file = root.resolve("FORMAT");
    if (!Files.exists(file)) {
      Files.writeString(file, FORMAT + "\n");
      return;
    }
    var found = Files.readString(file).strip();
    if (!found.equals(FORMAT)) {
      lock.close();
      throw new InternalFault(
          Code.STORAGE_FAILED,
          "the data directory %s says \"%s\", and this server reads \"%s\"; use the server that wrote it"
              .formatted(root, found.lines().findFirst().orElse(""), FORMAT),
          null);
    }
  }

  Path journal() {
    return root.resolve("journal");
  }

  Path actors() {
    return root.resolve("actors");
  }

  Path damaged() {
    return root.resolve("damaged");
  }

  Path catalog() {
    return root.resolve("catalog.mv.db");
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new InternalFault(
          Code.STORAGE_FAILED, "the lock of the data directory could not be released", e);
    }
  }
}
