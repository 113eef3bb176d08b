package dev.dormouse.actor;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.observe.Metrics;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An actor's connections: those of clients, which outlive its instance, and those that the instance
 * opened, which do not. For the owner of the actor's mailbox only.
 */
final class Connections {
  private final String namespace;
  private final Metrics metrics;
  private final Map<Long, Connection> incoming = new LinkedHashMap<>();
  private final Map<Long, Connection> outgoing = new LinkedHashMap<>();
  private final Map<Long, Event.Connect> deferred = new HashMap<>();

  Connections(String namespace, Metrics metrics) {
    this.namespace = namespace;
    this.metrics = metrics;
  }

  /** Those of clients, the oldest first. */
  Collection<Connection> incoming() {
    return incoming.values();
  }

  int outgoingCount() {
    return outgoing.size();
  }

  /** One of a client, or one that the instance opened. */
  @Nullable Connection get(long id) {
    var client = incoming.get(id);
    return client != null ? client : outgoing.get(id);
  }

  void add(Connection connection) {
    (connection.isOutgoing() ? outgoing : incoming).put(connection.id(), connection);
  }

  /** A client's connection counts as open. */
  void opened() {
    metrics.namespace(namespace).connectionOpened();
  }

  /** Forgets one that was open. */
  void remove(Connection connection) {
    if (outgoing.remove(connection.id()) == null && incoming.remove(connection.id()) != null) {
      metrics.namespace(namespace).connectionClosed();
    }
  }

  /** Forgets one that was never open. */
  void drop(Connection connection) {
    incoming.remove(connection.id());
  }

  /** The connection waits for a later turn to decide. */
  void defer(Event.Connect connect) {
    deferred.put(connect.connection().id(), connect);
  }

  Event.@Nullable Connect deferred(long id) {
    return deferred.get(id);
  }

  Event.@Nullable Connect undefer(long id) {
    return deferred.remove(id);
  }

  boolean someAreDeferred() {
    return !deferred.isEmpty();
  }

  /** Those that wait for a decision will not get one. */
  void refuseDeferred(Fault fault) {
    for (var connect : deferred.values()) {
      connect.connection().open(false);
      incoming.remove(connect.connection().id());
      connect.opening().completeExceptionally(fault);
    }
    deferred.clear();
  }

  /** Says goodbye to all. Clients' connections stay known until their end has been handled. */
  void closeAll(Code reason) {
    close(incoming.values(), reason);
    close(outgoing.values(), reason);
  }

  /** Ends what the instance opened. */
  void endOutgoing(Code reason) {
    close(outgoing.values(), reason);
    outgoing.clear();
  }

  /** Lets the clients' connections go: they are the actor's no more, and have no close turn. */
  List<Connection> release() {
    var released = List.copyOf(incoming.values());
    released.forEach(connection -> connection.open(false));
    incoming.clear();
    return released;
  }

  private static void close(Collection<Connection> all, Code reason) {
    for (var connection : all) {
      connection.open(false);
      connection.close(reason);
    }
  }
}
