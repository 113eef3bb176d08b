package dev.dormouse.actor;

import dev.dormouse.actor.Mailbox.Offer;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.identity.ActorId;
import dev.dormouse.limits.Limits;
import dev.dormouse.storage.ActorStore.ActorState;
import dev.dormouse.time.TimeSource;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An actor that is awake, or asleep with open connections. Whoever holds the mailbox owns all of it
 * but the mailbox itself, the gate, and the volatile figures: a loop while there are events, or the
 * one who puts it to sleep. Ownership passes through the mailbox's lock, which also makes what one
 * owner wrote visible to the next.
 *
 * <p>States: asleep (no state, no life), open (a state, but no life: its last turn failed), awake
 * (both). It leaves the directory when it is asleep and has no connections.
 */
final class Actor {
  /** Timers are for short waits; the alarm is for long ones. */
  static final Duration LONGEST_TIMER = Duration.ofMinutes(15);

  private final ActorId id;
  private final Services services;
  private final Mailbox mailbox = new Mailbox();
  private final ActorLoop loop;
  private final Map<Long, Connection> connections = new LinkedHashMap<>();
  private final Map<Long, Event.Fetch> pendingRequests = new HashMap<>();
  private final Map<Long, TimeSource.Timer> timers = new HashMap<>();

  private @Nullable ActorState state;
  private @Nullable Life life;
  private volatile OutputGate gate = new OutputGate(this::broken);

  private volatile Limits limits;
  private volatile Figures figures;

  /** What the admin API shows, as of the last turn. */
  record Figures(
      boolean awake,
      long memoryBytes,
      int connections,
      long fuelUsed,
      long lastTurnMillis,
      long lastActiveNanos) {}

  Actor(ActorId id, Services services, Limits limits) {
    this.id = id;
    this.services = services;
    this.limits = limits;
    this.loop = new ActorLoop(this, services);
    this.figures = new Figures(false, 0, 0, 0, 0, services.time().nanos());
  }

  ActorId id() {
    return id;
  }

  Services services() {
    return services;
  }

  Figures figures() {
    return figures;
  }

  int mailboxDepth() {
    return mailbox.depth();
  }

  /** Whether no turn runs or waits, and all that was said has been let out. */
  boolean isSettled() {
    return !mailbox.isBusy() && gate.isEmpty();
  }

  Duration idleSleep() {
    return limits.idleSleep();
  }

  /** Whether the event was taken; false when the mailbox is full or the actor is gone. */
  boolean offer(Event event) {
    return tryOffer(event) == Offer.TAKEN;
  }

  /** {@link Offer#TAKEN}, FULL or RETIRED; sees to it that somebody runs what was taken. */
  Offer tryOffer(Event event) {
    var bounds = limits;
    return started(mailbox.offer(event, bounds.mailboxEvents(), bounds.mailboxBytes()));
  }

  /** Offers an event that passes the mailbox's bound. */
  Offer offerAlways(Event event) {
    return started(mailbox.offer(event, Integer.MAX_VALUE, Long.MAX_VALUE));
  }

  /**
   * Puts the actor to sleep if nothing keeps it awake: no event, no held output, no request that
   * waits for its answer.
   *
   * @param force whether timers are dropped, too
   * @return whether it has left the directory's care: retired
   */
  boolean sleep(boolean force) {
    if (!mailbox.tryHold()) {
      return false;
    }
    boolean retired = false;
    if (gate.isEmpty() && gate.broken() == null && !keepsAwake(force)) {
      endLife();
      closeState();
      note(0);
      retired = connections.isEmpty() && mailbox.retire();
    }
    if (!retired) {
      var waiting = mailbox.next();
      if (waiting != null) {
        services.time().start("actor", () -> loop.run(waiting));
      }
    }
    return retired;
  }

  private boolean keepsAwake(boolean force) {
    pendingRequests.values().removeIf(request -> request.reply().isDone());
    return !pendingRequests.isEmpty() || (!force && !timers.isEmpty());
  }

  private Offer started(Offer offer) {
    if (offer != Offer.TAKEN_HOLD) {
      return offer;
    }
    services.time().start("actor", () -> loop.run(null));
    return Offer.TAKEN;
  }

  private void broken(Fault fault) {
    offerAlways(new Event.Reset(fault));
  }

  // All below is for the owner of the mailbox.

  Mailbox mailbox() {
    return mailbox;
  }

  OutputGate gate() {
    return gate;
  }

  @Nullable Life life() {
    return life;
  }

  void life(Life begun) {
    life = begun;
  }

  /** The durable state, opened if it was not. */
  ActorState state() {
    var open = state;
    if (open == null) {
      open = services.store().open(id);
      state = open;
    }
    return open;
  }

  void limits(Limits current) {
    limits = current;
  }

  WakingReason wakingReason() {
    var awake = life;
    if (awake == null) {
      throw new IllegalStateException(id + " is asleep");
    }
    return awake.reason();
  }

  Map<String, String> env() {
    var awake = life;
    return awake == null ? Map.of() : awake.version().env();
  }

  Collection<Connection> connections() {
    return connections.values();
  }

  @Nullable Connection connection(long connectionId) {
    return connections.get(connectionId);
  }

  void add(Connection connection) {
    connections.put(connection.id(), connection);
  }

  boolean remove(Connection connection) {
    return connections.remove(connection.id()) != null;
  }

  /** The request is given to the guest under this number. */
  long addRequest(Event.Fetch request) {
    long number = services.nextId();
    pendingRequests.put(number, request);
    return number;
  }

  int pendingRequestCount() {
    if (pendingRequests.size() > 64) {
      pendingRequests.values().removeIf(request -> request.reply().isDone());
    }
    return pendingRequests.size();
  }

  Event.@Nullable Fetch pendingRequest(long number) {
    return pendingRequests.get(number);
  }

  void forgetRequest(long number) {
    pendingRequests.remove(number);
  }

  int timerCount() {
    return timers.size();
  }

  boolean hasTimer(long operation) {
    return timers.containsKey(operation);
  }

  void startTimer(long operation, long delayMillis) {
    var delay = Duration.ofMillis(delayMillis);
    timers.put(
        operation,
        services.time().after(delay, () -> offerAlways(new Event.Completion(operation))));
  }

  /** Whether the timer was there. */
  boolean cancelTimer(long operation) {
    var timer = timers.remove(operation);
    if (timer != null) {
      timer.cancel();
    }
    return timer != null;
  }

  /** Lets the instance go, with all that lives as long as it does. Connections and state stay. */
  void endLife() {
    timers.values().forEach(TimeSource.Timer::cancel);
    timers.clear();
    var ended = life;
    if (ended != null) {
      life = null;
      ended.end();
      services.metrics().namespace(id.namespace()).slept();
    }
  }

  /** Requests that the ended instance had promised to answer will not be. */
  void failRequests(Fault fault) {
    for (var request : pendingRequests.values()) {
      request.reply().completeExceptionally(fault);
    }
    pendingRequests.clear();
  }

  /** Starts anew from what is durable, since what is in memory may not be. */
  void reset(Fault fault) {
    endLife();
    closeState();
    failRequests(fault);
    closeConnections(fault.code());
    gate = new OutputGate(this::broken);
  }

  void closeConnections(Code reason) {
    for (var connection : connections.values()) {
      connection.open(false);
      connection.close(reason);
    }
  }

  /** Lets the connections go: they are the actor's no more, and have no close turn. */
  List<Connection> releaseConnections() {
    var released = List.copyOf(connections.values());
    released.forEach(connection -> connection.open(false));
    connections.clear();
    return released;
  }

  void closeState() {
    var open = state;
    if (open != null) {
      state = null;
      open.close();
    }
  }

  /** Brings the figures up to date after a turn. */
  void note(long fuel) {
    var before = figures;
    var awake = life;
    figures =
        new Figures(
            awake != null,
            awake == null ? 0 : awake.instance().memoryBytes(),
            connections.size(),
            before.fuelUsed() + fuel,
            fuel == 0 ? before.lastTurnMillis() : services.time().millis(),
            services.time().nanos());
  }
}
