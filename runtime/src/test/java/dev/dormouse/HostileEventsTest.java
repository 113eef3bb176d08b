package dev.dormouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.testkit.HostileModule;
import dev.dormouse.testkit.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every kind of event ends in every kind of fault, over real sockets. Whoever waits hears the code;
 * nothing of the turn is stored; and the actor serves the next request.
 */
class HostileEventsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What ends a turn, by the letter that asks for it. */
  private static final Map<String, String> HARMS =
      Map.of(
          "u", "actor_trapped",
          "i", "actor_trapped",
          "n", "actor_trapped",
          "o", "actor_trapped",
          "d", "actor_trapped",
          "l", "out_of_fuel",
          "r", "stack_exhausted",
          "m", "memory_exceeded");

  @TempDir static Path data;
  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(data);
    server.deploy(
        "hostile",
        HostileModule.assemble("{\"fuelPerTurn\": 20000000, \"memoryBytes\": \"8MiB\"}"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aFaultInStartRefusesTheConnectionWithItsCode() {
    each(
        (harm, code) -> {
          var actor = "s" + harm;
          assertRefused(handshake(actor, "/"), code);
          assertNothingIsLeft(actor);
        });
  }

  @Test
  void aFaultInConnectRefusesTheConnectionWithItsCode() {
    each(
        (harm, code) -> {
          var actor = "connect-" + harm;
          assertRefused(handshake(actor, "/" + harm), code);
          assertNothingIsLeft(actor);
          assertEquals(0, connections(actor));
        });
  }

  @Test
  void aFaultInMessageClosesItsConnectionWith1011AndTheCodeAndNoOther() {
    each(
        (harm, code) -> {
          var actor = "message-" + harm;
          var calm = new Listening(actor);
          var harmful = new Listening(actor);
          harmful.socket.sendText(harm, true).join();
          assertEquals("1011 " + code, harmful.closed.get(60, TimeUnit.SECONDS));
          assertNothingIsLeft(actor);
          assertEquals(1, connections(actor));
          calm.socket.sendText("k", true).join();
          awaitStored(actor, "key");
          assertEquals(1, connections(actor), "whoever did no harm stays connected");
          calm.socket.abort();
        });
  }

  @Test
  void aFaultInCloseIsLoggedAndTheConnectionIsGone() {
    each(
        (harm, code) -> {
          var actor = "close-" + harm;
          var client = new Listening(actor);
          client.socket.sendClose(WebSocket.NORMAL_CLOSURE, harm).join();
          awaitLogged(actor, code);
          assertNothingIsLeft(actor);
          Awaitility.await().atMost(PATIENCE).until(() -> connections(actor) == 0);
        });
  }

  @Test
  void aFaultInFetchIsAnsweredWithItsCode() {
    each(
        (harm, code) -> {
          var actor = "fetch-" + harm;
          var answer = server.get("/hostile/" + actor + "/" + harm);
          assertEquals(500, answer.statusCode(), answer.body());
          assertEquals(code, TestServer.code(answer), answer.body());
          assertNothingIsLeft(actor);
        });
  }

  @Test
  void aFaultInAlarmIsLoggedAndTheAlarmIsTriedAgain() {
    each(
        (harm, code) -> {
          var actor = "alarm-" + harm;
          assertEquals("done", server.get("/hostile/" + actor + "/a" + harm).body());
          awaitLogged(actor, code);
          assertEquals(List.of("plan"), stored(actor));
          awaitStored(actor, "fired");
          assertEquals(List.of("fired", "plan"), stored(actor));
          assertTrue(status(actor).path("alarm").isNull(), "an alarm that was handled is gone");
          assertEquals("done", server.get("/hostile/" + actor + "/k").body());
        });
  }

  @Test
  void aFaultInCompleteIsLoggedAndTheActorStartsAnew() {
    each(
        (harm, code) -> {
          var actor = "complete-" + harm;
          assertEquals("done", server.get("/hostile/" + actor + "/c" + harm).body());
          awaitLogged(actor, code);
          assertNothingIsLeft(actor);
        });
  }

  /** What a test does with one harm. */
  private interface Trial {
    void run(String harm, String code) throws Exception;
  }

  /** All harms at once: they are different actors, and none may disturb another. */
  private static void each(Trial trial) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var under = new ArrayList<Future<?>>();
      HARMS.forEach(
          (harm, code) ->
              under.add(
                  threads.submit(
                      () -> {
                        trial.run(harm, code);
                        return harm;
                      })));
      for (var one : under) {
        one.get();
      }
    } catch (Exception e) {
      throw new AssertionError(e.getCause() == null ? e : e.getCause());
    }
  }

  private static void assertNothingIsLeft(String actor) {
    assertEquals(List.of(), stored(actor));
    var answer = server.get("/hostile/" + actor + "/k");
    assertEquals("done", answer.body(), "the actor serves the next request");
    assertEquals(List.of("key"), stored(actor));
  }

  private static List<String> stored(String actor) {
    var keys = new ArrayList<String>();
    server
        .admin("GET", "/v1/namespaces/hostile/actors/" + actor + "/storage")
        .path("entries")
        .forEach(entry -> keys.add(entry.path("key").asText()));
    return keys;
  }

  private static void awaitStored(String actor, String key) {
    Awaitility.await().atMost(PATIENCE).until(() -> stored(actor).contains(key));
  }

  private static void awaitLogged(String actor, String code) {
    var path = "/v1/logs?namespace=hostile&actor=" + actor;
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertTrue(server.adminText(path).contains("\"" + code + ": "), actor));
  }

  private static com.fasterxml.jackson.databind.JsonNode status(String actor) {
    return server.admin("GET", "/v1/namespaces/hostile/actors/" + actor);
  }

  private static int connections(String actor) {
    return status(actor).path("connections").asInt();
  }

  private static void assertRefused(String answer, String code) {
    assertTrue(answer.startsWith("HTTP/1.1 500 "), answer);
    assertTrue(answer.contains("application/problem+json"), answer);
    assertTrue(answer.contains("\"code\":\"" + code + "\""), answer);
  }

  /** Asks for a WebSocket, and answers all that the server says until it closes. */
  private static String handshake(String actor, String path) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      var request =
          "GET /hostile/"
              + actor
              + path
              + " HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade, close\r\n"
              + "upgrade: websocket\r\nsec-websocket-version: 13\r\n"
              + "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A client that keeps with what it was closed. */
  private static final class Listening implements WebSocket.Listener {
    final CompletableFuture<String> closed = new CompletableFuture<>();
    final WebSocket socket;

    Listening(String actor) {
      socket =
          server
              .client()
              .newWebSocketBuilder()
              .buildAsync(server.socket("/hostile/" + actor), this)
              .join();
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
      closed.complete(status + " " + reason);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      closed.completeExceptionally(error);
    }
  }
}
