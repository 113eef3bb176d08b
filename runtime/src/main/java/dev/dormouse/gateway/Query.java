package dev.dormouse.gateway;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of an admin request: each at most once, and none that is not known. */
final class Query {
  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_LIMIT = 1_000;

  private final Map<String, String> values;

  private Query(Map<String, String> values) {
    this.values = Collections.unmodifiableMap(values);
  }

  /**
   * @throws UserFault {@code bad_request}
   */
  static Query parse(String query, String... known) {
    var values = new LinkedHashMap<String, String>();
    int from = 0;
    while (from < query.length()) {
      int end = query.indexOf('&', from);
      int to = end < 0 ? query.length() : end;
      int equals = query.indexOf('=', from);
      int name = equals < 0 || equals > to ? to : equals;
      if (to > from) {
        var key = PercentCode.decodeQuery(query, from, name);
        var value = name == to ? "" : PercentCode.decodeQuery(query, name + 1, to);
        if (!List.of(known).contains(key)) {
          throw new UserFault(
              Code.BAD_REQUEST,
              "there is no parameter '" + key + "': use " + String.join(", ", known));
        }
        if (values.put(key, value) != null) {
          throw new UserFault(Code.BAD_REQUEST, "the parameter '" + key + "' stands there twice");
        }
      }
      from = to + 1;
    }
    return new Query(values);
  }

  @Nullable String text(String name) {
    var value = values.get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  String prefix() {
    return values.getOrDefault("prefix", "");
  }

  boolean flag(String name) {
    return switch (values.getOrDefault(name, "false")) {
      case "true", "1", "" -> true;
      case "false", "0" -> false;
      default -> throw new UserFault(Code.BAD_REQUEST, "'" + name + "' must be true or false");
    };
  }

  /** How many entries a page may have. */
  int limit() {
    var given = text("limit");
    if (given == null) {
      return DEFAULT_LIMIT;
    }
    try {
      int limit = Integer.parseInt(given);
      if (limit >= 1 && limit <= MAX_LIMIT) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // Told below, with what it must be.
    }
    throw new UserFault(Code.BAD_REQUEST, "'limit' must be a whole number from 1 to " + MAX_LIMIT);
  }

  /** The last name of the page before, if there was one. */
  @Nullable String after() {
    var cursor = text("cursor");
    if (cursor == null) {
      return null;
    }
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(cursor);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new UserFault(
          Code.BAD_REQUEST, "'cursor' must be what the page before gave, or be left out");
    }
  }

  /** What leads to the entries after this one. */
  static String cursor(String last) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(last.getBytes(StandardCharsets.UTF_8));
  }
}
