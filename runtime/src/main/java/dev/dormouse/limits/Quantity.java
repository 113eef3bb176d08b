package dev.dormouse.limits;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The three kinds of quantity that settings hold, in the form that people write: a count ({@code
 * 5000}), a size ({@code "128MiB"}, or a number of bytes) and a time ({@code "30s"}).
 */
final class Quantity {
  private static final Pattern WITH_UNIT = Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?([A-Za-z]+)");
  private static final Map<String, Long> SIZES =
      Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB", 1L << 40);
  private static final Map<String, Long> TIMES =
      Map.of("ms", 1_000_000L, "s", 1_000_000_000L, "m", 60_000_000_000L, "h", 3_600_000_000_000L);

  private Quantity() {}

  static long count(String setting, JsonNode value) {
    if (!value.isNumber()) {
      throw wrong(setting, value, "a whole number such as 5000");
    }
    return whole(setting, value, value.decimalValue(), "a whole number such as 5000");
  }

  static long bytes(String setting, JsonNode value) {
    String form = "a size such as \"128MiB\" (units B, KiB, MiB, GiB, TiB) or a number of bytes";
    if (value.isNumber()) {
      return whole(setting, value, value.decimalValue(), form);
    }
    return withUnit(setting, value, SIZES, form);
  }

  static Duration time(String setting, JsonNode value) {
    return Duration.ofNanos(
        withUnit(setting, value, TIMES, "a time such as \"30s\" (units ms, s, m, h)"));
  }

  /** The size as {@link #bytes} reads it, in the largest unit that divides it. */
  static String showBytes(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    while (unit < units.length - 1 && bytes != 0 && bytes % 1024 == 0) {
      bytes /= 1024;
      unit++;
    }
    return bytes + units[unit];
  }

  /** The time as {@link #time} reads it. */
  static String showTime(Duration time) {
    long millis = time.toMillis();
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }

  private static long withUnit(
      String setting, JsonNode value, Map<String, Long> units, String form) {
    var matcher = value.isTextual() ? WITH_UNIT.matcher(value.textValue().strip()) : null;
    if (matcher == null || !matcher.matches()) {
      throw wrong(setting, value, form);
    }
    Long unit = units.get(matcher.group(2));
    if (unit == null) {
      throw wrong(setting, value, form);
    }
    return whole(
        setting, value, new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)), form);
  }

  private static long whole(String setting, JsonNode value, BigDecimal number, String form) {
    // The scale is bounded before the number is expanded, so that 1e999999999 costs nothing.
    if (number.precision() - number.scale() <= 19 && number.scale() <= 40) {
      try {
        return number.longValueExact();
      } catch (ArithmeticException e) {
        throw wrong(setting, value, form);
      }
    }
    throw wrong(setting, value, form);
  }

  private static SettingsException wrong(String setting, JsonNode value, String form) {
    String shown = value.toString();
    return new SettingsException(
        setting
            + " is "
            + (shown.length() > 60 ? shown.substring(0, 60) + "…" : shown)
            + ", but takes "
            + form);
  }
}
