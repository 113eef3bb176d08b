package dev.dormouse.actor;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * The linear memory of all awake actors of a node, and how many those may be. When either is spent,
 * the longest idle actors are put to sleep to make room; where that does not help, the request is
 * refused. Safe for use by many threads.
 */
final class MemoryBudget {
  /** What an awake actor costs the node beside its linear memory: an estimate, in bytes. */
  static final long ACTOR_BYTES = 32 * 1024;

  private final long limitBytes;
  private final int limitActors;
  private final LongConsumer makeRoom;
  private final AtomicLong used = new AtomicLong();
  private final AtomicInteger awake = new AtomicInteger();

  /**
   * @param makeRoom asked to free about so many bytes by putting idle actors to sleep
   */
  MemoryBudget(long limitBytes, int limitActors, LongConsumer makeRoom) {
    this.limitBytes = limitBytes;
    this.limitActors = limitActors;
    this.makeRoom = makeRoom;
  }

  /** Takes what every awake actor costs; false when there is no room for one more. */
  boolean admitActor() {
    if (awake.incrementAndGet() > limitActors) {
      makeRoom.accept(limitBytes / 16);
    }
    if (awake.get() > limitActors || !reserve(ACTOR_BYTES)) {
      awake.decrementAndGet();
      return false;
    }
    return true;
  }

  /** Gives back what {@link #admitActor} took. */
  void releaseActor() {
    awake.decrementAndGet();
    release(ACTOR_BYTES);
  }

  int awakeActors() {
    return awake.get();
  }

  boolean reserve(long bytes) {
    if (tryReserve(bytes)) {
      return true;
    }
    // A sixteenth of the budget at a time, so that a full node does not look for victims each time.
    makeRoom.accept(Math.max(bytes, limitBytes / 16));
    return tryReserve(bytes);
  }

  void release(long bytes) {
    used.addAndGet(-bytes);
  }

  long usedBytes() {
    return used.get();
  }

  private boolean tryReserve(long bytes) {
    while (true) {
      long now = used.get();
      if (now + bytes > limitBytes) {
        return false;
      }
      if (used.compareAndSet(now, now + bytes)) {
        return true;
      }
    }
  }
}
