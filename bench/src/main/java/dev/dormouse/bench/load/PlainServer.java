package dev.dormouse.bench.load;

import io.helidon.webserver.WebServer;
import java.net.InetAddress;

/**
 * The HTTP server that ours is built on, with a handler that does nothing: what is left is ours.
 */
public final class PlainServer {
  private PlainServer() {}

  /** Prints the port, and serves until it is killed. */
  public static void main(String[] args) {
    var server =
        WebServer.builder()
            .address(InetAddress.getLoopbackAddress())
            .port(0)
            .connectionOptions(options -> options.tcpNoDelay(true))
            .routing(routing -> routing.get("/*", (request, response) -> response.send("1")))
            .build()
            .start();
    System.out.println(server.port());
  }
}
