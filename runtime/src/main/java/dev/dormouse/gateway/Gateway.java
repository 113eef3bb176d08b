package dev.dormouse.gateway;

import dev.dormouse.actor.Directory;
import dev.dormouse.module.Namespaces;
import dev.dormouse.observe.ActorLog;
import dev.dormouse.observe.Metrics;
import dev.dormouse.script.ScriptEngine;
import dev.dormouse.storage.ActorStore;
import dev.dormouse.time.TimeSource;
import java.time.Duration;

/**
 * The public and the admin listener. A stop goes in two steps: {@link #drain}, then the actors' own
 * end, whose last answers and closes still go out, then {@link #close}.
 */
public final class Gateway implements AutoCloseable {
  private final Readiness readiness;
  private final Listener open;
  private final Listener admin;
  private final Duration drainTime;

  private Gateway(Readiness readiness, Listener open, Listener admin, Duration drainTime) {
    this.readiness = readiness;
    this.open = open;
    this.admin = admin;
    this.drainTime = drainTime;
  }

  /** Loads what listeners are made of, so that {@link #start} does not have to; binds nothing. */
  public static void prepare() {
    Listener.prepare();
  }

  /**
   * Binds both addresses and begins to serve.
   *
   * @throws IllegalArgumentException when a host is not known
   * @throws java.io.UncheckedIOException when an address cannot be bound
   */
  public static Gateway start(
      GatewayConfig config,
      Directory directory,
      Namespaces namespaces,
      ActorStore store,
      ScriptEngine scripts,
      Metrics metrics,
      ActorLog log,
      TimeSource time) {
    var readiness = new Readiness();
    var parts =
        new AdminHandler.Parts(
            directory, namespaces, store, metrics, log, config.limits(), scripts);
    var access = new Access(config.adminToken(), config.adminHost(), config.dev());
    var admin =
        new Listener(
            config.adminHost(),
            config.adminPort(),
            config.adminConnections(),
            config.inboundBytes(),
            config.pace(),
            time,
            new AdminHandler(parts, access, readiness, new LogStream(log, readiness)));
    Listener open;
    try {
      open =
          new Listener(
              config.host(),
              config.port(),
              config.connections(),
              config.inboundBytes(),
              config.pace(),
              time,
              new PublicHandler(
                  directory, namespaces, time, config.pace(), config.dev(), readiness::isDraining));
    } catch (RuntimeException e) {
      admin.close();
      throw e;
    }
    metrics.gauge(
        "dormouse_http_connections", "Connections of the public listener", open::connections);
    metrics.gauge(
        "dormouse_http_inbound_bytes",
        "Bytes of requests and messages that are being read",
        () -> open.inbound().usedBytes());
    readiness.ready();
    return new Gateway(readiness, open, admin, config.drainTime());
  }

  /** The port of the public listener. */
  public int port() {
    return open.port();
  }

  public int adminPort() {
    return admin.port();
  }

  /** Connections of the public listener that are open now. */
  int connections() {
    return open.connections();
  }

  /** Those of them that wait without a thread. */
  int parked() {
    return open.parking().parked();
  }

  /** Connections of the admin listener that are open now. */
  int adminConnections() {
    return admin.connections();
  }

  /**
   * New requests and connections are answered {@code shutting_down}, and {@code /readyz} says 503;
   * what is under way goes on.
   */
  public void drain() {
    readiness.drain();
  }

  /** Waits, for the drain time at most, until every answer has gone out, and stops listening. */
  @Override
  public void close() {
    drain();
    open.close(drainTime);
    admin.close(Duration.ofSeconds(1));
  }
}
