package dev.dormouse.egress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.dormouse.time.TimeSource;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/**
 * HTTP and WebSocket to the outside. Every request, and every redirect of it, is put before {@link
 * EgressPolicy}, which resolves the host; the connection is made to an address that it has looked
 * at. One virtual thread serves one exchange. Safe for use by many threads.
 */
public final class Egress {
  private static final int MAX_REDIRECTS = 20;
  private static final Set<String> OF_THE_CONNECTION =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");
  private static final Set<String> FOR_ONE_ORIGIN =
      Set.of("authorization", "cookie", "proxy-authorization");

  private final EgressPolicy policy;
  private final TimeSource time;
  private final int most;
  private final int mostOfNamespace;
  private final AtomicInteger open = new AtomicInteger();
  private final Map<String, AtomicInteger> openOf = new ConcurrentHashMap<>();
  private final LongAdder started = new LongAdder();
  private final LongAdder denied = new LongAdder();

  /**
   * @param dev whether public hosts and this machine may be reached by apps that list nothing
   * @param most exchanges and WebSockets at a time
   * @param mostOfNamespace those of one namespace
   */
  public Egress(TimeSource time, boolean dev, int most, int mostOfNamespace) {
    this(time, new EgressPolicy(dev, InetAddress::getAllByName), most, mostOfNamespace);
  }

  Egress(TimeSource time, EgressPolicy policy, int most, int mostOfNamespace) {
    this.policy = policy;
    this.time = time;
    this.most = most;
    this.mostOfNamespace = mostOfNamespace;
  }

  /** Requests and WebSockets that were asked for since the start. */
  public long requests() {
    return started.sum();
  }

  /** Those of them that the policy refused, at once or at a redirect. */
  public long denials() {
    return denied.sum();
  }

  /** Exchanges and WebSockets that are open now. */
  public int open() {
    return open.get();
  }

  /**
   * Sends a request. Never blocks.
   *
   * @param allowed the origins of the app's manifest
   * @param limit the largest body of an answer
   * @return completes exceptionally with a {@link WebFailure}; completing it from outside gives the
   *     request up
   */
  public CompletableFuture<WebReply> fetch(
      String namespace, Set<String> allowed, WebRequest request, int limit) {
    return run(namespace, lifeline -> exchange(allowed, request, limit, lifeline));
  }

  /**
   * Opens a WebSocket. Never blocks.
   *
   * @param frameLimit the largest message, either way
   * @return completes exceptionally with a {@link WebFailure}; completing it from outside gives the
   *     attempt up
   */
  public CompletableFuture<WebSocketOpening> connect(
      String namespace,
      Set<String> allowed,
      String url,
      List<String> protocols,
      List<Map.Entry<String, String>> headers,
      int bodyLimit,
      int frameLimit) {
    return run(
        namespace,
        lifeline -> {
          var target = WebUrl.parse(url);
          var wire = wire(target, allowed, lifeline);
          var opening =
              WebSocketHandshake.open(
                  wire, target, protocols, forwarded(headers), bodyLimit, frameLimit, time);
          opening.socket().ifPresent(socket -> socket.onEnd(permitOf(namespace)));
          return opening;
        });
  }

  private interface Work<T> {
    T run(Lifeline lifeline) throws IOException;
  }

  private <T> CompletableFuture<T> run(String namespace, Work<T> work) {
    started.increment();
    var result = new CompletableFuture<T>();
    if (!admit(namespace)) {
      result.completeExceptionally(
          new WebFailure(
              WebFailure.OVERLOADED, "too many requests to the outside are open: try later"));
      return result;
    }
    var lifeline = new Lifeline();
    var _ =
        result.whenComplete(
            (done, failure) -> {
              if (failure != null) {
                lifeline.cut();
              }
            });
    time.start("egress", () -> complete(namespace, result, lifeline, work));
    return result;
  }

  private <T> void complete(
      String namespace, CompletableFuture<T> result, Lifeline lifeline, Work<T> work) {
    boolean keepsOpen = false;
    try {
      T value = work.run(lifeline);
      boolean wanted = result.complete(value);
      if (value instanceof WebSocketOpening opening && opening.socket().isPresent()) {
        keepsOpen = true;
        if (!wanted) {
          opening.socket().get().abort();
        }
      }
    } catch (WebFailure failure) {
      if (failure.code().equals(WebFailure.DENIED)) {
        denied.increment();
      }
      result.completeExceptionally(failure);
    } catch (IOException | RuntimeException e) {
      result.completeExceptionally(
          new WebFailure(WebFailure.UNREACHABLE, "the exchange failed: " + e.getMessage()));
    } finally {
      if (!keepsOpen) {
        lifeline.cut();
        leave(namespace);
      }
    }
  }

  private WebReply exchange(Set<String> allowed, WebRequest request, int limit, Lifeline lifeline)
      throws IOException {
    var url = WebUrl.parse(request.url());
    var method = request.method();
    var headers = forwarded(request.headers());
    byte[] body = request.body();
    for (int redirects = 0; ; redirects++) {
      try (var wire = wire(url, allowed, lifeline)) {
        wire.write(head(method, url, headers, body), body);
        var head = wire.head();
        var location = isRedirect(head.status()) ? head.first("location") : null;
        if (location == null || request.redirects() == WebRequest.Redirects.MANUAL) {
          byte[] answer = wire.body(head, method, limit);
          return new WebReply(head.status(), passedOn(head), answer, url.toString());
        }
        if (request.redirects() == WebRequest.Redirects.ERROR || redirects == MAX_REDIRECTS) {
          throw new WebFailure(
              WebFailure.REDIRECTED, "the answer of " + url.origin() + " is a redirect");
        }
        var next = url.resolve(location);
        boolean becomesGet =
            head.status() == 303
                ? !method.equals("HEAD")
                : head.status() <= 302 && method.equals("POST");
        if (becomesGet) {
          method = "GET";
          body = new byte[0];
          headers.removeIf(header -> header.getKey().startsWith("content-"));
        }
        if (!next.origin().equals(url.origin())) {
          headers.removeIf(header -> FOR_ONE_ORIGIN.contains(header.getKey()));
        }
        url = next;
      }
    }
  }

  private Wire wire(WebUrl url, Set<String> allowed, Lifeline lifeline) throws IOException {
    return Wire.open(url, policy.check(url, allowed), lifeline);
  }

  static byte[] head(
      String method, WebUrl url, List<Map.Entry<String, String>> headers, byte[] body) {
    var head = new StringBuilder(256);
    head.append(method).append(' ').append(url.target()).append(" HTTP/1.1\r\n");
    head.append("host: ").append(url.authority()).append("\r\nconnection: close\r\n");
    if (body.length > 0 || method.equals("POST") || method.equals("PUT")) {
      head.append("content-length: ").append(body.length).append("\r\n");
    }
    defaultField(head, headers, "accept", "*/*");
    defaultField(head, headers, "user-agent", "Dormouse");
    return fields(head, headers);
  }

  static byte[] fields(StringBuilder head, List<Map.Entry<String, String>> headers) {
    for (var header : headers) {
      head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
    }
    return head.append("\r\n").toString().getBytes(ISO_8859_1);
  }

  private static void defaultField(
      StringBuilder head, List<Map.Entry<String, String>> headers, String name, String value) {
    if (headers.stream().noneMatch(header -> header.getKey().equals(name))) {
      head.append(name).append(": ").append(value).append("\r\n");
    }
  }

  private static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  private static List<Map.Entry<String, String>> forwarded(List<Map.Entry<String, String>> all) {
    var forwarded = new ArrayList<>(all);
    forwarded.removeIf(header -> OF_THE_CONNECTION.contains(header.getKey()));
    return forwarded;
  }

  static List<Map.Entry<String, String>> passedOn(Wire.Head head) {
    var passed = new ArrayList<>(head.headers());
    passed.removeIf(
        header ->
            OF_THE_CONNECTION.contains(header.getKey())
                && !header.getKey().equals("content-length"));
    return passed;
  }

  private boolean admit(String namespace) {
    var own = openOf.computeIfAbsent(namespace, name -> new AtomicInteger());
    if (own.incrementAndGet() <= mostOfNamespace) {
      if (open.incrementAndGet() <= most) {
        return true;
      }
      open.decrementAndGet();
    }
    own.decrementAndGet();
    return false;
  }

  private void leave(String namespace) {
    open.decrementAndGet();
    openOf.computeIfAbsent(namespace, name -> new AtomicInteger()).decrementAndGet();
  }

  private Runnable permitOf(String namespace) {
    return () -> leave(namespace);
  }

  /** For tests of the policy. */
  static Egress resolving(
      TimeSource time, boolean dev, Function<String, InetAddress> hosts, int most) {
    var policy = new EgressPolicy(dev, host -> new InetAddress[] {hosts.apply(host)});
    return new Egress(time, policy, most, most);
  }
}
