package dev.dormouse.actor;

import dev.dormouse.fault.Fault;
import dev.dormouse.time.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What an actor's instance waits for, timers and operations, and what others wait for from it:
 * requests that it has not answered. For the owner of the actor's mailbox only, but for {@link
 * #passedOn}.
 */
final class Pending {
  /** Timers are for short waits; the alarm is for long ones. */
  static final Duration LONGEST_TIMER = Duration.ofMinutes(15);

  /** Beyond so many requests, those that nobody waits for any more are looked for and dropped. */
  private static final int REQUESTS_UNLOOKED = 64;

  private final Actor actor;
  private final Services services;
  private final Map<Long, Event.Asked> requests = new HashMap<>();
  private final Map<Long, TimeSource.Timer> timers = new HashMap<>();
  private final Map<Long, Operation> operations = new HashMap<>();

  /**
   * Requests that operations answer, by their numbers. Such an operation takes its own out, on any
   * thread.
   */
  private final Map<Long, Operation> passedOn = new ConcurrentHashMap<>();

  Pending(Actor actor, Services services) {
    this.actor = actor;
    this.services = services;
  }

  /** Whether somebody waits for the instance, or it waits for something other than a timer. */
  boolean keepsAwake() {
    requests.values().removeIf(request -> request.reply().isDone());
    return !requests.isEmpty() || !passedOn.isEmpty() || !operations.isEmpty();
  }

  /** The request is given to the guest under this number. */
  long addRequest(Event.Asked request) {
    long number = services.nextId();
    requests.put(number, request);
    return number;
  }

  int requestCount() {
    if (requests.size() > REQUESTS_UNLOOKED) {
      requests.values().removeIf(request -> request.reply().isDone());
    }
    return requests.size() + passedOn.size();
  }

  Event.@Nullable Asked request(long number) {
    return requests.get(number);
  }

  void forgetRequest(long number) {
    requests.remove(number);
  }

  int timerCount() {
    return timers.size();
  }

  boolean hasTimer(long operation) {
    return timers.containsKey(operation);
  }

  void startTimer(long operation, long delayMillis, Origin origin) {
    // Nobody waits for what a timer starts, but how deep it is counts on.
    var from = new Origin(origin.depth(), 0, null);
    var ended = new Event.Completion(operation, Outcome.EMPTY, from);
    var delay = Duration.ofMillis(delayMillis);
    timers.put(operation, services.time().after(delay, () -> actor.offerAlways(ended)));
  }

  /** Whether the timer was there. */
  boolean cancelTimer(long operation) {
    var timer = timers.remove(operation);
    if (timer != null) {
      timer.cancel();
    }
    return timer != null;
  }

  void add(Operation operation) {
    operations.put(operation.id(), operation);
  }

  int operationCount() {
    return operations.size();
  }

  @Nullable Operation operation(long operationId) {
    return operations.get(operationId);
  }

  @Nullable Operation endOperation(long operationId) {
    return operations.remove(operationId);
  }

  /** The operation answers the request, which is not the guest's any more. */
  void passOn(long requestNumber, Operation operation) {
    passedOn.put(requestNumber, operation);
  }

  /** An operation has answered the request. May be called on any thread. */
  void passedOn(long requestNumber) {
    passedOn.remove(requestNumber);
  }

  /**
   * Whether a timer or operation was open, and is not any more. A request that the operation was to
   * answer is the guest's again.
   */
  boolean endWait(long number) {
    return takeBack(number) || cancelTimer(number) || endOperation(number) != null;
  }

  private boolean takeBack(long requestNumber) {
    var operation = passedOn.remove(requestNumber);
    var request = operation == null ? null : operation.passOn();
    if (request != null) {
      requests.put(requestNumber, request.asked());
    }
    return request != null;
  }

  /**
   * The instance waits for nothing any more. Requests that were passed on wait for an answer like
   * all others that it was given.
   */
  void giveUp() {
    timers.values().forEach(TimeSource.Timer::cancel);
    timers.clear();
    operations.values().forEach(Operation::giveUp);
    operations.clear();
    passedOn.forEach(
        (number, operation) -> {
          operation.giveUp();
          takeBack(number);
        });
  }

  /** What the ended instance had promised to answer will not be. */
  void failRequests(Fault fault) {
    for (var request : requests.values()) {
      request.reply().completeExceptionally(fault);
    }
    requests.clear();
  }
}
