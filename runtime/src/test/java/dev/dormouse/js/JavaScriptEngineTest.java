package dev.dormouse.js;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.testkit.TestServer;
import dev.dormouse.testkit.Toolchain;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * JavaScript actors on the real server: the engine with an app's bundle, over HTTP and WebSocket.
 */
@Tag("slow")
class JavaScriptEngineTest {
  private static final String APP =
      """
      let seen = 0;
      const depth = () => 1 + depth();
      const eat = () => { const all = []; for (;;) all.push(new Uint8Array(1 << 20)); };
      const deepest = (recurse) => { let n = 0; try { recurse(() => ++n); } catch (error) { return error.name + " " + n; } };
      const recursions = {
        calls: (count) => { const f = () => { count(); return 1 + f(); }; f(); },
        methods: (count) => { class A { f(n) { count(); return [n, this.f(n + 1)]; } } new A().f(0); },
        callbacks: (count) => { const f = () => { count(); return [1].map(f); }; f(); },
        replacers: (count) => { const f = () => { count(); return "a".replace(/a/, f); }; f(); },
        getters: (count) => { const o = { get x() { count(); return o.x; } }; o.x; },
        proxies: (count) => { const p = new Proxy({}, { get() { count(); return p.x; } }); p.x; },
        generators: (count) => { function* f() { count(); yield* f(); } [...f()]; },
        constructors: (count) => { class A { constructor() { count(); new A(); } } new A(); },
        sorters: (count) => { const f = () => { count(); return [2, 1].sort(f); }; f(); },
        strings: (count) => { const o = { toString() { count(); return "" + o; } }; "" + o; },
      };
      const nested = {
        json: (n) => JSON.parse("[".repeat(n) + "]".repeat(n)),
        stringify: (n) => { let o = {}; for (let i = 0; i < n; i++) o = { o }; JSON.stringify(o); },
        parentheses: (n) => new Function("return " + "(".repeat(n) + "1" + ")".repeat(n))(),
        functions: (n) => new Function("return " + "()=>".repeat(n) + "1"),
        blocks: (n) => new Function("{".repeat(n) + "}".repeat(n)),
        pattern: (n) => new RegExp("(?:".repeat(n) + "a" + ")".repeat(n)).exec("a"),
        flat: (n) => { let a = []; for (let i = 0; i < n; i++) a = [a]; a.flat(Infinity); },
        clone: (n) => { let a = []; for (let i = 0; i < n; i++) a = [a]; structuredClone(a); },
      };
      const caught = (work) => { try { work(); return "nothing"; } catch (error) { return error.name; } };
      export default {
        async connect(event) {
          const port = event.ports[0];
          port.onmessage = (message) => port.postMessage({ echo: message.data });
        },
        async fetch(request) {
          const { pathname, searchParams } = new URL(request.url);
          switch (pathname) {
            case "/count": {
              const count = ((await storage.get("count")) ?? 0) + 1;
              await storage.put("count", count);
              return Response.json({ name: self.name, count, seen: ++seen });
            }
            case "/body": return new Response((await request.text()).toUpperCase(), { status: 201 });
            case "/store": {
              const value = { when: new Date(5), map: new Map([[1, "x"]]), big: 2n ** 70n };
              value.self = value;
              await storage.put("value", value);
              const copy = await storage.get("value");
              return new Response([copy.when.getTime(), copy.map.get(1), copy.big, copy.self === copy].join());
            }
            case "/numbers": {
              const numbers = new Map();
              for (let i = 0; i < 20000; i++) numbers.set(i, i);
              let found = 0;
              for (let i = 0; i < 20000; i++) found += numbers.get(i) === i ? 1 : 0;
              return new Response(String(found));
            }
            case "/random": return new Response(String(Math.random()));
            case "/depth": return new Response(caught(depth));
            case "/recursion": return new Response(deepest(recursions[searchParams.get("of")]));
            case "/nested": return new Response(caught(() => nested[searchParams.get("in")](Number(searchParams.get("n")))));
            case "/eat": return new Response(caught(eat));
            case "/long": return new Response(caught(() => "x".repeat(2 ** 31)));
            case "/loop": for (;;);
            case "/promises": { const again = () => Promise.resolve().then(again); await again(); }
            case "/microtasks": { const again = () => queueMicrotask(again); again(); return new Response("never"); }
            case "/storm": { const storm = () => { seen++; setTimeout(storm); setTimeout(storm); }; storm(); return new Response("blows"); }
            case "/seen": return new Response(String(seen));
            case "/calm": self.terminate(); return new Response("calm");
            case "/pattern": return new Response(String(/^(a+)+$/.test("a".repeat(60) + "b")));
            case "/throw": throw new TypeError("of the app");
            default: return new Response("no such page", { status: 404 });
          }
        },
      };
      """;

  @TempDir static Path dir;
  private static @Nullable TestServer started;

  @BeforeAll
  static void theEngineIsBuiltAndAnAppUploaded() throws IOException, InterruptedException {
    Toolchain.run(
        Path.of("../sdk-js-quickjs-wasm/toolchain/js-engine.sh"), Path.of("target/js-engine"));
    started = TestServer.serving(dir.resolve("data"), config -> config);
    byte[] engine = Files.readAllBytes(Path.of("target/js-engine/engine.wasm"));
    server().deploy("app", withSection(engine, "dormouse:bundle", APP.getBytes(UTF_8)));
  }

  @AfterAll
  static void theServerStops() {
    if (started != null) {
      started.close();
    }
  }

  @Test
  void anActorAnswersAndRemembers() {
    var first = TestServer.json(server().get("/app/counter/count"));
    var second = TestServer.json(server().get("/app/counter/count"));
    assertEquals("counter", first.path("name").asText());
    assertEquals(1, first.path("count").asInt());
    assertEquals(2, second.path("count").asInt());
    assertEquals(2, second.path("seen").asInt());
  }

  @Test
  void aBodyReachesTheActorAndItsAnswerTheClient() {
    var answer = server().post("/app/body/body", "grüße");
    assertEquals(201, answer.statusCode());
    assertEquals("GRÜSSE", answer.body());
  }

  @Test
  void structuredValuesComeBackFromStorageAsTheyWere() {
    assertEquals("5,x,1180591620717411303424,true", server().get("/app/values/store").body());
  }

  @Test
  void aTurnHasFuelForManyWholeNumbersAsKeys() {
    assertEquals("20000", server().get("/app/numbers/numbers").body());
  }

  @Test
  void twoActorsDrawDifferentRandomNumbers() {
    assertNotEquals(server().get("/app/one/random").body(), server().get("/app/two/random").body());
  }

  @Test
  void deepRecursionAndTooLongStringsAreErrorsThatJavaScriptCatches() {
    assertEquals("RangeError", server().get("/app/limits/depth").body());
    assertEquals("RangeError", server().get("/app/limits/long").body());
    assertEquals(200, server().get("/app/limits/count").statusCode());
  }

  @ParameterizedTest
  @CsvSource({
    "calls, 5000", "methods, 5000", "callbacks, 500", "replacers, 300", "getters, 1000",
    "proxies, 300", "generators, 300", "constructors, 3000", "sorters, 500", "strings, 500"
  })
  void aRecursionWithoutEndIsARangeErrorAtAUsefulDepth(String recursion, int atLeast) {
    String[] answer =
        server().get("/app/" + recursion + "/recursion?of=" + recursion).body().split(" ");
    assertEquals("RangeError", answer[0]);
    assertTrue(Integer.parseInt(answer[1]) >= atLeast, () -> recursion + " ended at " + answer[1]);
    assertEquals(200, server().get("/app/" + recursion + "/count").statusCode());
  }

  @ParameterizedTest
  @CsvSource({
    "json, 5000, 50000", "stringify, 1000, 3000", "parentheses, 500, 5000", "functions, 100, 5000",
    "blocks, 300, 5000", "pattern, 500, 5000", "flat, 500, 5000", "clone, 100, 5000"
  })
  void whatIsNestedDeeplyIsReadOrIsAnErrorThatJavaScriptCatches(
      String what, int works, int deeper) {
    assertEquals("nothing", server().get("/app/nested/nested?in=" + what + "&n=" + works).body());
    String answer = server().get("/app/nested/nested?in=" + what + "&n=" + deeper).body();
    assertTrue(
        Set.of("nothing", "RangeError", "SyntaxError", "DataCloneError").contains(answer), answer);
  }

  @Test
  void anExhaustedMemoryIsAnErrorThatJavaScriptCatchesAndTheActorLivesOn() {
    assertEquals("InternalError", server().get("/app/eater/eat").body());
    assertEquals(200, server().get("/app/eater/count").statusCode());
    assertEquals(200, server().get("/app/neighbour/count").statusCode());
  }

  @Test
  void anEndlessLoopAndACatastrophicPatternRunOutOfFuelAndTheActorLivesOn() {
    assertEquals("out_of_fuel", TestServer.code(server().get("/app/fuel/loop")));
    assertEquals("out_of_fuel", TestServer.code(server().get("/app/fuel/pattern")));
    assertEquals(200, server().get("/app/fuel/count").statusCode());
  }

  @ParameterizedTest
  @ValueSource(strings = {"loop", "promises", "microtasks", "pattern", "depth", "eat", "long"})
  void neighboursAreServedWhileAnActorMisbehavesAndItLivesOn(String misdeed) {
    server().get("/app/neighbour/count");
    var fate = CompletableFuture.supplyAsync(() -> server().get("/app/" + misdeed + "/" + misdeed));
    for (int n = 0; n < 3; n++) {
      assertEquals(200, server().get("/app/neighbour/count").statusCode());
    }
    var answer = fate.join();
    if (Set.of("depth", "eat", "long").contains(misdeed)) {
      assertTrue(answer.body().endsWith("Error"), answer.body());
    } else {
      assertEquals("out_of_fuel", TestServer.code(answer));
    }
    assertEquals(200, server().get("/app/" + misdeed + "/count").statusCode());
  }

  @Test
  void aStormOfTimersIsBoundedAndOthersAndTheActorItselfAnswerThroughIt() {
    assertEquals("blows", server().get("/app/storm/storm").body());
    // Each timer sets two more, up to the bound of ten thousand.
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Integer.parseInt(server().get("/app/storm/seen").body()) > 10);
    assertEquals(200, server().get("/app/neighbour/count").statusCode());
    assertEquals("calm", server().get("/app/storm/calm").body());
    assertEquals("0", server().get("/app/storm/seen").body());
  }

  @Test
  void anErrorOfTheAppIsAnsweredWithoutItsTextAndTheActorLivesOn() {
    var answer = server().get("/app/errors/throw");
    assertEquals(500, answer.statusCode());
    assertEquals("uncaught_exception", TestServer.code(answer));
    assertFalse(answer.body().contains("of the app"), answer.body());
    assertTrue(answer.headers().firstValue("dormouse-exception").isEmpty());
    assertEquals(200, server().get("/app/errors/count").statusCode());
  }

  @Test
  void aWebSocketIsAPortOfTheActor() throws InterruptedException {
    var talk = new Talk();
    var socket =
        server()
            .client()
            .newWebSocketBuilder()
            .buildAsync(server().socket("/app/room/"), talk)
            .join();
    socket.sendText("{\"hello\":\"mouse\"}", true).join();
    var answer = Objects.requireNonNull(talk.heard.poll(60, TimeUnit.SECONDS), "no answer");
    assertTrue(answer.contains("\"echo\"") && answer.contains("mouse"), answer);
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
  }

  private static TestServer server() {
    return Objects.requireNonNull(started);
  }

  private static byte[] withSection(byte[] wasm, String name, byte[] content) {
    byte[] label = name.getBytes(UTF_8);
    var out = new ByteArrayOutputStream();
    out.writeBytes(wasm);
    out.write(0);
    unsigned(out, 1 + label.length + content.length);
    out.write(label.length);
    out.writeBytes(label);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static void unsigned(ByteArrayOutputStream out, int value) {
    int left = value;
    while (left >= 0x80) {
      out.write((left & 0x7F) | 0x80);
      left >>>= 7;
    }
    out.write(left);
  }

  /** Keeps the texts that come. */
  private static final class Talk implements WebSocket.Listener {
    final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
      heard.add(text.toString());
      socket.request(1);
      return null;
    }
  }
}
