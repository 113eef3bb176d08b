package dev.dormouse.sim;

import dev.dormouse.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A clock that stands until a test moves it, and threads that run when the test says so: one task
 * after another, on the test's own thread, in an order that the seed decides. The same seed and the
 * same test give the same run.
 *
 * <p>Safe for use by many threads, as far as tasks that block need it; a test that is to be
 * repeatable uses one.
 */
public final class SimTime implements TimeSource {
  private static final long START_MILLIS = 1_700_000_000_000L;

  private final Random random;
  private final PriorityQueue<Delayed> delayed =
      new PriorityQueue<>(Comparator.comparingLong(Delayed::due).thenComparingLong(Delayed::order));
  private final List<Runnable> ready = new ArrayList<>();
  private Runnable meanwhile = () -> {};
  private boolean asked;
  private long nanos;
  private long order;

  private record Delayed(long due, long order, Runnable task) {}

  public SimTime(long seed) {
    random = new Random(seed);
  }

  /**
   * What happens elsewhere while the server works: run, never inside of itself, when the server
   * looks at the clock.
   */
  public void meanwhile(Runnable elsewhere) {
    meanwhile = elsewhere;
  }

  /** Runs one of the tasks that are ready, if there is any. */
  public void runOne() {
    var task = next();
    if (task != null) {
      task.run();
    }
  }

  /** Runs what is ready, and what becomes ready by that, until nothing is. */
  public void run() {
    for (var task = next(); task != null; task = next()) {
      task.run();
    }
  }

  /** Lets time pass, with all that is due in it at its own moment. */
  public void pass(Duration duration) {
    run();
    long until = nanos + duration.toNanos();
    for (var task = nextDelayed(until); task != null; task = nextDelayed(until)) {
      task.run();
      run();
    }
    synchronized (this) {
      nanos = Math.max(nanos, until);
    }
  }

  /** The power goes: no task that waits is ever run. */
  public synchronized void crash() {
    delayed.clear();
    ready.clear();
  }

  private synchronized @Nullable Runnable next() {
    if (ready.isEmpty()) {
      return null;
    }
    // The last takes the place of the one that is taken: cheap, and as random as before.
    int chosen = random.nextInt(ready.size());
    var task = ready.get(chosen);
    var last = ready.removeLast();
    if (chosen < ready.size()) {
      ready.set(chosen, last);
    }
    return task;
  }

  private synchronized @Nullable Runnable nextDelayed(long until) {
    var first = delayed.peek();
    if (first == null || first.due > until) {
      return null;
    }
    delayed.poll();
    nanos = Math.max(nanos, first.due);
    return first.task;
  }

  @Override
  public long millis() {
    return START_MILLIS + nanos() / 1_000_000;
  }

  @Override
  public long nanos() {
    elsewhere();
    synchronized (this) {
      return nanos;
    }
  }

  private void elsewhere() {
    if (!asked) {
      asked = true;
      try {
        meanwhile.run();
      } finally {
        asked = false;
      }
    }
  }

  @Override
  public synchronized Timer after(Duration delay, Runnable task) {
    var timer = new Delayed(nanos + Math.max(0, delay.toNanos()), order++, task);
    delayed.add(timer);
    return () -> {
      synchronized (this) {
        delayed.remove(timer);
      }
    };
  }

  @Override
  public synchronized void start(String name, Runnable task) {
    ready.add(task);
  }

  @Override
  public synchronized void random(byte[] into) {
    random.nextBytes(into);
  }

  @Override
  public synchronized long randomLong() {
    return random.nextLong();
  }
}
