package dev.dormouse.bench;

import dev.dormouse.guest.MemoryGrant;

/** A node with nobody else on it. */
public final class Unlimited implements MemoryGrant {
  @Override
  public long limitBytes() {
    return 128L << 20;
  }

  @Override
  public boolean reserve(long bytes) {
    return true;
  }

  @Override
  public void release(long bytes) {}
}
