package dev.dormouse.guest.chicory;

import com.dylibso.chicory.wasm.Version;
import dev.dormouse.time.TimeSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled code on disk, one file for each code hash and version of what compiled it. Files are
 * written aside and renamed, so that a file that is there is whole; one whose checksum is wrong all
 * the same is deleted. Those unused for longest go when all together are larger than the bound. A
 * disk that fails costs time, never a load.
 */
final class CodeCache {
  private static final Logger LOG = LoggerFactory.getLogger(CodeCache.class);
  private static final String SUFFIX = ".classes";
  private static final String ASIDE = ".tmp";

  private final Path directory;
  private final long maxBytes;
  private final TimeSource time;

  CodeCache(Path directory, long maxBytes, TimeSource time) {
    this.directory = directory;
    this.maxBytes = maxBytes;
    this.time = time;
    try {
      Files.createDirectories(directory);
      try (var leftOvers = Files.newDirectoryStream(directory, "*" + ASIDE)) {
        for (var file : leftOvers) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the directory for compiled code, " + directory + ", cannot be used", e);
    }
  }

  /** The key of a code hash: with everything else that compiled code depends on. */
  static String key(String codeHash) {
    return codeHash
        + "-"
        + CodeFile.FORMAT
        + "-chicory-"
        + Version.version()
        + "-jdk-"
        + Runtime.version().feature();
  }

  @Nullable CodeFile read(String key) {
    var path = path(key);
    try {
      var code = CodeFile.decode(key, Files.readAllBytes(path));
      Files.setLastModifiedTime(path, FileTime.fromMillis(time.millis()));
      return code;
    } catch (NoSuchFileException _) {
      return null;
    } catch (IOException e) {
      LOG.warn("compiled code in {} cannot be used and is compiled again: {}", path, e.toString());
      delete(key);
      return null;
    }
  }

  void delete(String key) {
    try {
      Files.deleteIfExists(path(key));
    } catch (IOException e) {
      LOG.warn("compiled code in {} cannot be deleted: {}", path(key), e.toString());
    }
  }

  void write(String key, CodeFile code) {
    var path = path(key);
    try {
      var aside = Files.createTempFile(directory, "code", ASIDE);
      try {
        Files.write(aside, code.encode(key));
        Files.setLastModifiedTime(aside, FileTime.fromMillis(time.millis()));
        Files.move(
            aside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(aside);
      }
      evict(path);
    } catch (IOException e) {
      LOG.warn("compiled code cannot be kept in {}: {}", path, e.toString());
    }
  }

  private record Kept(Path path, long bytes, FileTime used) {}

  private synchronized void evict(Path justWritten) throws IOException {
    List<Kept> files = new ArrayList<>();
    long bytes = 0;
    try (var all = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (var path : all) {
        var kept = new Kept(path, Files.size(path), Files.getLastModifiedTime(path));
        bytes += kept.bytes;
        files.add(kept);
      }
    }
    files.sort(Comparator.comparing(Kept::used));
    for (var file : files) {
      if (bytes <= maxBytes) {
        return;
      }
      if (!file.path.equals(justWritten)) {
        Files.deleteIfExists(file.path);
        bytes -= file.bytes;
      }
    }
  }

  private Path path(String key) {
    return directory.resolve(key + SUFFIX);
  }
}
