package dev.dormouse.actor;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.fault.UserFault;
import dev.dormouse.guest.FuelMeter;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.module.Version;
import dev.dormouse.observe.LogLevel;
import dev.dormouse.observe.NamespaceMetrics;
import dev.dormouse.storage.Alarm;
import dev.dormouse.storage.WriteSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an actor's events, one turn after another, on a virtual thread that exists only while there
 * are events. A turn that ends well hands its writes to the store and its effects to the output
 * gate, and the next turn may start at once. A turn that ends with a fault leaves nothing behind
 * but its log lines: its instance is discarded, and whoever caused the event is told the fault.
 */
final class ActorLoop {
  private static final Logger LOG = LoggerFactory.getLogger(ActorLoop.class);

  /** Turns after which a busy actor lets others run. */
  private static final int TURNS_PER_SHARE = 64;

  /** After which the end of something comes again where there was no room for it. */
  private static final Duration PUT_OFF = Duration.ofMillis(500);

  private final Actor actor;
  private final Services services;

  ActorLoop(Actor actor, Services services) {
    this.actor = actor;
    this.services = services;
  }

  /**
   * Runs until no event is left. The caller holds the mailbox.
   *
   * @param first an event already taken from the mailbox
   */
  @SuppressWarnings(
      "ThreadPriorityCheck") // virtual threads are not preempted: yielding is how others run
  void run(@Nullable Event first) {
    int turns = 0;
    var event = first != null ? first : actor.mailbox().next();
    while (event != null) {
      handle(event);
      if (++turns % TURNS_PER_SHARE == 0) {
        Thread.yield();
      }
      event = actor.mailbox().next();
    }
  }

  /** Handles the next event. The caller holds the mailbox, and still does afterwards. */
  void runOne() {
    var event = actor.mailbox().next();
    if (event != null) {
      handle(event);
    }
  }

  private void handle(Event event) {
    var broken = actor.gate().broken();
    if (broken != null) {
      LOG.warn("actor {} starts anew from what is durable: {}", actor.id(), broken.getMessage());
      actor.reset(broken);
    }
    if (waitsForRoom(event)) {
      return;
    }
    switch (event) {
      case Event.Reset reset -> {}
      case Event.Destroy destroy -> destroy(destroy);
      case Event.Shutdown shutdown -> {
        actor.connections().closeAll(Code.SHUTTING_DOWN);
        actor.endLife(Code.SHUTTING_DOWN);
        actor.failRequests(
            new ResourceFault(Code.SHUTTING_DOWN, "the server is shutting down: try again soon"));
      }
      case Event.Connect connect when connect.opening().isDone() -> {}
      case Event.Asked asked when asked.reply().isDone() -> {}
      case Event.Completion ended when !actor.pending().endWait(ended.operation()) ->
          ended.outcome().discard();
      case Event.Message message when message.connection().joined() != null ->
          forward(message, message.connection().joined());
      case Event.Close close when close.connection().joined() != null ->
          forward(close, close.connection().joined());
      case Event.Close close when actor.connections().undefer(close.connection().id()) != null ->
          actor.connections().drop(close.connection());
      case Event.Message message -> {
        try {
          if (message.connection().isOpen()) {
            turn(event);
          }
        } finally {
          message.connection().handled();
        }
      }
      case Event.Close close -> {
        close.connection().open(false);
        if (actor.connections().get(close.connection().id()) != null) {
          turn(event);
          actor.connections().remove(close.connection());
          actor.note(0);
        }
      }
      default -> turn(event);
    }
  }

  /**
   * Whether the event is put off: nobody who could try again tells the guest of the end of
   * something, and an instance that lives on must hear of it.
   */
  private boolean waitsForRoom(Event event) {
    var life = actor.life();
    if (life == null || !(event instanceof Event.Completion || event instanceof Event.Close)) {
      return false;
    }
    try {
      expand(life);
      return false;
    } catch (ResourceFault full) {
      namespaceMetrics().overloaded();
      actor.putOff(event, PUT_OFF);
      return true;
    }
  }

  private void expand(Life life) {
    if (life.expand()) {
      namespaceMetrics().expanded();
    }
  }

  /** The guest has joined the connection to another: what comes late goes there, in order. */
  private void forward(Event.Message message, @Nullable Connection to) {
    if (to != null) {
      var effect = new Effect.Forward(message.connection(), to, message.payload());
      actor.gate().pass(List.of(effect), null);
    }
  }

  private void forward(Event.Close close, @Nullable Connection to) {
    if (to != null) {
      var effect = new Effect.CloseConnection(to, close.code(), close.reason());
      actor.gate().pass(List.of(effect), null);
    }
  }

  private void turn(Event event) {
    var metrics = namespaceMetrics();
    long startNanos = services.time().nanos();
    long fuel = 0;
    FuelMeter meter = null;
    boolean entered = false;
    try {
      var version = services.namespace(actor.id().namespace()).current();
      actor.limits(version.limits());
      if (!EventKinds.isHandled(event, version.module().exports())) {
        letGo(event);
        return;
      }
      requireRoom(event, version);
      var state = actor.state();
      if (event instanceof Event.AlarmDue alarm && !isDue()) {
        alarm.handled().complete(true);
        return;
      }
      var limits = version.limits();
      var storage = new TurnStorage(state, limits);
      var turn = new Turn(actor, event, limits, storage, services.time().millis());
      var life = actor.life();
      if (life != null && !isCurrent(life, version)) {
        actor.endLife(Code.OVERLOADED);
        actor.failRequests(
            new ResourceFault(Code.OVERLOADED, actor.id() + " was redeployed: ask again"));
        life = null;
      }
      if (life != null) {
        expand(life);
      }
      meter = life != null ? life.meter() : new FuelMeter(services.pacer(), services.time());
      meter.begin(
          limits.fuelPerTurn(), limits.stackBytes(), startNanos + limits.turnWall().toNanos());
      entered = true;
      if (life == null) {
        life = wake(event, version, meter, turn, startNanos);
      } else {
        life.slot().set(turn);
      }
      dispatch(event, turn, life);
      tellOfShortage(turn, life);
      fuel = meter.used();
      life.slot().set(null);
      succeed(turn);
    } catch (Fault fault) {
      fuel = meter == null ? 0 : meter.used();
      fail(event, fault, metrics, entered);
    } catch (RuntimeException | Error bug) {
      LOG.error("a turn of {} failed inside the server", actor.id(), bug);
      fail(
          event, new InternalFault(Code.INTERNAL, "the server failed: " + bug, bug), metrics, true);
    } finally {
      if (meter != null) {
        meter.end();
      }
      actor.note(Math.max(1, fuel));
      metrics.turn(services.time().nanos() - startNanos, fuel);
    }
  }

  private Life wake(Event event, Version version, FuelMeter meter, Turn turn, long startNanos) {
    var grant = new Life.Grant(services.memory(), version.limits().memoryBytes());
    if (!grant.admit()) {
      throw new ResourceFault(
          Code.OVERLOADED, "the server has no room left to wake " + actor.id() + ": try later");
    }
    var slot = new CurrentTurn();
    slot.set(turn);
    Life life;
    try {
      var instance = version.module().instantiate(grant, meter, slot);
      life = new Life(version, instance, meter, slot, EventKinds.reason(event), grant);
    } catch (RuntimeException | Error e) {
      grant.leave();
      throw e;
    }
    actor.life(life);
    EventCalls.start(life.instance());
    namespaceMetrics().woke(services.time().nanos() - startNanos);
    return life;
  }

  private void dispatch(Event event, Turn turn, Life life) {
    var instance = life.instance();
    switch (event) {
      case Event.Connect connect -> {
        connect.connection().open(true);
        actor.connections().add(connect.connection());
        EventCalls.connect(instance, connect.connection());
        var opening = turn.connections().opening(connect.connection());
        if (opening != null) {
          turn.effectFirst(new Effect.Answer<>(connect.opening(), opening));
        }
      }
      case Event.Message message ->
          EventCalls.message(instance, message.connection(), message.payload());
      case Event.Close close ->
          EventCalls.close(instance, close.connection(), close.code(), close.reason());
      case Event.Fetch fetch ->
          EventCalls.fetch(instance, actor.pending().addRequest(fetch), fetch.request());
      case Event.Call call ->
          EventCalls.call(instance, actor.pending().addRequest(call), call.payload());
      case Event.AlarmDue alarm -> {
        // It is gone only if the commit that set it has failed since; then the gate is broken.
        turn.storage().alarmRecord().ifPresent(due -> fire(due, turn, instance));
        turn.effect(new Effect.Answer<>(alarm.handled(), true));
      }
      case Event.Completion ended -> {
        var opened = ended.outcome().opened();
        if (opened != null) {
          opened.connection().open(true);
          actor.connections().add(opened.connection());
          opened.listen();
        }
        EventCalls.complete(instance, ended.operation(), ended.outcome());
      }
      case Event.Reset control -> throw EventKinds.notATurn(control);
      case Event.Shutdown control -> throw EventKinds.notATurn(control);
      case Event.Destroy control -> throw EventKinds.notATurn(control);
    }
  }

  /** To the guest, the node's want of memory looks like its own limit. */
  private static void tellOfShortage(Turn turn, Life life) {
    if (life.grant().takeShortage()) {
      turn.log(
          LogLevel.WARN,
          "the server had no memory left for this actor, which has "
              + life.instance().memoryBytes()
              + " bytes and may have "
              + life.grant().limitBytes()
              + ": raise node.memoryBytes, or let fewer actors hold as much");
    }
  }

  private void fire(Alarm due, Turn turn, GuestInstance instance) {
    turn.storage().deleteAlarm();
    EventCalls.alarm(instance, due.attempt(), due.setMillis());
    namespaceMetrics().alarmFired(Math.max(0, turn.nowMillis() - due.dueMillis()));
  }

  private void succeed(Turn turn) {
    turn.apply();
    var writes = turn.storage().finish();
    actor.gate().pass(turn.effects(), writes.isEmpty() ? null : actor.state().commit(writes));
  }

  /**
   * @param entered whether guest code may have run: then its instance has seen a turn that never
   *     happened, and is discarded
   */
  private void fail(Event event, Fault fault, NamespaceMetrics metrics, boolean entered) {
    metrics.fault(fault.code());
    if (fault instanceof GuestFault || fault.code() == Code.INTERNAL) {
      services
          .log()
          .write(
              actor.id().namespace(),
              actor.id().label(),
              LogLevel.ERROR,
              fault.code().wire() + ": " + fault.getMessage());
    }
    if (entered && actor.life() != null) {
      actor.endLife(fault.code());
      actor.failRequests(fault);
    }
    switch (event) {
      case Event.Connect connect -> {
        connect.connection().open(false);
        actor.connections().drop(connect.connection());
        actor.gate().pass(List.of(new Effect.Refuse(connect.opening(), fault)), null);
      }
      case Event.Asked asked ->
          actor.gate().pass(List.of(new Effect.Refuse(asked.reply(), fault)), null);
      case Event.Completion ended -> ended.outcome().discard();
      case Event.Message message -> {
        message.connection().open(false);
        var close =
            new Effect.CloseConnection(
                message.connection(), fault.code().closeCode(), fault.code().wire());
        actor.gate().pass(List.of(close), null);
      }
      case Event.AlarmDue alarm -> retryAlarm(alarm, fault);
      default -> {}
    }
  }

  /** Puts a failed alarm off, durably, so that a restart neither forgets nor hurries it. */
  private void retryAlarm(Event.AlarmDue event, Fault fault) {
    var alarm = fault instanceof GuestFault || fault instanceof UserFault ? dueAlarm() : null;
    if (alarm == null) {
      event.handled().complete(false);
      return;
    }
    var next = AlarmRetry.next(alarm, services.time().millis(), services.time().randomLong());
    var writes = new WriteSet(false, new TreeMap<>(), Optional.of(next));
    List<Effect> effects = List.of(new Effect.Answer<>(event.handled(), true));
    actor.gate().pass(effects, actor.state().commit(writes));
  }

  private @Nullable Alarm dueAlarm() {
    try {
      return actor.state().alarm().orElse(null);
    } catch (Fault damaged) {
      return null;
    }
  }

  /** Nobody is told that the state is gone, nor sees it, before that is durable. */
  private void destroy(Event.Destroy event) {
    actor.endLife(event.reason());
    actor.failRequests(new UserFault(Code.ACTOR_NOT_FOUND, actor.id() + " was deleted"));
    actor.closeState();
    var effects = new ArrayList<Effect>();
    var reason = event.reason();
    for (var connection : actor.connections().release()) {
      effects.add(new Effect.CloseConnection(connection, reason.closeCode(), reason.wire()));
      namespaceMetrics().connectionClosed();
    }
    effects.add(new Effect.Answer<>(event.done(), true));
    actor.note(0);
    try {
      var deleted = actor.id().isGateway() ? null : services.store().delete(actor.id());
      actor.gate().pass(effects, deleted);
    } catch (Fault fault) {
      effects.forEach(effect -> effect.fail(fault));
    }
  }

  /** A namespace keeps one object for each version, so a redeployment shows as another object. */
  @SuppressWarnings("ReferenceEquality")
  private static boolean isCurrent(Life life, Version version) {
    return life.version() == version;
  }

  private boolean isDue() {
    var alarm = actor.state().alarm();
    return alarm.isPresent() && alarm.get().dueMillis() <= services.time().millis();
  }

  /**
   * An event that the module has no export for: whoever waits for an answer is told; an alarm is
   * tried again later, for a version that handles it; the rest is of no interest to anybody.
   */
  private void letGo(Event event) {
    var fault =
        new UserFault(
            Code.NO_HANDLER,
            "the module of namespace '"
                + actor.id().namespace()
                + "' exports no handler for this kind of event");
    switch (event) {
      case Event.Connect connect ->
          actor.gate().pass(List.of(new Effect.Refuse(connect.opening(), fault)), null);
      case Event.Asked asked ->
          actor.gate().pass(List.of(new Effect.Refuse(asked.reply(), fault)), null);
      case Event.Completion ended -> ended.outcome().discard();
      case Event.AlarmDue alarm -> retryAlarm(alarm, fault);
      default -> {}
    }
  }

  private void requireRoom(Event event, Version version) {
    if (event instanceof Event.Asked
        && actor.pending().requestCount() >= version.limits().mailboxEvents()) {
      throw new ResourceFault(
          Code.OVERLOADED, actor.id() + " has too many requests that wait for an answer");
    }
  }

  private NamespaceMetrics namespaceMetrics() {
    return services.metrics().namespace(actor.id().namespace());
  }
}
