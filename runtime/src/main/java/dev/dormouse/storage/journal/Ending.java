package dev.dormouse.storage.journal;

/** How the threads of the storage are waited for. */
public final class Ending {
  private Ending() {}

  /**
   * Waits until a thread has ended. What it still writes must be written, so an interrupt does not
   * end the wait; the caller's interrupt status is as it was, or set, afterwards.
   */
  public static void await(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
