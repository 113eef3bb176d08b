package dev.dormouse.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicHttpTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir static Path directory;
  static GatewayFixture node;

  @BeforeAll
  static void start() {
    node =
        new GatewayFixture(
            directory,
            new GatewayFixture.Options("{\"bodyBytes\": 100000, \"requestTime\": \"1s\"}"));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void anActorAnswersRequestsInOrder() {
    assertEquals("1", node.get("/probe/counter/c").body());
    assertEquals("2", node.get("/probe/counter/c").body());
    assertEquals("1", node.get("/probe/another/c").body());
  }

  @Test
  void anActorSeesMethodPathQueryAndBody() {
    assertEquals("/u/x%2Fy/../z?q=%20&r", node.get("/probe/a/u/x%2Fy/../z?q=%20&r").body());
    assertEquals("hello", node.post("/probe/a/e", "hello").body());
    var odd =
        HttpRequest.newBuilder(node.at("/probe/a/m"))
            .method("PURGE", BodyPublishers.noBody())
            .build();
    assertEquals("PURGE", node.send(odd).body());
  }

  @Test
  void aRequestWithoutAPathHasTheRootAsItsUrl() throws Exception {
    try (var client = node.raw()) {
      // The answer shows only that the request came to the actor, which has no letter to act on.
      client.send("GET /probe/a?x=1 HTTP/1.1\r\nHost: x\r\n\r\n");
      var problem = JSON.readTree(body(client.answer()));
      assertEquals("timeout", problem.path("code").asText());
    }
  }

  @Test
  void headersReachTheActorInLowerCaseWithoutThoseOfTheConnection() {
    try (var client = node.raw()) {
      client.request(
          "GET /probe/a/h HTTP/1.1",
          "Host: example.org",
          "X-One: 1",
          "X-Mine: secret",
          "Dormouse-Origin: https://elsewhere.example",
          "X-One: 2",
          "Connection: keep-alive, X-Mine",
          "TE: trailers");
      var seen = List.of(body(client.answer()).split("\n"));
      assertTrue(seen.contains("host=example.org"), seen::toString);
      assertTrue(seen.contains("x-one=1") && seen.contains("x-one=2"), seen::toString);
      assertFalse(seen.toString().contains("x-mine"), seen::toString);
      assertFalse(seen.toString().contains("dormouse"), seen::toString);
      assertFalse(seen.toString().contains("connection"), seen::toString);
      assertFalse(seen.toString().contains("te="), seen::toString);
    }
  }

  @Test
  void headersOfAnAnswerKeepTheirDuplicates() {
    var answer = node.get("/probe/a/k");
    assertEquals(List.of("a=1", "b=2"), answer.headers().allValues("set-cookie"));
    assertEquals("5", answer.headers().firstValue("content-length").orElseThrow());
  }

  @Test
  void aHeaderThatWouldSplitTheAnswerNeverLeaves() {
    var answer = node.get("/probe/a/b");
    assertFalse(answer.headers().map().containsKey("injected"));
  }

  @Test
  void anAnswerWithoutContentHasNeitherBodyNorLength() {
    try (var client = node.raw()) {
      client.send("GET /probe/a/n HTTP/1.1\r\nHost: x\r\n\r\n");
      var head = client.head();
      assertTrue(head.startsWith("HTTP/1.1 204 "), head);
      assertFalse(head.contains("content-length"), head);
      client.send("GET /probe/fresh/c HTTP/1.1\r\nHost: x\r\n\r\n");
      assertTrue(client.answer().endsWith("\r\n\r\n1"));
    }
  }

  @Test
  void headAnswersTheLengthAndNoBody() {
    try (var client = node.raw()) {
      client.send("HEAD /probe/a/u HTTP/1.1\r\nHost: x\r\n\r\n");
      var head = client.head();
      assertTrue(head.contains("content-length: 2\r\n"), head);
      client.send("GET /probe/a/u HTTP/1.1\r\nHost: x\r\n\r\n");
      assertTrue(client.answer().endsWith("\r\n\r\n/u"));
    }
  }

  @Test
  void aClientThatWaitsIsToldToSendItsBody() {
    try (var client = node.raw()) {
      client.request(
          "POST /probe/a/e HTTP/1.1", "Host: x", "Content-Length: 3", "Expect: 100-continue");
      assertTrue(client.head().startsWith("HTTP/1.1 100 "));
      client.send("abc");
      assertTrue(client.answer().endsWith("\r\n\r\nabc"));
    }
  }

  @Test
  void chunksAreOneBody() {
    try (var client = node.raw()) {
      client.request("POST /probe/a/e HTTP/1.1", "Host: x", "Transfer-Encoding: chunked");
      client.send("3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n");
      assertTrue(client.answer().endsWith("\r\n\r\nabc0123456789abcdef"));
      client.send("GET /probe/a/u HTTP/1.1\r\nHost: x\r\n\r\n");
      assertTrue(client.answer().endsWith("\r\n\r\n/u"));
    }
  }

  @Test
  void anEncodedBodyReachesTheActorAsItIs() {
    var request =
        HttpRequest.newBuilder(node.at("/probe/a/e"))
            .header("content-encoding", "gzip")
            .POST(BodyPublishers.ofString("not really"))
            .build();
    assertEquals("not really", node.send(request).body());
  }

  @Test
  void aBodyAsLargeAsAllowedPassesAndOneByteMoreDoesNot() {
    var largest = "x".repeat(100_000);
    assertEquals(largest, node.post("/probe/a/e", largest).body());
    assertProblem(413, "payload_too_large", node.post("/probe/a/e", largest + "x"));
  }

  @Test
  void chunksThatComeToTooMuchAreRefused() throws Exception {
    try (var client = node.raw()) {
      client.send("POST /probe/a/e HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      var chunk = "8000\r\n" + "x".repeat(0x8000) + "\r\n";
      client.send(chunk.repeat(4));
      var answer = client.answer();
      assertTrue(answer.startsWith("HTTP/1.1 413 "), answer);
      assertEquals("payload_too_large", JSON.readTree(body(answer)).path("code").asText());
    }
  }

  @Test
  void oneChunkThatAnnouncesGigabytesIsNotWaitedFor() {
    try (var client = node.raw()) {
      client.send(
          "POST /probe/a/e HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n");
      client.send("x".repeat(300_000));
      assertTrue(client.answer().startsWith("HTTP/1.1 413 "));
    }
  }

  @Test
  void whatTwoReadersCouldTakeForDifferentRequestsIsRefused() {
    for (var framing :
        List.of(
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
            "Content-Length: 3\r\nContent-Length: 4\r\n",
            "Content-Length: -3\r\n",
            "Content-Length: +3\r\n",
            "Content-Length: 99999999999999999999\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: identity\r\n",
            "Content-Length : 3\r\n",
            "X-A: 1\r\n folded\r\n")) {
      try (var client = node.raw()) {
        client.send("POST /probe/a/e HTTP/1.1\r\nHost: x\r\n" + framing + "\r\nabc");
        var answer = client.answer();
        assertTrue(answer.startsWith("HTTP/1.1 400 "), framing + " -> " + answer);
        assertTrue(answer.contains("bad_request"), answer);
        assertEquals("", client.rest(), framing);
      }
    }
  }

  @Test
  void whatIsNotHttpIsRefusedWithAProblem() {
    for (var request :
        List.of(
            "GARBAGE\r\n\r\n",
            "G(T /probe/a/u HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /probe/a\r\n\r\n",
            "GET /probe/a HTTP/1.0\r\n\r\n",
            "GET /probe/a HTTP/2.0\r\nHost: x\r\n\r\n",
            "GET /probe/a/u HTTP/1.1\r\n\r\n",
            "GET /probe/a/u HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n",
            "GET /probe/a/u HTTP/1.1\r\nHost: x\nX: y\r\n\r\n",
            "GET /" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /probe/a/u HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(70_000) + "\r\n\r\n")) {
      try (var client = node.raw()) {
        client.send(request);
        var answer = client.rest();
        assertTrue(answer.matches("(?s)HTTP/1.1 (400|414|505) .*"), request + " -> " + answer);
        assertTrue(answer.contains("\"code\":\"bad_request\""), answer);
      }
    }
  }

  @Test
  void everyFaultHasItsCode() {
    assertProblem(404, "namespace_not_found", node.get("/nobody/a"));
    assertProblem(404, "not_found", node.get("/"));
    assertProblem(404, "not_found", node.get("/probe"));
    assertProblem(400, "bad_request", node.get("/probe/"));
    assertProblem(400, "bad_request", node.get("//a"));
    assertProblem(504, "timeout", node.get("/probe/a/s"));
    var trapped = assertProblem(500, "actor_trapped", node.get("/probe/a/t"));
    assertEquals("unreachable", trapped.path("trap").asText());
  }

  @Test
  void aConnectionServesRequestsThatCameTogether() {
    try (var client = node.raw()) {
      client.send("GET /probe/pipe/c HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3));
      assertTrue(client.answer().endsWith("\r\n\r\n1"));
      assertTrue(client.answer().endsWith("\r\n\r\n2"));
      assertTrue(client.answer().endsWith("\r\n\r\n3"));
    }
  }

  @Test
  void aClientThatAsksForItGetsItsConnectionClosed() {
    try (var client = node.raw()) {
      client.send("GET /probe/a/u HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      var answer = client.rest();
      assertTrue(answer.contains("connection: close\r\n"), answer);
      assertTrue(answer.endsWith("\r\n\r\n/u"), answer);
    }
  }

  @Test
  void aRequestThatTricklesInIsGivenUp() {
    try (var client = node.raw()) {
      client.send("GET /probe/a/u HTTP/1.1\r\nHost: x\r\nX-");
      assertEquals("", client.rest());
    }
  }

  @Test
  void aBodyThatTricklesInIsGivenUp() {
    try (var client = node.raw()) {
      client.send("POST /probe/a/e HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
      assertEquals("", client.rest());
    }
    assertEquals(0, inbound());
  }

  @Test
  void aTargetInAbsoluteFormIsUnderstood() {
    try (var client = node.raw()) {
      client.send("GET http://x/probe/a/u?y HTTP/1.1\r\nHost: x\r\n\r\n");
      assertTrue(client.answer().endsWith("\r\n\r\n/u?y"));
    }
  }

  private static double inbound() {
    return node.metrics
        .scrape()
        .lines()
        .filter(line -> line.startsWith("dormouse_http_inbound_bytes "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode assertProblem(int status, String code, HttpResponse<String> answer) {
    assertEquals(status, answer.statusCode(), answer.body());
    assertEquals(
        "application/problem+json", answer.headers().firstValue("content-type").orElse(""));
    try {
      var problem = JSON.readTree(answer.body());
      assertEquals(code, problem.path("code").asText());
      assertEquals(status, problem.path("status").asInt());
      assertFalse(problem.path("title").asText().isEmpty());
      assertFalse(problem.path("detail").asText().isEmpty());
      return problem;
    } catch (java.io.IOException e) {
      throw new AssertionError(answer.body(), e);
    }
  }

  private static String body(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }
}
