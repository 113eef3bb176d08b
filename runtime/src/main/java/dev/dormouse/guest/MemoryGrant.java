package dev.dormouse.guest;

/**
 * Who pays for an instance's memory: its own limit and the node's budget. Called on the thread of
 * the turn.
 */
public interface MemoryGrant {
  /** The most that this instance may have, in bytes. */
  long limitBytes();

  /**
   * Asks the node for more. May make other, idle actors compact or put them to sleep.
   *
   * @return whether the bytes were granted
   */
  boolean reserve(long bytes);

  /** Gives bytes back. Those that instances share may come after the instance, on any thread. */
  void release(long bytes);
}
