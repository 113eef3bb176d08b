package dev.dormouse.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.module.AppSection;
import dev.dormouse.module.Manifest;
import dev.dormouse.testkit.CallerModule;
import dev.dormouse.testkit.TestServer;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Apps that have a gateway in front of their actors. */
class AppGatewayTest {
  private static final byte[] MODULE =
      AppSection.attach(
          CallerModule.assemble(), Manifest.read("test", "{\"gateway\":true}".getBytes(UTF_8)));

  @TempDir static Path data;
  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(data);
    server.deploy("shop", MODULE);
    server.deploy("plain", CallerModule.assemble());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void theGatewayGetsTheRequestsOfItsNamespaceWithoutThePrefix() {
    assertEquals("1", server.get("/shop/a").body());
    assertEquals("/?x=1", server.get("/shop/?x=1").body());
    assertEquals("/?x=2", server.get("/shop?x=2").body());
    assertEquals("0", server.get("/plain/somebody/a").body(), "actors are actors");
  }

  @Test
  void anActorBehindAGatewayIsReachedOnlyThroughIt() {
    assertEquals("1", server.get("/shop/a/somebody/a").body(), "the gateway again, not the actor");
    var outcome = post("/shop/fsomebody", "hello");
    assertTrue(outcome.endsWith("hello"), outcome);
    assertEquals(
        "awake", server.admin("GET", "/v1/namespaces/shop/actors/somebody").path("state").asText());
  }

  @Test
  void anEscapedNameOfTheNamespaceIsNoWayAroundTheGateway() {
    assertEquals("1", server.get("/sho%70/a/a").body());
  }

  @Test
  void aGatewayHasNoStorage() {
    var answer = server.get("/shop/b");
    assertEquals(500, answer.statusCode());
    assertTrue(answer.body().contains("gateway"), answer.body());
    assertEquals("POST", server.get("/plain/somebody/b").body());
  }

  @Test
  void gatewaysAreNotListedAmongTheActors() {
    server.get("/shop/a");
    for (var actor : server.admin("GET", "/v1/namespaces/shop/actors").path("actors")) {
      assertTrue(!actor.path("name").asText().contains("gateway"), actor.toString());
    }
  }

  @Test
  void manyRequestsAreSpreadOverSeveralGateways() {
    var bodies =
        IntStream.range(0, 64)
            .parallel()
            .mapToObj(i -> post("/shop/fbusy" + i % 4, "n" + i))
            .toList();
    IntStream.range(0, 64).forEach(i -> assertTrue(bodies.get(i).endsWith("n" + i)));
  }

  @Test
  void aWebSocketPassesThroughTheGatewayToAnActor() throws Exception {
    var heard = new LinkedBlockingQueue<String>();
    var socket =
        server
            .client()
            .newWebSocketBuilder()
            .buildAsync(server.socket("/shop/groom"), new Listener(heard))
            .join();
    socket.sendText("hello", true).join();
    assertEquals("hello", heard.poll(60, TimeUnit.SECONDS));
    socket.sendText("bye", true).join();
    assertEquals("3001", heard.poll(60, TimeUnit.SECONDS));
  }

  @Test
  void aHostIsBoundToTheGatewayAndGoesWithTheNamespace() {
    server.deploy("store", MODULE);
    assertEquals(200, put("/v1/namespaces/store?host=LocalHost", MODULE).statusCode());
    var here = "http://localhost:" + server.port();
    assertEquals("1", get(here + "/a").body());
    assertEquals("/?q", get(here + "/?q").body(), "no prefix is taken off");
    assertEquals("0", server.get("/plain/somebody/a").body(), "other hosts are as before");
    assertEquals(400, put("/v1/namespaces/shop?host=localhost", MODULE).statusCode(), "taken");
    assertEquals(400, put("/v1/namespaces/shop?host=a/b", MODULE).statusCode());
    assertEquals(
        422, put("/v1/namespaces/plain?host=x.test", CallerModule.assemble()).statusCode());
    server.admin("GET", "/v1/namespaces/store").path("host").asText();
    deleteStore();
    assertEquals("0", get(here + "/plain/somebody/a").body());
  }

  private static void deleteStore() {
    send(
        HttpRequest.newBuilder(
                java.net.URI.create(
                    "http://127.0.0.1:" + server.adminPort() + "/v1/namespaces/store"))
            .DELETE());
  }

  private static HttpResponse<String> put(String path, byte[] wasm) {
    return send(
        HttpRequest.newBuilder(java.net.URI.create("http://127.0.0.1:" + server.adminPort() + path))
            .header("content-type", "application/wasm")
            .PUT(HttpRequest.BodyPublishers.ofByteArray(wasm)));
  }

  private static HttpResponse<String> get(String url) {
    return send(HttpRequest.newBuilder(java.net.URI.create(url)));
  }

  private static String post(String path, String body) {
    return server.post(path, body).body();
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return server.client().send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private record Listener(LinkedBlockingQueue<String> heard) implements WebSocket.Listener {
    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
      heard.add(text.toString());
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      heard.add(String.valueOf(code));
      return null;
    }
  }
}
