package dev.dormouse.guest.chicory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What tells an array from a pattern: the runs of bytes in which they differ. Beyond the end of a
 * shorter pattern the array is compared with zero. Immutable.
 *
 * @param length of the array
 * @param runs for each run how many bytes before it are as in the pattern, how long it is, both in
 *     LEB128, and its bytes
 */
record Fold(int length, byte[] runs) {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte[] ZEROS = new byte[4096];

  /** So many bytes alike end a run: fewer cost less inside of it than a run's head does. */
  private static final int APART = 2 * Long.BYTES;

  /**
   * Folds an array.
   *
   * @param mostBytes what it may come to
   * @return null where it would be more
   */
  static @Nullable Fold of(byte[] bytes, byte[] pattern, int mostBytes) {
    var writer = new Writer(bytes, mostBytes);
    int common = Math.min(bytes.length, pattern.length);
    return writer.compare(pattern, common) && writer.compareWithZero()
        ? new Fold(bytes.length, writer.runs())
        : null;
  }

  /** An array that is the pattern itself. */
  static Fold nothing(int length) {
    return new Fold(length, new byte[0]);
  }

  /** The array, made anew. */
  byte[] unfold(byte[] pattern) {
    var bytes = Arrays.copyOf(pattern, length);
    apply(bytes);
    return bytes;
  }

  /** Makes the array out of a copy of the pattern that has its length. */
  void apply(byte[] bytes) {
    int from = 0;
    int at = 0;
    while (from < runs.length) {
      long gap = number(from);
      from += (int) (gap >>> Integer.SIZE);
      long run = number(from);
      from += (int) (run >>> Integer.SIZE);
      at += (int) gap;
      System.arraycopy(runs, from, bytes, at, (int) run);
      from += (int) run;
      at += (int) run;
    }
  }

  /** A LEB128 number in the lower half, and how many bytes it takes in the upper. */
  private long number(int from) {
    int value = 0;
    int read = 0;
    byte next;
    do {
      next = runs[from + read];
      value |= (next & 0x7F) << (7 * read);
      read++;
    } while (next < 0);
    return (long) read << Integer.SIZE | value;
  }

  /** Goes through an array once, from its start, and writes down what differs. */
  private static final class Writer {
    private final byte[] bytes;
    private final int mostBytes;
    private byte[] out = new byte[1024];
    private int written;

    /** Where the last run ended. */
    private int told;

    /** Up to here the array has been compared. */
    private int at;

    Writer(byte[] bytes, int mostBytes) {
      this.bytes = bytes;
      this.mostBytes = mostBytes;
    }

    /** Whether what has been written is still short enough. */
    boolean compare(byte[] pattern, int end) {
      while (at < end) {
        int alike = Arrays.mismatch(bytes, at, end, pattern, at, end);
        if (alike < 0) {
          at = end;
          return true;
        }
        at += alike;
        int last = at + 1;
        for (int i = last; i < end && i - last < APART; ) {
          if (i + Long.BYTES > end) {
            if (bytes[i] != pattern[i]) {
              last = i + 1;
            }
            i++;
          } else {
            long differs = (long) LONGS.get(bytes, i) ^ (long) LONGS.get(pattern, i);
            last = differs == 0 ? last : i + Long.BYTES - Long.numberOfLeadingZeros(differs) / 8;
            i += Long.BYTES;
          }
        }
        if (!tell(last)) {
          return false;
        }
      }
      return true;
    }

    boolean compareWithZero() {
      while (at < bytes.length) {
        int start = at;
        // A block of zeros is compared with a part of the array as if both began at its start.
        int block = Math.min(ZEROS.length, bytes.length - start);
        int alike = Arrays.mismatch(bytes, start, start + block, ZEROS, 0, block);
        if (alike < 0) {
          at += block;
          continue;
        }
        at += alike;
        int last = at + 1;
        for (int i = last; i < bytes.length && i - last < APART; i++) {
          if (bytes[i] != 0) {
            last = i + 1;
          }
        }
        if (!tell(last)) {
          return false;
        }
      }
      return true;
    }

    /** A run goes from where the comparison stands to this end. */
    private boolean tell(int end) {
      int length = end - at;
      if (written + 10L + length > mostBytes) {
        return false;
      }
      if (written + 10 + length > out.length) {
        out = Arrays.copyOf(out, Math.max(written + 10 + length, 2 * out.length));
      }
      number(at - told);
      number(length);
      System.arraycopy(bytes, at, out, written, length);
      written += length;
      at = end;
      told = end;
      return true;
    }

    private void number(int value) {
      int rest = value;
      while (rest > 0x7F) {
        out[written++] = (byte) (rest | 0x80);
        rest >>>= 7;
      }
      out[written++] = (byte) rest;
    }

    byte[] runs() {
      return Arrays.copyOf(out, written);
    }
  }
}
