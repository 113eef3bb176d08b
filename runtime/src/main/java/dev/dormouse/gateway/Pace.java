package dev.dormouse.gateway;

import java.time.Duration;

/**
 * How long the gateway waits for clients. What takes longer ends with the connection closed.
 *
 * @param keepAlive between two requests of a connection
 * @param head from the first byte of a request to the end of its headers
 * @param body for a request's body, and a second more for each 64 KiB that has come
 * @param write for a client to take the next 64 KiB of what is written to it
 * @param ping of silence on a WebSocket before the client is asked whether it is there; after as
 *     long again without a sign it is taken for gone
 * @param park of silence after which a WebSocket waits without a thread
 * @param close for a client to answer the end of a WebSocket, or to read a refusal to its end
 */
public record Pace(
    Duration keepAlive,
    Duration head,
    Duration body,
    Duration write,
    Duration ping,
    Duration park,
    Duration close) {

  public static final Pace DEFAULTS =
      new Pace(
          Duration.ofSeconds(75),
          Duration.ofSeconds(15),
          Duration.ofSeconds(20),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofSeconds(2),
          Duration.ofSeconds(5));
}
