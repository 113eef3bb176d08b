package dev.dormouse.actor;

import dev.dormouse.actor.Mailbox.Offer;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.identity.ActorId;
import dev.dormouse.limits.Limits;
import dev.dormouse.storage.ActorStore.ActorState;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An actor that is awake, or asleep with open connections. Whoever holds the mailbox owns all of it
 * but the mailbox itself, the gate, and the volatile figures: a loop while there are events, or the
 * one who makes it compact or puts it to sleep. Ownership passes through the mailbox's lock, which
 * also makes what one owner wrote visible to the next.
 *
 * <p>States: asleep (no state, no life), open (a state, but no life: its last turn failed), awake
 * (both). It leaves the directory when it is asleep and has no connections.
 */
final class Actor {
  private final ActorId id;
  private final Services services;
  private final Mailbox mailbox = new Mailbox();
  private final ActorLoop loop;
  private final Connections connections;
  private final Pending pending;

  private @Nullable ActorState state;
  private @Nullable Life life;
  private volatile OutputGate gate = new OutputGate(this::broken);

  private volatile Limits limits;
  private volatile Figures figures;

  /**
   * What the admin API shows and the sweeper goes by, as of the last turn.
   *
   * @param heldBytes what the instance takes of the node's memory
   * @param mayCompact whether nobody has tried to make it compact since
   */
  record Figures(
      boolean awake,
      long memoryBytes,
      long heldBytes,
      boolean mayCompact,
      int connections,
      long fuelUsed,
      long lastTurnMillis,
      long lastActiveNanos) {

    Figures compact(long heldBytesNow) {
      return new Figures(
          awake,
          memoryBytes,
          heldBytesNow,
          false,
          connections,
          fuelUsed,
          lastTurnMillis,
          lastActiveNanos);
    }
  }

  Actor(ActorId id, Services services, Limits limits) {
    this.id = id;
    this.services = services;
    this.limits = limits;
    this.loop = new ActorLoop(this, services);
    this.connections = new Connections(id.namespace(), services.metrics());
    this.pending = new Pending(this, services);
    this.figures = new Figures(false, 0, 0, false, 0, 0, 0, services.time().nanos());
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

  /** Whether an idle actor sleeps by now. */
  boolean maySleep(long idleNanos) {
    return idleNanos >= limits.idleSleep().toNanos();
  }

  /** Whether an idle actor is to be made compact, if it has been idle for so long. */
  boolean mayCompact(long idleNanos) {
    var after = limits.idleCompact();
    return figures.mayCompact()
        && after.compareTo(limits.idleSleep()) < 0
        && idleNanos >= after.toNanos();
  }

  /** Whether it is made compact where memory runs short, however short it has been idle. */
  boolean mayCompact() {
    return mayCompact(Long.MAX_VALUE);
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

  /**
   * The same, but where nobody runs the actor the caller does, until the event is handled: so an
   * idle actor is used without a hand-over to another thread. To be called on a virtual thread that
   * holds no lock.
   */
  Offer offerHere(Event event) {
    var bounds = limits;
    if (bounds.turnWall().compareTo(bounds.requestTime()) > 0) {
      // The caller has to be back by then, to say that it took too long.
      return tryOffer(event);
    }
    var offer = mailbox.offer(event, bounds.mailboxEvents(), bounds.mailboxBytes());
    if (offer != Offer.TAKEN_HOLD) {
      return offer;
    }
    loop.runOne();
    letGo();
    return Offer.TAKEN;
  }

  /** Offers an event that passes the mailbox's bound. */
  Offer offerAlways(Event event) {
    return started(mailbox.offer(event, Integer.MAX_VALUE, Long.MAX_VALUE));
  }

  /**
   * Hands an operation's end to the actor. It passes the bound on events, since operations are
   * bounded themselves, but not the bound on bytes: then the outcome becomes {@code overloaded}.
   *
   * @return whether the outcome was taken as it is
   */
  boolean complete(Event.Completion ended) {
    var bounds = limits;
    long bytes = bounds.mailboxBytes() + bounds.bodyBytes();
    var offer = started(mailbox.offer(ended, Integer.MAX_VALUE, bytes));
    if (offer == Offer.FULL) {
      var instead = Outcome.error("overloaded", "too many bytes wait for " + id + ": ask for less");
      offerAlways(new Event.Completion(ended.operation(), instead, ended.origin()));
    }
    return offer == Offer.TAKEN;
  }

  /** This actor's end of a connection that it opens. Not yet known to the guest. */
  Connection outgoing(@Nullable String protocol, Runnable onOutbound) {
    var outbound = new Outbound(limits.outboundBytes(), onOutbound);
    return Connection.outgoing(services.nextId(), this, protocol, outbound);
  }

  /**
   * Puts the actor to sleep if nothing keeps it awake: no event, no held output, nobody who waits
   * for its answer, no operation, no connection of its own.
   *
   * @param force whether timers and connections of its own are dropped, too
   * @return whether it has left the directory's care: retired
   */
  boolean sleep(boolean force) {
    if (!mailbox.tryHold()) {
      return false;
    }
    boolean retired = false;
    if (gate.isEmpty() && gate.broken() == null && !keepsAwake(force)) {
      endLife(Code.OVERLOADED);
      closeState();
      note(0);
      retired = connections.incoming().isEmpty() && mailbox.retire();
    }
    if (!retired) {
      letGo();
    }
    return retired;
  }

  /**
   * Makes the instance compact, if nobody uses the actor. It stays awake, and nothing of it changes
   * but the memory that it takes.
   *
   * @return bytes that the node has back
   */
  long compact() {
    if (!mailbox.tryHold()) {
      return 0;
    }
    try {
      var awake = life;
      if (awake == null || !figures.mayCompact()) {
        return 0;
      }
      long freed = awake.instance().compact();
      if (awake.instance().isCompact()) {
        services.metrics().namespace(id.namespace()).compacted();
      }
      figures = figures.compact(awake.instance().heldBytes());
      return freed;
    } finally {
      letGo();
    }
  }

  /** Lets the mailbox go, to a loop if an event has come meanwhile. */
  private void letGo() {
    var waiting = mailbox.next();
    if (waiting != null) {
      services.time().start("actor", () -> loop.run(waiting));
    }
  }

  private boolean keepsAwake(boolean force) {
    return pending.keepsAwake()
        || connections.someAreDeferred()
        || (!force && (pending.timerCount() > 0 || connections.outgoingCount() > 0));
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

  Connections connections() {
    return connections;
  }

  Pending pending() {
    return pending;
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
      open = id.isGateway() ? new NoState() : services.store().open(id);
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

  Set<String> egress() {
    var awake = life;
    return awake == null ? Set.of() : awake.version().egress();
  }

  byte @Nullable [] section(String name) {
    var awake = life;
    return awake == null ? null : awake.version().sections().get(name);
  }

  Map<String, String> env() {
    var awake = life;
    return awake == null ? Map.of() : awake.version().env();
  }

  /** Lets the end of something come again after a delay. */
  void putOff(Event end, Duration delay) {
    services
        .time()
        .after(
            delay,
            () -> {
              if (offerAlways(end) == Offer.RETIRED && end instanceof Event.Completion late) {
                late.outcome().discard();
              }
            });
  }

  /**
   * Lets the instance go, with all that lives as long as it does. Clients' connections and the
   * state stay.
   *
   * @param reason why the connections that the instance opened are closed
   */
  void endLife(Code reason) {
    pending.giveUp();
    connections.endOutgoing(reason);
    var ended = life;
    if (ended != null) {
      life = null;
      ended.end();
      services.metrics().namespace(id.namespace()).slept();
    }
  }

  /** What the ended instance had promised to answer will not be. */
  void failRequests(Fault fault) {
    connections.refuseDeferred(fault);
    pending.failRequests(fault);
  }

  /** Starts anew from what is durable, since what is in memory may not be. */
  void reset(Fault fault) {
    endLife(fault.code());
    closeState();
    failRequests(fault);
    connections.closeAll(fault.code());
    gate = new OutputGate(this::broken);
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
            awake == null ? 0 : awake.instance().heldBytes(),
            awake != null && !awake.instance().isCompact(),
            connections.incoming().size(),
            before.fuelUsed() + fuel,
            fuel == 0 ? before.lastTurnMillis() : services.time().millis(),
            services.time().nanos());
  }
}
