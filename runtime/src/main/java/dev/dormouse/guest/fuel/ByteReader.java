package dev.dormouse.guest.fuel;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A position in a binary. Every read is checked against the end, and integers must be in a form
 * that the specification allows.
 */
final class ByteReader {
  final byte[] bytes;
  int position;
  int end;

  ByteReader(byte[] bytes, int position, int end) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  static UserFault invalid(int offset, String reason) {
    return new UserFault(
        Code.MODULE_INVALID, "the module cannot be used: " + reason + " (at byte " + offset + ")");
  }

  UserFault invalid(String reason) {
    return invalid(position, reason);
  }

  boolean hasMore() {
    return position < end;
  }

  int u8() {
    if (position >= end) {
      throw invalid("it ends in the middle of something");
    }
    return bytes[position++] & 0xFF;
  }

  /** An unsigned 32-bit integer. */
  long u32() {
    long value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int b = u8();
      value |= (long) (b & 0x7F) << shift;
      if ((b & 0x80) == 0) {
        if (shift == 28 && b > 0x0F) {
          throw invalid("an integer is too large");
        }
        return value;
      }
    }
    throw invalid("an integer representation is too long");
  }

  /** An unsigned integer that counts or indexes something of which there are at most so many. */
  int count(int most, String what) {
    int at = position;
    long value = u32();
    if (value > most) {
      throw invalid(at, "it has " + value + " " + what + ", and " + most + " is the most");
    }
    return (int) value;
  }

  /** An index into something of which there are so many. */
  int index(int size, String what) {
    int at = position;
    long value = u32();
    if (value >= size) {
      throw invalid(at, "unknown " + what + " " + value);
    }
    return (int) value;
  }

  int s32() {
    return (int) signed(32);
  }

  long s33() {
    return signed(33);
  }

  long s64() {
    return signed(64);
  }

  private long signed(int bits) {
    long value = 0;
    int shift = 0;
    while (true) {
      int b = u8();
      value |= (long) (b & 0x7F) << shift;
      int used = bits - shift;
      shift += 7;
      if (used < 7) {
        // The last byte that may be: its unused bits must repeat the sign.
        int top = (byte) (b << 1) >> used;
        if ((b & 0x80) != 0) {
          throw invalid("an integer representation is too long");
        }
        if (top != 0 && top != -1) {
          throw invalid("an integer is too large");
        }
      }
      if ((b & 0x80) == 0) {
        return shift < 64 && (b & 0x40) != 0 ? value | -1L << shift : value;
      }
    }
  }

  int fixed32() {
    int at = position;
    skip(4);
    return (bytes[at] & 0xFF)
        | (bytes[at + 1] & 0xFF) << 8
        | (bytes[at + 2] & 0xFF) << 16
        | (bytes[at + 3] & 0xFF) << 24;
  }

  long fixed64() {
    long low = fixed32() & 0xFFFF_FFFFL;
    return low | (long) fixed32() << 32;
  }

  /** Moves on by so many bytes. */
  void skip(long length) {
    if (length > end - position) {
      throw invalid("a length reaches past the end");
    }
    position += (int) length;
  }

  String name() {
    long length = u32();
    int at = position;
    if (length > 100_000) {
      throw invalid(at, "a name is longer than 100000 bytes");
    }
    skip(length);
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, at, (int) length))
          .toString();
    } catch (CharacterCodingException e) {
      throw invalid(at, "a name is not UTF-8 (malformed UTF-8 encoding)");
    }
  }
}
