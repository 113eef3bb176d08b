package dev.dormouse.actor;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The linear memory of all awake actors of a node, and how many those may be. When either is spent,
 * the longest idle actors are made compact, or put to sleep, to make room; where that does not
 * help, the request is refused. Safe for use by many threads.
 */
final class MemoryBudget {
  /** What an awake actor costs the node beside its linear memory: an estimate, in bytes. */
  static final long ACTOR_BYTES = 32 * 1024;

  /** Others may take at once what was freed for somebody: so often is tried to be faster. */
  private static final int TRIES = 8;

  private final long limitBytes;
  private final int limitActors;
  private final Room room;
  private final AtomicLong used = new AtomicLong();
  private final AtomicInteger awake = new AtomicInteger();

  /** Who makes room. Answers how many bytes that freed. */
  interface Room {
    /** Makes idle actors compact that would have about so many bytes less. */
    long compact(long bytes);

    /** Puts idle actors to sleep that take about so many bytes. */
    long putToSleep(long bytes);
  }

  MemoryBudget(long limitBytes, int limitActors, Room room) {
    this.limitBytes = limitBytes;
    this.limitActors = limitActors;
    this.room = room;
  }

  /** Takes what every awake actor costs; false when there is no room for one more. */
  boolean admitActor() {
    if (awake.incrementAndGet() > limitActors) {
      room.putToSleep(limitBytes / 16);
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
    for (int i = 0; i < TRIES; i++) {
      if (tryReserve(bytes)) {
        return true;
      }
      // A sixteenth of the budget at a time, so that a full node does not look for victims each
      // time. As long as the compact ones give a part of that, nobody has to sleep.
      long wanted = Math.max(bytes, limitBytes / 16);
      long freed = room.compact(wanted);
      if (freed > limitBytes / 64 && tryReserve(bytes)) {
        return true;
      }
      if (freed < wanted) {
        freed += room.putToSleep(wanted - freed);
      }
      if (freed == 0) {
        break;
      }
    }
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
