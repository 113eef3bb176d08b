package dev.dormouse.storage.journal;

/**
 * How many commits the next batch waits for. Each batch costs a flush and several wake-ups of
 * threads however small it is, so where many commit one by one it pays to wait a moment for others.
 * Who commits next is unknown, so the number is learnt: now and then a batch waits for more than
 * the one before; where they do not come in time, the next waits for fewer. So it settles at what
 * comes in less than {@link #PATIENCE_NANOS}, at the number of clients where each waits for its
 * answer before it goes on, and at one, which is no wait at all, for a single client. For the
 * journal's thread alone.
 */
final class Gathering {
  /** The longest that a batch waits for others. */
  static final long PATIENCE_NANOS = 1_000_000;

  /** For more than so many no batch waits: a flush is cheap then. */
  static final int MOST = 16;

  private static final int SHORTEST_PAUSE = 8;
  private static final int LONGEST_PAUSE = 128;

  private int wanted = 1;
  private boolean trying;
  private int pause = SHORTEST_PAUSE;
  private int sinceTry;

  /** With so many commits a batch is not held back. */
  int wanted() {
    return wanted;
  }

  /** A batch has been taken. */
  void took(int size) {
    if (size < wanted) {
      wanted = Math.max(size, wanted * 3 / 4);
      if (trying) {
        pause = Math.min(LONGEST_PAUSE, 2 * pause);
      }
      sinceTry = 0;
      trying = false;
      return;
    }
    if (trying) {
      pause = SHORTEST_PAUSE;
      trying = false;
    }
    // Alone, nobody is waited for.
    if (size > 1 && wanted < MOST && ++sinceTry >= pause) {
      sinceTry = 0;
      trying = true;
      wanted = Math.min(MOST, wanted + 1 + wanted / 4);
    }
  }
}
