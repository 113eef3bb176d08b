package dev.dormouse.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.gateway.GatewayFixture.Options;
import dev.dormouse.identity.ActorId;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayBoundsTest {
  /** For clients that do not answer pings. */
  private static final Pace PATIENT =
      new Pace(
          Duration.ofMinutes(1),
          Duration.ofSeconds(15),
          Duration.ofSeconds(20),
          Duration.ofSeconds(30),
          Duration.ofMinutes(1),
          Duration.ofSeconds(2),
          Duration.ofSeconds(5));

  @TempDir Path directory;

  @Test
  void oneConnectionTooManyIsToldSo() {
    try (var node = new GatewayFixture(directory, new Options("{}").connections(3))) {
      var clients = new ArrayList<RawClient>();
      try {
        for (int i = 0; i < 3; i++) {
          var client = node.raw().webSocket("/probe/a/x");
          assertTrue(client.head().startsWith("HTTP/1.1 101 "));
          clients.add(client);
        }
        try (var late = node.raw()) {
          var answer = late.rest();
          assertTrue(answer.startsWith("HTTP/1.1 503 "), answer);
          assertTrue(answer.contains("\"overloaded\"") && answer.contains("retry-after"), answer);
        }
        clients.removeFirst().close();
        await()
            .atMost(Duration.ofSeconds(60))
            .until(
                () -> {
                  try (var next = node.raw()) {
                    next.request("GET /probe/a/u HTTP/1.1", "Host: x");
                    return next.head().startsWith("HTTP/1.1 200 ");
                  }
                });
      } finally {
        clients.forEach(RawClient::close);
      }
    }
  }

  @Test
  void aStopAnswersWhatIsUnderWayAndRefusesWhatComes() throws Exception {
    var node = new GatewayFixture(directory, new Options("{}").pace(PATIENT));
    try (var idle = node.raw();
        var socket = node.raw().webSocket("/probe/a/x")) {
      idle.request("GET /probe/a/u HTTP/1.1", "Host: x");
      assertTrue(idle.answer().endsWith("/u"));
      assertTrue(socket.head().startsWith("HTTP/1.1 101 "));
      CompletableFuture<HttpResponse<String>> waiting =
          node.http.sendAsync(
              HttpRequest.newBuilder(node.at("/probe/waiting/s")).build(), BodyHandlers.ofString());
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> node.directory.status(new ActorId("probe", "waiting")).isPresent());
      node.gateway.drain();
      idle.request("GET /probe/a/u HTTP/1.1", "Host: x");
      var refused = idle.answer();
      assertTrue(refused.startsWith("HTTP/1.1 503 "), refused);
      assertTrue(refused.contains("\"shutting_down\"") && refused.contains("retry-after"), refused);
      var ready = node.send(HttpRequest.newBuilder(node.adminAt("/readyz")).build());
      assertEquals(503, ready.statusCode());

      var stopping = Thread.ofVirtual().start(node::close);
      var close = socket.dataFrame();
      assertEquals(8, close.opcode());
      assertEquals(1001, close.closeCode());
      socket.frame(0x88, new byte[] {0x03, (byte) 0xe9});
      assertTrue(socket.isEnded());
      assertEquals(503, waiting.get(60, TimeUnit.SECONDS).statusCode());
      assertTrue(stopping.join(Duration.ofSeconds(15)));
      assertEquals("", idle.rest());
    }
  }

  @Test
  void inDevAPageOfAnotherOriginDoesNotGetIn() {
    try (var node = new GatewayFixture(directory, new Options("{}").dev(true, null))) {
      var open = admin(node, "GET", "/v1/namespaces", "Host: localhost:1");
      assertTrue(open.startsWith("HTTP/1.1 200 "), open);
      for (var host : List.of("127.0.0.1:8788", "[::1]:8788", "app.localhost", "LOCALHOST")) {
        assertTrue(
            admin(node, "GET", "/metrics", "Host: " + host).startsWith("HTTP/1.1 200 "), host);
      }
      for (var host : List.of("evil.example", "127.0.0.1.evil.example", "localhost.evil.example")) {
        var rebound = admin(node, "GET", "/v1/namespaces", "Host: " + host + ":8788");
        assertTrue(rebound.startsWith("HTTP/1.1 403 "), host + " -> " + rebound);
      }
      for (var origin : List.of("https://evil.example", "null", "http://localhost.evil.example")) {
        var forged =
            admin(node, "DELETE", "/v1/namespaces/probe", "Host: localhost", "Origin: " + origin);
        assertTrue(forged.startsWith("HTTP/1.1 403 "), origin + " -> " + forged);
      }
      assertEquals("1", node.get("/probe/a/c").body());
      var own =
          admin(
              node,
              "DELETE",
              "/v1/namespaces/probe",
              "Host: localhost",
              "Origin: http://localhost:3000");
      assertTrue(own.startsWith("HTTP/1.1 204 "), own);
    }
  }

  @Test
  void withoutDevNobodyGetsInWithoutAToken() {
    try (var node = new GatewayFixture(directory, new Options("{}").dev(false, null))) {
      var answer = admin(node, "GET", "/v1/namespaces", "Host: localhost");
      assertTrue(answer.startsWith("HTTP/1.1 401 "), answer);
      assertTrue(answer.contains("adminToken"), answer);
    }
  }

  @Test
  void aFloodOfMessagesIsSlowedByItsOwnSocketAndOthersAreServed() throws Exception {
    try (var node =
            new GatewayFixture(
                directory, new Options("{\"mailboxEvents\": 100, \"outboundBytes\": 10000000}"));
        var flood = node.raw().webSocket("/probe/flood/x")) {
      assertTrue(flood.head().startsWith("HTTP/1.1 101 "));
      int messages = 20_000;
      var sender =
          Thread.ofVirtual()
              .start(
                  () -> {
                    var some = new java.io.ByteArrayOutputStream();
                    for (int i = 0; i < 100; i++) {
                      some.writeBytes(RawClient.masked(0x81, 5, "flood".getBytes(UTF_8)));
                    }
                    for (int i = 0; i < messages / 100; i++) {
                      flood.send(some.toByteArray());
                    }
                  });
      assertEquals("1", node.get("/probe/other/c").body());
      for (int i = 0; i < messages; i++) {
        assertEquals("flood", flood.dataFrame().text(), "message " + i);
      }
      assertTrue(sender.join(Duration.ofSeconds(10)));
    }
  }

  @Test
  void aClientThatDoesNotReadItsAnswerIsGivenUp() {
    try (var node = new GatewayFixture(directory, new Options("{}"));
        var slow = new RawClient(node.gateway.port(), 4096)) {
      int length = 16 << 20;
      slow.request("POST /probe/a/e HTTP/1.1", "Host: x", "Content-Length: " + length);
      slow.send(new byte[length]);
      assertTrue(slow.head().startsWith("HTTP/1.1 200 "));
      await().atMost(Duration.ofSeconds(60)).until(() -> node.gateway.connections() == 0);
    }
  }

  @Test
  void whateverComesTheServerGoesOn() {
    try (var node = new GatewayFixture(directory, new Options("{}"))) {
      var random = new Random(17);
      byte[] good =
          RawClient.webSocketRequest("/probe/a/u?x=%20")
              .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
      for (int i = 0; i < 500; i++) {
        byte[] bad = good.clone();
        int changes = 1 + random.nextInt(4);
        for (int k = 0; k < changes; k++) {
          bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
        }
        try (var client = node.raw()) {
          client.send(java.util.Arrays.copyOf(bad, 1 + random.nextInt(bad.length)));
        }
      }
      assertEquals("1", node.get("/probe/fine/c").body());
      await().atMost(Duration.ofSeconds(60)).until(() -> node.gateway.connections() <= 1);
    }
  }

  @Test
  void anAddressInUseIsToldInWords() {
    try (var node = new GatewayFixture(directory, new Options("{}"))) {
      var taken =
          new GatewayConfig(
              "127.0.0.1",
              node.gateway.port(),
              "127.0.0.1",
              0,
              null,
              false,
              10,
              10,
              1 << 20,
              dev.dormouse.limits.LimitPolicy.DEFAULTS,
              Duration.ofSeconds(1),
              Pace.DEFAULTS);
      var failure =
          assertThrows(
              UncheckedIOException.class,
              () ->
                  Gateway.start(
                      taken,
                      node.directory,
                      node.namespaces,
                      node.store,
                      node.scripts,
                      node.metrics,
                      node.log,
                      node.time));
      assertTrue(
          String.valueOf(failure.getMessage())
              .startsWith("cannot listen on 127.0.0.1 port " + node.gateway.port()));
    }
  }

  @Tag("slow")
  @Test
  void thousandsOfIdleConnectionsCostLittle() {
    int count = 2_000;
    try (var node = new GatewayFixture(directory, new Options("{}").pace(PATIENT))) {
      var clients = new ArrayList<RawClient>();
      try {
        for (int i = 0; i < 100; i++) {
          clients.add(opened(node));
        }
        long before = usedHeap();
        for (int i = 0; i < count; i++) {
          clients.add(opened(node));
        }
        long each = (usedHeap() - before) / count;
        assertTrue(each < 40_000, () -> each + " bytes for each connection");
        clients.getFirst().text("B to all of you");
        for (var client : clients) {
          assertEquals("B to all of you", client.dataFrame().text());
        }
      } finally {
        clients.forEach(RawClient::close);
      }
    }
  }

  private static RawClient opened(GatewayFixture node) {
    var client = node.raw().webSocket("/probe/many/x");
    assertTrue(client.head().startsWith("HTTP/1.1 101 "));
    return client;
  }

  private static long usedHeap() {
    var runtime = Runtime.getRuntime();
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static String admin(GatewayFixture node, String method, String path, String... headers) {
    try (var client = new RawClient(node.gateway.adminPort())) {
      var lines = new ArrayList<String>();
      lines.add(method + " " + path + " HTTP/1.1");
      lines.addAll(List.of(headers));
      client.request(lines.toArray(String[]::new));
      return client.answer();
    }
  }
}
