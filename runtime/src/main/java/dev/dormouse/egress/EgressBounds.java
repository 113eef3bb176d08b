package dev.dormouse.egress;

import dev.dormouse.limits.NodeLimits;
import java.time.Duration;

/**
 * Bounds of the way out.
 *
 * @param open exchanges and WebSockets at a time
 * @param openOfNamespace those of one namespace
 * @param idle connections that wait for another request, all together; 0 lets none wait
 * @param idleOfOrigin those of one namespace to one origin; 0 lets none wait
 * @param idleTime how long one waits before it is closed
 */
public record EgressBounds(
    int open, int openOfNamespace, int idle, int idleOfOrigin, Duration idleTime) {

  public static EgressBounds of(NodeLimits limits) {
    return new EgressBounds(
        limits.webExchanges(),
        limits.webExchangesPerNamespace(),
        limits.webIdleConnections(),
        limits.webIdleConnectionsPerOrigin(),
        limits.webIdleTime());
  }

  boolean keepsConnections() {
    return idle > 0 && idleOfOrigin > 0;
  }
}
