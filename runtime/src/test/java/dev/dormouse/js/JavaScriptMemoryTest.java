package dev.dormouse.js;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.testkit.Checkout;
import dev.dormouse.testkit.TestServer;
import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What JavaScript actors see of their memory's end, on a server that gives them 32 MiB. */
@Tag("slow")
class JavaScriptMemoryTest {
  private static final int MIB = 1 << 20;

  private static final String APP =
      """
      let kept = [];
      let turns = 0;
      const eaters = {
        strings: () => { const all = []; for (;;) all.push("x".repeat(1000) + all.length); },
        long: () => "x".repeat(2 ** 30 - 1),
        arrays: () => { const all = []; for (;;) all.push(new Array(1000).fill(all.length)); },
        bytes: () => { const all = []; for (;;) all.push(new Uint8Array(1 << 20)); },
        huge: () => new Uint8Array(2 ** 31 - 1),
        maps: () => { let all = new Map(); for (;;) all = new Map([["x".repeat(1000) + turns++, all]]); },
        json: () => { let s = "[]"; for (;;) s = JSON.stringify([s, s]); },
        kept: () => { for (;;) kept.push(new Uint8Array(10_000)); },
      };
      const told = (error) => error.name + ": " + error.message + (error.code ? " " + error.code : "");
      export default {
        connect(event) {
          event.ports[0].onmessage = (message) => event.ports[0].postMessage("heard");
        },
        async fetch(request) {
          const { pathname, searchParams } = new URL(request.url);
          const of = searchParams.get("of");
          turns++;
          try {
            switch (pathname) {
              case "/eat": eaters[of](); break;
              case "/hoard": for (let i = 0; i < Number(of); i++) kept.push(new Uint8Array(1 << 20)); break;
              case "/free": kept = []; break;
              case "/uncaught": queueMicrotask(() => eaters[of]()); break;
              case "/body": return new Response(String((await request.bytes()).length));
              case "/large": return new Response(new Uint8Array(Number(of) << 20));
              case "/outside": return new Response(String((await (await fetch(of)).bytes()).length));
              case "/put": await storage.put("large", new Uint8Array(1_500_000)); break;
              case "/get": for (let i = 0; i < Number(of); i++) kept.push(await storage.get("large")); break;
            }
          } catch (error) {
            return new Response(told(error));
          }
          return new Response("kept " + kept.length);
        },
      };
      """;

  @TempDir static Path dir;
  private static @Nullable TestServer started;

  @BeforeAll
  static void aServerGivesLittleMemory() throws IOException {
    Checkout.isHome();
    started =
        TestServer.withLimits(
            dir.resolve("data"), "{\"memoryBytes\": \"32MiB\", \"fuelPerTurn\": 20000000000}");
    upload(server());
  }

  @AfterAll
  static void itStops() {
    if (started != null) {
      started.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"strings", "long", "arrays", "bytes", "huge", "maps", "json"})
  void whateverUsesItUpIsAnErrorThatJavaScriptCatchesAsOftenAsItLikes(String eater) {
    for (int i = 0; i < 2; i++) {
      assertEquals("InternalError: out of memory", get(eater, "/eat?of=" + eater));
    }
    assertEquals("kept 0", get(eater, "/"));
    assertEquals("kept 0", get("neighbour-of-" + eater, "/"));
  }

  @Test
  void anErrorThatNobodyCatchesIsLoggedWithItsPlaceAndTheActorKeepsItsState() {
    get("full", "/hoard?of=3");
    for (int i = 0; i < 2; i++) {
      get("full", "/uncaught?of=kept");
      assertTrue(logs("full").contains("InternalError: out of memory"), logs("full"));
    }
    assertTrue(logs("full").contains("at kept (bundle.js:11:"), logs("full"));
    assertTrue(Integer.parseInt(get("full", "/").substring("kept ".length())) > 1000);
    assertEquals("kept 0", get("full", "/free"));
    assertEquals("kept 20", get("full", "/hoard?of=20"), "what was given back is used again");
  }

  @Test
  void aBodyThatThereIsNoRoomForIsAnsweredAndTheActorKeepsItsState() {
    assertEquals("kept 20", get("bodies", "/hoard?of=20"));
    var answer = server().post("/app/bodies/body", "x".repeat(16 * MIB));
    assertEquals(500, answer.statusCode(), answer.body());
    assertEquals("uncaught_exception", TestServer.code(answer));
    assertTrue(logs("bodies").contains("InternalError: out of memory"), logs("bodies"));
    assertEquals("kept 20", get("bodies", "/"));
    assertEquals(String.valueOf(MIB), server().post("/app/bodies/body", "x".repeat(MIB)).body());
  }

  @Test
  void anAnswerFromOutsideThatThereIsNoRoomForIsAnErrorOfFetch() {
    assertEquals("kept 20", get("asking", "/hoard?of=20"));
    var large = server().open("/app/large/large?of=10").toString();
    var error = get("asking", "/outside?of=" + large);
    assertTrue(error.contains("memory_exceeded"), error);
    assertEquals("kept 20", get("asking", "/"));
  }

  @Test
  void aStoredValueThatThereIsNoRoomForIsAnErrorOfItsGet() {
    get("stored", "/put");
    assertEquals("InternalError: out of memory", get("stored", "/get?of=40"));
    assertEquals("kept 0", get("stored", "/free"));
    assertEquals("kept 2", get("stored", "/get?of=2"));
  }

  @Test
  void aMessageThatThereIsNoRoomForClosesItsConnectionAndTheActorKeepsItsState() throws Exception {
    assertEquals("kept 20", get("talking", "/hoard?of=20"));
    var closed = new CompletableFuture<Integer>();
    var socket =
        server()
            .client()
            .newWebSocketBuilder()
            .buildAsync(server().socket("/app/talking/"), new Closing(closed))
            .join();
    socket.sendBinary(ByteBuffer.allocate(16 * MIB), true).join();
    assertEquals(1011, closed.get(60, TimeUnit.SECONDS));
    assertEquals("kept 20", get("talking", "/"));
  }

  @Test
  void whereTheNodeHasNoneLeftTheLogSaysSo() {
    try (var small =
        TestServer.configured(dir.resolve("small"), "{\"node\": {\"memoryBytes\": \"24MiB\"}}")) {
      upload(small);
      assertEquals("InternalError: out of memory", small.get("/app/a/eat?of=bytes").body());
      var log = small.adminText("/v1/logs?namespace=app&actor=a");
      assertTrue(log.contains("the server had no memory left for this actor"), log);
      assertEquals("kept 0", small.get("/app/a/").body());
    }
  }

  private static void upload(TestServer to) {
    var answer = to.upload("app", APP.getBytes(UTF_8), "text/javascript");
    assertEquals(201, answer.statusCode(), answer.body());
  }

  private static String get(String actor, String path) {
    return server().get("/app/" + actor + path).body();
  }

  private static String logs(String actor) {
    return server().adminText("/v1/logs?namespace=app&actor=" + actor);
  }

  private static TestServer server() {
    return Objects.requireNonNull(started);
  }

  /** Keeps the code of the close. */
  private record Closing(CompletableFuture<Integer> code) implements WebSocket.Listener {
    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      code.complete(status);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      code.completeExceptionally(error);
    }
  }
}
