package dev.dormouse.sdk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dormouse.module.AppSection;
import dev.dormouse.module.Manifest;
import dev.dormouse.testkit.Origin;
import dev.dormouse.testkit.TestServer;
import dev.dormouse.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The conformance app of an SDK reaches out, as a module on a server for apps that come from
 * elsewhere, to an origin of this machine that its manifest lists by name.
 */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OutsideConformance {
  private final Path sdk;
  private final String script;
  private @Nullable Origin origin;
  private @Nullable TestServer started;

  OutsideConformance(Path sdk, String script) {
    this.sdk = sdk;
    this.script = script;
  }

  @BeforeAll
  void start(@TempDir Path dir) throws IOException, InterruptedException {
    byte[] module = Toolchain.conformance(sdk, script, dir.resolve("conformance.wasm"));
    origin = Origin.start();
    started = TestServer.serving(dir.resolve("data"), config -> config);
    var listed = "{\"egress\": [\"http://127.0.0.1:%d\"]}".formatted(origin.port());
    server().deploy("listed", AppSection.attach(module, manifest(listed)));
    server().deploy("unlisted", AppSection.attach(module, manifest("{}")));
  }

  @AfterAll
  void stop() throws IOException {
    if (started != null) {
      started.close();
    }
    if (origin != null) {
      origin.close();
    }
  }

  /** Whether the failure is, to the SDK, of the kind that stands for what the policy refuses. */
  abstract boolean saysDenied(JsonNode failure);

  @Test
  void aFetchBringsTheWholeAnswer() {
    var answer = server().post("/listed/a/web?url=" + http("/echo"), "body");
    assertEquals(201, answer.statusCode(), answer.body());
    assertEquals("body", answer.body());
    assertEquals("POST", answer.headers().firstValue("x-method").orElse(""));
    assertEquals("outward", answer.headers().firstValue("x-probe").orElse(""));
  }

  @Test
  void redirectsAreFollowedOrTakenOrAFailure() {
    var url = http("/to?" + http("/echo"));
    assertEquals(201, server().get("/listed/a/web?url=" + url).statusCode());
    var taken = server().get("/listed/a/web?redirects=manual&url=" + url);
    assertEquals(302, taken.statusCode());
    assertEquals(http("/echo"), taken.headers().firstValue("location").orElse(""));
    var failed = server().get("/listed/a/web?redirects=fail&url=" + url);
    assertEquals(502, failed.statusCode());
    assertEquals("redirected", TestServer.code(failed));
  }

  @Test
  void aWebSocketSpeaksWithTheSubProtocolThatTheOtherSideChose() {
    var answer = server().get("/listed/a/web-dial?url=" + socket("/socket"));
    assertEquals("200 echo: hello", answer.statusCode() + " " + answer.body());
  }

  @Test
  void aWebSocketThatTheOtherSideRefusesIsItsAnswer() {
    assertEquals(403, server().get("/listed/a/web-dial?url=" + socket("/no")).statusCode());
  }

  @Test
  void whatThePolicyDoesNotAllowIsAFailureOfItsOwnKind() {
    int port = Objects.requireNonNull(origin).port();
    for (var path :
        new String[] {
          "/unlisted/a/web?url=" + http("/echo"),
          "/unlisted/a/web-dial?url=" + socket("/socket"),
          "/listed/a/web?url=http://localhost:" + port + "/echo",
          "/listed/a/web?url=" + http("/to?http://10.0.0.1/"),
          "/listed/a/web-dial?url=ws://10.0.0.1/",
        }) {
      var answer = server().get(path);
      assertEquals(502, answer.statusCode(), path + ": " + answer.body());
      var failure = TestServer.json(answer);
      assertTrue(saysDenied(failure), path + ": " + failure);
      assertEquals("egress_denied", failure.path("code").asText());
      assertFalse(failure.path("message").asText().isEmpty());
      assertFalse(failure.path("retryable").asBoolean());
    }
  }

  private String http(String path) {
    return "http://127.0.0.1:" + Objects.requireNonNull(origin).port() + path;
  }

  private String socket(String path) {
    return "ws" + http(path).substring("http".length());
  }

  private TestServer server() {
    return Objects.requireNonNull(started);
  }

  private static Manifest manifest(String json) {
    return Manifest.read("test", json.getBytes(UTF_8));
  }
}
