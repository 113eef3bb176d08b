package dev.dormouse.guest.chicory;

/**
 * How long the memories of a module's instances usually become soon, as those tell that come to
 * rest or to their end. A new one is made so long at once, since growing an array means copying it.
 * Follows the short ones at once and the long ones slowly, so that few instances get room that they
 * do not need. Safe for use by many threads.
 */
final class UsualSize {
  /** The room that a new memory gets at most. */
  private static final int MOST_ROOM_PAGES = 4;

  private volatile int pages;

  /** A memory that has been used has so many pages. */
  void seen(int initial, int now) {
    pages = Math.min(now, Math.max(initial, pages) + 1);
  }

  /** How many pages the array of a memory should have that begins with so many. */
  int pages(int initial) {
    return Math.clamp(pages, initial, initial + MOST_ROOM_PAGES);
  }
}
