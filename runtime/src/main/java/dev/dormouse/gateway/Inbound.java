package dev.dormouse.gateway;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes of requests and messages that are being read, of all connections of a listener: so many
 * clients that each send less than their limit cannot together exhaust the heap. Safe for use by
 * many threads.
 */
final class Inbound {
  private final long limitBytes;
  private final AtomicLong used = new AtomicLong();

  Inbound(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Whether there was room; then the bytes are to be given back. */
  boolean take(long bytes) {
    if (used.addAndGet(bytes) <= limitBytes) {
      return true;
    }
    used.addAndGet(-bytes);
    return false;
  }

  void give(long bytes) {
    used.addAndGet(-bytes);
  }

  long usedBytes() {
    return used.get();
  }
}
