package dev.dormouse.actor;

import dev.dormouse.guest.FuelMeter;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.guest.MemoryGrant;
import dev.dormouse.module.Version;

/**
 * One instance of an actor's module, from waking to sleep, trap or redeployment.
 *
 * @param slot where the instance's imports find the running turn
 */
record Life(
    Version version,
    GuestInstance instance,
    FuelMeter meter,
    CurrentTurn slot,
    WakingReason reason,
    Grant grant) {

  /**
   * Makes the instance usable if it is compact.
   *
   * @return whether it was
   * @throws dev.dormouse.fault.ResourceFault {@code overloaded}; nothing is lost
   */
  boolean expand() {
    try {
      return instance.expand();
    } finally {
      // It is not the guest that wanted more, so there is nothing to tell it.
      grant.takeShortage();
    }
  }

  void end() {
    instance.close();
    grant.leave();
  }

  /** One instance's share of the node's memory. Confined to the thread of the turn. */
  static final class Grant implements MemoryGrant {
    private final MemoryBudget budget;
    private final long limitBytes;
    private boolean admitted;
    private boolean isShort;

    Grant(MemoryBudget budget, long limitBytes) {
      this.budget = budget;
      this.limitBytes = limitBytes;
    }

    /** Whether the node has room for one more awake actor. */
    boolean admit() {
      admitted = budget.admitActor();
      return admitted;
    }

    void leave() {
      if (admitted) {
        admitted = false;
        budget.releaseActor();
      }
    }

    @Override
    public long limitBytes() {
      return limitBytes;
    }

    @Override
    public boolean reserve(long bytes) {
      // Who is refused may ask for less at once, and get it.
      isShort = !budget.reserve(bytes);
      return !isShort;
    }

    /** Whether the node had no memory for the instance when it last asked; told once. */
    boolean takeShortage() {
      boolean was = isShort;
      isShort = false;
      return was;
    }

    @Override
    public void release(long bytes) {
      budget.release(bytes);
    }
  }
}
