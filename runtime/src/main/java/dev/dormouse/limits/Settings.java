package dev.dormouse.limits;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads settings from JSON: strictly, so that a misspelt key or a wrong type is told at once and
 * never ignored. A record is a group of settings; each component is one, of type int, long (a size
 * where its name ends with {@code Bytes}, else a count) or {@link Duration}.
 */
public final class Settings {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(JsonParser.Feature.ALLOW_COMMENTS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private Settings() {}

  /**
   * What a setting may be.
   *
   * @param least inclusive; bytes, a count or milliseconds
   * @param most inclusive
   */
  record Range(long least, long most) {}

  /**
   * Parses a JSON object. Comments are allowed; a key that stands there twice is not.
   *
   * @param where what the text is, for messages, such as {@code dormouse.json}
   * @throws SettingsException when it is not a JSON object, with line and column
   */
  public static ObjectNode parse(String where, byte[] text) {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      throw new SettingsException(
          where
              + " is not JSON: "
              + e.getOriginalMessage()
              + (at == null ? "" : ", line " + at.getLineNr() + " column " + at.getColumnNr()));
    } catch (IOException e) {
      throw new SettingsException(where + " is not JSON: " + e.getMessage());
    }
    return object(where, root);
  }

  /**
   * @throws SettingsException unless the value is an object
   */
  public static ObjectNode object(String where, @Nullable JsonNode value) {
    if (value instanceof ObjectNode object) {
      return object;
    }
    throw new SettingsException(where + " must be a JSON object in braces");
  }

  /**
   * @throws SettingsException unless the value is a string that is not empty
   */
  public static String text(String where, JsonNode value) {
    if (value.isTextual() && !value.textValue().isEmpty()) {
      return value.textValue();
    }
    throw new SettingsException(where + " must be a string in quotes, not empty");
  }

  /**
   * @throws SettingsException unless the value is true or false
   */
  public static boolean truth(String where, JsonNode value) {
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    throw new SettingsException(where + " must be true or false, without quotes");
  }

  /**
   * @throws SettingsException unless the value is an array of at most {@code most} strings that are
   *     not empty
   */
  public static List<String> texts(String where, JsonNode value, int most) {
    if (!value.isArray()) {
      throw new SettingsException(where + " must be an array of strings, in brackets");
    }
    if (value.size() > most) {
      throw new SettingsException(
          where + " has " + value.size() + " entries, more than the " + most + " that are allowed");
    }
    var texts = new ArrayList<String>();
    for (JsonNode each : value) {
      texts.add(text("an entry of " + where, each));
    }
    return List.copyOf(texts);
  }

  /**
   * @throws SettingsException unless the value is a whole number from {@code least} to {@code most}
   */
  public static int integer(String where, JsonNode value, int least, int most) {
    return (int) inRange(where, Quantity.count(where, value), new Range(least, most), false);
  }

  /**
   * @param bytes the most that all names and values together may take, in UTF-8
   * @throws SettingsException unless the value is an object of strings
   */
  public static Map<String, String> strings(String where, JsonNode value, int bytes) {
    var strings = new TreeMap<String, String>();
    long total = 0;
    for (var entry : object(where, value).properties()) {
      if (entry.getKey().isEmpty()) {
        throw new SettingsException(where + " has an empty name: give each value one");
      }
      if (!entry.getValue().isTextual()) {
        throw new SettingsException(where + "." + entry.getKey() + " must be a string in quotes");
      }
      String string = entry.getValue().textValue();
      total += utf8Length(entry.getKey()) + utf8Length(string);
      strings.put(entry.getKey(), string);
    }
    if (total > bytes) {
      throw new SettingsException(
          where + " takes " + total + " bytes, more than the " + bytes + " that are allowed");
    }
    return Map.copyOf(strings);
  }

  /**
   * @throws SettingsException when the object has a key that is not known
   */
  public static void onlyKeys(String where, ObjectNode object, String... known) {
    for (var entry : object.properties()) {
      if (!Arrays.asList(known).contains(entry.getKey())) {
        throw unknown(where, entry.getKey(), Arrays.asList(known));
      }
    }
  }

  /**
   * Reads a group of settings over its defaults.
   *
   * @param ranges what each setting may be; those not named here may be 1 or more
   */
  static <R extends Record> R group(
      String where, @Nullable JsonNode value, R defaults, Map<String, Range> ranges) {
    if (value == null) {
      return defaults;
    }
    ObjectNode object = object(where, value);
    RecordComponent[] components = defaults.getClass().getRecordComponents();
    onlyKeys(
        where,
        object,
        Arrays.stream(components).map(RecordComponent::getName).toArray(String[]::new));
    var values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      RecordComponent component = components[i];
      JsonNode given = object.get(component.getName());
      values[i] =
          given == null
              ? component(component, defaults)
              : read(where + "." + component.getName(), given, component, ranges);
    }
    return construct(defaults, components, values);
  }

  /** Component by component, the smaller. */
  static <R extends Record> R least(R one, R other) {
    RecordComponent[] components = one.getClass().getRecordComponents();
    var values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      Object a = component(components[i], one);
      Object b = component(components[i], other);
      values[i] = number(a) <= number(b) ? a : b;
    }
    return construct(one, components, values);
  }

  /** The value of a setting as a number that can be compared: bytes, a count or milliseconds. */
  static long number(Object value) {
    return switch (value) {
      case Duration time -> time.toMillis();
      case Number number -> number.longValue();
      default -> throw new IllegalArgumentException("not a setting: " + value);
    };
  }

  static String show(RecordComponent component, Object value) {
    if (value instanceof Duration time) {
      return Quantity.showTime(time);
    }
    return isSize(component.getName())
        ? Quantity.showBytes(((Number) value).longValue())
        : value.toString();
  }

  static Object component(RecordComponent component, Record of) {
    try {
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("a settings record is public", e);
    }
  }

  private static Object read(
      String where, JsonNode value, RecordComponent component, Map<String, Range> ranges) {
    boolean isInt = component.getType() == int.class;
    var range =
        ranges.getOrDefault(
            component.getName(), new Range(1, isInt ? Integer.MAX_VALUE : Long.MAX_VALUE));
    if (component.getType() == Duration.class) {
      Duration time = Quantity.time(where, value);
      if (time.toMillis() < range.least() || time.toMillis() > range.most()) {
        throw new SettingsException(
            where
                + " is "
                + Quantity.showTime(time)
                + ", but must be from "
                + Quantity.showTime(Duration.ofMillis(range.least()))
                + (range.most() == Long.MAX_VALUE
                    ? " up"
                    : " to " + Quantity.showTime(Duration.ofMillis(range.most()))));
      }
      return time;
    }
    boolean size = isSize(component.getName());
    long number = size ? Quantity.bytes(where, value) : Quantity.count(where, value);
    number = inRange(where, number, range, size);
    return isInt ? (Object) (int) number : (Object) number;
  }

  private static long inRange(String where, long number, Range range, boolean size) {
    if (number >= range.least() && number <= range.most()) {
      return number;
    }
    throw new SettingsException(
        where
            + " is "
            + (size ? Quantity.showBytes(number) : Long.toString(number))
            + ", but must be from "
            + (size ? Quantity.showBytes(range.least()) : Long.toString(range.least()))
            + (range.most() == Long.MAX_VALUE
                ? " up"
                : " to " + (size ? Quantity.showBytes(range.most()) : range.most())));
  }

  private static boolean isSize(String name) {
    return name.endsWith("Bytes");
  }

  private static SettingsException unknown(String where, String key, Iterable<String> known) {
    var sorted = new TreeSet<String>();
    known.forEach(sorted::add);
    return new SettingsException(
        where + " has no setting \"" + key + "\"; it knows " + String.join(", ", sorted));
  }

  @SuppressWarnings("unchecked")
  private static <R extends Record> R construct(
      R like, RecordComponent[] components, Object[] values) {
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      return (R) like.getClass().getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("a settings record has its canonical constructor", e);
    }
  }

  private static int utf8Length(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
  }
}
