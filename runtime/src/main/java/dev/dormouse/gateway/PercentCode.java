package dev.dormouse.gateway;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Strict percent-decoding to UTF-8 (RFC 3986): what is not well formed is refused. */
final class PercentCode {
  private PercentCode() {}

  /**
   * Decodes a part of a path. A plus sign stands for itself.
   *
   * @throws UserFault {@code bad_request}, when an escape is broken, the bytes are not UTF-8, or a
   *     character stands unescaped that must not
   */
  static String decode(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c == '%') {
        return decodeBytes(text, from, to, false);
      }
      requireVisible(c);
    }
    return text.substring(from, to);
  }

  /** Decodes a name or value of a query, where a plus sign stands for a blank. */
  static String decodeQuery(String text, int from, int to) {
    return decodeBytes(text, from, to, true);
  }

  /**
   * Refuses what may not stand in a request's target, such as raw bytes of other character sets.
   */
  static void requireVisible(String text) {
    for (int i = 0; i < text.length(); i++) {
      requireVisible(text.charAt(i));
    }
  }

  static int utf8Length(String text) {
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // The two halves of a pair make four bytes together.
      length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return length;
  }

  private static String decodeBytes(String text, int from, int to, boolean plusIsBlank) {
    var bytes = new byte[to - from];
    int length = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c == '%') {
        int high = i + 2 < to ? hex(text.charAt(i + 1)) : -1;
        int low = i + 2 < to ? hex(text.charAt(i + 2)) : -1;
        if (high < 0 || low < 0) {
          throw new UserFault(
              Code.BAD_REQUEST,
              "the request's target has a percent sign that two hexadecimal digits do not follow:"
                  + " write a percent sign as %25");
        }
        bytes[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        requireVisible(c);
        bytes[length++] = plusIsBlank && c == '+' ? (byte) ' ' : (byte) c;
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw new UserFault(
          Code.BAD_REQUEST, "the request's target is not UTF-8 after percent-decoding");
    }
  }

  /** Character.digit would take digits of other scripts, too. */
  private static int hex(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }

  private static void requireVisible(char c) {
    if (c <= 0x20 || c >= 0x7f) {
      throw new UserFault(
          Code.BAD_REQUEST,
          "the request's target has a character that must be percent-encoded as UTF-8");
    }
  }
}
