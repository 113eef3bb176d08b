package dev.dormouse.storage.h2;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.identity.ActorId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Actors whose acknowledged writes are lost, one small text file for each, so that a restart does
 * not serve an older state as if nothing had been. An operator who accepts the older state removes
 * the file and starts the server again; deleting the actor removes it too.
 */
final class DamageMarks {
  private static final String SUFFIX = ".txt";

  private final Path directory;
  private final Map<String, String> marks = new ConcurrentHashMap<>();

  DamageMarks(Path directory) throws IOException {
    this.directory = directory;
    try (var files = Files.list(directory)) {
      for (var file : files.toList()) {
        var name = file.getFileName().toString();
        if (name.endsWith(SUFFIX)) {
          marks.put(
              name.substring(0, name.length() - SUFFIX.length()), Files.readString(file).strip());
        }
      }
    }
  }

  /** Why an actor is marked; null where it is not. */
  @Nullable InternalFault of(String hex) {
    var mark = marks.get(hex);
    return mark == null ? null : new InternalFault(Code.STORAGE_FAILED, mark, null);
  }

  void mark(ActorId id, String hex, String why) throws IOException {
    var file = directory.resolve(hex + SUFFIX);
    try (var channel =
        java.nio.channels.FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      channel.write(StandardCharsets.UTF_8.encode(why + "\n"));
      channel.force(true);
    }
    Stores.forceDirectory(file);
    marks.put(hex, why);
    org.slf4j.LoggerFactory.getLogger(DamageMarks.class).error("actor {}: {}", id, why);
  }

  void clear(String hex) throws IOException {
    if (marks.remove(hex) != null) {
      Files.deleteIfExists(directory.resolve(hex + SUFFIX));
    }
  }

  Path directory() {
    return directory;
  }

  int size() {
    return marks.size();
  }
}
