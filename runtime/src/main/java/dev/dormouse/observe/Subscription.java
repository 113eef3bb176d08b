package dev.dormouse.observe;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Someone who follows the log. Lines wait here until they are polled; when more than {@link
 * #MAX_WAITING} wait, the oldest are dropped, and a line that says how many takes their place.
 */
public final class Subscription implements AutoCloseable {
  /** Lines that wait for a slow follower. */
  public static final int MAX_WAITING = 1_000;

  private final @Nullable String namespace;
  private final @Nullable String actor;
  private final Consumer<Subscription> onClose;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final ArrayDeque<LogLine> waiting = new ArrayDeque<>();
  private long dropped;
  private boolean closed;

  Subscription(@Nullable String namespace, @Nullable String actor, Consumer<Subscription> onClose) {
    this.namespace = namespace;
    this.actor = actor;
    this.onClose = onClose;
  }

  /**
   * The next line, in the order of writing.
   *
   * @return null when none came in this time, the subscription was closed, or the thread was
   *     interrupted, which then stays so
   */
  public @Nullable LogLine poll(Duration wait) {
    lock.lock();
    try {
      long nanos = wait.toNanos();
      while (waiting.isEmpty() && !closed && nanos > 0) {
        nanos = arrived.awaitNanos(nanos);
      }
      LogLine next = waiting.peekFirst();
      if (next == null) {
        return null;
      }
      if (dropped > 0) {
        String said = dropped + " lines were dropped, because this stream was read too slowly";
        dropped = 0;
        return new LogLine(next.millis(), next.namespace(), "", LogLevel.WARN, said);
      }
      return waiting.removeFirst();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      lock.unlock();
    }
  }

  void offer(LogLine line) {
    if ((namespace != null && !namespace.equals(line.namespace()))
        || (actor != null && !actor.equals(line.actor()))) {
      return;
    }
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (waiting.size() == MAX_WAITING) {
        waiting.removeFirst();
        dropped++;
      }
      waiting.addLast(line);
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Ends it; one who polls gets null. May be called from any thread, and more than once. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      waiting.clear();
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
    onClose.accept(this);
  }
}
