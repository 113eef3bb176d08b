package dev.dormouse.gateway;

import dev.dormouse.config.ServerConfig;
import dev.dormouse.limits.LimitPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the gateway is started with.
 *
 * @param port of the public listener; 0 takes a free one
 * @param adminToken what admin requests must bear; null when none is configured
 * @param dev whether the server runs for a developer on this machine: then the admin API needs no
 *     token if its listener is on loopback, and answers tell what an app's exceptions say
 * @param connections of the public listener, WebSockets included
 * @param adminConnections of the admin listener
 * @param inboundBytes bodies and messages that are being read, of all connections of a listener
 * @param limits how large an uploaded module may be
 * @param drainTime how long a stop waits for answers that are under way
 */
public record GatewayConfig(
    String host,
    int port,
    String adminHost,
    int adminPort,
    @Nullable String adminToken,
    boolean dev,
    int connections,
    int adminConnections,
    long inboundBytes,
    LimitPolicy limits,
    Duration drainTime,
    Pace pace) {

  public static GatewayConfig of(ServerConfig server, boolean dev) {
    return new GatewayConfig(
        server.host(),
        server.port(),
        server.adminHost(),
        server.adminPort(),
        server.adminToken(),
        dev,
        server.node().httpConnections(),
        server.node().adminConnections(),
        server.node().inboundBytes(),
        server.limits(),
        server.node().drainTime(),
        Pace.DEFAULTS);
  }

  public GatewayConfig withPace(Pace other) {
    return new GatewayConfig(
        host,
        port,
        adminHost,
        adminPort,
        adminToken,
        dev,
        connections,
        adminConnections,
        inboundBytes,
        limits,
        drainTime,
        other);
  }

  /** The token never shows in logs. */
  @Override
  public String toString() {
    return "GatewayConfig[host=%s, port=%d, adminHost=%s, adminPort=%d, dev=%s]"
        .formatted(host, port, adminHost, adminPort, dev);
  }
}
