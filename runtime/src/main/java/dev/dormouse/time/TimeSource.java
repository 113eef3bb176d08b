package dev.dormouse.time;

import java.time.Duration;

/**
 * Seam: where the server learns the time, waits, draws random numbers, and lets threads run. {@link
 * SystemTime} is the real one; tests use one that they move by hand. All methods may be called from
 * any thread.
 */
public interface TimeSource {

  /** Milliseconds of Unix time. May step backwards when the machine's clock is set. */
  long millis();

  /** Nanoseconds from an arbitrary origin; never steps backwards. For durations. */
  long nanos();

  /**
   * Runs a task once, after a delay, on a thread of this source. The task must be brief and must
   * not block; longer work is handed on by the task itself.
   */
  Timer after(Duration delay, Runnable task);

  /**
   * Starts work of the server that runs beside everything else, on a virtual thread of its own. A
   * simulated source decides when, and may run one task after another on one thread.
   *
   * @param name what the thread is called
   */
  default void start(String name, Runnable task) {
    Thread.ofVirtual().name(name).start(task);
  }

  /** Fills the array from a cryptographically strong source. */
  void random(byte[] into);

  /** A random number for jitter and ids, from the same source. */
  long randomLong();

  /** A task that waits for its time. */
  interface Timer {
    /** Keeps the task from running, if it has not started. */
    void cancel();
  }
}
