package dev.dormouse.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dormouse.Node;
import dev.dormouse.config.ServerConfig;
import dev.dormouse.limits.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** A real server on free ports of this machine, and a client for it. */
public final class TestServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String TOKEN = "a-token-for-this-test-alone";

  private final Node node;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(PATIENCE).version(HttpClient.Version.HTTP_1_1).build();

  private TestServer(Node node) {
    this.node = node;
  }

  /**
   * Starts as {@code dormouse serve} does, for apps that come from elsewhere: what they may reach
   * is what their manifests list.
   */
  public static TestServer serving(Path data, UnaryOperator<ServerConfig> change) {
    return new TestServer(Node.start(change.apply(onFreePorts(data)).withAdminToken(TOKEN), false));
  }

  public static TestServer start(Path data) {
    return start(data, config -> config);
  }

  /** Starts with some limits that are not the defaults, as a configuration file gives them. */
  public static TestServer withLimits(Path data, String limits) {
    return configured(data, "{\"limits\":" + limits + "}");
  }

  /** Starts with a configuration file that says this. */
  public static TestServer configured(Path data, String json) {
    byte[] file = json.getBytes(StandardCharsets.UTF_8);
    return start(
        data,
        config ->
            ServerConfig.read(Settings.parse("test", file))
                .withPublic("127.0.0.1", 0)
                .withAdmin("127.0.0.1", 0)
                .withData(config.data()));
  }

  /** Starts with the defaults, changed. */
  public static TestServer start(Path data, UnaryOperator<ServerConfig> change) {
    return new TestServer(Node.start(change.apply(onFreePorts(data)), true));
  }

  private static ServerConfig onFreePorts(Path data) {
    return ServerConfig.defaults()
        .withPublic("127.0.0.1", 0)
        .withAdmin("127.0.0.1", 0)
        .withData(data);
  }

  public int port() {
    return node.publicPort();
  }

  public int adminPort() {
    return node.adminPort();
  }

  public HttpClient client() {
    return client;
  }

  /** Uploads a module, which the server must accept. */
  public void deploy(String namespace, byte[] wasm) {
    var answer = upload(namespace, wasm);
    if (answer.statusCode() / 100 != 2) {
      throw new AssertionError("the module was refused: " + answer.body());
    }
  }

  public HttpResponse<String> upload(String namespace, byte[] wasm) {
    return upload(namespace, wasm, "application/wasm");
  }

  public HttpResponse<String> upload(String namespace, byte[] content, String type) {
    return send(
        asAdmin("/v1/namespaces/" + namespace)
            .header("content-type", type)
            .PUT(HttpRequest.BodyPublishers.ofByteArray(content)));
  }

  public HttpResponse<String> get(String path) {
    return send(HttpRequest.newBuilder(open(path)));
  }

  public HttpResponse<String> post(String path, String body) {
    return send(HttpRequest.newBuilder(open(path)).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  public JsonNode admin(String method, String path) {
    return json(send(asAdmin(path).method(method, HttpRequest.BodyPublishers.noBody())));
  }

  /** What the admin API answers to a GET, as it is. */
  public String adminText(String path) {
    return send(asAdmin(path)).body();
  }

  public URI open(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  public URI socket(String path) {
    return URI.create("ws://127.0.0.1:" + port() + path);
  }

  private HttpRequest.Builder asAdmin(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort() + path))
        .header("authorization", "Bearer " + TOKEN);
  }

  /** The {@code code} of a problem document. */
  public static String code(HttpResponse<String> answer) {
    return json(answer).path("code").asText();
  }

  public static JsonNode json(HttpResponse<String> answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException("not JSON: " + answer.body(), e);
    }
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    // WebSockets that a test has left open would make a patient close wait for ever.
    client.shutdownNow();
    node.close();
  }
}
