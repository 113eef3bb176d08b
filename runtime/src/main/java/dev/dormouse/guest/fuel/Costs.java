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

  /** Bytes of a JVM frame beside its locals and operands. */
  static final int FRAME_BYTES = 112;

  static final int SLOT_BYTES = 8;

  /** Bytes that a call through a table takes for its dispatcher. */
  static final int DISPATCH_BYTES = 128;

  /** Bytes that a host function takes before it calls the guest back. */
  static final int HOST_BYTES = 2_048;

  /** A body of more instructions may be run by the engine's interpreter, with larger frames. */
  static final int LARGE_BODY = 8_000;

  static final int LARGE_BODY_BYTES = 2_048;

  /** Bytes of frames that may stand on one another without any of them charging for depth. */
  static final int UNCHARGED_DEPTH_BYTES = 16 * 1024;

  private Costs() {}
}
