package dev.dormouse.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import dev.dormouse.observe.LogLevel;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminHttpTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir static Path directory;
  static GatewayFixture node;

  @BeforeAll
  static void start() {
    node = new GatewayFixture(directory, new GatewayFixture.Options("{\"moduleBytes\": 1000000}"));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void aModuleIsPutOnceAndThenUnchanged() {
    var first = putModule("made", ProbeGuest.WASM);
    assertEquals(201, first.statusCode(), first.body());
    var json = json(first);
    assertEquals("made", json.path("namespace").asText());
    assertEquals(1, json.path("version").asInt());
    assertEquals(ProbeGuest.WASM.length, json.path("size").asInt());
    assertEquals(64, json.path("sha256").asText().length());
    assertEquals("0.1.0", json.path("abi").asText());
    assertTrue(json.path("exports").toString().contains("\"fetch\""));
    var again = putModule("made", ProbeGuest.WASM);
    assertEquals(200, again.statusCode());
    assertEquals(json, json(again));
    assertEquals("1", node.get("/made/a/c").body());

    assertEquals(1, json(node.admin("GET", "/v1/namespaces/made")).path("version").asInt());
    assertEquals(204, node.admin("DELETE", "/v1/namespaces/made").statusCode());
    assertProblem(404, "namespace_not_found", node.admin("GET", "/v1/namespaces/made"));
    assertEquals(404, node.get("/made/a/c").statusCode());
    assertProblem(404, "namespace_not_found", node.admin("DELETE", "/v1/namespaces/made"));
  }

  @Test
  void aBadModuleIsRefusedWithTheReason() {
    assertProblem(422, "module_invalid", putModule("bad", "not a module".getBytes(UTF_8)));
    assertProblem(413, "payload_too_large", putModule("bad", new byte[1_000_001]));
    assertProblem(400, "bad_request", putModule("B%20AD", ProbeGuest.WASM));
  }

  @Test
  void listsComeInPages() {
    for (var name : List.of("list-a", "list-b", "list-c")) {
      putModule(name, ProbeGuest.WASM);
    }
    assertEquals(
        List.of("list-a", "list-b", "list-c"),
        pages("/v1/namespaces?prefix=list-", "namespaces", "namespace"));
    for (var actor : List.of("ä", "b", "a%2Fb", "c")) {
      node.post("/list-a/" + actor + "/pkey", "x");
    }
    assertEquals(
        List.of("a/b", "b", "c", "ä"), pages("/v1/namespaces/list-a/actors?", "actors", "name"));
    assertEquals(
        List.of("a/b"), pages("/v1/namespaces/list-a/actors?prefix=a%2F", "actors", "name"));
    assertProblem(400, "bad_request", node.admin("GET", "/v1/namespaces/list-a/actors?limit=1001"));
    assertProblem(400, "bad_request", node.admin("GET", "/v1/namespaces/list-a/actors?limit=0"));
    assertProblem(400, "bad_request", node.admin("GET", "/v1/namespaces?cursor=%25%25"));
    assertProblem(400, "bad_request", node.admin("GET", "/v1/namespaces?limt=5"));
    assertProblem(404, "namespace_not_found", node.admin("GET", "/v1/namespaces/none/actors"));
  }

  @Test
  void anActorIsShownAndDeleted() {
    node.post("/probe/shown/pkey", "value");
    var shown = json(node.admin("GET", "/v1/namespaces/probe/actors/shown"));
    assertEquals("awake", shown.path("state").asText());
    assertTrue(shown.path("memoryBytes").asLong() >= 4 * 65_536);
    assertEquals(8, shown.path("storageBytes").asInt());
    assertTrue(shown.path("alarm").isNull());
    assertEquals(0, shown.path("connections").asInt());
    assertTrue(shown.path("fuelUsed").asLong() > 0);
    assertTrue(shown.path("lastTurn").asLong() > 1_600_000_000_000L);
    assertEquals(64, shown.path("id").asText().length());

    assertEquals(204, node.admin("DELETE", "/v1/namespaces/probe/actors/shown").statusCode());
    var after = node.admin("GET", "/v1/namespaces/probe/actors/shown/storage");
    assertTrue(after.statusCode() == 404 || json(after).path("entries").isEmpty(), after::body);
    assertProblem(404, "actor_not_found", node.admin("GET", "/v1/namespaces/probe/actors/never"));
    assertProblem(
        404, "actor_not_found", node.admin("DELETE", "/v1/namespaces/probe/actors/never"));
  }

  @Test
  void storageIsShownAsJsonWhereItIsStructured() throws Exception {
    var cbor = new CBORMapper();
    byte[] structured = cbor.writeValueAsBytes(Map.of("n", List.of(1, true, "ü")));
    put("/probe/stored/pa%20b", structured);
    put("/probe/stored/pb", new byte[] {(byte) 0xff, 0, 1});
    for (int i = 0; i < 40; i++) {
      put("/probe/stored/pc" + i, cbor.writeValueAsBytes(i));
    }
    var path = "/v1/namespaces/probe/actors/stored/storage";
    var entries = json(node.admin("GET", path)).path("entries");
    assertEquals("a%20b", entries.get(0).path("key").asText());
    assertEquals("{\"n\":[1,true,\"ü\"]}", entries.get(0).path("value").toString());
    assertEquals(structured.length, entries.get(0).path("bytes").asInt());
    assertEquals("/wAB", entries.get(1).path("base64").asText());
    assertFalse(entries.get(1).has("value"));
    assertEquals(42, entries.size());
    assertEquals(40, pages(path + "?prefix=c", "entries", "key").size());
    assertEquals(42, pages(path + "?", "entries", "key").size());
  }

  @Test
  void theLogIsStreamedAsItIsWritten() throws Exception {
    node.post("/probe/logger/w", "before");
    var request =
        HttpRequest.newBuilder(node.adminAt("/v1/logs?namespace=probe&actor=logger&follow=true"))
            .header("authorization", "Bearer " + GatewayFixture.TOKEN)
            .build();
    var answer =
        node.http.sendAsync(request, BodyHandlers.ofInputStream()).get(60, TimeUnit.SECONDS);
    assertEquals("text/event-stream", answer.headers().firstValue("content-type").orElse(""));
    try (var lines =
        new java.io.BufferedReader(new java.io.InputStreamReader(answer.body(), UTF_8))) {
      assertEquals("before", JSON.readTree(data(lines)).path("message").asText());
      node.post("/probe/logger/w", "after\ntwo");
      var line = JSON.readTree(data(lines));
      assertEquals("logger", line.path("actor").asText());
      assertEquals("info", line.path("level").asText());
      assertTrue(line.path("message").asText().startsWith("after"));
      assertTrue(line.path("time").asLong() > 1_600_000_000_000L);
    }
    var kept = node.admin("GET", "/v1/logs?namespace=probe&actor=logger");
    assertEquals(2, kept.body().lines().filter(line -> line.startsWith("data: ")).count());
    assertProblem(400, "bad_request", node.admin("GET", "/v1/logs"));
  }

  @Test
  void aStreamWhoseClientHasGoneEnds() {
    // More streams than the listener takes connections: those whose clients went must have ended.
    for (int i = 0; i < 100; i++) {
      try (var client = new RawClient(node.gateway.adminPort())) {
        client.request(
            "GET /v1/logs?namespace=gone&follow=true HTTP/1.1",
            "Host: localhost",
            "Authorization: Bearer " + GatewayFixture.TOKEN);
        assertTrue(client.head().startsWith("HTTP/1.1 200 "), "stream " + i);
      }
      if (i % 8 == 0) {
        await()
            .atMost(Duration.ofSeconds(60))
            .until(
                () -> {
                  node.log.write("gone", "a", LogLevel.INFO, "line");
                  return node.gateway.adminConnections() < 8;
                });
      }
    }
  }

  @Test
  void whoeverLacksTheTokenIsRefused() {
    for (var header : List.of("", "Bearer wrong", "Basic " + GatewayFixture.TOKEN, "Bearer")) {
      var request = HttpRequest.newBuilder(node.adminAt("/v1/namespaces"));
      if (!header.isEmpty()) {
        request.header("authorization", header);
      }
      var answer = node.send(request.build());
      assertProblem(401, "unauthorized", answer);
      assertTrue(answer.headers().firstValue("www-authenticate").orElse("").startsWith("Bearer"));
    }
    assertEquals(
        401, node.send(HttpRequest.newBuilder(node.adminAt("/metrics")).build()).statusCode());
  }

  @Test
  void healthIsToldToEverybody() {
    for (var path : List.of("/healthz", "/readyz")) {
      assertEquals(200, node.send(HttpRequest.newBuilder(node.adminAt(path)).build()).statusCode());
    }
  }

  @Test
  void metricsAreInTheFormatOfPrometheus() {
    node.get("/probe/measured/c");
    var metrics = node.admin("GET", "/metrics");
    assertTrue(metrics.headers().firstValue("content-type").orElse("").contains("version=0.0.4"));
    assertTrue(metrics.body().contains("dormouse_http_connections "), metrics.body());
  }

  @Test
  void wrongPathsAndMethodsAreToldApart() {
    assertProblem(404, "not_found", node.admin("GET", "/v2"));
    assertProblem(404, "not_found", node.admin("GET", "/v1/namespaces/probe/nothing"));
    assertProblem(404, "not_found", node.admin("GET", "/v1/namespaces/probe/actors/a/b"));
    assertProblem(400, "bad_request", node.admin("GET", "/v1/namespaces/%ff"));
    var wrong = node.admin("POST", "/v1/namespaces/probe");
    assertProblem(405, "method_not_allowed", wrong);
    assertEquals("GET, HEAD, PUT, DELETE", wrong.headers().firstValue("allow").orElse(""));
    assertProblem(405, "method_not_allowed", node.admin("DELETE", "/metrics"));
  }

  private static void put(String path, byte[] body) {
    var request =
        HttpRequest.newBuilder(node.at(path)).POST(BodyPublishers.ofByteArray(body)).build();
    assertEquals(200, node.send(request).statusCode());
  }

  private static HttpResponse<String> putModule(String namespace, byte[] wasm) {
    return node.send(
        HttpRequest.newBuilder(node.adminAt("/v1/namespaces/" + namespace))
            .header("authorization", "Bearer " + GatewayFixture.TOKEN)
            .header("content-type", "application/wasm")
            .PUT(BodyPublishers.ofByteArray(wasm))
            .build());
  }

  /** Follows the cursors, two entries at a time. */
  private static List<String> pages(String path, String field, String name) {
    var all = new ArrayList<String>();
    var cursor = "";
    do {
      var more = cursor.isEmpty() ? "" : "&cursor=" + cursor;
      var join = path.contains("?") ? "&" : "?";
      var page = json(node.admin("GET", path + join + "limit=2" + more));
      assertTrue(page.path(field).size() <= 2);
      page.path(field).forEach(each -> all.add(each.path(name).asText()));
      cursor = page.path("cursor").asText("");
    } while (!cursor.isEmpty());
    return all;
  }

  private static String data(java.io.BufferedReader lines) throws java.io.IOException {
    var line = lines.readLine();
    while (line != null && !line.startsWith("data: ")) {
      line = lines.readLine();
    }
    return line == null ? "" : line.substring(6);
  }

  private static void assertProblem(int status, String code, HttpResponse<String> answer) {
    assertEquals(status, answer.statusCode(), answer.body());
    assertEquals(code, json(answer).path("code").asText());
  }

  private static JsonNode json(HttpResponse<String> answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (JsonProcessingException e) {
      throw new AssertionError(answer.body(), e);
    }
  }
}
