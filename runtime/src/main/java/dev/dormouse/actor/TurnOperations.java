package dev.dormouse.actor;

import dev.dormouse.abi.Abi;
import dev.dormouse.abi.Status;
import dev.dormouse.egress.WebRequest;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.UserFault;
import dev.dormouse.identity.ActorId;
import dev.dormouse.limits.Limits;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one turn asks of others and of time, and answers to them. Each answer is the id of an
 * operation, or 0 where too many are open; an operation starts when the turn is durable; see {@link
 * Turn}.
 */
public final class TurnOperations {
  private final Actor actor;
  private final Origin origin;
  private final Limits limits;
  private final List<Effect> effects;

  private Map<Long, Operation> started = Collections.emptyMap();
  private Map<Long, Long> timers = Collections.emptyMap();
  private Set<Long> cancelled = Collections.emptySet();
  private Set<Long> answered = Collections.emptySet();
  private Set<Long> fetches = Collections.emptySet();
  private Map<Long, Operation> passedOn = Collections.emptyMap();
  private int connects;

  TurnOperations(Actor actor, Origin origin, Limits limits, List<Effect> effects) {
    this.actor = actor;
    this.origin = origin;
    this.limits = limits;
    this.effects = effects;
  }

  public long startTimer(long delayMillis) {
    if (actor.pending().timerCount() + timers.size() >= Abi.MAX_TIMERS) {
      return 0;
    }
    long id = actor.services().nextId();
    timers = OnDemand.with(timers, id, Math.min(delayMillis, Pending.LONGEST_TIMER.toMillis()));
    return id;
  }

  /** Sends an HTTP request to another actor. */
  public long fetch(ActorId to, HttpRequest request) {
    var calls = actor.services().calls();
    long operation = start(before -> calls.fetch(to, request, before));
    fetches = OnDemand.with(fetches, operation);
    return operation;
  }

  /** Calls another actor. */
  public long call(ActorId to, byte[] payload) {
    var calls = actor.services().calls();
    return start(before -> calls.call(to, payload, before));
  }

  /** Opens a connection to another actor. */
  public long connect(ActorId to, String url, List<Header> headers) {
    if (actor.connections().outgoingCount() + connects >= limits.connectionsPerActor()) {
      return 0;
    }
    connects++;
    var calls = actor.services().calls();
    return start(before -> calls.connect(actor, to, url, headers, before));
  }

  /** Sends a request to the outside, as far as the app may go. */
  public long webFetch(WebRequest request) {
    var web = web();
    return start(before -> web.fetch(request));
  }

  /** Opens a WebSocket to the outside, as far as the app may go. */
  public long webConnect(
      String url, List<String> protocols, List<Map.Entry<String, String>> headers) {
    if (actor.connections().outgoingCount() + connects >= limits.connectionsPerActor()) {
      return 0;
    }
    connects++;
    var web = web();
    return start(before -> web.connect(url, protocols, headers));
  }

  private WebCalls web() {
    return new WebCalls(actor.services().egress(), actor, actor.egress(), limits);
  }

  /** An operation that fails at once, since what it asks for cannot be. */
  public long refused(String why) {
    Fault fault = new UserFault(Code.BAD_REQUEST, why);
    return start(before -> CompletableFuture.failedFuture(fault));
  }

  /** Gives up an operation or a timer; answers whether it was there. */
  public boolean cancel(long operation) {
    var fresh = started.remove(operation);
    if (fresh != null) {
      fresh.giveUp();
      return true;
    }
    if (timers.remove(operation) != null) {
      return true;
    }
    if (cancelled.contains(operation)
        || !(actor.pending().hasTimer(operation) || actor.pending().operation(operation) != null)) {
      return false;
    }
    cancelled = OnDemand.with(cancelled, operation);
    return true;
  }

  /** Answers an HTTP request that this actor has been given and not answered. */
  public Status respond(long request, HttpReply reply) {
    if (!(asked(request) instanceof Event.Fetch fetch)) {
      return Status.NOT_FOUND;
    }
    if (reply.status() < 200 || reply.status() > 599) {
      return Status.INVALID;
    }
    if (reply.body().length > limits.bodyBytes()) {
      return Status.VALUE_TOO_LARGE;
    }
    answered = OnDemand.with(answered, request);
    effects.add(new Effect.Answer<>(fetch.reply(), reply));
    return Status.OK;
  }

  /**
   * Answers an HTTP request that this actor has been given and not answered with what one that this
   * turn sends to another actor will be answered with.
   *
   * @param unless name of a header, in lower case, with which that answer goes to the guest instead
   */
  public Status passOn(long request, long operation, @Nullable String unless) {
    if (!fetches.contains(operation)
        || !started.containsKey(operation)
        || !(asked(request) instanceof Event.Fetch fetch)) {
      return Status.NOT_FOUND;
    }
    var sent = started.remove(operation);
    sent.passOn(new PassOn(request, fetch, unless, limits.bodyBytes()));
    answered = OnDemand.with(answered, request);
    passedOn = OnDemand.with(passedOn, request, sent);
    return Status.OK;
  }

  /** Answers a call that this actor has been given and not answered. */
  public Status respond(long request, Outcome outcome) {
    if (!(asked(request) instanceof Event.Call call)) {
      return Status.NOT_FOUND;
    }
    if (outcome.bytes().length > limits.bodyBytes()) {
      return Status.VALUE_TOO_LARGE;
    }
    answered = OnDemand.with(answered, request);
    effects.add(new Effect.Answer<>(call.reply(), outcome));
    return Status.OK;
  }

  /** Applies what the turn has changed. The operations themselves start with the effects. */
  void apply() {
    answered.forEach(actor.pending()::forgetRequest);
    for (long id : cancelled) {
      var operation = actor.pending().endOperation(id);
      if (operation != null) {
        effects.add(new Effect.GiveUp(operation));
      } else {
        actor.pending().cancelTimer(id);
      }
    }
    timers.forEach((id, delay) -> actor.pending().startTimer(id, delay, origin));
    started.values().forEach(actor.pending()::add);
    passedOn.forEach(actor.pending()::passOn);
  }

  private Event.@Nullable Asked asked(long request) {
    var event = answered.contains(request) ? null : actor.pending().request(request);
    return event == null || event.reply().isDone() ? null : event;
  }

  private long start(Function<Origin, CompletableFuture<Outcome>> work) {
    if (actor.pending().operationCount() + started.size() >= Abi.MAX_OPERATIONS) {
      return 0;
    }
    Duration patience = limits.requestTime();
    var operation = new Operation(actor.services().nextId(), actor, origin, patience, work);
    started = OnDemand.with(started, operation.id(), operation);
    effects.add(new Effect.Start(operation));
    return operation.id();
  }
}
