package dev.dormouse.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dormouse.testkit.CallerModule;
import dev.dormouse.testkit.TestServer;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections that are decided on in a later turn, and connections that are joined. */
class DeferredConnectionTest {
  @TempDir static Path data;
  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.withLimits(data, "{\"requestTime\":\"3s\",\"idleSleep\":\"200ms\"}");
    server.deploy("ring", CallerModule.assemble());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aDeferredConnectionIsAcceptedInALaterTurn() throws Exception {
    var client = new Client();
    var socket = open("/ring/d1/d", client);
    socket.sendText("hello", true).join();
    assertEquals("hello", client.next());
    assertEquals("", socket.getSubprotocol());
  }

  @Test
  void whatWasSentBeforeTheOpeningArrivesAfterItAndTheChosenProtocolIsTold() throws Exception {
    var client = new Client();
    var socket = open("/ring/d2/p", client, "one", "two");
    assertEquals("by", client.next());
    assertEquals("two", socket.getSubprotocol());
  }

  @Test
  void withoutAChoiceTheFirstProtocolIsTaken() throws Exception {
    assertEquals("one", open("/ring/d3/", new Client(), "one", "two").getSubprotocol());
  }

  @Test
  void aDeferredConnectionIsRefusedInALaterTurn() {
    assertEquals(404, refusal("/ring/d4/y"));
  }

  @Test
  void aDeferredConnectionThatNobodyDecidesOnTimesOut() {
    assertEquals(504, refusal("/ring/d5/v"));
    assertEquals("1", server.get("/ring/d5/z").body(), "the actor goes on");
  }

  @Test
  void aTrapWhileAConnectionIsDeferredTellsTheClient() {
    var waiting =
        server.client().newWebSocketBuilder().buildAsync(server.socket("/ring/d6/v"), new Client());
    while (server.admin("GET", "/v1/namespaces/ring/actors/d6").path("connections").asInt() != 1) {
      Thread.onSpinWait();
    }
    assertEquals(500, server.get("/ring/d6/tx").statusCode());
    var failure = assertThrows(CompletionException.class, waiting::join);
    assertEquals(
        500,
        assertInstanceOf(WebSocketHandshakeException.class, failure.getCause())
            .getResponse()
            .statusCode());
  }

  @Test
  void twoConnectionsThatAreJoinedCarryMessagesInOrderAndTheClose() throws Exception {
    var client = new Client();
    var socket = open("/ring/g1/gfar1", client);
    for (int i = 0; i < 500; i++) {
      socket.sendText("m" + i, true).join();
    }
    for (int i = 0; i < 500; i++) {
      assertEquals("m" + i, client.next());
    }
    socket.sendText("bye", true).join();
    assertEquals("closed 3001 bye", client.next());
  }

  @Test
  void theChosenProtocolPassesThroughAJoinedConnection() throws Exception {
    assertEquals("one", open("/ring/g2/gfar2", new Client(), "one", "two").getSubprotocol());
  }

  @Test
  void aJoinedConnectionOutlivesTheActorThatJoinedIt() throws Exception {
    var client = new Client();
    var socket = open("/ring/g3/gfar3", client);
    server.admin("DELETE", "/v1/namespaces/ring/actors/g3");
    socket.sendText("still here", true).join();
    assertEquals("still here", client.next());
    assertEquals(
        0,
        server.admin("GET", "/v1/namespaces/ring/actors/g3").path("connections").asInt(),
        "it is the other's now");
    assertEquals(
        1, server.admin("GET", "/v1/namespaces/ring/actors/far3").path("connections").asInt());
    socket.abort();
    while (server.admin("GET", "/v1/namespaces/ring/actors/far3").path("connections").asInt() > 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aRefusalOfTheOtherActorReachesTheClientOfTheOneThatJoins() {
    assertEquals(502, refusal("/ring/g4/g"));
  }

  private static WebSocket open(String path, Client client, String... protocols) {
    var builder = server.client().newWebSocketBuilder();
    if (protocols.length > 0) {
      builder.subprotocols(protocols[0], java.util.Arrays.copyOfRange(protocols, 1, 2));
    }
    return builder.buildAsync(server.socket(path), client).join();
  }

  private static int refusal(String path) {
    var failure =
        assertThrows(CompletionException.class, () -> open(path, new Client()).getSubprotocol());
    return assertInstanceOf(WebSocketHandshakeException.class, failure.getCause())
        .getResponse()
        .statusCode();
  }

  private static final class Client implements WebSocket.Listener {
    private final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();

    String next() throws InterruptedException {
      return String.valueOf(heard.poll(60, TimeUnit.SECONDS));
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      heard.add(data.toString());
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      heard.add("closed " + code + " " + reason);
      return null;
    }
  }
}
