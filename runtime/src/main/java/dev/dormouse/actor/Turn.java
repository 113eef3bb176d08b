package dev.dormouse.actor;

import dev.dormouse.abi.Abi;
import dev.dormouse.abi.Status;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.GuestFault.Trap;
import dev.dormouse.identity.ActorId;
import dev.dormouse.limits.Limits;
import dev.dormouse.observe.LogLevel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One event's handling by one actor: what the guest may read and do while it runs. Everything it
 * does is collected here and takes effect only if the turn ends well: storage in {@link
 * TurnStorage}, what is said to the outside as {@link Effect}s behind the output gate, changes of
 * connections and timers in the lists below. Confined to the thread of the turn.
 *
 * <p>Failures that a guest can handle are a {@link Status}; calls that break the contract end the
 * turn with a fault.
 */
public final class Turn {
  private final Actor actor;
  private final Event event;
  private final Limits limits;
  private final TurnStorage storage;
  private final long nowMillis;

  private final List<Effect> effects = new ArrayList<>(4);
  private final Map<Connection, byte[]> attachments = new HashMap<>();
  private final Map<Connection, List<String>> tags = new HashMap<>();
  private final Set<Connection> closing = new LinkedHashSet<>();
  private final Set<Long> answered = new LinkedHashSet<>();
  private final Map<Long, Long> newTimers = new HashMap<>();
  private final Set<Long> cancelledTimers = new LinkedHashSet<>();
  private Connection.@Nullable Opening opening;
  private long sendBytes;

  Turn(Actor actor, Event event, Limits limits, TurnStorage storage, long nowMillis) {
    this.actor = actor;
    this.event = event;
    this.limits = limits;
    this.storage = storage;
    this.nowMillis = nowMillis;
  }

  public ActorId id() {
    return actor.id();
  }

  /** What made the actor's instance start. */
  public WakingReason wakingReason() {
    return actor.wakingReason();
  }

  public TurnStorage storage() {
    return storage;
  }

  public Limits limits() {
    return limits;
  }

  /** Unix time in milliseconds, the same during the whole turn. */
  public long nowMillis() {
    return nowMillis;
  }

  public byte[] random(int length) {
    var bytes = new byte[length];
    actor.services().time().random(bytes);
    return bytes;
  }

  public long randomLong() {
    return actor.services().time().randomLong();
  }

  /** Writes a line to the actor's log. It stays even when the turn is thrown away. */
  public void log(LogLevel level, String message) {
    actor.services().log().write(id().namespace(), id().name(), level, message);
  }

  /** The values configured for the actor's namespace. */
  public Map<String, String> env() {
    return actor.env();
  }

  /** Sends one message to one connection. */
  public Status send(long connectionId, Payload payload) {
    var connection = openConnection(connectionId);
    if (connection == null) {
      return Status.NOT_FOUND;
    }
    if (payload.bytes().length > limits.frameBytes()) {
      return Status.VALUE_TOO_LARGE;
    }
    if (!countSend(payload)) {
      return Status.TOO_MANY;
    }
    effects.add(new Effect.Send(connection, payload));
    return Status.OK;
  }

  /**
   * Sends one message to all connections, or those with a tag.
   *
   * @return how many those are
   */
  public int broadcast(@Nullable String tag, Payload payload) {
    if (payload.bytes().length > limits.frameBytes()) {
      throw new GuestFault(
          Trap.ABORTED,
          "broadcast of "
              + payload.bytes().length
              + " bytes passes the limit of "
              + limits.frameBytes());
    }
    var to = open(tag);
    if (to.isEmpty()) {
      return 0;
    }
    if (!countSend(payload)) {
      throw new GuestFault(
          Trap.ABORTED,
          "the turn sends more than its limit of " + limits.turnSendBytes() + " bytes");
    }
    effects.add(new Effect.Broadcast(to, payload));
    return to.size();
  }

  /** Closes a connection, after what was sent to it before. */
  public Status close(long connectionId, int code, String reason) {
    var connection = openConnection(connectionId);
    if (connection == null) {
      return Status.NOT_FOUND;
    }
    if (code != 1000 && (code < 3000 || code > 4999)) {
      return Status.INVALID;
    }
    closing.add(connection);
    effects.add(new Effect.CloseConnection(connection, code, reason));
    return Status.OK;
  }

  /** Refuses the connection whose connect event this turn handles. */
  public Status reject(long connectionId, int httpStatus, String message) {
    if (!(event instanceof Event.Connect connect) || connect.connection().id() != connectionId) {
      return Status.NOT_FOUND;
    }
    if (httpStatus < 400 || httpStatus > 599) {
      return Status.INVALID;
    }
    opening = new Connection.Opening.Rejected(httpStatus, message);
    return Status.OK;
  }

  /** Not to be changed; null where there is none. */
  public byte @Nullable [] attachment(long connectionId) {
    var connection = connection(connectionId);
    if (connection == null) {
      return null;
    }
    var changed = attachments.get(connection);
    return changed != null ? changed : connection.attachment();
  }

  public Status attach(long connectionId, byte[] value) {
    var connection = connection(connectionId);
    if (connection == null) {
      return Status.NOT_FOUND;
    }
    if (value.length > Abi.MAX_ATTACHMENT_BYTES) {
      return Status.VALUE_TOO_LARGE;
    }
    attachments.put(connection, value);
    return Status.OK;
  }

  public List<String> tags(long connectionId) {
    var connection = connection(connectionId);
    return connection == null ? List.of() : tags(connection);
  }

  /**
   * @param all distinct, within the ABI's bounds
   */
  public Status tag(long connectionId, List<String> all) {
    var connection = connection(connectionId);
    if (connection == null) {
      return Status.NOT_FOUND;
    }
    if (all.size() > Abi.MAX_TAGS) {
      return Status.TOO_MANY;
    }
    tags.put(connection, List.copyOf(all));
    return Status.OK;
  }

  /** The open connections, oldest first: all, or those with a tag. */
  public long[] connections(@Nullable String tag) {
    return open(tag).stream().mapToLong(Connection::id).toArray();
  }

  /** Answers an HTTP request that this actor has been given and not answered. */
  public Status respond(long requestId, HttpReply reply) {
    var request = answered.contains(requestId) ? null : actor.pendingRequest(requestId);
    if (request == null || request.reply().isDone()) {
      return Status.NOT_FOUND;
    }
    if (reply.status() < 200 || reply.status() > 599) {
      return Status.INVALID;
    }
    if (reply.body().length > limits.bodyBytes()) {
      return Status.VALUE_TOO_LARGE;
    }
    answered.add(requestId);
    effects.add(new Effect.Answer<>(request.reply(), reply));
    return Status.OK;
  }

  /** Starts a timer; 0 when there are too many. */
  public long startTimer(long delayMillis) {
    if (actor.timerCount() + newTimers.size() >= Abi.MAX_TIMERS) {
      return 0;
    }
    long operation = actor.services().nextId();
    newTimers.put(operation, Math.min(delayMillis, Actor.LONGEST_TIMER.toMillis()));
    return operation;
  }

  /** Whether the timer was there and had not run out. */
  public boolean cancelTimer(long operation) {
    if (newTimers.remove(operation) != null) {
      return true;
    }
    return actor.hasTimer(operation) && cancelledTimers.add(operation);
  }

  /** Adds an effect of the host itself. */
  void effect(Effect effect) {
    effects.add(effect);
  }

  /** Adds an effect that is let out before all others of this turn. */
  void effectFirst(Effect effect) {
    effects.addFirst(effect);
  }

  /** What becomes of the connection whose connect event this turn handles. */
  Connection.Opening opening() {
    return opening == null ? new Connection.Opening.Accepted() : opening;
  }

  List<Effect> effects() {
    return effects;
  }

  /** Applies what the turn changed of connections, requests and timers. */
  void apply() {
    attachments.forEach(Connection::attachment);
    tags.forEach(Connection::tags);
    closing.forEach(connection -> connection.open(false));
    answered.forEach(actor::forgetRequest);
    cancelledTimers.forEach(actor::cancelTimer);
    newTimers.forEach(actor::startTimer);
  }

  private boolean countSend(Payload payload) {
    sendBytes += payload.bytes().length + 64L;
    return sendBytes <= limits.turnSendBytes();
  }

  private List<Connection> open(@Nullable String tag) {
    var open = new ArrayList<Connection>();
    for (var connection : actor.connections()) {
      if (connection.isOpen()
          && !closing.contains(connection)
          && (tag == null || tags(connection).contains(tag))) {
        open.add(connection);
      }
    }
    return open;
  }

  private List<String> tags(Connection connection) {
    var changed = tags.get(connection);
    return changed != null ? changed : connection.tags();
  }

  private @Nullable Connection openConnection(long connectionId) {
    var connection = connection(connectionId);
    return connection != null && connection.isOpen() && !closing.contains(connection)
        ? connection
        : null;
  }

  private @Nullable Connection connection(long connectionId) {
    return actor.connection(connectionId);
  }
}
