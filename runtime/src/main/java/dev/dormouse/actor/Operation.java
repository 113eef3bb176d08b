package dev.dormouse.actor;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Something that an actor has asked of another actor or of the web. It starts when the turn that
 * asked for it is durable, and ends with an {@link Event.Completion}, unless it is given up before:
 * by the guest, or with the instance. Its state is guarded by its lock.
 */
final class Operation {
  private final long id;
  private final Actor actor;
  private final Origin origin;
  private final Duration patience;
  private final Function<Origin, CompletableFuture<Outcome>> work;
  private @Nullable PassOn passOn;
  private @Nullable CompletableFuture<Outcome> running;
  private TimeSource.@Nullable Timer timer;
  private boolean over;

  /**
   * @param origin of the event that asks
   * @param patience the longest that it may take
   * @param work starts it, on behalf of the origin it is given; brief, and completes with an
   *     outcome or a {@link Fault}; completing it from outside takes it back
   */
  Operation(
      long id,
      Actor actor,
      Origin origin,
      Duration patience,
      Function<Origin, CompletableFuture<Outcome>> work) {
    this.id = id;
    this.actor = actor;
    this.origin = origin;
    this.patience = patience;
    this.work = work;
  }

  long id() {
    return id;
  }

  Origin origin() {
    return origin;
  }

  /** Lets its outcome answer a request. To be called before it starts. */
  void passOn(PassOn request) {
    passOn = request;
  }

  /** The request that its outcome answers, if it does. */
  @Nullable PassOn passOn() {
    return passOn;
  }

  /** Starts it, unless it was given up. */
  void start() {
    var time = actor.services().time();
    long now = time.nanos();
    long deadline = origin.deadline(now + patience.toNanos());
    synchronized (this) {
      if (over) {
        return;
      }
    }
    CompletableFuture<Outcome> started;
    try {
      started = work.apply(new Origin(origin.depth() + 1, deadline, null));
    } catch (RuntimeException failure) {
      started = CompletableFuture.failedFuture(failure);
    }
    var future = started;
    boolean unwanted;
    synchronized (this) {
      unwanted = over;
      running = future;
      if (!unwanted && !future.isDone()) {
        timer =
            time.after(
                Duration.ofNanos(Math.max(0, deadline - now)),
                () ->
                    future.completeExceptionally(
                        new GuestFault(
                            GuestFault.Trap.WALL_TIME, "there was no answer in time: try later")));
      }
    }
    var _ = future.whenComplete(this::finished);
    if (unwanted) {
      giveUp();
    }
  }

  /** Takes back what it has started; its outcome will not arrive. */
  void giveUp() {
    CompletableFuture<Outcome> future;
    synchronized (this) {
      over = true;
      future = running;
    }
    if (future != null) {
      future.completeExceptionally(
          new GuestFault(GuestFault.Trap.ABORTED, "the caller gave up waiting"));
    }
  }

  private void finished(@Nullable Outcome outcome, @Nullable Throwable failure) {
    boolean wanted;
    synchronized (this) {
      wanted = !over;
      over = true;
      if (timer != null) {
        timer.cancel();
      }
    }
    var end = outcome != null ? outcome : Outcome.error(fault(failure));
    var request = passOn;
    var answer = wanted && request != null ? request.answerIn(end) : null;
    if (request != null && answer != null) {
      actor.pending().passedOn(request.number());
      request.asked().reply().complete(answer);
      return;
    }
    long told = request == null ? id : request.number();
    if (!wanted || !actor.complete(new Event.Completion(told, end.forGuest(), origin))) {
      end.discard();
    }
  }

  private static Fault fault(@Nullable Throwable failure) {
    var cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof Fault fault
        ? fault
        : new InternalFault(Code.INTERNAL, "the server failed: " + cause, cause);
  }
}
