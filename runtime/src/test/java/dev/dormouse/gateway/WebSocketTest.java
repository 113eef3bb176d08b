package dev.dormouse.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.gateway.RawClient.Frame;
import dev.dormouse.identity.ActorId;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebSocketTest {
  private static final int FRAME_BYTES = 1_000_000;

  @TempDir static Path directory;
  static GatewayFixture node;

  @BeforeAll
  static void start() {
    node =
        new GatewayFixture(
            directory,
            new GatewayFixture.Options(
                "{\"frameBytes\": " + FRAME_BYTES + ", \"outboundBytes\": 1000000}"));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void messagesGoBothWays() throws Exception {
    var heard = new LinkedBlockingQueue<String>();
    var socket =
        node.http
            .newWebSocketBuilder()
            .subprotocols("one", "two")
            .buildAsync(
                URI.create("ws://127.0.0.1:" + node.gateway.port() + "/probe/both/x"),
                new Collector(heard))
            .get(60, TimeUnit.SECONDS);
    assertEquals("one", socket.getSubprotocol());
    socket.sendText("grüß dich", true).join();
    assertEquals("text grüß dich", heard.poll(60, TimeUnit.SECONDS));
    socket.sendText("in ", false).join();
    socket.sendText("parts", true).join();
    assertEquals("text in parts", heard.poll(60, TimeUnit.SECONDS));
    socket.sendBinary(java.nio.ByteBuffer.wrap(new byte[] {1, 2, 3}), true).join();
    assertEquals("binary 3", heard.poll(60, TimeUnit.SECONDS));
    socket.sendClose(1000, "done").join();
    assertEquals("closed 1000", heard.poll(60, TimeUnit.SECONDS));
    assertLastClose("both", 1000);
  }

  @Test
  void whatTheConnectTurnSendsComesAfterTheHandshake() {
    try (var client = open("/probe/greeter/g")) {
      assertEquals("hello", client.dataFrame().text());
    }
  }

  @Test
  void aRefusalIsAnHttpAnswer() {
    assertRefused("/probe/a/r", 403, "not here");
    assertRefused("/probe/a/t", 500, "actor_trapped");
    assertRefused("/nobody/a/x", 404, "namespace_not_found");
    assertRefused("/probe", 404, "not_found");
  }

  @Test
  void aBrokenHandshakeIsRefused() {
    var good =
        List.of(
            "GET /probe/a/x HTTP/1.1",
            "Host: x",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    assertHandshake(good, "HTTP/1.1 101 ");
    assertHandshake(with(good, 0, "POST /probe/a/x HTTP/1.1"), "HTTP/1.1 400 ");
    assertHandshake(with(good, 2, "Connection: keep-alive"), "HTTP/1.1 400 ");
    assertHandshake(with(good, 4, "Sec-WebSocket-Version: 8"), "HTTP/1.1 426 ");
    assertHandshake(with(good, 5, "Sec-WebSocket-Key: short"), "HTTP/1.1 400 ");
    assertHandshake(with(good, 5, "X-None: 1"), "HTTP/1.1 400 ");
    assertHandshake(with(good, 1, "Host: x\r\nSec-WebSocket-Protocol: a b"), "HTTP/1.1 400 ");
  }

  @Test
  void theHandshakeProvesThatTheKeyWasRead() {
    try (var client = node.raw().webSocket("/probe/a/x")) {
      // The example of RFC 6455, section 1.3.
      assertTrue(client.head().contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    }
  }

  @Test
  void framesThatComeWithTheHandshakeAreNotLost() {
    try (var client = node.raw()) {
      var together = new java.io.ByteArrayOutputStream();
      together.writeBytes(RawClient.webSocketRequest("/probe/eager/x").getBytes(UTF_8));
      together.writeBytes(RawClient.masked(0x81, 4, "soon".getBytes(UTF_8)));
      client.send(together.toByteArray());
      assertTrue(client.head().startsWith("HTTP/1.1 101 "));
      assertEquals("soon", client.dataFrame().text());
    }
  }

  @Test
  void everySizeOfFrameComesBackWhole() {
    try (var client = open("/probe/sizes/x")) {
      for (int size : new int[] {0, 1, 125, 126, 127, 65_535, 65_536, 200_001, FRAME_BYTES}) {
        byte[] payload = new byte[size];
        for (int i = 0; i < size; i++) {
          payload[i] = (byte) (i * 31 | 0x80);
        }
        client.frame(0x82, payload);
        var back = client.dataFrame();
        assertEquals(0x82, back.first());
        assertArrayEquals(payload, back.payload());
      }
    }
  }

  @Test
  void aMessageThatIsTooLargeClosesWith1009EvenInParts() {
    try (var client = open("/probe/large/x")) {
      client.send(RawClient.masked(0x82, 1L << 40, new byte[1000]));
      assertClosed(client, 1009);
    }
    try (var client = open("/probe/large/x")) {
      client.frame(0x02, new byte[FRAME_BYTES]);
      client.frame(0x80, new byte[1]);
      assertClosed(client, 1009);
    }
    assertLastClose("large", 1006);
  }

  @Test
  void aClientThatStillSendsReadsWhyItWasClosed() {
    try (var client = open("/probe/still/x")) {
      client.frame(0x82, new byte[4 * FRAME_BYTES]);
      assertClosed(client, 1009);
    }
  }

  @Test
  void textThatIsNotUtf8ClosesWith1007() {
    try (var client = open("/probe/utf/x")) {
      client.frame(0x81, new byte[] {'a', (byte) 0xc3, 'b'});
      assertClosed(client, 1007);
    }
    try (var client = open("/probe/utf/x")) {
      client.frame(0x01, new byte[] {(byte) 0xe2, (byte) 0x82});
      client.frame(0x80, new byte[] {(byte) 0xac});
      assertEquals("€", client.dataFrame().text());
    }
  }

  @Tag("slow")
  @Test
  void breachesOfTheProtocolCloseWith1002() {
    byte[] some = "abc".getBytes(UTF_8);
    assertBreach(client -> client.send(new byte[] {(byte) 0x81, 3, 'a', 'b', 'c'}));
    assertBreach(client -> client.frame(0xc1, some));
    assertBreach(client -> client.frame(0x83, some));
    assertBreach(client -> client.frame(0x8b, some));
    assertBreach(client -> client.frame(0x80, some));
    assertBreach(client -> client.frame(0x01, some).frame(0x81, some));
    assertBreach(client -> client.frame(0x09, some));
    assertBreach(client -> client.frame(0x89, new byte[126]));
    assertBreach(client -> client.frame(0x88, new byte[1]));
    assertBreach(client -> client.frame(0x88, new byte[] {0x03, (byte) 0xed}));
    assertBreach(client -> client.frame(0x88, new byte[] {0x13, (byte) 0x88}));
    // A length in more bytes than it needs.
    assertBreach(client -> client.send(new byte[] {(byte) 0x82, (byte) 0xfe, 0, 1, 0, 0, 0, 0, 0}));
    assertBreach(
        client ->
            client.send(
                new byte[] {
                  (byte) 0x82, (byte) 0xff, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
                }));
  }

  @Test
  void pingsAreAnsweredBetweenTheFragmentsOfAMessage() {
    try (var client = open("/probe/ping/x")) {
      client.frame(0x01, "a".getBytes(UTF_8));
      client.frame(0x89, "are you there".getBytes(UTF_8));
      var pong = client.frame();
      assertEquals(10, pong.opcode());
      assertEquals("are you there", pong.text());
      client.frame(0x80, "b".getBytes(UTF_8));
      assertEquals("ab", client.dataFrame().text());
    }
  }

  @Test
  void aCloseOfTheActorWaitsForTheClientsAnswer() {
    try (var client = open("/probe/closer/x")) {
      client.text("Close");
      var close = client.dataFrame();
      assertEquals(8, close.opcode());
      assertEquals(3001, close.closeCode());
      client.frame(0x88, new byte[] {0x0b, (byte) 0xb9});
      assertTrue(client.isEnded());
    }
    assertLastClose("closer", 3001);
  }

  @Test
  void aClientThatNeverAnswersACloseIsCutOff() {
    try (var client = open("/probe/mute/x")) {
      client.text("Close");
      assertEquals(3001, client.dataFrame().closeCode());
      assertTrue(client.isEnded());
    }
    assertLastClose("mute", 1006);
  }

  @Test
  void aCloseWithoutACodeIsAnsweredAndToldAs1005() {
    try (var client = open("/probe/bare/x")) {
      client.frame(0x88, new byte[0]);
      var echo = client.dataFrame();
      assertEquals(8, echo.opcode());
      assertEquals(0, echo.payload().length);
      assertTrue(client.isEnded());
    }
    assertLastClose("bare", 1005);
  }

  @Test
  void aClientThatVanishesIsToldAs1006() {
    var client = open("/probe/vanish/x");
    client.text("x");
    client.dataFrame();
    client.close();
    assertLastClose("vanish", 1006);
  }

  @Test
  void aSilentClientIsAskedAndThenTakenForGone() {
    try (var client = open("/probe/silent/x")) {
      Frame ping = client.frame();
      assertEquals(9, ping.opcode());
      client.frame(0x8a, ping.payload());
      assertEquals(9, client.frame().opcode());
      assertTrue(client.isEnded());
    }
    assertLastClose("silent", 1006);
  }

  @Test
  void aBroadcastReachesEveryone() {
    var clients = new ArrayList<RawClient>();
    try {
      for (int i = 0; i < 100; i++) {
        clients.add(open("/probe/room/x"));
      }
      clients.getFirst().text("B to all");
      for (var client : clients) {
        assertEquals("B to all", client.dataFrame().text());
      }
    } finally {
      clients.forEach(RawClient::close);
    }
  }

  @Test
  void aClientThatDoesNotReadIsClosedAndHoldsNobodyUp() {
    try (var slow = new RawClient(node.gateway.port(), 4096);
        var other = open("/probe/slow/x")) {
      slow.webSocket("/probe/slow/x");
      assertTrue(slow.head().startsWith("HTTP/1.1 101 "));
      for (int i = 0; i < 20; i++) {
        slow.frame(0x82, new byte[] {'F', 12});
        other.text("still here " + i);
        assertEquals("still here " + i, other.dataFrame().text());
      }
      // It is cut off when it has taken nothing for the time of a write.
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                other.text("and still");
                assertEquals("and still", other.dataFrame().text());
                return connections("slow") == 1;
              });
    }
  }

  @Test
  void aClientThatReadsTooLateReadsThatItWasOverloaded() {
    try (var slow = new RawClient(node.gateway.port(), 4096)) {
      slow.webSocket("/probe/late/x");
      assertTrue(slow.head().startsWith("HTTP/1.1 101 "));
      // More in one turn than may wait for the client, on top of what the socket takes.
      slow.frame(0x82, new byte[] {'F', (byte) 200});
      var frame = slow.dataFrame();
      while (frame.opcode() != 8) {
        frame = slow.dataFrame();
      }
      assertEquals(1013, frame.closeCode());
      assertEquals("overloaded", new String(frame.payload(), 2, frame.payload().length - 2, UTF_8));
    }
  }

  private static int connections(String actor) {
    return node.directory.status(new ActorId("probe", actor)).orElseThrow().connections();
  }

  private static RawClient open(String path) {
    var client = node.raw().webSocket(path);
    var head = client.head();
    assertTrue(head.startsWith("HTTP/1.1 101 "), head);
    return client;
  }

  private static void assertRefused(String path, int status, String words) {
    try (var client = node.raw().webSocket(path)) {
      var answer = client.answer();
      assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
      assertTrue(answer.contains("application/problem+json"), answer);
      assertTrue(answer.contains(words), answer);
    }
  }

  private static void assertHandshake(List<String> lines, String status) {
    try (var client = node.raw()) {
      client.request(lines.toArray(String[]::new));
      var head = client.head();
      assertTrue(head.startsWith(status), lines + " -> " + head);
    }
  }

  private static List<String> with(List<String> lines, int at, String line) {
    var changed = new ArrayList<>(lines);
    changed.set(at, line);
    return changed;
  }

  private static void assertBreach(java.util.function.Consumer<RawClient> breach) {
    try (var client = open("/probe/breach/x")) {
      breach.accept(client);
      assertClosed(client, 1002);
    }
  }

  private static void assertClosed(RawClient client, int code) {
    var frame = client.dataFrame();
    assertEquals(8, frame.opcode());
    assertEquals(code, frame.closeCode());
    client.frame(0x88, new byte[0]);
    assertTrue(client.isEnded());
  }

  private static void assertLastClose(String actor, int code) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> node.get("/probe/" + actor + "/l").body(), Integer.toString(code)::equals);
  }

  private record Collector(LinkedBlockingQueue<String> heard) implements WebSocket.Listener {
    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      heard.add("text " + data);
      socket.request(1);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, java.nio.ByteBuffer data, boolean last) {
      heard.add("binary " + data.remaining());
      socket.request(1);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      heard.add("closed " + code);
      return CompletableFuture.completedStage(null);
    }
  }
}
