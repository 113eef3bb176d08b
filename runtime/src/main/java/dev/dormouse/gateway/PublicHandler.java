package dev.dormouse.gateway;

import dev.dormouse.actor.Directory;
import dev.dormouse.actor.HttpRequest;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.module.Namespaces;
import dev.dormouse.time.TimeSource;
import io.helidon.http.HeaderNames;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * What stands on the public listener: every path is an actor's or a gateway's. The reply is waited
 * for on the connection's own virtual thread, and where nobody runs the actor the request is
 * handled on it, too.
 */
final class PublicHandler implements Consumer<Exchange> {
  private final Directory directory;
  private final Namespaces namespaces;
  private final Handshake handshake;
  private final boolean dev;
  private final BooleanSupplier draining;

  /**
   * @param dev whether the app's developer asks, who may read what its exceptions say
   */
  PublicHandler(
      Directory directory,
      Namespaces namespaces,
      TimeSource time,
      Pace pace,
      boolean dev,
      BooleanSupplier draining) {
    this.directory = directory;
    this.namespaces = namespaces;
    this.handshake = new Handshake(directory, time, pace);
    this.dev = dev;
    this.draining = draining;
  }

  @Override
  public void accept(Exchange exchange) {
    if (draining.getAsBoolean()) {
      throw new ResourceFault(Code.SHUTTING_DOWN, "the server is shutting down: try again soon");
    }
    var target = target(exchange);
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
    long deadline = exchange.wire().deadline(limits.requestTime());
    var fetched = directory.fetchHere(target.actor(), request);
    var reply = exchange.wire().await(fetched, deadline);
    exchange.answer(Reply.of(dev ? ExceptionText.told(reply) : reply));
  }

  /**
   * Whom the request is for. A namespace with a gateway has all that is below its name, and its
   * actors nothing; what is bound to the request's host comes before what its path says.
   */
  private Target target(Exchange exchange) {
    var path = exchange.path();
    var atHost = namespaces.atHost(exchange.header(HeaderNames.HOST));
    if (atHost.isPresent() && atHost.get().current().gateway()) {
      return Target.gateway(directory.gateway(atHost.get().name()), path);
    }
    int end = path.indexOf('/', 1);
    var first = path.isEmpty() ? "" : path.substring(1, end < 0 ? path.length() : end);
    var namespace = namespaces.find(first);
    if (namespace.isPresent() && namespace.get().current().gateway()) {
      return Target.gateway(directory.gateway(first), end < 0 ? "/" : path.substring(end));
    }
    var target = Target.parse(path);
    if (!target.actor().namespace().equals(first)
        && namespaces
            .find(target.actor().namespace())
            .filter(escaped -> escaped.current().gateway())
            .isPresent()) {
      return Target.gateway(
          directory.gateway(target.actor().namespace()), end < 0 ? "/" : path.substring(end));
    }
    return target;
  }
}
