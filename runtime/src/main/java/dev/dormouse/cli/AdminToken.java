package dev.dormouse.cli;

import dev.dormouse.config.ServerConfig;
import dev.dormouse.time.TimeSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;

/**
 * The token of the admin API of a server that was given none in its configuration: {@code
 * DORMOUSE_TOKEN}, or else one that is made once and kept, readable by its owner only, in the data
 * folder.
 */
final class AdminToken {
  private static final String FILE = "admin-token";
  private static final int BYTES = 24;

  private AdminToken() {}

  static ServerConfig ensure(ServerConfig config, TimeSource time) {
    String given = System.getenv("DORMOUSE_TOKEN");
    if (given != null && !given.isBlank()) {
      return config.withAdminToken(given.strip());
    }
    if (config.adminToken() != null) {
      return config;
    }
    Path file = config.data().resolve(FILE);
    try {
      if (!Files.exists(file)) {
        write(file, time);
      }
      String token = Files.readString(file).strip();
      if (token.isEmpty()) {
        throw new CliFailure(file + " is empty; remove it, and a new token is made");
      }
      System.err.println("dormouse: the token of the admin API is in " + file);
      return config.withAdminToken(token);
    } catch (IOException disk) {
      throw new CliFailure("cannot keep the admin token in " + file + ": " + disk, disk);
    }
  }

  private static void write(Path file, TimeSource time) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    byte[] secret = new byte[BYTES];
    time.random(secret);
    Path fresh = file.resolveSibling(FILE + ".new");
    Files.deleteIfExists(fresh);
    if (fresh.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          fresh,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.writeString(fresh, HexFormat.of().formatHex(secret) + "\n");
    Files.move(fresh, file);
  }
}
