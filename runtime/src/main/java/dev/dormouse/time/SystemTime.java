package dev.dormouse.time;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The machine's clock, one daemon thread for delays, and the platform's random source. */
public final class SystemTime implements TimeSource, AutoCloseable {
  private final SecureRandom random = new SecureRandom();
  private final ScheduledThreadPoolExecutor delays;

  public SystemTime() {
    delays =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("dormouse-time").factory());
    delays.setRemoveOnCancelPolicy(true);
  }

  @Override
  public long millis() {
    return System.currentTimeMillis();
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    var scheduled = delays.schedule(task, Math.max(0, delay.toNanos()), TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }

  @Override
  public void random(byte[] into) {
    random.nextBytes(into);
  }

  @Override
  public long randomLong() {
    return random.nextLong();
  }

  /** Tasks that still wait are dropped. */
  @Override
  public void close() {
    delays.shutdownNow();
  }
}
