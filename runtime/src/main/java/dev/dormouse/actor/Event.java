package dev.dormouse.actor;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import java.util.concurrent.CompletableFuture;

/** Something that an actor handles in one turn. */
sealed interface Event {

  /** What it counts for in a mailbox, in bytes. */
  default long cost() {
    return 128;
  }

  /** On whose behalf it is. */
  default Origin origin() {
    return Origin.NONE;
  }

  /** Something that waits for the guest's answer, in this turn or a later one. */
  sealed interface Asked extends Event {
    /** What the one who asked waits for; whoever gives up waiting completes it. */
    CompletableFuture<?> reply();
  }

  /** A client wants to connect; the future is what becomes of it, once that is durable. */
  record Connect(
      Connection connection, CompletableFuture<Connection.Opening> opening, Origin origin)
      implements Event {
    @Override
    public long cost() {
      return 512L + connection.url().length();
    }
  }

  record Message(Connection connection, Payload payload) implements Event {
    @Override
    public long cost() {
      return 128L + payload.bytes().length;
    }
  }

  record Close(Connection connection, int code, String reason) implements Event {}

  record Fetch(HttpRequest request, CompletableFuture<HttpReply> reply, Origin origin)
      implements Asked {
    @Override
    public long cost() {
      return request.cost();
    }
  }

  /** Another actor calls. */
  record Call(byte[] payload, CompletableFuture<Outcome> reply, Origin origin) implements Asked {
    @Override
    public long cost() {
      return 256L + payload.length;
    }
  }

  /**
   * The alarm may be due; the actor's own record decides. The future completes when the outcome is
   * durable: with false, when it should be tried again a little later.
   */
  record AlarmDue(CompletableFuture<Boolean> handled) implements Event {}

  /** A timer has run out or an operation has ended, if the actor still has it. */
  record Completion(long operation, Outcome outcome, Origin origin) implements Event {
    @Override
    public long cost() {
      return 128L + outcome.bytes().length;
    }
  }

  /** A commit has failed: whatever is in memory may not be true. */
  record Reset(Fault fault) implements Event {}

  /** The server stops: connections are closed, requests that wait for an answer get none. */
  record Shutdown() implements Event {}

  /** Deletes the actor: instance, connections, durable state. */
  record Destroy(CompletableFuture<Boolean> done, Code reason) implements Event {}
}
