package dev.dormouse.gateway;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.dormouse.fault.Code;
import dev.dormouse.time.TimeSource;
import io.helidon.common.SerializationConfig;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.http.DirectHandler;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A server socket and its connections. Helidon accepts, reads requests and runs a virtual thread
 * for each connection; the listener bounds their number, and sweeps over them to end what takes too
 * long. One connection too many is told so with 503.
 */
final class Listener implements AutoCloseable {
  /** With fewer than this a machine is set up for something else than serving. */
  private static final int FEW_CONNECTIONS = 4_096;

  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final Duration SWEEP = Duration.ofMillis(250);

  /** Longest request line and longest headers of a request, in bytes. */
  private static final int MAX_LINE = 16 * 1024;

  private static final int MAX_HEADERS = 64 * 1024;

  /** Connections beyond the bound that are being told so. */
  private static final int REFUSALS = 256;

  static {
    HelidonServices.none();
  }

  private final int maxConnections;
  private final Inbound inbound;
  private final Pace pace;
  private final TimeSource time;
  private final Router router;
  private final Set<Wire> wires = ConcurrentHashMap.newKeySet();
  private final WebServer server;
  private volatile boolean stopped;

  /**
   * Binds the address and starts to serve.
   *
   * @throws UncheckedIOException when the address cannot be bound, in words for the operator
   */
  Listener(
      String host,
      int port,
      int maxConnections,
      long inboundBytes,
      Pace pace,
      TimeSource time,
      Consumer<Exchange> handler) {
    this.maxConnections = affordable(maxConnections);
    this.inbound = new Inbound(inboundBytes);
    this.pace = pace;
    this.time = time;
    this.router = new OneHandler(handler);
    var address = address(host);
    this.server = settings(this.maxConnections, new Selector()).address(address).port(port).build();
    listen(address, port);
    sweepLater();
  }

  /** Loads what a listener is made of; binds nothing. */
  static void prepare() {
    SerializationConfig.configureRuntime();
    settings(1, http()).address(InetAddress.getLoopbackAddress()).port(0).build();
  }

  private static WebServerConfig.Builder settings(
      int connections, ServerConnectionSelector selector) {
    return WebServer.builder()
        .shutdownHook(false)
        .featuresDiscoverServices(false)
        .protocolsDiscoverServices(false)
        .addConnectionSelector(selector)
        .directHandlers(problemsOfHelidon())
        .contentEncoding(new OpaqueBodies())
        .connectionOptions(options -> options.tcpNoDelay(true))
        .maxTcpConnections(connections + REFUSALS)
        .idleConnectionPeriod(Duration.ofDays(1));
  }

  @SuppressWarnings("deprecation")
  private static Http1ConnectionSelector http() {
    return Http1ConnectionSelector.builder()
        .config(
            Http1Config.builder()
                .maxPrologueLength(MAX_LINE)
                .maxHeadersSize(MAX_HEADERS)
                // Paths and queries are checked by Target, more cheaply and more strictly.
                .validatePath(false)
                .validatePrologue(false)
                .receiveLog(false)
                .sendLog(false)
                .build())
        .build();
  }

  /** Helidon only logs that it could not bind, so that is tried first. */
  private void listen(InetAddress address, int port) {
    try (var trial = new ServerSocket()) {
      trial.setReuseAddress(true);
      trial.bind(new InetSocketAddress(address, port));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot listen on " + address.getHostAddress() + " port " + port + ": " + e.getMessage(),
          e);
    }
    server.start();
    if (!server.isRunning()) {
      throw new UncheckedIOException(
          new IOException("cannot listen on " + address.getHostAddress() + " port " + port));
    }
  }

  int port() {
    return server.port();
  }

  int connections() {
    return wires.size();
  }

  Inbound inbound() {
    return inbound;
  }

  Pace pace() {
    return pace;
  }

  TimeSource time() {
    return time;
  }

  Router router() {
    return router;
  }

  void gone(Wire wire) {
    wires.remove(wire);
  }

  /**
   * Ends idle connections, lets answers that are under way and closes of WebSockets go out for at
   * most so long, then closes what is left and the server socket.
   */
  void close(Duration patience) {
    long deadline = time.nanos() + patience.toNanos();
    while (true) {
      for (var wire : wires) {
        if (wire.isIdle()) {
          wire.close();
        }
      }
      if (wires.isEmpty() || time.nanos() - deadline > 0) {
        break;
      }
      var passed = new CompletableFuture<Boolean>();
      time.after(Duration.ofMillis(10), () -> passed.complete(true));
      passed.join();
    }
    close();
  }

  @Override
  public void close() {
    stopped = true;
    for (var wire : wires) {
      wire.giveUp();
      wire.close();
    }
    server.stop();
  }

  private void sweepLater() {
    if (!stopped) {
      time.after(SWEEP, () -> Thread.ofVirtual().name("gateway-sweep").start(this::sweep));
    }
  }

  private void sweep() {
    try {
      long now = time.nanos();
      for (var wire : wires) {
        wire.tick(now);
      }
    } catch (RuntimeException bug) {
      LOG.error("a sweep over the connections failed", bug);
    } finally {
      sweepLater();
    }
  }

  /** When descriptors run out, Helidon gives up its server socket: so stay well below. */
  private static int affordable(int wanted) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
      long most = unix.getMaxFileDescriptorCount() * 3 / 4;
      if (most < wanted) {
        LOG.atLevel(most < FEW_CONNECTIONS ? Level.WARN : Level.DEBUG)
            .log(
                "the limit of open files allows {} connections instead of {}: raise it (ulimit -n)",
                most,
                wanted);
        return (int) most;
      }
    }
    return wanted;
  }

  private static InetAddress address(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("cannot listen on '" + host + "': no such host", e);
    }
  }

  /** What Helidon refuses before a request reaches us, such as a broken request line. */
  private static DirectHandlers problemsOfHelidon() {
    var handlers = DirectHandlers.builder();
    for (var type : DirectHandler.EventType.values()) {
      handlers.addHandler(type, new HelidonRefusal());
    }
    return handlers.build();
  }

  /** Makes a {@link Wire} of each connection. */
  private final class Selector implements ServerConnectionSelector {
    private final Http1ConnectionSelector http = http();

    @Override
    public ServerConnection connection(ConnectionContext context) {
      if (wires.size() >= maxConnections) {
        return new Refusal(context);
      }
      var wire = new Wire(context, Listener.this);
      wire.http(http.connection(wire));
      wires.add(wire);
      return wire;
    }

    @Override
    public int bytesToIdentifyConnection() {
      return 0;
    }

    @Override
    public Support supports(io.helidon.common.buffers.BufferData data) {
      return Support.SUPPORTED;
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
      return Set.of("http/1.1");
    }
  }

  /** One connection too many. */
  private record Refusal(ConnectionContext context) implements ServerConnection {
    @Override
    public void handle(Limit limit) {
      var problem =
          Problem.of(Code.OVERLOADED, "the server has as many connections as it may: try later");
      byte[] reply = Reply.of(problem).bytes(false, true);
      context.dataWriter().writeNow(io.helidon.common.buffers.BufferData.create(reply));
    }

    @Override
    public Duration idleTime() {
      return Duration.ZERO;
    }

    @Override
    public void close(boolean interrupt) {
      context.serverSocket().close();
    }
  }
}
