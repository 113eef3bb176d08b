package dev.dormouse.storage.h2;

import dev.dormouse.identity.ActorId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All files of actors that the disk has, from which a catalog can be rebuilt. */
final class ActorFiles {
  private static final Logger LOG = LoggerFactory.getLogger(ActorFiles.class);

  private final Path directory;
  private final FileCache files;

  ActorFiles(Path directory, FileCache files) {
    this.directory = directory;
    this.files = files;
  }

  boolean exist() throws IOException {
    if (!Files.exists(directory)) {
      return false;
    }
    try (var any = Files.list(directory)) {
      return any.findAny().isPresent();
    }
  }

  /** Hands on what each file says of itself. Files that cannot be read are left out. */
  void each(Consumer<FileMeta> taker) throws IOException {
    try (var all = Files.walk(directory)) {
      for (var file : (Iterable<Path>) all::iterator) {
        if (file.getFileName().toString().endsWith(ActorFile.SUFFIX)) {
          var meta = metaOf(file);
          if (meta != null) {
            taker.accept(meta);
          }
        }
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
}
