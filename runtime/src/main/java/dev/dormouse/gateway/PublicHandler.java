package dev.dormouse.gateway;

import dev.dormouse.actor.Directory;
import dev.dormouse.actor.HttpRequest;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.time.TimeSource;
import io.helidon.http.HeaderNames;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * What stands on the public listener: every path is an actor's. The reply is waited for on the
 * connection's own virtual thread.
 */
final class PublicHandler implements Consumer<Exchange> {
  private final Directory directory;
  private final Handshake handshake;
  private final BooleanSupplier draining;

  PublicHandler(Directory directory, TimeSource time, Pace pace, BooleanSupplier draining) {
    this.directory = directory;
    this.handshake = new Handshake(directory, time, pace);
    this.draining = draining;
  }

  @Override
  public void accept(Exchange exchange) {
    if (draining.getAsBoolean()) {
      throw new ResourceFault(Code.SHUTTING_DOWN, "the server is shutting down: try again soon");
    }
    var target = Target.parse(exchange.path());
    PercentCode.requireVisible(target.rest());
    PercentCode.requireVisible(exchange.query());
    var url = exchange.query().isEmpty() ? target.rest() : target.rest() + "?" + exchange.query();
    var upgrade = exchange.header(HeaderNames.UPGRADE);
    if (upgrade != null && HeaderRules.listHas(upgrade, "websocket")) {
      handshake.connect(exchange, target.actor(), url);
      return;
    }
    var limits = directory.limits(target.actor().namespace());
    byte[] body = exchange.body(limits.bodyBytes());
    var request = new HttpRequest(exchange.method(), url, exchange.headers(), body);
    var reply = directory.fetch(target.actor(), request);
    exchange.answer(Reply.of(exchange.wire().await(reply, limits.requestTime())));
  }
}
