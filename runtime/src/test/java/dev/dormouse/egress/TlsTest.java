package dev.dormouse.egress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.dormouse.limits.SettingsException;
import dev.dormouse.testkit.TestCertificates;
import dev.dormouse.time.SystemTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS on the way out, with real servers on this machine and an authority of the test's own. */
class TlsTest {
  private static final byte[] HELLO = {'h', 'i'};

  @TempDir static Path dir;
  private static TestCertificates certificates;
  private static Trust trust;
  private static SSLContext good;

  private final SystemTime time = new SystemTime();
  private final List<HttpsServer> servers = new ArrayList<>();

  @BeforeAll
  static void makeCertificates() throws Exception {
    certificates = new TestCertificates(dir.resolve("certificates"));
    trust = Trust.with(certificates.authority());
    good = certificates.server("api.test");
  }

  @AfterEach
  void stop() {
    servers.forEach(server -> server.stop(0));
    time.close();
  }

  @Test
  void aServerWithACertificateOfATrustedAuthorityIsReached() throws IOException {
    var origin = "https://api.test:" + serve(good);
    var reply = get(egress(trust, "127.0.0.1"), Set.of(origin), origin + "/").join();
    assertArrayEquals(HELLO, reply.body());
    assertEquals(origin + "/", reply.url());
  }

  @Test
  void anAuthorityThatNobodyTrustsIsRefusedAndTheSettingNamed() throws IOException {
    var origin = "https://api.test:" + serve(good);
    var refused = failure(get(egress(Trust.standard(), "127.0.0.1"), Set.of(origin), origin + "/"));
    assertEquals("untrusted", refused.code());
    assertTrue(refused.getMessage().contains("webCertificates"), refused.getMessage());
  }

  @Test
  void aCertificateForAnotherHostIsRefused() throws IOException {
    var origin = "https://other.test:" + serve(good);
    var refused = failure(get(egress(trust, "127.0.0.1"), Set.of(origin), origin + "/"));
    assertEquals("untrusted", refused.code());
    assertTrue(
        refused.getMessage().startsWith("the certificate of " + origin + " is not one for it"),
        refused.getMessage());
    var socket =
        failure(
            egress(trust, "127.0.0.1")
                .connect(
                    "ns",
                    Set.of(origin),
                    origin.replace("https", "wss"),
                    List.of(),
                    List.of(),
                    9,
                    9));
    assertEquals("untrusted", socket.code());
  }

  @Test
  void aCertificateThatHasExpiredIsRefused() throws Exception {
    var origin = "https://old.test:" + serve(certificates.expired("old.test"));
    var refused = failure(get(egress(trust, "127.0.0.1"), Set.of(origin), origin + "/"));
    assertEquals("untrusted", refused.code());
    assertTrue(refused.getMessage().contains("has expired"), refused.getMessage());
  }

  @Test
  void theJdksOwnAuthoritiesAreTrustedBesideThatOfTheFile() throws Exception {
    var standard = Trust.standard().authorities();
    assertFalse(standard.isEmpty());
    var all = new HashSet<>(trust.authorities());
    assertTrue(all.containsAll(standard));
    assertEquals(standard.size() + 1, all.size());
  }

  @Test
  void aRedirectToAnAddressThatIsNotPublicIsDeniedOverTlsToo() throws IOException {
    int port = serve(good);
    var origin = "https://api.test:" + port;
    for (var target : new String[] {"https://inner.test:" + port, "http://169.254.169.254"}) {
      // The star lets in public addresses only; the first origin is listed by name.
      var allowed = Set.of(origin, "*");
      var denied =
          failure(get(egress(trust, "127.0.0.1"), allowed, origin + "/to?" + target + "/"));
      assertEquals("egress_denied", denied.code(), denied.getMessage());
    }
  }

  @Test
  void whatSpeaksNoTlsIsNoServer() throws IOException {
    try (var plain = new java.net.ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      time.start(
          "plain",
          () -> {
            try (var client = plain.accept()) {
              client.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
      var origin = "https://api.test:" + plain.getLocalPort();
      var failed = failure(get(egress(trust, "127.0.0.1"), Set.of(origin), origin + "/"));
      assertEquals("unreachable", failed.code());
    }
  }

  @Test
  void aFileWithoutCertificatesIsAMistakeOfTheConfiguration() throws IOException {
    var text = Files.writeString(dir.resolve("text.pem"), "no certificate");
    for (var file : List.of(text, dir.resolve("missing.pem"))) {
      var mistake = assertThrows(SettingsException.class, () -> Trust.with(file));
      assertTrue(mistake.getMessage().startsWith("webCertificates: "), mistake.getMessage());
    }
  }

  private int serve(SSLContext context) throws IOException {
    var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, HELLO.length);
          exchange.getResponseBody().write(HELLO);
          exchange.close();
        });
    server.createContext(
        "/to",
        exchange -> {
          exchange.getResponseHeaders().set("location", exchange.getRequestURI().getQuery());
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    server.start();
    servers.add(server);
    return server.getAddress().getPort();
  }

  private Egress egress(Trust trust, String address) {
    var policy =
        new EgressPolicy(
            false,
            host -> new InetAddress[] {InetAddress.getByName(isName(host) ? address : host)});
    return new Egress(time, policy, new EgressBounds(8, 8, 8, 8, Duration.ofSeconds(60)), trust);
  }

  private static boolean isName(String host) {
    return host.endsWith(".test");
  }

  private static CompletableFuture<WebReply> get(Egress egress, Set<String> allowed, String url) {
    var request = new WebRequest("GET", url, List.of(), new byte[0], WebRequest.Redirects.FOLLOW);
    return egress.fetch("ns", allowed, request, 1_000);
  }

  private static WebFailure failure(CompletableFuture<?> future) {
    var failure = assertThrows(CompletionException.class, future::join);
    return assertInstanceOf(WebFailure.class, failure.getCause());
  }
}
