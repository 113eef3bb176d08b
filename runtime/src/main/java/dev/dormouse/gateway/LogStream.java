package dev.dormouse.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dormouse.actor.Header;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import dev.dormouse.observe.ActorLog;
import dev.dormouse.observe.LogLine;
import dev.dormouse.observe.Subscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lines of actors' logs as server-sent events, each one object of JSON: first those that are
 * kept, then, with {@code follow}, those that come, until the client goes or the server stops. A
 * comment every so often keeps the stream from looking dead, and notices a client that has gone. A
 * client that reads slowly loses lines, and is told how many.
 */
final class LogStream {
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  /** How soon a stream notices that the server stops. */
  private static final Duration STEP = Duration.ofMillis(500);

  private static final byte[] COMMENT = ": \n\n".getBytes(StandardCharsets.US_ASCII);

  private final ActorLog log;
  private final Readiness readiness;

  LogStream(ActorLog log, Readiness readiness) {
    this.log = log;
    this.readiness = readiness;
  }

  void serve(Exchange exchange) {
    var query = Query.parse(exchange.query(), "namespace", "actor", "follow", "limit");
    var namespace = query.text("namespace");
    var actor = query.text("actor");
    boolean follow = query.flag("follow");
    if (namespace == null && (actor != null || !follow)) {
      throw new UserFault(
          Code.BAD_REQUEST, "name a namespace with 'namespace', or follow all with follow=true");
    }
    int limit = query.text("limit") == null ? ActorLog.KEPT_LINES : query.limit();
    if (!follow) {
      var out = begin(exchange);
      recent(namespace, actor, limit).forEach(line -> out.write(event(line)));
      out.end();
      return;
    }
    // First, so that no line falls between what is kept and what comes.
    try (var subscription = log.subscribe(namespace, actor)) {
      var out = begin(exchange);
      Set<LogLine> sent = Collections.newSetFromMap(new IdentityHashMap<>());
      for (var line : recent(namespace, actor, limit)) {
        out.write(event(line));
        sent.add(line);
      }
      out.write(COMMENT);
      follow(subscription, out, sent);
      out.end();
    }
  }

  private void follow(Subscription subscription, Chunks out, Set<LogLine> sent) {
    var silent = Duration.ZERO;
    while (!readiness.isDraining()) {
      var line = subscription.poll(STEP);
      if (line != null) {
        if (!sent.remove(line)) {
          out.write(event(line));
        }
        silent = Duration.ZERO;
      } else if (Thread.currentThread().isInterrupted()) {
        return;
      } else {
        silent = silent.plus(STEP);
        if (silent.compareTo(HEARTBEAT) >= 0) {
          out.write(COMMENT);
          silent = Duration.ZERO;
          // What the subscription has not brought by now was written before it began.
          sent.clear();
        }
      }
    }
  }

  private List<LogLine> recent(@Nullable String namespace, @Nullable String actor, int limit) {
    return namespace == null ? List.of() : log.recent(namespace, actor, limit);
  }

  private static Chunks begin(Exchange exchange) {
    return exchange.stream(
        List.of(
            new Header("content-type", "text/event-stream"),
            new Header("cache-control", "no-store")));
  }

  private static byte[] event(LogLine line) {
    ObjectNode json = Json.object();
    json.put("time", line.millis());
    json.put("namespace", line.namespace());
    json.put("actor", line.actor());
    json.put("level", line.level().wire());
    json.put("message", line.message());
    byte[] data = Json.bytes(json);
    var event = new ByteArray(data.length + 8);
    event.ascii("data: ");
    event.add(data);
    event.ascii("\n\n");
    return event.exact();
  }
}
