package dev.dormouse.egress;

import dev.dormouse.time.TimeSource;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * HTTP and WebSocket to the outside. Every request, and every redirect of it, is put before {@link
 * EgressPolicy}, which resolves the host; the connection is made to an address that it has looked
 * at. One virtual thread serves one exchange. Connections wait for further requests of the same
 * namespace, see {@link ConnectionPool}. Safe for use by many threads.
 */
public final class Egress implements AutoCloseable {
  private final EgressPolicy policy;
  private final TimeSource time;
  private final EgressBounds bounds;
  private final Trust trust;
  private final ConnectionPool pool;
  private final AtomicInteger open = new AtomicInteger();
  private final Map<String, AtomicInteger> openOf = new ConcurrentHashMap<>();
  private final LongAdder started = new LongAdder();
  private final LongAdder denied = new LongAdder();

  /**
   * @param dev whether public hosts and this machine may be reached by apps that list nothing
   */
  public Egress(TimeSource time, boolean dev, EgressBounds bounds, Trust trust) {
    this(time, new EgressPolicy(dev, InetAddress::getAllByName), bounds, trust);
  }

  Egress(TimeSource time, EgressPolicy policy, EgressBounds bounds, Trust trust) {
    this.policy = policy;
    this.time = time;
    this.bounds = bounds;
    this.trust = trust;
    this.pool = new ConnectionPool(time, bounds);
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

  /** Connections that wait for another request now. */
  public int idle() {
    return pool.size();
  }

  /** Requests since the start that went over a connection that had waited. */
  public long reused() {
    return pool.reused();
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
    return run(
        namespace,
        lifeline ->
            new Fetch(namespace, allowed, policy, trust, pool, lifeline, limit).run(request));
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
          var wire = Wire.open(target, policy.check(target, allowed), trust, lifeline);
          var opening =
              WebSocketHandshake.open(
                  wire, target, protocols, Fetch.forwarded(headers), bodyLimit, frameLimit, time);
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

  private boolean admit(String namespace) {
    var own = openOf.computeIfAbsent(namespace, name -> new AtomicInteger());
    if (own.incrementAndGet() <= bounds.openOfNamespace()) {
      if (open.incrementAndGet() <= bounds.open()) {
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

  /** Closes the connections that wait; requests that are under way end by themselves. */
  @Override
  public void close() {
    pool.close();
  }
}
