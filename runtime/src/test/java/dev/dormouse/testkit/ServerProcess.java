package dev.dormouse.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** {@code dormouse serve} in a process of its own, which can be killed. */
public final class ServerProcess implements AutoCloseable {
  private static final String TOKEN = "a-token-for-this-test-alone";
  private static final Pattern READY =
      Pattern.compile("ready (http://\\S+:\\d+) admin (http://\\S+:\\d+)");

  private final Process process;
  private final String open;
  private final String admin;

  private ServerProcess(Process process, String open, String admin) {
    this.process = process;
    this.open = open;
    this.admin = admin;
  }

  /** Starts a server, and waits until it says that it is ready. */
  public static ServerProcess start(Path data) {
    return start(data, 0);
  }

  /** Starts a server on the port of one that was killed, or on a free one where it is 0. */
  public static ServerProcess start(Path data, int port) {
    return start(data, port, List.of(), List.of());
  }

  /**
   * Starts a server on a free port, with more options for its JVM and more arguments of its own.
   */
  public static ServerProcess start(Path data, List<String> jvm, List<String> arguments) {
    return start(data, 0, jvm, arguments);
  }

  private static ServerProcess start(
      Path data, int port, List<String> jvm, List<String> arguments) {
    try {
      var command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xss24m",
                  "-Xmx1g",
                  "-Djdk.virtualThreadScheduler.parallelism=4"));
      command.addAll(jvm);
      command.addAll(
          List.of(
              "-cp",
              System.getProperty("java.class.path"),
              "dev.dormouse.Main",
              "serve",
              "--port",
              Integer.toString(port),
              "--admin-port",
              "0",
              "--data",
              data.toString()));
      command.addAll(arguments);
      var builder = new ProcessBuilder(command);
      builder.environment().put("DORMOUSE_TOKEN", TOKEN);
      builder.redirectError(data.resolveSibling(data.getFileName() + ".log").toFile());
      var process = builder.start();
      var output =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      var line = output.readLine();
      var ready = READY.matcher(String.valueOf(line));
      if (!ready.matches()) {
        throw new IllegalStateException("the server said: " + line);
      }
      return new ServerProcess(process, ready.group(1), ready.group(2));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public URI uri(String path) {
    return URI.create(open + path);
  }

  public void deploy(HttpClient client, String namespace, byte[] wasm) throws Exception {
    var answer =
        admin(
            client,
            "PUT",
            "/v1/namespaces/" + namespace,
            HttpRequest.BodyPublishers.ofByteArray(wasm));
    if (answer.statusCode() / 100 != 2) {
      throw new AssertionError("the module was refused: " + answer.body());
    }
  }

  /** Asks the admin API. */
  public HttpResponse<String> admin(
      HttpClient client, String method, String path, HttpRequest.BodyPublisher body)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(admin + path))
            .header("authorization", "Bearer " + TOKEN)
            .header("content-type", "application/wasm")
            .timeout(Duration.ofMinutes(1))
            .method(method, body)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL: no shutdown of any kind. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGTERM. */
  public int stop() throws InterruptedException {
    process.destroy();
    return process.waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
