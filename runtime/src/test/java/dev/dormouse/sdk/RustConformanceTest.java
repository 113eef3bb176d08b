package dev.dormouse.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.testkit.TestServer;
import dev.dormouse.testkit.Toolchain;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The app in sdk-rust/conformance uses all of the SDK and checks what it gets. Its own unit tests
 * run it in the SDK's host in memory; here it runs on the server.
 */
@Tag("slow")
class RustConformanceTest {
  private static final Path SDK = Path.of("../sdk-rust");

  @TempDir static Path dir;
  private static @Nullable TestServer started;

  @BeforeAll
  static void theAppIsBuiltAndUploaded() throws IOException, InterruptedException {
    byte[] module = Toolchain.conformance(SDK, "rust-wasm.sh", dir.resolve("conformance.wasm"));
    started = TestServer.start(dir.resolve("data"));
    server().deploy("conformance", module);
  }

  @AfterAll
  static void theServerStops() {
    if (started != null) {
      started.close();
    }
  }

  @Test
  void everyImportAnswersAsTheSdkExpects() {
    var answer = server().get("/conformance/check/check");
    assertEquals(200, answer.statusCode(), answer.body());
    var json = TestServer.json(answer);
    assertEquals("check", json.path("name").asText());
    assertEquals("conformance", json.path("namespace").asText());
  }

  @Test
  void aRequestReachesTheActorWholeAndItsAnswerTheClient() throws Exception {
    var request =
        HttpRequest.newBuilder(server().open("/conformance/echo/echo?a=%20b"))
            .header("X-Probe", "yes")
            .method("PUT", HttpRequest.BodyPublishers.ofByteArray(new byte[] {0, -1, 7}))
            .build();
    var answer = server().client().send(request, HttpResponse.BodyHandlers.ofByteArray());
    assertEquals(201, answer.statusCode());
    assertEquals("PUT", answer.headers().firstValue("x-method").orElse(""));
    assertEquals("/echo?a=%20b", answer.headers().firstValue("x-url").orElse(""));
    assertEquals("yes", answer.headers().firstValue("x-probe").orElse(""));
    assertEquals(ByteBuffer.wrap(new byte[] {0, -1, 7}), ByteBuffer.wrap(answer.body()));
  }

  @Test
  void anAnswerCanComeFromALaterTurn() {
    assertEquals("at last", server().get("/conformance/later/later").body());
  }

  @Test
  void aTurnThatPanicsOrFailsLeavesNothingBehindButItsLog() {
    for (var path : new String[] {"panic", "fail"}) {
      var answer = server().get("/conformance/failing/" + path);
      assertEquals(500, answer.statusCode());
      assertEquals("actor_trapped", TestServer.code(answer));
    }
    var state = TestServer.json(server().get("/conformance/failing/state"));
    assertTrue(state.path("lost").isNull());
    assertEquals(1, state.path("starts").asInt());
  }

  @Test
  void anAlarmThatFailsIsTriedAgain() {
    assertEquals(204, server().get("/conformance/alarm/alarm").statusCode());
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertEquals(
                    "[1]",
                    TestServer.json(server().get("/conformance/alarm/state"))
                        .path("attempts")
                        .toString()));
  }

  @Test
  void anAlarmIsTriedAgainWithWhatItsTurnsDid() {
    assertEquals(204, server().get("/conformance/patient/patient").statusCode());
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertEquals(
                    "[0,1,2]",
                    TestServer.json(server().get("/conformance/patient/state"))
                        .path("attempts")
                        .toString()));
  }

  @Test
  void deepJsonIsAnErrorOfTheActorAndNotOfTheStack() {
    var deepest = "[".repeat(128) + "]".repeat(128);
    assertEquals(
        "{\"kept\":" + deepest + "}", server().post("/conformance/deep/json", deepest).body());
    deepest = "{\"a\":".repeat(128) + "1.5" + "}".repeat(128);
    assertEquals(
        "{\"kept\":" + deepest + "}", server().post("/conformance/deep/json", deepest).body());
    var answer = server().post("/conformance/deep/json", "[".repeat(1_000_000));
    assertEquals(400, answer.statusCode());
  }

  @Test
  void connectionsBehaveAsTheSdkExpects() throws Exception {
    var red = new Client("/conformance/room/?tag=red");
    var blue = new Client("/conformance/room/?tag=blue");
    assertEquals("welcome red, among true", red.next());
    assertEquals("welcome blue, among true", blue.next());
    assertEquals("Guest { name: \"red\", visits: Some(1) }", red.ask("who"));
    assertEquals("Guest { name: \"red\", visits: Some(2) }", red.ask("who"));
    assertEquals("1 of 2", red.ask("count blue"));
    assertEquals("2 of 2", red.ask("count all"));

    red.socket.sendText("tell blue", true).join();
    assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3}), red.next());
    assertEquals("1, 2", red.next());
    assertEquals("told", blue.next());
    assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3}), blue.next());

    var id = blue.ask("id");
    blue.socket.sendText("bye for now", true).join();
    assertEquals("4001 for now", blue.next());
    assertEquals("gone", red.ask("gone " + id));
    red.socket.sendBinary(ByteBuffer.wrap(new byte[] {9}), true).join();
    assertEquals(ByteBuffer.wrap(new byte[] {9}), red.next());
    red.socket.sendClose(4002, "done").join();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertEquals(
                    "4002 done",
                    TestServer.json(server().get("/conformance/room/state"))
                        .path("closed")
                        .asText()));
  }

  @Test
  void anActorCallsAnotherAndHearsItsAnswer() {
    assertEquals("cba", server().post("/conformance/caller/call?actor=called", "abc").body());
    assertEquals("at last", server().post("/conformance/caller/call?actor=called", "later").body());
  }

  @Test
  void theErrorOfAnActorReachesItsCallerWithItsCode() {
    for (var expected :
        new String[][] {
          {"refuse", "not_now", "come back tomorrow"}, {"fail", "actor_trapped", ""},
        }) {
      var answer = server().post("/conformance/caller/call?actor=refusing", expected[0]);
      assertEquals(502, answer.statusCode(), answer.body());
      var json = TestServer.json(answer);
      assertEquals(expected[1], json.path("code").asText());
      assertTrue(json.path("message").asText().startsWith(expected[2]), answer.body());
      assertFalse(json.path("retryable").asBoolean());
    }
  }

  @Test
  void anActorPassesARequestOnAndAnswersWithWhatItGets() {
    var answer = server().post("/conformance/front/pass?actor=back", "body");
    assertEquals(201, answer.statusCode(), answer.body());
    assertEquals("body", answer.body());
    assertEquals("POST", answer.headers().firstValue("x-method").orElse(""));
    assertEquals("/echo?passed=1", answer.headers().firstValue("x-url").orElse(""));
    assertEquals("passed", answer.headers().firstValue("x-probe").orElse(""));
  }

  @Test
  void anActorConnectsToAnotherAndHearsItOrItsRefusal() {
    assertEquals(
        "welcome dial, among true",
        server().get("/conformance/dialing/dial?actor=dialed&url=/?tag=dial").body());
    var refused = server().get("/conformance/dialing/dial?actor=dialed&url=/reject");
    assertEquals(403, refused.statusCode(), refused.body());
  }

  @Test
  void aClientThatWaitsIsJoinedToAnotherActor() throws Exception {
    var client = new Client("/conformance/door/?through=inside");
    assertEquals("welcome guest, among true", client.next());
    assertEquals("1 of 1", client.ask("count guest"));
  }

  @Test
  void anAddressWhereNobodyListensIsAFailureThatMayPass() {
    var answer = server().get("/conformance/outward/web?url=http://127.0.0.1:1/");
    assertEquals(502, answer.statusCode());
    assertEquals("unreachable", TestServer.json(answer).path("code").asText(), answer.body());
    assertTrue(TestServer.json(answer).path("retryable").asBoolean());
  }

  @Test
  void anActorCanRefuseAConnection() {
    var refused =
        assertThrows(CompletionException.class, () -> new Client("/conformance/room2/reject"));
    assertTrue(refused.getMessage().contains("WebSocketHandshakeException"), refused.getMessage());
  }

  @Test
  void anActorRefusesAConnectionInItsOwnWords() {
    var refused = server().get("/conformance/dialing/dial?actor=dialed&url=/refuse");
    assertEquals(402, refused.statusCode(), refused.body());
    assertEquals("pay first", refused.body());
    assertEquals("7", refused.headers().firstValue("x-price").orElse(""));
  }

  @Test
  void theHostAnswersForAnActorThatAskedForIt() throws Exception {
    var client = new Client("/conformance/room3/?tag=red");
    client.next();
    assertEquals("yes", client.ask("respond ping=pong"));
    assertEquals("pong", client.ask("ping"));
    assertEquals("ping=pong true", client.ask("responded"));
  }

  private static TestServer server() {
    return Objects.requireNonNull(started);
  }

  /** A client that keeps what it receives. */
  private static final class Client implements WebSocket.Listener {
    private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    final WebSocket socket;

    Client(String path) {
      socket =
          server().client().newWebSocketBuilder().buildAsync(server().socket(path), this).join();
    }

    Object ask(String message) throws InterruptedException {
      socket.sendText(message, true).join();
      return next();
    }

    Object next() throws InterruptedException {
      var next = received.poll(60, TimeUnit.SECONDS);
      assertNotNull(next, "no frame came");
      return next;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        received.add(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
      var copy = new byte[part.remaining()];
      part.get(copy);
      received.add(ByteBuffer.wrap(copy));
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      received.add(code + " " + reason);
      return null;
    }
  }
}
