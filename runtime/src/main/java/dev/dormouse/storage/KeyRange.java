package dev.dormouse.storage;

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
}
