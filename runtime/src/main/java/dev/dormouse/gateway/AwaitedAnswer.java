package dev.dormouse.gateway;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.fault.ResourceFault;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** An actor's answer that the thread of a connection waits for, one at a time. */
final class AwaitedAnswer {
  private volatile @Nullable CompletableFuture<?> awaited;
  private volatile long deadline;

  /**
   * Waits.
   *
   * @param deadlineNanos when the future fails with {@code timeout}, once {@link #tick} finds that
   * @throws Fault with which the future failed
   */
  <T> T await(CompletableFuture<T> future, long deadlineNanos) {
    deadline = deadlineNanos;
    awaited = future;
    try {
      return future.join();
    } catch (CompletionException e) {
      throw rethrown(e.getCause());
    } finally {
      awaited = null;
    }
  }

  /** The same fault, for the thread that waited: it may be shared, and is never changed. */
  private static RuntimeException rethrown(@Nullable Throwable cause) {
    return switch (cause) {
      case Fault fault -> fault;
      case RuntimeException bug -> bug;
      case null -> new InternalFault(Code.INTERNAL, "an answer failed without a cause", null);
      default -> new InternalFault(Code.INTERNAL, "an answer failed: " + cause, cause);
    };
  }

  /** Fails what has taken too long. Called by any thread. */
  void tick(long now) {
    var future = awaited;
    if (future != null && now - deadline > 0) {
      future.completeExceptionally(
          new GuestFault(
              GuestFault.Trap.WALL_TIME, "the actor did not answer in time: try again later"));
    }
  }

  /** Fails what is still waited for, since the server stops. Called by any thread. */
  void giveUp() {
    var future = awaited;
    if (future != null) {
      future.completeExceptionally(
          new ResourceFault(Code.SHUTTING_DOWN, "the server is shutting down: try again soon"));
    }
  }
}
