package dev.dormouse.guest;

import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.GuestFault.Trap;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads what a guest hands over, by the layouts of the Component Model's canonical ABI. Every
 * pointer, length and string is checked before anything is allocated for it, and the strings of a
 * list may not be larger together than the guest's memory, so that a guest cannot make the host
 * allocate more than it has itself by handing over one string many times.
 *
 * <p>The last argument of each method names the import and its argument, such as {@code
 * "storage.get: key"}, for the message of the {@link GuestFault} of {@code BAD_POINTER}.
 */
public final class Lift {
  /** Most elements of one list. */
  public static final int MAX_ELEMENTS = 1 << 20;

  private static final char REPLACEMENT = '\uFFFD';
  private static final int LENGTH = 4;
  private static final int SLICE_BYTES = 8;
  private static final int PAIR_BYTES = 16;
  private static final int SLICE_ALIGNMENT = 4;

  private Lift() {}

  /** Answers a copy of a {@code list<u8>}. */
  public static byte[] bytes(GuestMemory memory, int pointer, int length, String what) {
    checkRange(memory, pointer, Integer.toUnsignedLong(length), what);
    return memory.read(pointer, length);
  }

  /** Answers a string, which must be valid UTF-8. */
  public static String string(GuestMemory memory, int pointer, int length, String what) {
    return decode(bytes(memory, pointer, length, what), what);
  }

  /** Answers the bytes of a string, which must be valid UTF-8. */
  public static byte[] utf8(GuestMemory memory, int pointer, int length, String what) {
    var utf8 = bytes(memory, pointer, length, what);
    for (byte b : utf8) {
      if (b < 0) {
        var _ = decode(utf8, what);
        break;
      }
    }
    return utf8;
  }

  /** Answers a {@code list<string>}. */
  public static List<String> strings(GuestMemory memory, int pointer, int count, String what) {
    checkList(memory, pointer, count, SLICE_BYTES, what);
    var budget = new Budget(memory, what);
    List<String> strings = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      strings.add(decode(budget.slice(pointer + i * SLICE_BYTES), what));
    }
    return strings;
  }

  /** Answers a {@code list<tuple<string, string>>}, in order, with repeated keys kept. */
  public static List<Map.Entry<String, String>> stringPairs(
      GuestMemory memory, int pointer, int count, String what) {
    checkList(memory, pointer, count, PAIR_BYTES, what);
    var budget = new Budget(memory, what);
    List<Map.Entry<String, String>> pairs = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int at = pointer + i * PAIR_BYTES;
      var key = decode(budget.slice(at), what);
      var value = decode(budget.slice(at + SLICE_BYTES), what);
      pairs.add(new SimpleImmutableEntry<>(key, value));
    }
    return pairs;
  }

  /** Answers a {@code list<tuple<string, list<u8>>>}, in order, with repeated keys kept. */
  public static List<Map.Entry<String, byte[]>> entries(
      GuestMemory memory, int pointer, int count, String what) {
    checkList(memory, pointer, count, PAIR_BYTES, what);
    var budget = new Budget(memory, what);
    List<Map.Entry<String, byte[]>> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int at = pointer + i * PAIR_BYTES;
      var key = decode(budget.slice(at), what);
      entries.add(new SimpleImmutableEntry<>(key, budget.slice(at + SLICE_BYTES)));
    }
    return entries;
  }

  /** Answers the flat form of a bool or of an option's discriminant, which is 0 or 1. */
  public static boolean flag(int value, String what) {
    if (value != 0 && value != 1) {
      throw bad(what, "discriminant " + Integer.toUnsignedString(value) + " is neither 0 nor 1");
    }
    return value == 1;
  }

  /** Checks an enum or variant of so many cases, and answers its case. */
  public static int oneOf(int cases, int value, String what) {
    if (value < 0 || value >= cases) {
      throw bad(
          what,
          "case " + Integer.toUnsignedString(value) + " is not one of the " + cases + " there are");
    }
    return value;
  }

  /** Checks that a range is in memory and aligned, as for a return area. */
  static void checkArea(GuestMemory memory, int pointer, int size, int alignment, String what) {
    if (Integer.remainderUnsigned(pointer, alignment) != 0) {
      throw bad(
          what, "pointer 0x" + Integer.toHexString(pointer) + " is not aligned to " + alignment);
    }
    checkRange(memory, pointer, size, what);
  }

  private static void checkList(
      GuestMemory memory, int pointer, int count, int elementBytes, String what) {
    long elements = Integer.toUnsignedLong(count);
    if (elements > MAX_ELEMENTS) {
      throw bad(
          what, "a list of " + elements + " elements is longer than the most, " + MAX_ELEMENTS);
    }
    if (elements > 0 && Integer.remainderUnsigned(pointer, SLICE_ALIGNMENT) != 0) {
      throw bad(
          what,
          "pointer 0x" + Integer.toHexString(pointer) + " is not aligned to " + SLICE_ALIGNMENT);
    }
    checkRange(memory, pointer, elements * elementBytes, what);
  }

  private static void checkRange(GuestMemory memory, int pointer, long length, String what) {
    if (Integer.toUnsignedLong(pointer) + length > memory.size()) {
      throw bad(
          what,
          "pointer 0x"
              + Integer.toHexString(pointer)
              + " with length "
              + length
              + " is outside of the memory of "
              + memory.size()
              + " bytes");
    }
  }

  /** What the elements of one list may still take. */
  private static final class Budget {
    private final GuestMemory memory;
    private final String what;
    private long left;

    Budget(GuestMemory memory, String what) {
      this.memory = memory;
      this.what = what;
      this.left = memory.size();
    }

    /** Reads the bytes that a pointer and length in memory stand for. */
    byte[] slice(int at) {
      int pointer = memory.readInt(at);
      int length = memory.readInt(at + LENGTH);
      checkRange(memory, pointer, Integer.toUnsignedLong(length), what);
      left -= length;
      if (left < 0) {
        throw bad(what, "its elements overlap, and are larger together than the memory");
      }
      return memory.read(pointer, length);
    }
  }

  /** Java replaces what is malformed, so a string without the replacement is a good one. */
  private static String decode(byte[] utf8, String what) {
    var string = new String(utf8, StandardCharsets.UTF_8);
    if (string.indexOf(REPLACEMENT) >= 0) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8));
      } catch (CharacterCodingException _) {
        throw bad(what, "the string is not valid UTF-8");
      }
    }
    return string;
  }

  static GuestFault bad(String what, String why) {
    return new GuestFault(Trap.BAD_POINTER, what + ": " + why);
  }
}
