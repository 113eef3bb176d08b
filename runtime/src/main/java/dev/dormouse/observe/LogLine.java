package dev.dormouse.observe;

import java.nio.charset.StandardCharsets;

/**
 * One line of an actor's log.
 *
 * @param millis Unix time
 * @param message at most {@link #MAX_BYTES} bytes of UTF-8 and the mark of what was cut off, in one
 *     line: control characters stand there as escapes
 */
public record LogLine(long millis, String namespace, String actor, LogLevel level, String message) {

  /** The longest message, in bytes of UTF-8. */
  public static final int MAX_BYTES = 8 * 1024;

  /** A line whose message is cut and cleaned as the record promises. */
  static LogLine of(long millis, String namespace, String actor, LogLevel level, String message) {
    return new LogLine(millis, namespace, actor, level, clean(cut(message)));
  }

  /** What keeping this line costs, roughly. */
  int weight() {
    return 96 + 2 * (message.length() + actor.length());
  }

  private static String cut(String message) {
    // No character takes less than one byte, so what is longer in characters needs no encoding.
    String head = message.length() > MAX_BYTES ? message.substring(0, MAX_BYTES) : message;
    byte[] bytes = head.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= MAX_BYTES && head.length() == message.length()) {
      return message;
    }
    int end = Math.min(bytes.length, MAX_BYTES);
    while (end > 0 && end < bytes.length && (bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    String kept = new String(bytes, 0, end, StandardCharsets.UTF_8);
    return kept + "… (" + (message.length() - kept.length()) + " more characters)";
  }

  private static String clean(String message) {
    int first = 0;
    while (first < message.length() && !unsafe(message.charAt(first))) {
      first++;
    }
    if (first == message.length()) {
      return message;
    }
    var safe = new StringBuilder(message.length() + 16).append(message, 0, first);
    for (int i = first; i < message.length(); i++) {
      char c = message.charAt(i);
      if (!unsafe(c)) {
        safe.append(c);
      } else if (c == '\n') {
        safe.append("\\n");
      } else if (c == '\r') {
        safe.append("\\r");
      } else {
        safe.append("\\u%04x".formatted((int) c));
      }
    }
    return safe.toString();
  }

  /** What could end a line or steer a terminal; a tab cannot. */
  private static boolean unsafe(char c) {
    return (c < 0x20 && c != '\t')
        || (c >= 0x7f && c < 0xa0)
        || c == '\u2028'
        || c == '\u2029'
        || (c >= '\u202a' && c <= '\u202e')
        || (c >= '\u2066' && c <= '\u2069');
  }
}
