package dev.dormouse.guest;

import java.util.concurrent.Semaphore;

/**
 * Keeps long turns from taking every processor. Virtual threads are not preempted, so a turn that
 * computes keeps its carrier until it lets go. A turn that has spent its first slice is a long one:
 * from then on it needs one of a few places to go on, and gives the place to the longest waiting
 * after each slice. Short turns never come here, so however many long ones there are, a short one
 * waits behind no more of them than there are places.
 */
public final class TurnPacer {
  private final Semaphore places;

  /**
   * @param places how many long turns compute at the same time; the virtual-thread scheduler needs
   *     more carriers than this
   */
  public TurnPacer(int places) {
    this.places = new Semaphore(places, true);
  }

  /**
   * A long turn has spent a slice: waits for a place, behind all that wait already. A turn whose
   * stack is too deep to be set aside goes on in the place that it has, or without one.
   *
   * @return whether it holds a place now
   */
  boolean nextSlice(boolean holdsPlace) {
    if (!letsOthersRun()) {
      return holdsPlace || places.tryAcquire();
    }
    if (holdsPlace) {
      places.release();
    }
    places.acquireUninterruptibly();
    return true;
  }

  /**
   * The JVM sets a stack aside in one object, and throws this error where the collector has no room
   * for so large a one. Waiting for a place would throw it too, and leave the semaphore broken.
   */
  @SuppressWarnings("ThreadPriorityCheck") // A hint only; the places keep the bound.
  private static boolean letsOthersRun() {
    try {
      Thread.yield();
      return true;
    } catch (StackOverflowError _) {
      return false;
    }
  }

  /** A long turn has ended. */
  void leave() {
    places.release();
  }
}
