package dev.dormouse.module;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.fault.ResourceFault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A directory of small files that change whole: after a crash at any moment a file holds either
 * what it held before or all of what was written, and what {@link #write} and {@link #delete} have
 * returned from is on disk.
 */
final class DurableDirectory {
  private static final String UNFINISHED = ".tmp";

  private final Path directory;

  /** Makes the directory where it is missing and clears what a crash left unfinished. */
  DurableDirectory(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory);
      try (var files = Files.newDirectoryStream(directory, "*" + UNFINISHED)) {
        for (Path file : files) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw failed("open", directory, e);
    }
  }

  Path path(String name) {
    return directory.resolve(name);
  }

  /** The names of the files that end like this. */
  List<String> names(String suffix) {
    var names = new ArrayList<String>();
    try (var files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(suffix)) {
          names.add(name);
        }
      }
    } catch (IOException e) {
      throw failed("list", directory, e);
    }
    return names;
  }

  Optional<byte[]> read(String name) {
    try {
      return Optional.of(Files.readAllBytes(path(name)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failed("read", path(name), e);
    }
  }

  void write(String name, byte[] content) {
    Path unfinished = path(name + UNFINISHED);
    try {
      try (var file =
          FileChannel.open(
              unfinished,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        var bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
        file.force(true);
      }
      Files.move(
          unfinished,
          path(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      sync();
    } catch (IOException e) {
      try {
        Files.deleteIfExists(unfinished);
      } catch (IOException leftover) {
        e.addSuppressed(leftover);
      }
      throw failed("write", path(name), e);
    }
  }

  /** Does nothing where there is no such file. */
  void delete(String name) {
    try {
      if (Files.deleteIfExists(path(name))) {
        sync();
      }
    } catch (IOException e) {
      throw failed("delete", path(name), e);
    }
  }

  private void sync() throws IOException {
    try (var self = FileChannel.open(directory, StandardOpenOption.READ)) {
      self.force(true);
    }
  }

  private static Fault failed(String what, Path path, IOException e) {
    String reason = String.valueOf(e.getMessage());
    if (reason.contains("No space left") || reason.contains("quota")) {
      return new ResourceFault(
          Code.STORAGE_FULL, "the disk is full: cannot " + what + " " + path + "; make room there");
    }
    return new InternalFault(Code.STORAGE_FAILED, "cannot " + what + " " + path + ": " + e, e);
  }
}
