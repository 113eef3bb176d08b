package dev.dormouse.cli;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which server a command talks to, and as whom. */
final class AdminOptions {
  private static final String LOCAL = "http://127.0.0.1:8788";

  @Option(
      names = "--server",
      paramLabel = "URL",
      description = "Admin address of the server (or DORMOUSE_SERVER); default " + LOCAL + ".")
  @Nullable String server;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "Token of the admin API (or DORMOUSE_TOKEN).")
  @Nullable String token;

  AdminClient client() {
    return new AdminClient(address(), orElse(token, System.getenv("DORMOUSE_TOKEN")));
  }

  private URI address() {
    String given = orElse(server, System.getenv("DORMOUSE_SERVER"));
    String text = given == null ? LOCAL : given.contains("://") ? given : "http://" + given;
    try {
      URI uri = URI.create(text);
      String scheme = uri.getScheme();
      if (uri.getHost() != null && ("http".equals(scheme) || "https".equals(scheme))) {
        return uri;
      }
    } catch (IllegalArgumentException malformed) {
      // Said below, as of any other text that is no address.
    }
    throw new CliMistake("`" + text + "` is not an address such as " + LOCAL);
  }

  private static @Nullable String orElse(@Nullable String first, @Nullable String second) {
    String chosen = first == null || first.isBlank() ? second : first;
    return chosen == null || chosen.isBlank() ? null : chosen;
  }
}
