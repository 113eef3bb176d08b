package dev.dormouse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.module.AppSection;
import dev.dormouse.module.Manifest;
import dev.dormouse.testkit.CallerModule;
import dev.dormouse.testkit.Front;
import dev.dormouse.testkit.TestCertificates;
import dev.dormouse.testkit.TestServer;
import java.nio.file.Path;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Actors of a server for apps that come from elsewhere reach out over real sockets. What they reach
 * is the server itself, with TLS in front of it.
 */
@Tag("slow")
class OutwardTest {
  @TempDir static Path keys;
  private static Path authority;
  private static SSLContext own;
  private static SSLContext another;

  @TempDir Path dir;
  private @Nullable TestServer started;
  private @Nullable Front right;
  private @Nullable Front wrong;

  @BeforeAll
  static void makeCertificates() throws Exception {
    var certificates = new TestCertificates(keys);
    authority = certificates.authority();
    own = certificates.server("localhost");
    another = certificates.server("elsewhere.test");
  }

  @BeforeEach
  void start() throws Exception {
    started =
        TestServer.serving(dir.resolve("data"), config -> config.withWebCertificates(authority));
    right = Front.tls(server().port(), own);
    wrong = Front.tls(server().port(), another);
    var manifest =
        "{\"egress\": [\"https://localhost:%d\", \"https://localhost:%d\", \"http://127.0.0.1:%d\"]}"
            .formatted(right().port(), wrong.port(), server().port());
    var module = AppSection.attach(CallerModule.assemble(), manifest(manifest));
    server().deploy("listed", module);
    server().deploy("unlisted", AppSection.attach(CallerModule.assemble(), manifest("{}")));
  }

  @AfterEach
  void stop() throws Exception {
    for (var part : new @Nullable AutoCloseable[] {right, wrong, started}) {
      if (part != null) {
        part.close();
      }
    }
  }

  @Test
  void anActorFetchesOverTlsAndKeepsItsConnection() {
    for (int i = 0; i < 3; i++) {
      var answer = server().post("/listed/a/w", secure("https", "/listed/b/a"));
      assertEquals(200, answer.statusCode(), answer.body());
    }
    assertEquals(1, right().connections());
    var metrics = server().adminText("/metrics");
    assertTrue(metrics.contains("dormouse_web_reused_total 2.0"), metrics);
    assertTrue(metrics.contains("dormouse_web_idle 1.0"), metrics);
  }

  @Test
  void anActorSpeaksWithAWebSocketOverTls() {
    var answer = server().post("/listed/a/u", secure("wss", "/listed/b/"));
    assertEquals("200 POST", answer.statusCode() + " " + answer.body());
  }

  @Test
  void aCertificateForAnotherHostReachesTheActorAsAnErrorWithItsCode() {
    int port = Objects.requireNonNull(wrong).port();
    for (var op : new String[] {"w https", "u wss"}) {
      var url = op.substring(2) + "://localhost:" + port + "/listed/b/e";
      var answer = server().post("/listed/a/" + op.charAt(0), url);
      assertEquals(299, answer.statusCode());
      assertTrue(
          answer.body().startsWith("untrusted: the certificate of https://localhost:"),
          answer.body());
    }
  }

  @Test
  void anAppReachesWhatItsManifestListsAndNothingElse() {
    var plain = "http://127.0.0.1:" + server().port() + "/listed/b/e";
    assertEquals(200, server().post("/listed/a/w", plain).statusCode());
    for (var request :
        new String[][] {
          {"/unlisted/a/w", plain},
          {"/unlisted/a/w", secure("https", "/listed/b/e")},
          {"/unlisted/a/u", secure("wss", "/listed/b/")},
          {"/listed/a/w", "http://localhost:" + server().port() + "/listed/b/e"},
          {"/listed/a/w", "http://10.0.0.1/"},
        }) {
      var answer = server().post(request[0], request[1]);
      assertEquals(299, answer.statusCode());
      assertTrue(answer.body().startsWith("egress_denied: "), answer.body());
    }
  }

  private String secure(String scheme, String path) {
    return scheme + "://localhost:" + right().port() + path;
  }

  private static Manifest manifest(String json) {
    return Manifest.read("test", json.getBytes(UTF_8));
  }

  private TestServer server() {
    return Objects.requireNonNull(started);
  }

  private Front right() {
    return Objects.requireNonNull(right);
  }
}
