package dev.dormouse.egress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.dormouse.time.SystemTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The way out, with real servers on this machine; {@code api.test} is one of them by name. */
class EgressTest {
  private static final Set<String> ANY = Set.of("*");

  private final SystemTime time = new SystemTime();
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicReference<String> seen = new AtomicReference<>("");
  private ExecutorService threads;
  private HttpServer server;
  private String origin;

  @BeforeEach
  void start() throws IOException {
    threads = Executors.newVirtualThreadPerTaskExecutor();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    origin = "http://api.test:" + server.getAddress().getPort();
    server.createContext(
        "/echo",
        exchange -> {
          seen.set(
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestURI()
                  + " host="
                  + exchange.getRequestHeaders().getFirst("host")
                  + " auth="
                  + exchange.getRequestHeaders().getFirst("authorization"));
          answer(exchange, 200, exchange.getRequestBody().readAllBytes());
        });
    server.createContext(
        "/to", exchange -> redirect(exchange, exchange.getRequestURI().getQuery()));
    server.createContext("/big", exchange -> answer(exchange, 200, new byte[100_000]));
    server.createContext(
        "/endless",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (var out = exchange.getResponseBody()) {
            var step = new byte[8_192];
            while (true) {
              out.write(step);
            }
          }
        });
    server.createContext(
        "/slow",
        exchange -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          answer(exchange, 200, new byte[0]);
        });
    server.start();
  }

  @AfterEach
  void stop() {
    release.countDown();
    server.stop(0);
    threads.shutdownNow();
    time.close();
  }

  @Test
  void withoutAnEntryNothingIsReached() {
    var failure = denied(egress(false, "93.184.216.34"), Set.of(), origin + "/echo");
    assertTrue(failure.getMessage().contains("egress"), failure.getMessage());
  }

  @Test
  void anOriginThatIsListedByNameIsReachedWhereverItIs() {
    var reply = get(egress(false, "127.0.0.1"), Set.of(origin), origin + "/echo?a=b#c");
    assertEquals(200, reply.status());
    assertEquals(origin + "/echo?a=b", reply.url());
    assertEquals("GET /echo?a=b host=" + origin.substring(7) + " auth=null", seen.get());
  }

  @Test
  void anotherPortIsAnotherOrigin() {
    denied(egress(false, "127.0.0.1"), Set.of("http://api.test"), origin + "/echo");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "fec0::1",
        "ff02::1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001::1",
        "2001:db8::1",
        "100::1",
        "::ffff:127.0.0.1"
      })
  void aNameThatLeadsToAnAddressThatIsNotPublicIsDenied(String address) {
    denied(egress(false, address), ANY, "https://innocent.example/");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:8.8.8.8]/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost/"
      })
  void addressesInUrlsAreNoWayAround(String url) {
    var egress = new Egress(time, false, bounds(), Trust.standard());
    var failure = failure(egress, ANY, url);
    assertTrue(
        Set.of("egress_denied", "unreachable", "bad_request").contains(failure.code()),
        failure.code() + failure.getMessage());
    assertFalse(failure.getMessage().contains("refused"), "nothing was connected to");
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.8.8.8", "93.184.216.34", "100.128.0.1", "2606:2800:220:1::1"})
  void publicAddressesArePublic(String address) throws IOException {
    assertTrue(Addresses.isPublic(InetAddress.getByName(address)));
  }

  @Test
  void aDeveloperReachesTheirOwnMachineButNoPrivateNetwork() {
    assertEquals(200, get(egress(true, "127.0.0.1"), Set.of(), origin + "/echo").status());
    denied(egress(true, "192.168.1.1"), Set.of(), origin + "/echo");
  }

  @Test
  void redirectsAreFollowedAndLoseWhatIsForOneOrigin() {
    var other = "http://other.test:" + server.getAddress().getPort();
    var egress = egress(false, "127.0.0.1");
    var request =
        new WebRequest(
            "POST",
            origin + "/to?" + other + "/echo",
            List.of(Map.entry("authorization", "secret")),
            "body".getBytes(UTF_8),
            WebRequest.Redirects.FOLLOW);
    var reply = egress.fetch("ns", Set.of(origin, other), request, 1_000).join();
    assertEquals(other + "/echo", reply.url());
    assertEquals("GET /echo host=" + other.substring(7) + " auth=null", seen.get());
    assertArrayEquals(new byte[0], reply.body());
  }

  @Test
  void aRedirectToAForbiddenAddressIsDenied() {
    var egress = egress(false, "127.0.0.1");
    denied(egress, Set.of(origin), origin + "/to?http://other.test/secret");
    denied(egress, Set.of(origin), origin + "/to?http://169.254.169.254/latest");
    assertEquals(2, egress.denials());
  }

  @Test
  void redirectsEndAtABoundAndMayBeAnsweredAsTheyAre() {
    var egress = egress(false, "127.0.0.1");
    var loop = origin + "/to?" + origin + "/to";
    server.createContext("/round", exchange -> redirect(exchange, "/round"));
    assertEquals("redirected", failure(egress, Set.of(origin), origin + "/round").code());
    var manual = request(loop, WebRequest.Redirects.MANUAL);
    assertEquals(302, egress.fetch("ns", Set.of(origin), manual, 1_000).join().status());
    var error = request(loop, WebRequest.Redirects.ERROR);
    assertEquals("redirected", failure(egress.fetch("ns", Set.of(origin), error, 1_000)).code());
  }

  @Test
  void anAnswerThatIsTooLargeIsRefusedWhetherItSaysSoOrNot() {
    var egress = egress(false, "127.0.0.1");
    assertEquals("response_too_large", failure(egress, Set.of(origin), origin + "/big").code());
    assertEquals("response_too_large", failure(egress, Set.of(origin), origin + "/endless").code());
  }

  @Test
  void aSlowAnswerIsGivenUpAndItsPlaceIsFreed() {
    var egress = egress(false, "127.0.0.1");
    var waiting =
        egress.fetch(
            "ns", Set.of(origin), request(origin + "/slow", WebRequest.Redirects.FOLLOW), 10);
    assertEquals(1, egress.open());
    waiting.completeExceptionally(new IllegalStateException("given up"));
    Awaitility.await().until(() -> egress.open() == 0);
  }

  @Test
  void soManyRequestsAreOpenAtATimeAndNoMore() {
    var egress = egress(false, "127.0.0.1");
    var slow = request(origin + "/slow", WebRequest.Redirects.FOLLOW);
    var open =
        java.util.stream.IntStream.range(0, 8)
            .mapToObj(i -> egress.fetch("ns", Set.of(origin), slow, 10))
            .toList();
    assertEquals("overloaded", failure(egress, Set.of(origin), origin + "/echo").code());
    release.countDown();
    open.forEach(CompletableFuture::join);
    Awaitility.await().until(() -> egress.open() == 0);
    assertEquals(200, get(egress, Set.of(origin), origin + "/echo").status());
  }

  @Test
  void aServerThatIsNotThereIsUnreachable() {
    server.stop(0);
    assertEquals(
        "unreachable",
        failure(egress(false, "127.0.0.1"), Set.of(origin), origin + "/echo").code());
  }

  private Egress egress(boolean dev, String address) {
    var policy =
        new EgressPolicy(
            dev,
            host ->
                new InetAddress[] {InetAddress.getByName(host.endsWith(".254") ? host : address)});
    return new Egress(time, policy, bounds(), Trust.standard());
  }

  private static EgressBounds bounds() {
    return new EgressBounds(8, 8, 8, 8, Duration.ofSeconds(60));
  }

  private static WebRequest request(String url, WebRequest.Redirects redirects) {
    return new WebRequest("GET", url, List.of(), new byte[0], redirects);
  }

  private static WebReply get(Egress egress, Set<String> allowed, String url) {
    return egress.fetch("ns", allowed, request(url, WebRequest.Redirects.FOLLOW), 50_000).join();
  }

  private static WebFailure denied(Egress egress, Set<String> allowed, String url) {
    var failure = failure(egress, allowed, url);
    assertEquals("egress_denied", failure.code(), failure.getMessage());
    return failure;
  }

  private static WebFailure failure(Egress egress, Set<String> allowed, String url) {
    return failure(egress.fetch("ns", allowed, request(url, WebRequest.Redirects.FOLLOW), 50_000));
  }

  private static WebFailure failure(CompletableFuture<?> future) {
    var failure = assertThrows(CompletionException.class, future::join);
    return assertInstanceOf(WebFailure.class, failure.getCause());
  }

  private static void redirect(HttpExchange exchange, String to) throws IOException {
    exchange.getResponseHeaders().set("location", to);
    answer(exchange, 302, new byte[0]);
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
