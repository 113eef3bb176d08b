package dev.dormouse.actor;

import dev.dormouse.abi.Abi;
import dev.dormouse.abi.Status;
import dev.dormouse.actor.Connection.Opening;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.GuestFault.Trap;
import dev.dormouse.limits.Limits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An actor's connections as one turn sees and changes them. What is sent, closed and decided takes
 * effect when the turn is durable; see {@link Turn}.
 */
public final class TurnConnections {
  private final Actor actor;
  private final Event event;
  private final Limits limits;
  private final List<Effect> effects;

  private Map<Connection, byte[]> attachments = Map.of();
  private Map<Connection, List<String>> tags = Map.of();
  private Set<Connection> closing = Set.of();
  private Map<Connection, Opening> decided = Map.of();
  private Map<Connection, Connection> joined = Map.of();
  private Connection.@Nullable AutoResponse automatic;
  private boolean deferred;
  private long sendBytes;

  TurnConnections(Actor actor, Event event, Limits limits, List<Effect> effects) {
    this.actor = actor;
    this.event = event;
    this.limits = limits;
    this.effects = effects;
  }

  /** Sends one message to one connection. */
  public Status send(long connectionId, Payload payload) {
    var connection = open(connectionId);
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
    var connection = open(connectionId);
    if (connection == null) {
      return Status.NOT_FOUND;
    }
    if (!mayClose(code)) {
      return Status.INVALID;
    }
    closing = OnDemand.with(closing, connection);
    effects.add(new Effect.CloseConnection(connection, code, reason));
    return Status.OK;
  }

  /** 1005 stands for none; 1004, 1006 and 1015 are never sent (RFC 6455, section 7.4). */
  private static boolean mayClose(int code) {
    return (code >= 1000 && code <= 1014 && code != 1004 && code != 1006)
        || (code >= 3000 && code <= 4999);
  }

  /** Refuses a connection that has not been decided on. */
  public Status reject(long connectionId, int httpStatus, String message) {
    var connect = undecided(connectionId);
    if (connect == null) {
      return Status.NOT_FOUND;
    }
    if (httpStatus < 400 || httpStatus > 599) {
      return Status.INVALID;
    }
    decide(connect, new Opening.Rejected(httpStatus, message));
    return Status.OK;
  }

  /**
   * Refuses a connection that has not been decided on, with an answer of the actor's own.
   *
   * @param reply with headers that HTTP allows
   */
  public Status refuse(long connectionId, HttpReply reply) {
    var connect = undecided(connectionId);
    if (connect == null) {
      return Status.NOT_FOUND;
    }
    if (reply.status() < 200 || reply.status() > 599) {
      return Status.INVALID;
    }
    if (reply.body().length > limits.bodyBytes()) {
      return Status.VALUE_TOO_LARGE;
    }
    decide(connect, new Opening.Refused(reply));
    return Status.OK;
  }

  /** Lets the connection whose connect event this turn handles wait for a later turn. */
  public Status defer(long connectionId) {
    if (!isThisConnect(connectionId) || undecided(connectionId) == null) {
      return Status.NOT_FOUND;
    }
    deferred = true;
    return Status.OK;
  }

  /** Opens a connection that has not been decided on. */
  public Status accept(long connectionId, @Nullable String protocol) {
    var connect = undecided(connectionId);
    if (connect == null) {
      return Status.NOT_FOUND;
    }
    if (protocol != null && !connect.connection().offered().contains(protocol)) {
      return Status.INVALID;
    }
    decide(connect, new Opening.Accepted(protocol));
    return Status.OK;
  }

  /** Joins two connections, which this actor then has no more. */
  public Status splice(long oneId, long otherId) {
    var one = open(oneId);
    var other = open(otherId);
    if (one == null || other == null) {
      return Status.NOT_FOUND;
    }
    if (oneId == otherId || !(one.isOutgoing() || other.isOutgoing())) {
      return Status.INVALID;
    }
    openFor(one, other);
    openFor(other, one);
    joined = OnDemand.with(joined, one, other);
    joined = OnDemand.with(joined, other, one);
    effects.add(new Effect.Splice(one, other));
    return Status.OK;
  }

  /** Not to be changed; null where there is none. */
  public byte @Nullable [] attachment(long connectionId) {
    var connection = actor.connections().get(connectionId);
    if (connection == null) {
      return null;
    }
    var changed = attachments.get(connection);
    return changed != null ? changed : connection.attachment();
  }

  public Status attach(long connectionId, byte[] value) {
    var connection = incoming(connectionId);
    if (connection == null) {
      return Status.NOT_FOUND;
    }
    if (value.length > Abi.MAX_ATTACHMENT_BYTES) {
      return Status.VALUE_TOO_LARGE;
    }
    attachments = OnDemand.with(attachments, connection, value);
    return Status.OK;
  }

  public List<String> tags(long connectionId) {
    var connection = actor.connections().get(connectionId);
    return connection == null ? List.of() : tags(connection);
  }

  /**
   * @param all distinct, within the ABI's bounds
   */
  public Status tag(long connectionId, List<String> all) {
    var connection = incoming(connectionId);
    if (connection == null) {
      return Status.NOT_FOUND;
    }
    if (all.size() > Abi.MAX_TAGS) {
      return Status.TOO_MANY;
    }
    tags = OnDemand.with(tags, connection, List.copyOf(all));
    return Status.OK;
  }

  /**
   * Has the host answer one text by itself.
   *
   * @param request null to end that
   */
  public Status respondTo(long connectionId, byte @Nullable [] request, byte[] response) {
    var connection = incoming(connectionId);
    if (connection == null) {
      return Status.NOT_FOUND;
    }
    if (request == null) {
      automatic = null;
    } else {
      if (Math.max(request.length, response.length) > Abi.MAX_AUTO_RESPONSE_BYTES) {
        return Status.VALUE_TOO_LARGE;
      }
      // Most actors give all their connections the same one; then these share it.
      if (automatic == null
          || !automatic.answers(new Payload(true, request))
          || !Arrays.equals(automatic.response().bytes(), response)) {
        automatic =
            new Connection.AutoResponse(new Payload(true, request), new Payload(true, response));
      }
    }
    effects.add(new Effect.Respond(connection, automatic));
    return Status.OK;
  }

  /** What the host answers by itself, and with what, as of the last durable turn. */
  public Map.@Nullable Entry<byte[], byte[]> response(long connectionId) {
    var connection = incoming(connectionId);
    var given = connection == null ? null : connection.autoResponse();
    return given == null ? null : Map.entry(given.request().bytes(), given.response().bytes());
  }

  /** When the host last answered by itself, in Unix time; null where it never has. */
  public @Nullable Long respondedAt(long connectionId) {
    var connection = incoming(connectionId);
    return connection == null || connection.autoResponseMillis() == 0
        ? null
        : connection.autoResponseMillis();
  }

  /** The open connections, oldest first: all, or those with a tag. */
  public long[] list(@Nullable String tag) {
    return open(tag).stream().mapToLong(Connection::id).toArray();
  }

  /**
   * The answer to the connect event that this turn handles; null where it waits for a later one.
   */
  @Nullable Opening opening(Connection connection) {
    var decision = decided.get(connection);
    if (decision != null || deferred) {
      return decision;
    }
    // Browsers give up when none of the protocols that they offered is chosen.
    var offered = connection.offered();
    return new Opening.Accepted(offered.isEmpty() ? null : offered.getFirst());
  }

  /** Applies what the turn has changed. */
  void apply() {
    attachments.forEach(Connection::attachment);
    tags.forEach(Connection::tags);
    closing.forEach(connection -> connection.open(false));
    if (event instanceof Event.Connect connect) {
      var opening = opening(connect.connection());
      if (opening == null) {
        actor.connections().defer(connect);
      } else {
        settle(connect.connection(), opening);
      }
    }
    decided.forEach(
        (connection, opening) -> {
          if (actor.connections().undefer(connection.id()) != null) {
            settle(connection, opening);
          }
        });
    joined.forEach(
        (connection, other) -> {
          connection.join(other);
          connection.open(false);
          actor.connections().remove(connection);
        });
  }

  private void settle(Connection connection, Opening opening) {
    if (isRefusal(opening)) {
      connection.open(false);
      actor.connections().drop(connection);
    } else {
      actor.connections().opened();
    }
  }

  private boolean isThisConnect(long connectionId) {
    return event instanceof Event.Connect connect && connect.connection().id() == connectionId;
  }

  private Event.@Nullable Connect undecided(long connectionId) {
    var connect =
        isThisConnect(connectionId)
            ? (Event.Connect) event
            : actor.connections().deferred(connectionId);
    return connect == null
            || decided.containsKey(connect.connection())
            || connect.opening().isDone()
        ? null
        : connect;
  }

  private void decide(Event.Connect connect, Opening opening) {
    decided = OnDemand.with(decided, connect.connection(), opening);
    if (!isThisConnect(connect.connection().id())) {
      effects.add(new Effect.Answer<>(connect.opening(), opening));
    }
  }

  /** One that is joined to another is thereby open, with the other's sub-protocol if it may be. */
  private void openFor(Connection connection, Connection other) {
    var connect = undecided(connection.id());
    if (connect != null) {
      var protocol = other.protocol();
      boolean offered = protocol != null && connection.offered().contains(protocol);
      decide(connect, new Opening.Accepted(offered ? protocol : null));
    }
  }

  private boolean countSend(Payload payload) {
    sendBytes += payload.bytes().length + 64L;
    return sendBytes <= limits.turnSendBytes();
  }

  private List<Connection> open(@Nullable String tag) {
    var open = new ArrayList<Connection>();
    for (var connection : actor.connections().incoming()) {
      if (isOpen(connection)
          && (actor.connections().deferred(connection.id()) == null
              || decided.containsKey(connection))
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

  private @Nullable Connection open(long connectionId) {
    var connection = actor.connections().get(connectionId);
    return connection != null && isOpen(connection) ? connection : null;
  }

  private boolean isOpen(Connection connection) {
    return connection.isOpen()
        && !closing.contains(connection)
        && !joined.containsKey(connection)
        && !isRefusal(decided.get(connection));
  }

  private static boolean isRefusal(@Nullable Opening opening) {
    return opening != null && !(opening instanceof Opening.Accepted);
  }

  private @Nullable Connection incoming(long connectionId) {
    var connection = actor.connections().get(connectionId);
    return connection == null || connection.isOutgoing() ? null : connection;
  }
}
