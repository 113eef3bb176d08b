package dev.dormouse.actor;

import dev.dormouse.abi.Abi;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.fault.UserFault;
import dev.dormouse.identity.ActorId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * How actors reach other actors: each method starts what an {@link Operation} stands for, answers
 * at once, and never throws.
 */
final class Calls {
  private static final List<Header> PLAIN = List.of(new Header("content-type", "text/plain"));

  private final Directory directory;
  private final Services services;

  Calls(Directory directory, Services services) {
    this.directory = directory;
    this.services = services;
  }

  CompletableFuture<Outcome> fetch(ActorId to, HttpRequest request, Origin origin) {
    var outcome = new CompletableFuture<Outcome>();
    begin(
        to,
        false,
        origin,
        outcome,
        () -> {
          var reply = directory.fetch(to, request, origin);
          takeBack(outcome, reply);
          return reply.thenAccept(answer -> outcome.complete(Outcome.answered(answer)));
        });
    return outcome;
  }

  CompletableFuture<Outcome> call(ActorId to, byte[] payload, Origin origin) {
    var outcome = new CompletableFuture<Outcome>();
    begin(
        to,
        true,
        origin,
        outcome,
        () -> {
          var reply = directory.call(to, payload, origin);
          takeBack(outcome, reply);
          return reply.thenAccept(outcome::complete);
        });
    return outcome;
  }

  CompletableFuture<Outcome> connect(
      Actor from, ActorId to, String url, List<Header> headers, Origin origin) {
    var outcome = new CompletableFuture<Outcome>();
    begin(
        to,
        false,
        origin,
        outcome,
        () -> {
          var back = new Pump(services.time());
          var connecting = directory.connect(to, url, headers, back::signal, origin);
          takeBack(outcome, connecting.opening());
          return connecting
              .opening()
              .whenComplete(
                  (opening, failure) -> {
                    if (failure != null) {
                      connecting.connection().gone(1006, "");
                    }
                  })
              .thenAccept(opening -> opened(from, connecting.connection(), opening, back, outcome));
        });
    return outcome;
  }

  private void opened(
      Actor from,
      Connection far,
      Connection.Opening opening,
      Pump back,
      CompletableFuture<Outcome> outcome) {
    switch (opening) {
      case Connection.Opening.Rejected rejected -> {
        var message = rejected.message().getBytes(StandardCharsets.UTF_8);
        outcome.complete(Outcome.ok(OutcomeCbor.reply(rejected.status(), PLAIN, message, null)));
      }
      case Connection.Opening.Refused(HttpReply reply) ->
          outcome.complete(
              Outcome.ok(OutcomeCbor.reply(reply.status(), reply.headers(), reply.body(), null)));
      case Connection.Opening.Accepted accepted -> {
        var forth = new Pump(services.time());
        var near = from.outgoing(accepted.protocol(), forth::signal);
        forth.begin(near, far);
        var end = Outcome.opened(near, () -> back.begin(far, near));
        if (!outcome.complete(end)) {
          end.discard();
        }
      }
    }
  }

  /**
   * Starts something, on a thread of its own where the target's module must be loaded first: that
   * takes its time, and the caller may hold a lock.
   *
   * @param gateways whether the target may be a gateway
   */
  private void begin(
      ActorId to,
      boolean gateways,
      Origin origin,
      CompletableFuture<Outcome> outcome,
      Supplier<CompletableFuture<Void>> start) {
    if (origin.depth() > Abi.MAX_CALL_DEPTH) {
      outcome.completeExceptionally(
          new ResourceFault(
              Code.OVERLOADED,
              "calls nested too deep: actors called each other " + Abi.MAX_CALL_DEPTH + " deep"));
      return;
    }
    // Who has the address of a gateway got it from there.
    if (gateways && to.isGateway() && directory.isResident(to)) {
      startNow(outcome, start);
      return;
    }
    int bytes = to.name().getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > Abi.MAX_NAME_BYTES || to.name().indexOf('\0') >= 0) {
      outcome.completeExceptionally(
          new UserFault(
              Code.BAD_REQUEST,
              "an actor's name has 1 to " + Abi.MAX_NAME_BYTES + " bytes and no zero character"));
      return;
    }
    Runnable started = () -> startNow(outcome, start);
    if (services.namespaces().find(to.namespace()).filter(ns -> !ns.isLoaded()).isPresent()) {
      services.time().start("call", started);
    } else {
      started.run();
    }
  }

  private static void startNow(
      CompletableFuture<Outcome> outcome, Supplier<CompletableFuture<Void>> start) {
    try {
      var _ =
          start
              .get()
              .exceptionally(
                  failure -> {
                    outcome.completeExceptionally(failure);
                    return null;
                  });
    } catch (Fault fault) {
      outcome.completeExceptionally(fault);
    }
  }

  /** When the caller gives up, the called need not answer any more. */
  private static void takeBack(CompletableFuture<Outcome> outcome, CompletableFuture<?> asked) {
    var _ =
        outcome.whenComplete(
            (done, failure) -> {
              if (failure != null) {
                asked.completeExceptionally(failure);
              }
            });
  }
}
