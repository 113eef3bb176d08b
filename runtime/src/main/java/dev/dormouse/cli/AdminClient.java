package dev.dormouse.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Talks to the admin API of a server. Every failure, of the network or told by the server, is a
 * {@link CliFailure} in words. A request that is not a stream ends after {@link #PATIENCE}.
 */
final class AdminClient {
  static final JsonMapper JSON = new JsonMapper();

  /** Compiling a large module takes seconds, under load more. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final URI server;
  private final @Nullable String token;
  private final HttpClient http;

  AdminClient(URI server, @Nullable String token) {
    this.server = server;
    this.token = token;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
  }

  /** An answer of the server that was not a refusal. */
  record Answer(int status, JsonNode body) {}

  Answer get(String path) {
    return answer(request(path).timeout(PATIENCE).GET().build());
  }

  Answer put(String path, String contentType, byte[] body) {
    return answer(
        request(path)
            .timeout(PATIENCE)
            .header("Content-Type", contentType)
            .PUT(BodyPublishers.ofByteArray(body))
            .build());
  }

  Answer delete(String path) {
    return answer(request(path).timeout(PATIENCE).DELETE().build());
  }

  /** The lines of a text stream, until the server ends it. The caller closes it. */
  Stream<String> lines(String path) {
    HttpResponse<Stream<String>> response =
        send(
            request(path).header("Accept", "text/event-stream").GET().build(),
            BodyHandlers.ofLines());
    if (response.statusCode() / 100 != 2) {
      try (Stream<String> body = response.body()) {
        throw refused(response.statusCode(), body.collect(Collectors.joining("\n")));
      }
    }
    return response.body();
  }

  /** A path from its parts, each percent-encoded. */
  static String path(String... parts) {
    return Stream.of(parts).map(AdminClient::encode).collect(Collectors.joining("/", "/", ""));
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private HttpRequest.Builder request(String path) {
    String base = server.toString();
    if (base.endsWith("/")) {
      base = base.substring(0, base.length() - 1);
    }
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return request;
  }

  private Answer answer(HttpRequest request) {
    HttpResponse<InputStream> response = send(request, BodyHandlers.ofInputStream());
    byte[] body;
    try (InputStream in = response.body()) {
      body = in.readAllBytes();
    } catch (IOException lost) {
      throw unreachable(lost);
    }
    String text = new String(body, StandardCharsets.UTF_8);
    if (response.statusCode() / 100 != 2) {
      throw refused(response.statusCode(), text);
    }
    if (text.isBlank()) {
      return new Answer(response.statusCode(), MissingNode.getInstance());
    }
    try {
      return new Answer(response.statusCode(), JSON.readTree(text));
    } catch (JsonProcessingException notJson) {
      throw new CliFailure(
          server + " does not answer like a Dormouse admin API; is it the admin address?", notJson);
    }
  }

  private <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) {
    try {
      return http.send(request, handler);
    } catch (IOException lost) {
      throw unreachable(lost);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new CliFailure("interrupted", stop);
    }
  }

  private CliFailure unreachable(IOException lost) {
    if (lost instanceof HttpTimeoutException) {
      return new CliFailure("the server at " + server + " did not answer in time", lost);
    }
    if (lost instanceof ConnectException) {
      return new CliFailure(
          "no server answers at "
              + server
              + "; start one with `dormouse dev` or `dormouse serve`, or name it with --server",
          lost);
    }
    return new CliFailure("the connection to " + server + " failed: " + lost.getMessage(), lost);
  }

  private static CliFailure refused(int status, String body) {
    String reason = "";
    String code = "";
    try {
      JsonNode problem = JSON.readTree(body);
      reason = problem.path("detail").asText(problem.path("title").asText(""));
      code = problem.path("code").asText("");
    } catch (JsonProcessingException notJson) {
      reason = body.length() > 200 ? body.substring(0, 200) : body;
    }
    if (status == 401) {
      return new CliFailure(
          "the server wants its admin token; give it with --token or in DORMOUSE_TOKEN (`serve`"
              + " keeps the one it made in the file admin-token of its data folder)");
    }
    String what = reason.isBlank() ? "the server answered " + status : reason;
    return new CliFailure(code.isEmpty() ? what : what + " (" + code + ")");
  }
}
