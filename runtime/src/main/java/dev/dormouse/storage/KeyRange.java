package dev.dormouse.storage;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which keys a list answers. All bounds hold together.
 *
 * @param start first key, inclusive
 * @param startAfter exclusive lower bound
 * @param end exclusive upper bound
 * @param prefix what every key starts with
 * @param reverse from the last key to the first
 * @param limit most entries answered
 */
public record KeyRange(
    @Nullable StorageKey start,
    @Nullable StorageKey startAfter,
    @Nullable StorageKey end,
    @Nullable StorageKey prefix,
    boolean reverse,
    int limit) {

  /** Every key, in order. */
  public static final KeyRange ALL = new KeyRange(null, null, null, null, false, Integer.MAX_VALUE);

  /** The least key that may be in the range, inclusive; null where nothing bounds it from below. */
  public @Nullable StorageKey from() {
    var from = start;
    if (startAfter != null) {
      // The next key in bytewise order is the same bytes and a zero.
      from = max(from, new StorageKey(Arrays.copyOf(startAfter.utf8(), startAfter.length() + 1)));
    }
    return prefix == null ? from : max(from, prefix);
  }

  /** The exclusive upper bound of the range; null where nothing bounds it from above. */
  public @Nullable StorageKey to() {
    var afterPrefix = prefix == null ? null : firstAfterPrefix(prefix.utf8());
    if (end == null) {
      return afterPrefix;
    }
    return afterPrefix == null || end.compareTo(afterPrefix) < 0 ? end : afterPrefix;
  }

  /** Whether a key lies within the bounds. */
  public boolean contains(StorageKey key) {
    var from = from();
    var to = to();
    return (from == null || from.compareTo(key) <= 0) && (to == null || key.compareTo(to) < 0);
  }

  private static StorageKey max(@Nullable StorageKey a, StorageKey b) {
    return a == null || a.compareTo(b) < 0 ? b : a;
  }

  private static @Nullable StorageKey firstAfterPrefix(byte[] prefix) {
    int length = prefix.length;
    while (length > 0 && prefix[length - 1] == (byte) 0xff) {
      length--;
    }
    if (length == 0) {
      return null;
    }
    var next = Arrays.copyOf(prefix, length);
    next[length - 1]++;
    return new StorageKey(next);
  }
}
