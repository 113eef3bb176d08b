package dev.dormouse.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpLoadTest {
  private static final long STALL_NANOS = 500_000_000;
  private static final int STALLED_REQUEST = 10;

  private final AtomicInteger requests = new AtomicInteger();
  private HttpServer server;

  /** One thread serves all connections, and stands still for half a second at one request. */
  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          if (requests.incrementAndGet() == STALLED_REQUEST) {
            long until = System.nanoTime() + STALL_NANOS;
            for (long left = STALL_NANOS; left > 0; left = until - System.nanoTime()) {
              LockSupport.parkNanos(left);
            }
          }
          var path = exchange.getRequestURI().toString();
          exchange.sendResponseHeaders(path.contains("none") ? 404 : 200, path.length());
          exchange.getResponseBody().write(path.getBytes(UTF_8));
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private Command command(String path, String options) {
    var address = "http://127.0.0.1:" + server.getAddress().getPort();
    return Command.parse("http url=" + address + path + " " + options);
  }

  @Test
  void inAnOpenLoopAStallCountsForAllRequestsThatWereMeantMeanwhile() throws IOException {
    try (var load = new HttpLoad(command("/x", "connections=4"), false)) {
      var report = load.open(100, 0, 2_000_000_000L);
      assertEquals(200, report.count());
      // Fifty requests were meant during the stall: the earlier half of them waited a quarter of a
      // second.
      assertTrue(report.p90() >= 240, "p90 is " + report.p90() + " ms");
      assertTrue(report.max() >= 490, "the longest took " + report.max() + " ms");
    }
  }

  @Test
  void everyActorIsAskedOnce() throws IOException {
    try (var load = new HttpLoad(command("/a{i}?q={i}", "actors=3 connections=2"), true)) {
      assertEquals(List.of("/a0?q=0", "/a1?q=1", "/a2?q=2"), load.once().bodies());
    }
  }

  @Test
  void anErrorEndsTheRun() throws IOException {
    try (var load = new HttpLoad(command("/none", "connections=1"), false)) {
      assertThrows(IOException.class, load::once);
    }
  }
}
