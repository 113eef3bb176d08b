package dev.dormouse.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.testkit.TestServer;
import dev.dormouse.testkit.Toolchain;
import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The app in sdk-assemblyscript/conformance asks others and answers them. The SDK's own tests run
 * it on a host of theirs; here it runs on the server.
 */
@Tag("slow")
class AssemblyScriptConformanceTest {
  private static final Path SDK = Path.of("../sdk-assemblyscript");

  @TempDir static Path dir;
  private static @Nullable TestServer started;

  @BeforeAll
  static void theAppIsBuiltAndUploaded() throws IOException, InterruptedException {
    byte[] module = Toolchain.conformance(SDK, "as-wasm.sh", dir.resolve("conformance.wasm"));
    started = TestServer.start(dir.resolve("data"));
    server().deploy("as", module);
  }

  @AfterAll
  static void theServerStops() {
    if (started != null) {
      started.close();
    }
  }

  @Test
  void anActorCallsAnotherAndHearsItsAnswer() {
    assertEquals("cba", server().post("/as/caller/call?actor=called", "abc").body());
    assertEquals("at last", server().post("/as/caller/call?actor=called", "later").body());
    assertEquals("cba", server().post("/as/caller/call?actor=called&namespace=as", "abc").body());
  }

  @Test
  void theErrorOfAnActorReachesItsCallerWithItsCode() {
    var refused = TestServer.json(server().post("/as/caller/call?actor=refusing", "refuse"));
    assertEquals("not_now", refused.path("code").asText());
    assertEquals("come back tomorrow", refused.path("message").asText());
    var failed = TestServer.json(server().post("/as/caller/call?actor=refusing", "fail"));
    assertEquals("actor_trapped", failed.path("code").asText());
    var unreachable = TestServer.json(server().get("/as/caller/web?url=http://127.0.0.1:1/"));
    assertEquals("unreachable", unreachable.path("code").asText());
    assertTrue(unreachable.path("retryable").asBoolean());
  }

  @Test
  void anActorPassesARequestOnAndAnswersWithWhatItGets() {
    var answer = server().post("/as/front/pass?actor=back", "body");
    assertEquals("body", answer.body());
    assertEquals("/echo?passed=1", answer.headers().firstValue("x-url").orElse(""));
    assertEquals("passed", answer.headers().firstValue("x-probe").orElse(""));
  }

  @Test
  void anActorConnectsToAnotherAndHearsItOrItsRefusal() {
    assertEquals(
        "welcome back", server().get("/as/dialing/dial?actor=dialed&url=/?name=back").body());
    assertEquals(403, server().get("/as/dialing/dial?actor=dialed&url=/").statusCode());
    var refused = server().get("/as/dialing/dial?actor=dialed&url=/refuse");
    assertEquals("402 pay first", refused.statusCode() + " " + refused.body());
    assertEquals("7", refused.headers().firstValue("x-price").orElse(""));
  }

  /** The greeting comes at once, from another thread than the news that the connection is open. */
  @Test
  void whatTheOtherSaysAtOnceIsHeardAfterTheOpening() {
    var answers =
        IntStream.range(0, 500)
            .parallel()
            .mapToObj(
                i ->
                    server()
                        .get(
                            "/as/dialing"
                                + i % 8
                                + "/dial?actor=dialed"
                                + i % 5
                                + "&url=/?name="
                                + i)
                        .body())
            .toList();
    IntStream.range(0, 500).forEach(i -> assertEquals("welcome " + i, answers.get(i)));
  }

  @Test
  void aClientThatWaitsIsJoinedToAnotherActor() throws Exception {
    var heard = new CompletableFuture<String>();
    var socket =
        server()
            .client()
            .newWebSocketBuilder()
            .buildAsync(
                server().socket("/as/door/?through=inside"),
                new WebSocket.Listener() {
                  @Override
                  public @Nullable CompletionStage<?> onText(
                      WebSocket from, CharSequence text, boolean last) {
                    heard.complete(text.toString());
                    return null;
                  }
                })
            .join();
    assertEquals("welcome guest", heard.get(60, TimeUnit.SECONDS));
    socket.abort();
  }

  @Test
  void namesRolesAndCryptographyAreTheServers() {
    assertEquals("names names true", server().get("/as/names/names").body());
    assertEquals("false none", server().get("/as/names/app").body());
    assertEquals("right", server().get("/as/names/crypto").body());
  }

  @Test
  void anAlarmIsTriedAgainWithWhatItsTurnsDid() {
    assertEquals(204, server().get("/as/patient/patient").statusCode());
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertEquals("[0,1,2]", server().get("/as/patient/attempts").body()));
  }

  private static TestServer server() {
    return Objects.requireNonNull(started);
  }
}
