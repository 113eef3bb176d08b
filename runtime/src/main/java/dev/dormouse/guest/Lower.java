package dev.dormouse.guest;

import dev.dormouse.abi.Abi;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.GuestFault.Trap;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Hands values to a guest, by the layouts of the Component Model's canonical ABI, in memory that
 * the guest's own {@code cabi_realloc} gives. The methods whose names end in {@code At} write to a
 * return area, whose pointer the guest passed as the last argument of an import; the others answer
 * a pointer, for the arguments of an export.
 *
 * <p>The area and every pointer that {@code cabi_realloc} answers are checked. Where it answers
 * that there is no memory, in the way of ABI.md for guests that go on then, nothing is written but
 * that pointer and the length. {@code what} names the import or export and its argument for the
 * message of the {@link GuestFault}.
 */
public final class Lower {
  /** What an allocator answers that has no memory, and leaves it to the guest what follows. */
  private static final int REFUSED = -1;

  private static final int LENGTH = 4;
  private static final int SLICE_BYTES = 8;
  private static final int PAIR_BYTES = 16;
  private static final int OPTION_SLICE_BYTES = 12;
  private static final int OPTION_PAIR_BYTES = 20;
  private static final int OPTION_LONG_BYTES = 16;
  private static final int SLICE_ALIGNMENT = 4;
  private static final int LONG_ALIGNMENT = 8;

  private Lower() {}

  /** Copies bytes (or a string's UTF-8) into the guest, and answers the pointer. */
  public static int bytes(GuestInstance guest, byte[] bytes, String what) {
    int pointer = allocate(guest, bytes.length, 1, what);
    if (pointer != REFUSED) {
      guest.memory().write(pointer, bytes);
    }
    return pointer;
  }

  /** Copies a {@code list<tuple<string, string>>} into the guest, and answers the pointer. */
  public static int stringPairs(
      GuestInstance guest, List<? extends Map.Entry<String, String>> pairs, String what) {
    int list = allocate(guest, (long) pairs.size() * PAIR_BYTES, SLICE_ALIGNMENT, what);
    if (list == REFUSED) {
      return list;
    }
    int at = list;
    for (var pair : pairs) {
      slice(guest, at, utf8(pair.getKey()), what);
      slice(guest, at + SLICE_BYTES, utf8(pair.getValue()), what);
      at += PAIR_BYTES;
    }
    return list;
  }

  /** Writes a {@code list<u8>} result. */
  public static void bytesAt(GuestInstance guest, int area, byte[] bytes, String what) {
    checkSliceArea(guest, area, what);
    slice(guest, area, bytes, what);
  }

  /** Writes a string result. */
  public static void stringAt(GuestInstance guest, int area, String string, String what) {
    bytesAt(guest, area, utf8(string), what);
  }

  /** Writes an {@code option<list<u8>>} result; null is none. */
  public static void optionBytesAt(
      GuestInstance guest, int area, byte @Nullable [] bytes, String what) {
    Lift.checkArea(guest.memory(), area, OPTION_SLICE_BYTES, SLICE_ALIGNMENT, what);
    if (bytes != null) {
      slice(guest, area + SLICE_ALIGNMENT, bytes, what);
    }
    guest.memory().writeByte(area, (byte) (bytes == null ? 0 : 1));
  }

  /** Writes an {@code option<string>} result; null is none. */
  public static void optionStringAt(
      GuestInstance guest, int area, @Nullable String string, String what) {
    optionBytesAt(guest, area, string == null ? null : utf8(string), what);
  }

  /** Writes an {@code option<tuple<list<u8>, list<u8>>>} result; null is none. */
  public static void optionPairAt(
      GuestInstance guest, int area, Map.@Nullable Entry<byte[], byte[]> pair, String what) {
    Lift.checkArea(guest.memory(), area, OPTION_PAIR_BYTES, SLICE_ALIGNMENT, what);
    if (pair != null) {
      slice(guest, area + SLICE_ALIGNMENT, pair.getKey(), what);
      slice(guest, area + SLICE_ALIGNMENT + SLICE_BYTES, pair.getValue(), what);
    }
    guest.memory().writeByte(area, (byte) (pair == null ? 0 : 1));
  }

  /** Writes a {@code result<list<u8>, string>} result; the bytes of an error are its UTF-8. */
  public static void resultAt(
      GuestInstance guest, int area, boolean error, byte[] bytes, String what) {
    Lift.checkArea(guest.memory(), area, OPTION_SLICE_BYTES, SLICE_ALIGNMENT, what);
    slice(guest, area + SLICE_ALIGNMENT, bytes, what);
    guest.memory().writeByte(area, (byte) (error ? 1 : 0));
  }

  /** Writes an {@code option<u64>} result; null is none. */
  public static void optionLongAt(
      GuestInstance guest, int area, @Nullable Long value, String what) {
    Lift.checkArea(guest.memory(), area, OPTION_LONG_BYTES, LONG_ALIGNMENT, what);
    if (value != null) {
      guest.memory().writeLong(area + LONG_ALIGNMENT, value);
    }
    guest.memory().writeByte(area, (byte) (value == null ? 0 : 1));
  }

  /** Writes a {@code list<u64>} result. */
  public static void longsAt(GuestInstance guest, int area, long[] values, String what) {
    checkSliceArea(guest, area, what);
    int list = allocate(guest, (long) values.length * Long.BYTES, LONG_ALIGNMENT, what);
    for (int i = 0; list != REFUSED && i < values.length; i++) {
      guest.memory().writeLong(list + i * Long.BYTES, values[i]);
    }
    writeSlice(guest, area, list, values.length);
  }

  /** Writes a {@code list<string>} result. */
  public static void stringsAt(GuestInstance guest, int area, List<String> strings, String what) {
    checkSliceArea(guest, area, what);
    int list = allocate(guest, (long) strings.size() * SLICE_BYTES, SLICE_ALIGNMENT, what);
    if (list != REFUSED) {
      int at = list;
      for (var string : strings) {
        slice(guest, at, utf8(string), what);
        at += SLICE_BYTES;
      }
    }
    writeSlice(guest, area, list, strings.size());
  }

  /** Writes a {@code list<tuple<string, string>>} result. */
  public static void stringPairsAt(
      GuestInstance guest, int area, List<? extends Map.Entry<String, String>> pairs, String what) {
    checkSliceArea(guest, area, what);
    int list = stringPairs(guest, pairs, what);
    writeSlice(guest, area, list, pairs.size());
  }

  /** Writes a {@code list<tuple<string, list<u8>>>} result. */
  public static void entriesAt(
      GuestInstance guest,
      int area,
      List<? extends Map.Entry<String, byte[]>> entries,
      String what) {
    checkSliceArea(guest, area, what);
    int list = allocate(guest, (long) entries.size() * PAIR_BYTES, SLICE_ALIGNMENT, what);
    if (list != REFUSED) {
      int at = list;
      for (var entry : entries) {
        slice(guest, at, utf8(entry.getKey()), what);
        slice(guest, at + SLICE_BYTES, entry.getValue(), what);
        at += PAIR_BYTES;
      }
    }
    writeSlice(guest, area, list, entries.size());
  }

  private static void checkSliceArea(GuestInstance guest, int area, String what) {
    Lift.checkArea(guest.memory(), area, SLICE_BYTES, SLICE_ALIGNMENT, what);
  }

  private static void slice(GuestInstance guest, int at, byte[] bytes, String what) {
    writeSlice(guest, at, bytes(guest, bytes, what), bytes.length);
  }

  private static void writeSlice(GuestInstance guest, int at, int pointer, int length) {
    guest.memory().writeInt(at, pointer);
    guest.memory().writeInt(at + LENGTH, length);
  }

  private static int allocate(GuestInstance guest, long size, int alignment, String what) {
    if (size > Integer.MAX_VALUE) {
      throw exceeded(size, what);
    }
    int pointer = (int) guest.call(Abi.REALLOC, 0, 0, alignment, size);
    if (pointer == 0 && size > 0) {
      throw exceeded(size, what);
    }
    if (pointer == REFUSED && size > 0) {
      return REFUSED;
    }
    if (Integer.remainderUnsigned(pointer, alignment) != 0
        || Integer.toUnsignedLong(pointer) + size > guest.memory().size()) {
      Lift.checkArea(
          guest.memory(), pointer, (int) size, alignment, what + ": " + Abi.REALLOC + " answered");
    }
    return pointer;
  }

  private static GuestFault exceeded(long size, String what) {
    return new GuestFault(
        Trap.MEMORY_EXCEEDED,
        what + ": the guest has no room for the " + size + " bytes that it is to be given");
  }

  private static byte[] utf8(String string) {
    return string.getBytes(StandardCharsets.UTF_8);
  }
}
