package dev.dormouse.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The server's log stream, server-sent events, written as lines for people. */
final class LogStream {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());

  /** A line break of a message, as the server writes it, before an indented line. */
  private static final Pattern FOLDED = Pattern.compile("\\\\n(?=  )");

  private LogStream() {}

  /** Copies until the server ends the stream; without {@code follow} that is at once. */
  static void copy(
      AdminClient client,
      String namespace,
      @Nullable String actor,
      boolean follow,
      boolean json,
      PrintStream out) {
    String path = "/v1/logs?namespace=" + AdminClient.encode(namespace) + "&follow=" + follow;
    if (actor != null) {
      path += "&actor=" + AdminClient.encode(actor);
    }
    try (Stream<String> lines = client.lines(path)) {
      lines
          .filter(line -> line.startsWith("data:"))
          .map(line -> line.substring("data:".length()).strip())
          .forEach(data -> out.println(json ? data : readable(data)));
    } catch (UncheckedIOException lost) {
      throw new CliFailure("the log stream broke off; is the server still running?", lost);
    }
  }

  static String readable(String data) {
    JsonNode entry;
    try {
      entry = AdminClient.JSON.readTree(data);
    } catch (JsonProcessingException notJson) {
      return data;
    }
    JsonNode time = entry.has("millis") ? entry.path("millis") : entry.path("time");
    String when =
        time.isNumber() ? CLOCK.format(Instant.ofEpochMilli(time.asLong())) : time.asText("");
    return "%s %-5s %s  %s"
        .formatted(
            when,
            Show.text(entry, "level").toUpperCase(Locale.ROOT),
            Table.shorten(Show.text(entry, "actor")),
            unfolded(Show.text(entry, "message")).replaceAll("[\\p{Cntrl}&&[^\\t\\n]]", "·"));
  }

  /**
   * Gives the indented lines of a stack their own lines again; indented, they pass for no other
   * entry.
   */
  private static String unfolded(String message) {
    return FOLDED.matcher(message).replaceAll("\n");
  }
}
