package dev.dormouse.gateway;

import dev.dormouse.fault.Fault;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.Routing;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpSecurity;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands every request to one handler, and makes problem documents of what that throws. It stands
 * where Helidon has its routing by patterns: an actor's path is not to be decoded, normalised or
 * matched, and an answer is written in one piece.
 */
final class OneHandler implements Router, HttpRouting {
  private static final Logger LOG = LoggerFactory.getLogger(OneHandler.class);

  private final Consumer<Exchange> handler;
  private final HttpSecurity security = HttpSecurity.create();

  OneHandler(Consumer<Exchange> handler) {
    this.handler = handler;
  }

  @Override
  public void route(ConnectionContext context, RoutingRequest request, RoutingResponse response) {
    if (!(context instanceof Wire wire)) {
      throw new IllegalStateException("a connection that did not come through the listener");
    }
    wire.requests().begins();
    try {
      var exchange = new Exchange(wire, request, response);
      try {
        exchange.requireSoundFraming();
        handler.accept(exchange);
      } catch (Fault fault) {
        exchange.refuse(Problem.of(fault));
      } catch (CloseConnectionException e) {
        throw e;
      } catch (RuntimeException | Error bug) {
        LOG.error("a request failed inside the gateway: {}", exchange, bug);
        exchange.refuse(Problem.internal());
      }
    } finally {
      wire.requestEnds();
    }
  }

  @Override
  public HttpSecurity security() {
    return security;
  }

  @Override
  public <T extends Routing> T routing(Class<T> type, T otherwise) {
    return type.isInstance(this) ? type.cast(this) : otherwise;
  }

  @Override
  public List<? extends Routing> routings() {
    return List.of(this);
  }

  @Override
  public void beforeStart() {}

  @Override
  public void afterStart(WebServer server) {}

  @Override
  public void afterStop() {}
}
