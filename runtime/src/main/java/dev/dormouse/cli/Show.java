package dev.dormouse.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.StringJoiner;

/** How values of the admin API are shown to people. What is missing shows as a dash. */
final class Show {
  private static final String NOTHING = "-";
  private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB"};

  private Show() {}

  /** The first of the fields that is there. */
  static String text(JsonNode node, String... fields) {
    for (String field : fields) {
      JsonNode value = node.path(field);
      if (!value.isMissingNode() && !value.isNull()) {
        return value.isValueNode() ? value.asText() : value.toString();
      }
    }
    return NOTHING;
  }

  static String bytes(JsonNode value) {
    return value.isNumber() ? bytes(value.asLong()) : NOTHING;
  }

  static String bytes(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double amount = bytes;
    int unit = -1;
    while (amount >= 1024 && unit < UNITS.length - 1) {
      amount /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", amount, UNITS[unit]);
  }

  /** A moment in Unix milliseconds. */
  static String moment(JsonNode millis) {
    return millis.isNumber()
        ? Instant.ofEpochMilli(millis.asLong()).truncatedTo(ChronoUnit.MILLIS).toString()
        : millis.isTextual() ? millis.asText() : NOTHING;
  }

  static String list(JsonNode array) {
    StringJoiner joined = new StringJoiner(", ");
    for (JsonNode each : array) {
      joined.add(each.asText());
    }
    return joined.length() == 0 ? NOTHING : joined.toString();
  }

  static String prefix(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length);
  }
}
