package dev.dormouse.observe;

import dev.dormouse.fault.Code;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the actors of one namespace do, counted. Every method may be called from any thread, waits
 * for nothing and allocates nothing.
 */
public final class NamespaceMetrics {
  private static final long MICROS = 1_000;
  private static final long MILLIS = 1_000_000;

  final String namespace;
  final Histogram turns =
      new Histogram(
          1e-9,
          25 * MICROS,
          50 * MICROS,
          100 * MICROS,
          250 * MICROS,
          500 * MICROS,
          1 * MILLIS,
          2_500 * MICROS,
          5 * MILLIS,
          10 * MILLIS,
          25 * MILLIS,
          50 * MILLIS,
          100 * MILLIS,
          250 * MILLIS,
          1_000 * MILLIS,
          5_000 * MILLIS,
          30_000 * MILLIS);
  final Histogram wakes =
      new Histogram(
          1e-9,
          500 * MICROS,
          1 * MILLIS,
          2 * MILLIS,
          5 * MILLIS,
          10 * MILLIS,
          25 * MILLIS,
          50 * MILLIS,
          100 * MILLIS,
          250 * MILLIS,
          1_000 * MILLIS,
          5_000 * MILLIS);
  final Histogram depths = new Histogram(1, 0, 1, 2, 4, 16, 64, 256, 1_024, 4_096);
  final Histogram lateness =
      new Histogram(1e-3, 10, 50, 100, 250, 500, 1_000, 2_500, 10_000, 60_000, 600_000);
  final LongAdder fuel = new LongAdder();
  final LongAdder overloads = new LongAdder();
  final LongAdder sleeps = new LongAdder();
  final LongAdder compactions = new LongAdder();
  final LongAdder expansions = new LongAdder();
  final LongAdder opened = new LongAdder();
  final LongAdder closed = new LongAdder();
  private final Map<Code, LongAdder> faults = new EnumMap<>(Code.class);

  NamespaceMetrics(String namespace) {
    this.namespace = namespace;
    // Filled once, so that it can be read without a lock.
    for (Code code : Code.values()) {
      faults.put(code, new LongAdder());
    }
  }

  /**
   * A turn has ended.
   *
   * @param nanos how long it ran
   * @param fuelUsed units that it used
   */
  public void turn(long nanos, long fuelUsed) {
    turns.record(nanos);
    fuel.add(fuelUsed);
  }

  /** A turn or a request ended in a fault. */
  public void fault(Code code) {
    faultsOf(code).increment();
  }

  /** An event found no room. Counts beside {@link #fault}. */
  public void overloaded() {
    overloads.increment();
  }

  /**
   * An actor woke.
   *
   * @param nanos from the first event to the end of its {@code start}
   */
  public void woke(long nanos) {
    wakes.record(nanos);
  }

  /** An actor went to sleep. */
  public void slept() {
    sleeps.increment();
  }

  /** An idle actor was made compact. */
  public void compacted() {
    compactions.increment();
  }

  /** A compact actor was made usable again, for an event. */
  public void expanded() {
    expansions.increment();
  }

  public void connectionOpened() {
    opened.increment();
  }

  public void connectionClosed() {
    closed.increment();
  }

  /** An event was put into a mailbox in which so many waited before it. */
  public void mailboxDepth(int waiting) {
    depths.record(waiting);
  }

  /** An alarm's turn began so long after it was due. */
  public void alarmFired(long latenessMillis) {
    lateness.record(Math.max(0, latenessMillis));
  }

  long faults(Code code) {
    return faultsOf(code).sum();
  }

  private LongAdder faultsOf(Code code) {
    return Objects.requireNonNull(faults.get(code));
  }
}
