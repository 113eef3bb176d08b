package dev.dormouse.sdk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.testkit.Checkout;
import dev.dormouse.testkit.ScriptModule;
import dev.dormouse.testkit.TestServer;
import dev.dormouse.testkit.Toolchain;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Actors of real languages rest, on a real server, and go on as if they had not. */
class RestingActorsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long MIB = 1 << 20;

  private static final String APP =
      """
      const seen = new Map();
      let ticks = 0;
      let text = "";
      export default {
        async fetch(request) {
          const { pathname } = new URL(request.url);
          if (pathname === "/tick") setTimeout(() => { ticks++; text += "tick "; }, 5000);
          if (pathname === "/ticks") return new Response(ticks + " " + text);
          seen.set(seen.size, pathname + Math.random());
          text += pathname;
          return new Response(seen.size + " " + text);
        },
      };
      """;

  @TempDir Path dir;

  private static double metric(TestServer server, String name) {
    return server
        .adminText("/metrics")
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private static void untilSoManyRest(TestServer server, int actors) {
    Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () ->
                metric(server, "dormouse_compactions_total")
                        - metric(server, "dormouse_expansions_total")
                    >= actors);
  }

  private TestServer server(String node) {
    return TestServer.configured(
        dir.resolve("data"),
        "{\"limits\": {\"idleSleep\": \"1h\", \"idleCompact\": \"1s\"}, \"node\": " + node + "}");
  }

  @Test
  @Tag("slow")
  void rustKeepsWhatItHasInMemory() throws Exception {
    var module = dir.resolve("counter.wasm");
    Toolchain.run(
        Path.of("../sdk-rust/toolchain/rust-wasm.sh"), Path.of("../bench/apps/counter"), module);
    try (var server = server("{}")) {
      server.deploy("app", Files.readAllBytes(module));
      for (int round = 1; round <= 3; round++) {
        for (int i = 0; i < 20; i++) {
          assertEquals(Integer.toString(round), server.get("/app/a" + i + "/memory").body());
        }
        untilSoManyRest(server, 20);
        double held = metric(server, "dormouse_memory_reserved_bytes");
        assertTrue(held < MIB, "bytes: " + held);
      }
    }
  }

  @Test
  @Tag("slow")
  void javaScriptKeepsWhatItHasInMemoryAndItsTimers() throws Exception {
    Checkout.isHome();
    try (var server = server("{}")) {
      var answer = server.upload("app", APP.getBytes(UTF_8), "text/javascript");
      assertEquals(201, answer.statusCode(), answer.body());
      server.get("/app/a0/tick");
      var text = new StringBuilder("/tick");
      for (int i = 1; i < 10; i++) {
        server.get("/app/a" + i + "/tick");
      }
      for (int round = 2; round <= 4; round++) {
        untilSoManyRest(server, 10);
        double held = metric(server, "dormouse_memory_reserved_bytes");
        assertTrue(held < 6 * MIB, "bytes: " + held);
        text.append("/").append(round);
        for (int i = 0; i < 10; i++) {
          assertEquals(
              round + " " + text,
              server.get("/app/a" + i + "/" + round).body().replace("tick ", ""));
        }
      }
      for (int i = 0; i < 10; i++) {
        var path = "/app/a" + i + "/ticks";
        Awaitility.await().atMost(PATIENCE).until(() -> server.get(path).body().startsWith("1 "));
      }
    }
  }

  @Test
  void underConstantWantOfMemoryNoActorLosesWhatItHas() throws Exception {
    int clients = 8;
    int rounds = 40;
    try (var server = server("{\"memoryBytes\": \"4MiB\"}");
        var threads = Executors.newFixedThreadPool(clients)) {
      server.deploy("app", ScriptModule.assemble(1));
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        int first = 5 * i;
        Callable<Void> talks =
            () -> {
              var five =
                  IntStream.range(first, first + 5).mapToObj(n -> new Talker(server, n)).toList();
              for (int round = 1; round <= rounds; round++) {
                for (var each : five) {
                  assertEquals(Integer.toString(round), each.ask("#~>"));
                }
              }
              return null;
            };
        running.add(threads.submit(talks));
      }
      for (var each : running) {
        each.get();
      }
      assertTrue(metric(server, "dormouse_expansions_total") > rounds, "they had to rest");
      assertEquals(0, metric(server, "dormouse_sleeps_total"));
    }
  }

  /** A client of an actor, by WebSocket, that waits for each answer. */
  private static final class Talker implements WebSocket.Listener {
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final WebSocket socket;

    Talker(TestServer server, int actor) {
      socket =
          server
              .client()
              .newWebSocketBuilder()
              .buildAsync(server.socket("/app/a" + actor + "/"), this)
              .join();
    }

    String ask(String script) throws InterruptedException {
      socket.sendText(script, true).join();
      return Objects.requireNonNull(heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
      heard.add(text.toString());
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
      heard.add("closed: " + status + " " + reason);
      return null;
    }
  }
}
