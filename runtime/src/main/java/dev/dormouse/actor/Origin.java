package dev.dormouse.actor;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * On whose behalf an event is handled: how deep it is in a chain of calls between actors, and until
 * when somebody waits. Timers and finished operations hand on what started them.
 *
 * @param depth 0 for what comes from outside, and one more for each call
 * @param deadlineNanos when the one who waits gives up, by {@code TimeSource.nanos}
 * @param waiting what that one waits for; null when nobody does
 */
record Origin(int depth, long deadlineNanos, @Nullable CompletableFuture<?> waiting) {
  /** Something that the server or a client said without waiting for an answer. */
  static final Origin NONE = new Origin(0, 0, null);

  /**
   * When an operation must be done that would have until {@code own}: no later than somebody waits.
   * When nobody waits any more, what goes on in the background has all of its own time.
   */
  long deadline(long own) {
    return waiting == null || waiting.isDone() || own - deadlineNanos < 0 ? own : deadlineNanos;
  }
}
