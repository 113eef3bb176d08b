package dev.dormouse.guest.fuel;

/**
 * The constants of metering, in units of fuel unless they say bytes. {@code docs/fuel.md} is the
 * table for users.
 */
final class Costs {
  static final int CALL = 4;
  static final int CALL_INDIRECT = 12;

  /** Beside {@link #CALL}, for leaving the guest. */
  static final int HOST_CALL = 16;

  /** Parameters and locals that one unit sets up when a function is entered. */
  static final int LOCALS_PER_UNIT = 4;

  /** For each turn of a loop, beside what is in it. */
  static final int ITERATION = 1;

  static final int THROW = 4_000;
  static final int BULK = 16;
  static final int GROW = 64;

  /** Bytes of a bulk memory operation that one unit moves, as a power of two. */
  static final int MEMORY_SHIFT = 3;

  /** Elements of a bulk table operation that one unit moves, as a power of two. */
  static final int TABLE_SHIFT = 2;

  /** For each page of memory that is asked for. */
  static final int PAGE = 4_096;

  /** For each page of memory that is there when more is asked for. */
  static final int PAGE_HELD = 64;

  /**
   * What the instructions behind a branch may cost and still be charged before it, whether or not
   * they run. Fewer charges make metered code faster; this bounds how much too much they count.
   */
  static final int SLACK = 32;

  /** A function whose dearest path costs no more is paid for by those who call it. */
  static final int PAID_BY_CALLER = 128;

  /** A frame settles with the fuel global when it has counted two to this power. */
  static final int SETTLE_SHIFT = 12;

  /** The most that a frame counts between two looks at what it has counted. */
  static final int UNCHECKED = 1 << SETTLE_SHIFT;

  /** A loop whose turn costs more is not charged for many turns at once: it would gain nothing. */
  static final int MOST_OF_COUNTED_TURN = UNCHECKED / 16;

  /** Bytes of a JVM frame beside its locals and operands. */
  static final int FRAME_BYTES = 112;

  static final int SLOT_BYTES = 8;

  /**
   * What a frame of quickly compiled code may take on top for ten instructions: that compiler gives
   * every value that outlives a call a place of its own.
   */
  static final int SPILL_BYTES_OF_TEN = 14;

  /** The same for what comes after the first {@link #SPILLING_MOST} instructions of a body. */
  static final int LATER_SPILL_BYTES_OF_TEN = 4;

  /** In longer bodies most values are used up before the next call, unless locals hold them. */
  static final int SPILLING_MOST = 512;

  /** That compiler gives up on a body that wants more. */
  static final int MOST_SPILL_BYTES = 8 * 1024;

  /** A body of more instructions has more values than that compiler takes. */
  static final int MOST_SPILLING = 12_000;

  /** Bytes that a call through a table takes for its dispatcher. */
  static final int DISPATCH_BYTES = 128;

  /** Bytes that a host function takes before it calls the guest back. */
  static final int HOST_BYTES = 2_048;

  /** A body of more instructions may be run by the engine's interpreter, with larger frames. */
  static final int LARGE_BODY = 18_000;

  static final int LARGE_BODY_BYTES = 2_048;

  /** Bytes of frames that may stand on one another in a recursion without one that charges. */
  static final int UNCHARGED_IN_CYCLE_BYTES = 512;

  /**
   * Bytes of frames outside of recursions that nobody charges: the host's stack has room for it.
   */
  static final int RESERVE_BYTES = 64 * 1024;

  private Costs() {}
}
