package dev.dormouse.examples;

import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Headless Chromium, driven through its DevTools protocol. One thread at a time. */
final class Browser implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final HttpClient client = HttpClient.newHttpClient();
  private final Talk talk;
  private final int width;
  private final int height;
  private int lastId;

  /**
   * Starts a browser that reaches nothing but this machine.
   *
   * @param profile a folder of its own
   * @param width of every page, in pixels
   * @param height of every page, in pixels
   */
  Browser(Path program, Path profile, int width, int height) throws IOException {
    this.width = width;
    this.height = height;
    process =
        new ProcessBuilder(
                program.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--no-proxy-server",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(profile.resolve("output.log").toFile())
            .start();
    try {
      var address =
          Awaitility.await()
              .atMost(PATIENCE)
              .until(() -> address(profile.resolve("DevToolsActivePort")), Optional::isPresent);
      talk = new Talk(client, address.orElseThrow());
    } catch (RuntimeException failed) {
      process.destroyForcibly();
      throw failed;
    }
  }

  /** The browser that is installed here. */
  static Optional<Path> program() {
    return Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":"))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** The file holds the port in its first line and the path in its second, once it is written. */
  private Optional<URI> address(Path file) throws IOException {
    if (!process.isAlive()) {
      throw new IllegalStateException(
          "the browser ended: " + Files.readString(file.resolveSibling("output.log")));
    }
    var lines = Files.exists(file) ? Files.readAllLines(file) : List.<String>of();
    return lines.size() < 2
        ? Optional.empty()
        : Optional.of(URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1)));
  }

  Tab open(URI uri) {
    var target =
        call(null, "Target.createTarget", Talk.JSON.createObjectNode().put("url", uri.toString()));
    var attached =
        call(
            null,
            "Target.attachToTarget",
            Talk.JSON
                .createObjectNode()
                .put("targetId", target.path("targetId").asText())
                .put("flatten", true));
    var tab = new Tab(attached.path("sessionId").asText());
    call(
        tab.session,
        "Emulation.setDeviceMetricsOverride",
        Talk.JSON
            .createObjectNode()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", 1)
            .put("mobile", false));
    return tab;
  }

  private JsonNode call(String session, String method, ObjectNode parameters) {
    int id = ++lastId;
    var request = Talk.JSON.createObjectNode().put("id", id).put("method", method);
    request.set("params", parameters);
    if (session != null) {
      request.put("sessionId", session);
    }
    talk.say(request.toString());
    // Events, which nobody here waits for, come between.
    var answer = talk.hearJson();
    while (answer.path("id").asInt() != id) {
      answer = talk.hearJson();
    }
    return answer.has("error") ? fail(method + ": " + answer) : answer.path("result");
  }

  @Override
  public void close() {
    talk.close();
    client.close();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One page of the browser. */
  final class Tab {
    private final String session;

    private Tab(String session) {
      this.session = session;
    }

    /** The value of an expression in the page. */
    JsonNode evaluate(String expression) {
      var answer =
          call(
              session,
              "Runtime.evaluate",
              Talk.JSON
                  .createObjectNode()
                  .put("expression", expression)
                  .put("returnByValue", true));
      return answer.has("exceptionDetails")
          ? fail(expression + ": " + answer)
          : answer.path("result").path("value");
    }

    /** Types into an input in the place of what is there, and then Enter. */
    void type(String selector, String text) {
      evaluate("document.querySelector('%1$s').select()".formatted(selector));
      call(session, "Input.insertText", Talk.JSON.createObjectNode().put("text", text));
      for (var type : List.of("keyDown", "keyUp")) {
        call(
            session,
            "Input.dispatchKeyEvent",
            Talk.JSON
                .createObjectNode()
                .put("type", type)
                .put("key", "Enter")
                .put("code", "Enter")
                .put("text", "\r")
                .put("windowsVirtualKeyCode", 13));
      }
    }

    void toFront() {
      call(session, "Page.bringToFront", Talk.JSON.createObjectNode());
    }

    /** The page as a PNG. */
    void screenshot(Path file) {
      var shot =
          call(
              session, "Page.captureScreenshot", Talk.JSON.createObjectNode().put("format", "png"));
      try {
        Files.write(file, Base64.getDecoder().decode(shot.path("data").asText()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
