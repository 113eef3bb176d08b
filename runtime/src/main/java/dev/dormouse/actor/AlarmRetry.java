package dev.dormouse.actor;

import dev.dormouse.storage.Alarm;
import java.time.Duration;

/**
 * When a failed alarm is tried again: after 2 s, 4 s, 8 s and so on up to 5 minutes, for as long as
 * it takes, each up to a quarter later, so that alarms that failed together do not come back
 * together.
 */
final class AlarmRetry {
  private static final Duration FIRST = Duration.ofSeconds(2);
  private static final Duration LONGEST = Duration.ofMinutes(5);

  private AlarmRetry() {}

  static Alarm next(Alarm failed, long nowMillis, long random) {
    int doublings = Math.min(failed.attempt(), 20);
    long wait = Math.min(FIRST.toMillis() << doublings, LONGEST.toMillis());
    long jitter = Math.floorMod(random, wait / 4 + 1);
    return new Alarm(nowMillis + wait + jitter, failed.setMillis(), failed.attempt() + 1);
  }
}
