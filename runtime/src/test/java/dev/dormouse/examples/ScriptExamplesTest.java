package dev.dormouse.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dormouse.testkit.TestServer;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the examples with Durable Objects do, and those in JavaScript beyond their like. */
@Tag("slow")
class ScriptExamplesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path data;
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(data);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void theCountersMethodsAreCalledAndWhatTheyThrowArrives() throws Exception {
    deploy("do-counter");
    assertEquals("0", server.get("/do-counter/alice").body());
    assertEquals("1", server.post("/do-counter/alice/increment", "").body());
    assertEquals("6", server.post("/do-counter/alice/increment?by=5", "").body());
    assertEquals("1", server.post("/do-counter/bob/increment", "").body());
    var refused = server.post("/do-counter/alice/increment?by=half", "");
    assertEquals(400, refused.statusCode(), refused.body());
    assertEquals("cannot count by NaN\n", refused.body());
    restart();
    assertEquals("6", server.get("/do-counter/alice").body());
  }

  @Test
  void nobodyReachesTheObjectsBehindAGateway() throws Exception {
    deploy("do-counter");
    assertEquals("1", server.post("/do-counter/alice/increment", "").body());
    // The gateway takes the whole path as a counter's name and what to do with it.
    assertEquals(404, server.get("/do-counter/Counter:alice/value").statusCode());
    assertEquals(400, server.get("/do-counter/").statusCode());
  }

  @Test
  void theRoomSleepsWhileItsConnectionsStayAndKnowsThemWhenItWakes() throws Exception {
    deploy("do-chat");
    try (var hazel = talk("/do-chat/lobby?username=hazel");
        var otto = talk("/do-chat/lobby?username=otto")) {
      hazel.say("hello");
      for (var each : new Talk[] {hazel, otto}) {
        assertEquals(
            Talk.json("{\"username\":\"hazel\",\"text\":\"hello\",\"private\":false}"),
            each.hearJson());
      }
      hazel.say("ping");
      assertEquals("pong", hazel.hear());
      var wakes = members().path("wakes").asInt();
      awaitSleep("do-chat", "Room:lobby");
      otto.say("@hazel good morning");
      assertEquals(
          Talk.json("{\"username\":\"otto\",\"text\":\"good morning\",\"private\":true}"),
          hazel.hearJson());
      var now = members();
      assertEquals(Talk.json("[\"hazel\",\"otto\"]"), now.path("members"));
      assertTrue(now.path("wakes").asInt() > wakes, now::toString);
    }
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertEquals(0, members().path("members").size()));
  }

  private JsonNode members() {
    return Talk.json(server.get("/do-chat/lobby").body());
  }

  private void awaitSleep(String namespace, String actor) {
    Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () ->
                server
                    .admin("GET", "/v1/namespaces/" + namespace + "/actors/" + actor)
                    .path("state")
                    .asText()
                    .equals("asleep"));
  }

  @Test
  void aSessionIsItsCookiesAloneAndEndsWhenNobodyTouchesIt() throws Exception {
    deploy("do-session");
    var put = send("PUT", "/do-session/", "{\"theme\":\"dark\",\"n\":[1,2]}");
    assertEquals(204, put.statusCode(), put.body());
    var cookie = put.headers().firstValue("set-cookie").orElseThrow().split(";", 2)[0];
    assertTrue(cookie.matches("session=[0-9a-f]{64}"), cookie);
    assertEquals(
        Talk.json("{\"theme\":\"dark\",\"n\":[1,2]}"),
        Talk.json(send("GET", "/do-session/", "", "cookie", cookie).body()));
    assertEquals("{}", send("GET", "/do-session/", "").body());
    var other = send("PUT", "/do-session/", "{}").headers().firstValue("set-cookie").orElseThrow();
    assertNotEquals(cookie, other.split(";", 2)[0]);
    // Reading it would keep it alive, so it is looked at from outside.
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              for (var actor :
                  server.admin("GET", "/v1/namespaces/do-session/actors").path("actors")) {
                assertTrue(actor.path("alarm").isNull(), actor::toString);
              }
            });
    assertEquals("{}", send("GET", "/do-session/", "", "cookie", cookie).body());
  }

  @Test
  void theBucketEmptiesForOneClientAndSaysWhenToComeAgain() throws Exception {
    deploy("do-rate-limiter");
    for (int n = 1; n <= 5; n++) {
      var allowed = send("GET", "/do-rate-limiter/", "", "x-forwarded-for", "10.1.1.1");
      assertEquals(200, allowed.statusCode(), "request " + n + ": " + allowed.body());
    }
    var refused = send("GET", "/do-rate-limiter/", "", "x-forwarded-for", "10.1.1.1");
    assertEquals(429, refused.statusCode());
    var wait = Integer.parseInt(refused.headers().firstValue("retry-after").orElseThrow());
    assertTrue(wait >= 1 && wait <= 60, "retry-after " + wait);
    assertEquals(
        200, send("GET", "/do-rate-limiter/", "", "x-forwarded-for", "10.1.1.2").statusCode());
  }

  @Test
  void aCartTakesFromTheStockAndGivesBackAcrossObjects() throws Exception {
    deploy("do-cart");
    assertEquals("2", send("PUT", "/do-cart/stock/acorn", "2").body());
    assertEquals("{\"acorn\":1}", server.post("/do-cart/cart/hazel/acorn", "").body());
    assertEquals("{\"acorn\":1}", server.post("/do-cart/cart/otto/acorn", "").body());
    var refused = server.post("/do-cart/cart/otto/acorn", "");
    assertEquals(409, refused.statusCode(), refused.body());
    assertEquals("{\"error\":\"only 0 left of acorn\"}", refused.body());
    assertEquals("{}", send("DELETE", "/do-cart/cart/hazel/acorn", "").body());
    restart();
    assertEquals("1", server.get("/do-cart/stock/acorn").body());
    assertEquals("{\"acorn\":1}", server.get("/do-cart/cart/otto").body());
    assertEquals("{\"acorn\":2}", server.post("/do-cart/cart/otto/acorn", "").body());
  }

  @Test
  void theGatewayLimitsWhoeverAsksByTheirAddress() throws Exception {
    server.deploy("rate-limiter-js", ExampleLanguage.JS.module("rate-limiter"));
    for (int n = 1; n <= 10; n++) {
      var allowed = send("GET", "/rate-limiter-js/", "", "x-forwarded-for", "10.1.1.1");
      assertEquals(200, allowed.statusCode(), "request " + n + ": " + allowed.body());
    }
    assertEquals(
        429, send("GET", "/rate-limiter-js/", "", "x-forwarded-for", "10.1.1.1").statusCode());
    assertEquals(
        200, send("GET", "/rate-limiter-js/", "", "x-forwarded-for", "10.1.1.2").statusCode());
  }

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(server.open(path))
            .timeout(PATIENCE)
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return server.client().send(request.build(), BodyHandlers.ofString());
  }

  private void deploy(String example) {
    server.deploy(example, ExampleLanguage.TS.module(example));
  }

  private void restart() {
    server.close();
    server = TestServer.start(data);
  }

  private Talk talk(String path) {
    return new Talk(server.client(), server.socket(path));
  }
}
