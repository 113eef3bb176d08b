package dev.dormouse.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.testkit.TestServer;
import dev.dormouse.testkit.Toolchain;
import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the memory of an actor in Rust is laid out, and what it comes to. */
@Tag("slow")
class RustMemoryTest {
  private static final int PAGE = 64 * 1024;
  private static final Path SCRIPT = Path.of("../sdk-rust/toolchain/rust-wasm.sh");

  /** Recurses as deep as the path says, with a frame of more than a kilobyte. */
  private static final String RECURSION =
      """
      use dormouse::{Actor, Ctx, Request, Response, Result, export_actor};

      ITEMS

      struct Deep;

      #[inline(never)]
      fn deep(calls: u32) -> u32 {
          let mut frame = [calls; 256];
          std::hint::black_box(&mut frame);
          match calls {
              0 => 0,
              _ => deep(calls - 1) + frame[calls as usize % 256] / frame[0],
          }
      }

      impl Actor for Deep {
          fn start(_: &Ctx) -> Result<Self> {
              Ok(Deep)
          }

          fn fetch(&mut self, _: &Ctx, request: Request) -> Result<Response> {
              let calls = request.path()[1..].parse().unwrap_or(0);
              Ok(Response::text(deep(calls).to_string()))
          }
      }

      export_actor!(Deep: fetch);
      """;

  private static final String MANIFEST =
      """
      [package]
      name = "deep"
      version = "0.1.0"
      edition = "2024"

      [lib]
      crate-type = ["cdylib"]

      [dependencies]
      dormouse = { path = "SDK", FEATURES }

      [package.metadata.dormouse]
      SETTINGS
      """;

  @TempDir Path dir;
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(dir.resolve("data"));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aSmallActorTakesOnePage() throws Exception {
    server.deploy("counter", build(Path.of("../bench/apps/counter")));
    for (int n = 1; n <= 100; n++) {
      assertEquals(Integer.toString(n), server.get("/counter/a/memory").body());
      assertEquals(Integer.toString(n), server.get("/counter/a/durable").body());
    }
    assertEquals("5000", server.post("/counter/a/value", "v".repeat(5000)).body());
    assertEquals(5000, server.get("/counter/a/value").body().length());
    assertEquals(1, pages("counter", "a"));
  }

  @Test
  void memoryThatWasFreedServesAgain() throws Exception {
    server.deploy("counter", build(Path.of("../bench/apps/counter")));
    for (int round = 0; round < 20; round++) {
      for (int size : new int[] {100_000, 10, 30_000, 70_000}) {
        assertEquals(
            Integer.toString(size), server.post("/counter/b/value", "v".repeat(size)).body());
        assertEquals(size, server.get("/counter/b/value").body().length());
      }
    }
    // The longest value once, or once for each of the two turns, beside the first page.
    assertTrue(pages("counter", "b") <= 4, "pages: " + pages("counter", "b"));
  }

  @Test
  void aChatTakesTwoPages() throws Exception {
    server.deploy("chat", build(Path.of("../examples/rust/chat")));
    var answered = new CompletableFuture<Void>();
    var socket =
        server
            .client()
            .newWebSocketBuilder()
            .buildAsync(server.socket("/chat/lobby"), new Counting(60, answered))
            .join();
    for (int n = 0; n < 60; n++) {
      socket.sendText("{\"username\":\"Hazel\",\"text\":\"nuts " + n + "\"}", true).join();
    }
    answered.get(60, TimeUnit.SECONDS);
    assertTrue(pages("chat", "lobby") <= 2, "pages: " + pages("chat", "lobby"));
  }

  @Test
  void callsDeeperThanTheStackAreATrapThatSaysSo() throws Exception {
    server.deploy("deep", build(deep("", "default-features = true", "")));
    assertEquals("20", server.get("/deep/a/20").body());
    var answer = server.get("/deep/a/60");
    assertEquals("actor_trapped", TestServer.code(answer), answer.body());
    var logged = server.adminText("/v1/logs?namespace=deep&actor=a");
    assertTrue(logged.contains("outside of its memory"), logged);
    assertTrue(logged.contains("calls deeper than its stack"), logged);
    assertEquals("20", server.get("/deep/a/20").body());
  }

  @Test
  void anAppMayHaveALargerStackAndAnAllocatorOfItsOwn() throws Exception {
    var own = "#[global_allocator] static OWN: std::alloc::System = std::alloc::System;";
    server.deploy("deep", build(deep(own, "default-features = false", "stack-bytes = 131_072")));
    assertEquals("100", server.get("/deep/a/100").body());
  }

  private Path deep(String items, String features, String settings) throws IOException {
    var app = Files.createDirectories(dir.resolve("deep"));
    Files.createDirectories(app.resolve("src"));
    var sdk = Path.of("../sdk-rust").toRealPath();
    Files.writeString(
        app.resolve("Cargo.toml"),
        MANIFEST
            .replace("SDK", sdk.toString())
            .replace("FEATURES", features)
            .replace("SETTINGS", settings));
    Files.writeString(app.resolve("src/lib.rs"), RECURSION.replace("ITEMS", items));
    return app;
  }

  private byte[] build(Path app) throws IOException, InterruptedException {
    var module = dir.resolve("app.wasm");
    Toolchain.run(SCRIPT, app, module);
    return Files.readAllBytes(module);
  }

  /** Of an actor's memory, without its table. */
  private long pages(String namespace, String actor) {
    var shown = server.admin("GET", "/v1/namespaces/" + namespace + "/actors/" + actor);
    return shown.path("memoryBytes").asLong() / PAGE;
  }

  /** Hears so many messages. */
  private static final class Counting implements WebSocket.Listener {
    private final CompletableFuture<Void> all;
    private int missing;

    Counting(int messages, CompletableFuture<Void> all) {
      missing = messages;
      this.all = all;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
      if (last && --missing == 0) {
        all.complete(null);
      }
      from.request(1);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
      all.completeExceptionally(failure);
    }
  }
}
