package dev.dormouse.gateway;

import dev.dormouse.actor.Directory;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import dev.dormouse.identity.ActorId;
import dev.dormouse.limits.LimitPolicy;
import dev.dormouse.module.NamespaceName;
import dev.dormouse.module.Namespaces;
import dev.dormouse.observe.ActorLog;
import dev.dormouse.observe.Metrics;
import dev.dormouse.script.ScriptEngine;
import dev.dormouse.storage.ActorStore;
import io.helidon.http.HeaderNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The admin API. Work that may touch storage runs on a thread of its own, which nobody interrupts
 * when a connection is given up.
 */
final class AdminHandler implements Consumer<Exchange> {
  /** Compiling a large module on a busy machine takes this long at most. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** The parts that a request is answered from. */
  record Parts(
      Directory directory,
      Namespaces namespaces,
      ActorStore store,
      Metrics metrics,
      ActorLog log,
      LimitPolicy limits,
      ScriptEngine scripts) {}

  private final Parts parts;
  private final Access access;
  private final Readiness readiness;
  private final AdminNamespaces namespaces;
  private final AdminActors actors;
  private final LogStream logs;

  AdminHandler(Parts parts, Access access, Readiness readiness, LogStream logs) {
    this.parts = parts;
    this.access = access;
    this.readiness = readiness;
    this.namespaces = new AdminNamespaces(parts);
    this.actors = new AdminActors(parts);
    this.logs = logs;
  }

  @Override
  public void accept(Exchange exchange) {
    var path = exchange.path();
    if (path.equals("/healthz") || path.equals("/readyz")) {
      if (allows(exchange, "GET", "HEAD")) {
        exchange.answer(health(path));
      }
      return;
    }
    var refusal = access.refusal(exchange);
    if (refusal != null) {
      exchange.answer(refusal);
      return;
    }
    route(exchange, segments(path));
  }

  private Reply health(String path) {
    if (path.equals("/healthz") || readiness.isReady()) {
      return Reply.text("text/plain", "ok\n");
    }
    return Reply.of(Problem.of(Code.SHUTTING_DOWN, "the server takes no requests now"));
  }

  private void route(Exchange exchange, List<String> path) {
    boolean v1 = path.size() >= 2 && path.getFirst().equals("v1");
    if (path.equals(List.of("metrics"))) {
      if (allows(exchange, "GET", "HEAD")) {
        exchange.answer(
            Reply.text("text/plain; version=0.0.4; charset=utf-8", parts.metrics().scrape()));
      }
    } else if (v1 && path.size() == 2 && path.get(1).equals("logs")) {
      if (allows(exchange, "GET")) {
        logs.serve(exchange);
      }
    } else if (v1 && path.get(1).equals("namespaces")) {
      underNamespaces(exchange, path.subList(2, path.size()));
    } else {
      throw notFound();
    }
  }

  /**
   * @param path what follows {@code /v1/namespaces}
   */
  private void underNamespaces(Exchange exchange, List<String> path) {
    boolean ofActors = path.size() >= 2 && path.get(1).equals("actors");
    if (path.isEmpty()) {
      get(exchange, () -> namespaces.list(exchange.query()));
    } else if (path.size() == 1) {
      namespace(exchange, path.getFirst());
    } else if (ofActors && path.size() == 2) {
      get(exchange, () -> actors.list(path.getFirst(), exchange.query()));
    } else if (ofActors && path.size() == 3) {
      var id = new ActorId(path.getFirst(), path.get(2));
      if (exchange.method().equals("DELETE")) {
        answer(exchange, () -> actors.delete(id));
      } else if (allows(exchange, "GET", "HEAD", "DELETE")) {
        answer(exchange, () -> actors.show(id));
      }
    } else if (ofActors && path.size() == 4 && path.get(3).equals("storage")) {
      var id = new ActorId(path.getFirst(), path.get(2));
      get(exchange, () -> actors.storage(id, exchange.query()));
    } else {
      throw notFound();
    }
  }

  private void namespace(Exchange exchange, String name) {
    switch (exchange.method()) {
      case "PUT" -> {
        NamespaceName.require(name);
        boolean script = isScript(exchange);
        byte[] body = exchange.body(parts.limits().forNamespace(name).moduleBytes());
        answer(
            exchange,
            () ->
                namespaces.put(name, script ? parts.scripts().wrap(body) : body, exchange.query()));
      }
      case "DELETE" -> answer(exchange, () -> namespaces.delete(name));
      default -> {
        if (allows(exchange, "GET", "HEAD", "PUT", "DELETE")) {
          answer(exchange, () -> namespaces.show(name));
        }
      }
    }
  }

  private static void get(Exchange exchange, Supplier<Reply> work) {
    if (allows(exchange, "GET", "HEAD")) {
      answer(exchange, work);
    }
  }

  private static void answer(Exchange exchange, Supplier<Reply> work) {
    CompletableFuture<Reply> reply =
        CompletableFuture.supplyAsync(work, task -> Thread.ofVirtual().name("admin").start(task));
    exchange.answer(exchange.wire().await(reply, PATIENCE));
  }

  /** Whether the body is an ES module's text; otherwise it is a module. */
  private static boolean isScript(Exchange exchange) {
    var type = exchange.header(HeaderNames.CONTENT_TYPE);
    var essence = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    return switch (essence) {
      case "", "application/wasm", "application/octet-stream" -> false;
      case "text/javascript", "application/javascript" -> true;
      default ->
          throw new UserFault(
              Code.BAD_REQUEST,
              "a module is sent as application/wasm, a script as text/javascript");
    };
  }

  /** Whether the method is allowed; if not, that is answered. */
  private static boolean allows(Exchange exchange, String... methods) {
    if (List.of(methods).contains(exchange.method())) {
      return true;
    }
    var allowed = String.join(", ", methods);
    var problem =
        Problem.of(Code.METHOD_NOT_ALLOWED, "this path knows the methods " + allowed + " only");
    exchange.answer(Reply.of(problem).with("allow", allowed));
    return false;
  }

  private static UserFault notFound() {
    return new UserFault(
        Code.NOT_FOUND, "the admin API has no such path: its paths begin with /v1/namespaces");
  }

  /** The decoded parts between the slashes. */
  private static List<String> segments(String path) {
    var segments = new ArrayList<String>();
    int from = 1;
    while (from <= path.length() && segments.size() <= 8) {
      int slash = path.indexOf('/', from);
      int to = slash < 0 ? path.length() : slash;
      segments.add(PercentCode.decode(path, Math.min(from, to), to));
      from = to + 1;
    }
    return segments;
  }
}
