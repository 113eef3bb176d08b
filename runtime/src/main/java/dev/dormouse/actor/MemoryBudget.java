package dev.dormouse.actor;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * The linear memory of all awake actors of a node. When it is spent, the longest idle actors are
 * put to sleep to make room; where that does not help, the request is refused. Safe for use by many
 * threads.
 */
final class MemoryBudget {
  private final long limitBytes;
  private final LongConsumer makeRoom;
  private final AtomicLong used = new AtomicLong();

  /**
   * @param makeRoom asked to free about so many bytes by putting idle actors to sleep
   */
  MemoryBudget(long limitBytes, LongConsumer makeRoom) {
    this.limitBytes = limitBytes;
    this.makeRoom = makeRoom;
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

  long limitBytes() {
    return limitBytes;
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
