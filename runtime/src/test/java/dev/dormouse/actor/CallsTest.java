package dev.dormouse.actor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import dev.dormouse.identity.ActorId;
import dev.dormouse.testkit.CallerModule;
import dev.dormouse.testkit.TestServer;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Actors that fetch from, call and connect to each other, on a real server. */
class CallsTest {
  private static final CBORMapper CBOR = new CBORMapper();

  @TempDir static Path data;
  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.withLimits(data, "{\"requestTime\":\"4s\",\"idleSleep\":\"200ms\"}");
    server.deploy("ring", CallerModule.assemble());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aFetchOfAnotherActorCompletesWithItsReply() throws IOException {
    var outcome = cbor(post("/ring/a1/fb1", "hello"));
    assertEquals(200, outcome.get(0).asInt());
    assertTrue(outcome.get(1).isArray());
    assertEquals("hello", new String(outcome.get(2).binaryValue(), UTF_8));
  }

  @Test
  void anActorMayFetchFromItselfWhileItWaits() throws IOException {
    var outcome = cbor(post("/ring/self/fself", "me"));
    assertEquals("me", new String(outcome.get(2).binaryValue(), UTF_8));
  }

  @Test
  void aRequestThatIsPassedOnIsAnsweredByTheOtherActor() {
    var answer = post("/ring/p1/pq1", "/y");
    assertEquals(201, answer.statusCode());
    assertEquals("two", answer.headers().firstValue("two").orElse(""));
    assertEquals("/y", new String(answer.body(), UTF_8), "no outcome, but the answer itself");
  }

  @Test
  void anAnswerWithAHeaderThatIsNotToBePassedOnComesBack() throws IOException {
    var outcome = cbor(post("/ring/p2/vq2", "/y"));
    assertEquals(201, outcome.get(0).asInt());
    assertEquals("two", outcome.get(1).get(0).get(0).asText());
    assertEquals("/e", text(post("/ring/p2/vq2", "/e"), 200), "without the header it does not");
  }

  @Test
  void aRequestThatIsPassedOnInVainIsTheActorsAgain() {
    assertTrue(text(post("/ring/p3/pq3", "/tq3"), 299).startsWith("actor_trapped: "));
    assertTrue(text(post("/ring/p3/p", "/e"), 299).startsWith("bad_request: "), "no such name");
    var told = new String(post("/ring/p3/pq3", "/s").body(), UTF_8);
    assertTrue(told.contains("timeout"), told);
  }

  @Test
  void whoeverPassesRequestsOnSleepsAfterwards() {
    assertEquals("/e", text(post("/ring/p4/pq4", "/e"), 200));
    // An instance that sleeps between two looks has seen only the second.
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> server.get("/ring/p4/z").body().equals("1"));
  }

  @Test
  void requestsThatArePassedOnEndWithTheInstance() throws Exception {
    var waiting =
        CompletableFuture.supplyAsync(() -> post("/ring/p5/pq5", "/s"), Thread::startVirtualThread);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              assertEquals(500, server.get("/ring/p5/tq5").statusCode(), "a trap");
              return waiting.isDone();
            });
    var told = new String(waiting.get().body(), UTF_8);
    assertTrue(told.contains("actor_trapped"), told);
  }

  @Test
  void aCallEndsWithTheResultThatTheOtherGives() {
    assertEquals("42 apples", text(post("/ring/a2/cb2", "42 apples"), 200));
    assertEquals("nope: not today", text(post("/ring/a2/cb2", "!"), 299));
  }

  @Test
  void aCallThatTrapsFailsWithTheCodeOfTheFault() {
    assertTrue(text(post("/ring/a3/cb3", "*"), 299).startsWith("actor_trapped: "));
    assertEquals("fine", text(post("/ring/a3/cb3", "fine"), 200), "both go on");
  }

  @Test
  void aTurnThatIsRolledBackHasCalledNobody() {
    assertEquals(500, server.get("/ring/a4/tb4").statusCode());
    assertEquals("1", server.get("/ring/b4/z").body(), "only this request has been seen");
  }

  @Test
  void callsThatNestTooDeepAreOverloaded() {
    var deepest = text(post("/ring/deep/ndeep", ""), 200);
    assertTrue(deepest.contains("overloaded: calls nested too deep"), deepest);
  }

  @Test
  void whatIsNotAnsweredInTimeFailsWithTimeout() {
    var answer = post("/ring/a5/qb5", "");
    // The request and its call have the same deadline; whichever is told first says the same.
    var told = new String(answer.body(), UTF_8);
    assertTrue(told.contains("timeout"), told);
    assertEquals("again", text(post("/ring/a5/cb5", "again"), 200));
  }

  @Test
  void anActorHasSoManyOperationsOpenAndNoMore() {
    byte[] taken = post("/ring/a6/ob6", "").body();
    assertEquals(256, (taken[0] & 0xff) | (taken[1] & 0xff) << 8);
  }

  @Test
  void anOperationIsCancelledOnce() {
    assertEquals("10", text(post("/ring/a7/xb7", ""), 200));
    assertEquals("1", server.get("/ring/b7/z").body(), "the cancelled call never came");
  }

  @Test
  void aCallToANameThatCannotBeIsABadRequest() {
    assertTrue(text(post("/ring/a8/c", ""), 299).startsWith("bad_request: "), "an empty name");
  }

  @Test
  void idsAreKnownByNameAndNamesByTheirIds() {
    var id = server.get("/ring/a9/isomebody").body();
    assertEquals(new ActorId("ring", "somebody").hex(), id);
    assertEquals("somebody", server.get("/ring/a9/j" + id).body());
    assertEquals("/", server.get("/ring/a9/j" + "0".repeat(64)).body(), "unknown");
  }

  @Test
  void anActorConnectsToAnotherAndTheyTalk() {
    assertEquals("POST", text(post("/ring/a10/kb10", ""), 200));
  }

  @Test
  void aRefusedConnectionEndsWithTheStatusOfTheRefusal() throws IOException {
    var outcome = cbor(post("/ring/a11/lb11", ""));
    assertEquals(403, outcome.get(0).asInt());
    assertEquals("nope", new String(outcome.get(2).binaryValue(), UTF_8));
  }

  @Test
  void manyActorsCallEachOtherAtOnce() {
    var answers =
        IntStream.range(0, 200)
            .parallel()
            .mapToObj(i -> text(post("/ring/m" + i % 20 + "/cm" + i * 7 % 20, "n" + i), 200))
            .toList();
    IntStream.range(0, 200).forEach(i -> assertEquals("n" + i, answers.get(i)));
  }

  @Test
  void aFetchFromTheWebCompletesWithTheReplyAndItsUrl() throws IOException {
    var url = server.open("/ring/web/z").toString();
    var outcome = cbor(post("/ring/a12/w", url));
    assertEquals(200, outcome.get(0).asInt());
    assertEquals("1", new String(outcome.get(2).binaryValue(), UTF_8));
    assertEquals(url, outcome.get(3).asText());
    var refused = text(post("/ring/a12/w", "http://10.0.0.1/"), 299);
    assertTrue(refused.startsWith("egress_denied: "), refused);
  }

  @Test
  void aWebSocketToTheWebIsSpokenWith() throws IOException {
    var ws = server.socket("/ring/web/");
    assertEquals("POST", text(post("/ring/a13/u", ws.toString()), 200));
    var refusal = cbor(post("/ring/a13/u", server.socket("/ring/web/r").toString()));
    assertEquals(403, refusal.get(0).asInt());
  }

  static JsonNode cbor(HttpResponse<byte[]> answer) throws IOException {
    assertEquals(200, answer.statusCode(), new String(answer.body(), UTF_8));
    return CBOR.readTree(answer.body());
  }

  private static String text(HttpResponse<byte[]> answer, int status) {
    var body = new String(answer.body(), UTF_8);
    assertEquals(status, answer.statusCode(), body);
    return body;
  }

  private static HttpResponse<byte[]> post(String path, String body) {
    try {
      return server
          .client()
          .send(
              HttpRequest.newBuilder(server.open(path))
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
