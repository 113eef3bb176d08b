package dev.dormouse.egress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dormouse.time.SystemTime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Connections that serve more than one request, with a server that says exactly what it is told.
 */
class KeepAliveTest {
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

  private final SystemTime time = new SystemTime();
  private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (var each : open) {
      each.close();
    }
    time.close();
  }

  @Test
  void requestsToOneOriginShareAConnection() throws IOException {
    var server = new Server((connection, request) -> OK);
    var egress = egress(8, 8);
    for (int i = 0; i < 5; i++) {
      assertEquals(200, get(egress, "ns", server.url("api.test")).join().status());
    }
    assertEquals(1, server.connections.size());
    assertEquals(4, egress.reused());
    assertEquals(1, egress.idle());
  }

  @Test
  void namespacesAndOriginsHaveConnectionsOfTheirOwn() throws IOException {
    var server = new Server((connection, request) -> OK);
    var egress = egress(8, 8);
    for (int i = 0; i < 2; i++) {
      get(egress, "one", server.url("api.test")).join();
      get(egress, "two", server.url("api.test")).join();
      get(egress, "one", server.url("other.test")).join();
    }
    assertEquals(3, server.connections.size());
  }

  @Test
  void theWayIsLookedAtAgainBeforeEachRequest() throws IOException {
    var server = new Server((connection, request) -> OK);
    var address = new AtomicReference<>("127.0.0.1");
    // A developer's server reaches loopback, but no private network.
    var policy =
        new EgressPolicy(true, host -> new InetAddress[] {InetAddress.getByName(address.get())});
    var egress = new Egress(time, policy, bounds(8, 8), Trust.standard());
    get(egress, "ns", server.url("api.test")).join();
    address.set("10.0.0.1");
    var request = request("GET", server.url("api.test"));
    var denied = failure(egress.fetch("ns", Set.of(), request, 100));
    assertEquals("egress_denied", denied.code());
    // Allowed, but at another address, where nobody listens.
    address.set("127.0.0.2");
    assertEquals("unreachable", failure(egress.fetch("ns", Set.of(), request, 100)).code());
    address.set("127.0.0.1");
    assertEquals(200, egress.fetch("ns", Set.of(), request, 100).join().status());
    assertEquals(1, server.connections.size());
  }

  @Test
  void noMoreConnectionsWaitThanTheBoundsLet() throws IOException {
    var server = new Server((connection, request) -> OK);
    var together = new CyclicBarrier(4);
    server.before = () -> await(together);
    var ofOrigin = egress(8, 2);
    var answers =
        IntStream.range(0, 4).mapToObj(i -> get(ofOrigin, "ns", server.url("api.test"))).toList();
    answers.forEach(CompletableFuture::join);
    assertEquals(2, ofOrigin.idle());
    server.before = () -> {};
    var inAll = egress(2, 2);
    for (var host : List.of("a.test", "b.test", "c.test")) {
      get(inAll, "ns", server.url(host)).join();
    }
    assertEquals(2, inAll.idle());
    int before = server.connections.size();
    get(inAll, "ns", server.url("c.test")).join();
    assertEquals(before, server.connections.size());
    // The one that had waited longest made room.
    get(inAll, "ns", server.url("a.test")).join();
    assertEquals(before + 1, server.connections.size());
  }

  @Test
  void aBoundOfZeroTellsTheServerThatNothingFollows() throws IOException {
    var server = new Server((connection, request) -> OK);
    var egress = egress(8, 0);
    get(egress, "ns", server.url("api.test")).join();
    get(egress, "ns", server.url("api.test")).join();
    assertEquals(2, server.connections.size());
    assertEquals(2, server.requests.stream().filter(r -> r.contains("connection: close")).count());
  }

  @Test
  void aConnectionWaitsForItsTimeAndIsClosed() throws Exception {
    var server = new Server((connection, request) -> OK);
    var bounds = new EgressBounds(8, 8, 8, 8, Duration.ofMillis(1));
    var egress = new Egress(time, loopback(), bounds, Trust.standard());
    get(egress, "ns", server.url("api.test")).join();
    server.ended.await(60, TimeUnit.SECONDS);
    assertEquals(0, server.ended.getCount());
    assertEquals(0, egress.idle());
  }

  @Test
  void closingTheWayOutClosesWhatWaits() throws Exception {
    var server = new Server((connection, request) -> OK);
    var egress = egress(8, 8);
    get(egress, "ns", server.url("api.test")).join();
    egress.close();
    server.ended.await(60, TimeUnit.SECONDS);
    assertEquals(0, server.ended.getCount());
    get(egress, "ns", server.url("api.test")).join();
    assertEquals(0, egress.idle());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi",
        "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
      })
  void anAnswerThatLeavesDoubtAboutTheNextIsTheLastOfItsConnection(String answer)
      throws IOException {
    var server = new Server((connection, request) -> answer);
    var egress = egress(8, 8);
    for (int i = 0; i < 2; i++) {
      assertEquals(
          "hi", new String(get(egress, "ns", server.url("api.test")).join().body(), US_ASCII));
    }
    assertEquals(2, server.connections.size());
    assertEquals(0, egress.reused());
  }

  @Test
  void twoLengthsAreNoAnswer() throws IOException {
    var server =
        new Server(
            (connection, request) ->
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 9\r\n\r\nhi");
    assertEquals("unreachable", failure(get(egress(8, 8), "ns", server.url("api.test"))).code());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
      })
  void answersThatSayWhereTheyEndLeaveTheConnection(String answer) throws IOException {
    var server = new Server((connection, request) -> answer);
    var egress = egress(8, 8);
    get(egress, "ns", server.url("api.test")).join();
    get(egress, "ns", server.url("api.test")).join();
    assertEquals(1, server.connections.size());
  }

  @Test
  void aRedirectOfTheSameOriginGoesOverTheSameConnection() throws IOException {
    var server =
        new Server(
            (connection, request) ->
                request.startsWith("GET /there")
                    ? OK
                    : "HTTP/1.1 302 Found\r\nlocation: /there\r\ncontent-length: 4\r\n\r\ngone");
    var reply = get(egress(8, 8), "ns", server.url("api.test")).join();
    assertEquals(server.url("api.test") + "there", reply.url());
    assertEquals(1, server.connections.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST"})
  void aConnectionThatTheServerHasClosedMeanwhileIsNotUsed(String method) throws Exception {
    var server = new Server((connection, request) -> OK);
    var egress = egress(8, 8);
    get(egress, "ns", server.url("api.test")).join();
    server.connections.getFirst().close();
    assertEquals(
        200,
        egress.fetch("ns", Set.of(), request(method, server.url("api.test")), 100).join().status());
    assertEquals(2, server.requests.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
  void aRequestThatMayHappenTwiceIsSentAgainWhenAConnectionEndsUnderIt(String method)
      throws IOException {
    var server = endsAfterOne();
    var egress = egress(8, 8);
    get(egress, "ns", server.url("api.test")).join();
    var again = egress.fetch("ns", Set.of(), request(method, server.url("api.test")), 100);
    assertEquals(200, again.join().status());
    assertEquals(3, server.requests.size());
  }

  @Test
  void aRequestThatMayNotHappenTwiceIsSentOnce() throws IOException {
    var server = endsAfterOne();
    var egress = egress(8, 8);
    get(egress, "ns", server.url("api.test")).join();
    var post = egress.fetch("ns", Set.of(), request("POST", server.url("api.test")), 100);
    assertEquals("unreachable", failure(post).code());
    assertEquals(2, server.requests.size());
  }

  @Test
  void aRequestWhoseAnswerHasBegunIsSentOnce() throws IOException {
    var server =
        new Server((connection, request) -> connection == 0 && request.contains("/2") ? "H" : OK);
    server.endsAfter = "H";
    var egress = egress(8, 8);
    get(egress, "ns", server.url("api.test")).join();
    assertEquals("unreachable", failure(get(egress, "ns", server.url("api.test") + "2")).code());
    assertEquals(2, server.requests.size());
  }

  @Test
  void aRequestOverANewConnectionIsSentOnce() throws IOException {
    var server = new Server((connection, request) -> "");
    server.endsAfter = "";
    assertEquals("unreachable", failure(get(egress(8, 8), "ns", server.url("api.test"))).code());
    assertEquals(1, server.requests.size());
  }

  @Test
  void aRequestThatIsGivenUpTakesItsConnectionAlong() throws Exception {
    var server = new Server((connection, request) -> request.contains("/slow") ? "" : OK);
    var egress = egress(8, 8);
    get(egress, "ns", server.url("api.test")).join();
    var slow = get(egress, "ns", server.url("api.test") + "slow");
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> server.requests.size() == 2);
    slow.completeExceptionally(new IllegalStateException("given up"));
    server.ended.await(60, TimeUnit.SECONDS);
    assertEquals(0, server.ended.getCount());
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> egress.open() == 0);
    assertEquals(0, egress.idle());
    assertEquals(200, get(egress, "ns", server.url("api.test")).join().status());
  }

  /** Its first connection answers one request, and ends when it has read the next. */
  private Server endsAfterOne() throws IOException {
    var server = new Server((connection, request) -> "");
    server.endsAfter = "";
    server.answers =
        (connection, request) -> connection > 0 || server.requests.size() == 1 ? OK : "";
    return server;
  }

  private Egress egress(int idle, int idleOfOrigin) {
    var egress = new Egress(time, loopback(), bounds(idle, idleOfOrigin), Trust.standard());
    open.add(egress);
    return egress;
  }

  private static EgressPolicy loopback() {
    return new EgressPolicy(true, host -> new InetAddress[] {InetAddress.getLoopbackAddress()});
  }

  private static EgressBounds bounds(int idle, int idleOfOrigin) {
    return new EgressBounds(8, 8, idle, idleOfOrigin, Duration.ofMinutes(5));
  }

  private static WebRequest request(String method, String url) {
    return new WebRequest(method, url, List.of(), new byte[0], WebRequest.Redirects.FOLLOW);
  }

  private static CompletableFuture<WebReply> get(Egress egress, String namespace, String url) {
    return egress.fetch(namespace, Set.of(), request("GET", url), 100);
  }

  private static WebFailure failure(CompletableFuture<?> future) {
    var failure = assertThrows(CompletionException.class, future::join);
    return assertInstanceOf(WebFailure.class, failure.getCause());
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** What is answered to a request, by the number of its connection. */
  private interface Answers {
    String to(int connection, String request);
  }

  private final class Server {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> connections = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    /** Reaches zero when a client has ended a connection. */
    private final CountDownLatch ended = new CountDownLatch(1);

    private volatile Answers answers;
    private volatile Runnable before = () -> {};
    private volatile String endsAfter = "never";

    Server(Answers answers) throws IOException {
      this.answers = answers;
      open.add(listener);
      time.start("test-server", this::accept);
    }

    String url(String host) {
      return "http://" + host + ":" + listener.getLocalPort() + "/";
    }

    private void accept() {
      try {
        for (int i = 0; ; i++) {
          int number = i;
          var socket = listener.accept();
          connections.add(socket);
          open.add(socket);
          time.start("test-connection", () -> serve(number, socket));
        }
      } catch (IOException closed) {
        // The test is over.
      }
    }

    private void serve(int number, Socket socket) {
      try (socket) {
        var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
        while (true) {
          var request = new StringBuilder();
          for (var line = in.readLine(); line == null || !line.isEmpty(); line = in.readLine()) {
            if (line == null) {
              ended.countDown();
              return;
            }
            request.append(line).append('\n');
          }
          requests.add(request.toString());
          before.run();
          var answer = answers.to(number, request.toString());
          socket.getOutputStream().write(answer.getBytes(US_ASCII));
          if (answer.equals(endsAfter)) {
            return;
          }
        }
      } catch (IOException closed) {
        ended.countDown();
      }
    }
  }
}
