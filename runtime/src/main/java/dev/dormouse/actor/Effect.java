package dev.dormouse.actor;

import dev.dormouse.fault.Fault;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Something that a turn says to the outside, held by the output gate until the turn is durable. */
sealed interface Effect {

  /** Lets it out. Brief, and never throws. */
  void release();

  /** It will never be let out. */
  void fail(Fault fault);

  record Send(Connection connection, Payload payload) implements Effect {
    @Override
    public void release() {
      connection.outbound().send(payload);
    }

    @Override
    public void fail(Fault fault) {
      connection.close(fault.code());
    }
  }

  record Broadcast(List<Connection> connections, Payload payload) implements Effect {
    @Override
    public void release() {
      for (var connection : connections) {
        connection.outbound().send(payload);
      }
    }

    @Override
    public void fail(Fault fault) {
      for (var connection : connections) {
        connection.close(fault.code());
      }
    }
  }

  record CloseConnection(Connection connection, int code, String reason) implements Effect {
    @Override
    public void release() {
      connection.outbound().close(code, reason);
    }

    @Override
    public void fail(Fault fault) {
      connection.close(fault.code());
    }
  }

  /** From now on the host answers a text by itself, or no more. */
  record Respond(Connection connection, Connection.@Nullable AutoResponse automatic)
      implements Effect {
    @Override
    public void release() {
      connection.autoResponse(automatic);
    }

    @Override
    public void fail(Fault fault) {}
  }

  /** Joins two connections of an actor, which it has let go. */
  record Splice(Connection one, Connection other) implements Effect {
    @Override
    public void release() {
      one.passOn();
      other.passOn();
    }

    @Override
    public void fail(Fault fault) {
      one.close(fault.code());
      other.close(fault.code());
    }
  }

  /** A message that came by a connection after its actor had joined it to another. */
  record Forward(Connection from, Connection to, Payload payload) implements Effect {
    @Override
    public void release() {
      to.outbound().send(payload);
      from.handled();
    }

    @Override
    public void fail(Fault fault) {
      to.close(fault.code());
      from.handled();
    }
  }

  /** Starts what the turn has asked of others. */
  record Start(Operation operation) implements Effect {
    @Override
    public void release() {
      operation.start();
    }

    @Override
    public void fail(Fault fault) {
      operation.giveUp();
    }
  }

  /** Gives up what an earlier turn has asked of others. */
  record GiveUp(Operation operation) implements Effect {
    @Override
    public void release() {
      operation.giveUp();
    }

    @Override
    public void fail(Fault fault) {
      operation.giveUp();
    }
  }

  /** Answers somebody who waits: an HTTP request, an attempt to connect. */
  record Answer<T>(CompletableFuture<T> waiting, T answer) implements Effect {
    @Override
    public void release() {
      waiting.complete(answer);
    }

    @Override
    public void fail(Fault fault) {
      waiting.completeExceptionally(fault);
    }
  }

  /** Tells somebody who waits that there will be no answer, and why. */
  record Refuse(CompletableFuture<?> waiting, Fault reason) implements Effect {
    @Override
    public void release() {
      waiting.completeExceptionally(reason);
    }

    @Override
    public void fail(Fault fault) {
      waiting.completeExceptionally(fault);
    }
  }
}
