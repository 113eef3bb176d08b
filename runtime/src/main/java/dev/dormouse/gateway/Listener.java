package dev.dormouse.gateway;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.dormouse.fault.Code;
import dev.dormouse.time.TimeSource;
import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.Router;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * An address and its connections: an {@link Acceptor} runs a virtual thread for each, on which
 * Helidon reads requests. The listener bounds their number, and sweeps over them to end what takes
 * too long. One connection too many is told so with 503.
 */
final class Listener implements AutoCloseable {
  /** With fewer than this a machine is set up for something else than serving. */
  private static final int FEW_CONNECTIONS = 4_096;

  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final Duration SWEEP = Duration.ofMillis(250);
  private static final Duration GRACE = Duration.ofMillis(500);

  /** Connections beyond the bound that are being told so. */
  private static final int REFUSALS = 256;

  private final int maxConnections;
  private final Inbound inbound;
  private final Pace pace;
  private final TimeSource time;
  private final Router router;
  private final Set<Wire> wires = ConcurrentHashMap.newKeySet();
  private final HttpSettings settings = new HttpSettings();
  private final Http1ConnectionSelector protocol = HttpSettings.protocol();
  private final Limit limit = FixedLimit.create();
  private final Parking parking = new Parking();
  private final Acceptor acceptor;
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
    this.acceptor =
        new Acceptor(address(host), port, this.maxConnections + REFUSALS, time, this::serve);
    acceptor.start();
    sweepLater();
  }

  /** Loads what a listener is made of; binds nothing. */
  static void prepare() {
    new HttpSettings();
    HttpSettings.protocol();
    FixedLimit.create();
  }

  int port() {
    return acceptor.port();
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

  Parking parking() {
    return parking;
  }

  Router router() {
    return router;
  }

  HttpSettings settings() {
    return settings;
  }

  void gone(Wire wire, ChannelSocket socket) {
    wires.remove(wire);
    acceptor.end(socket.channel());
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
      if (isOver(deadline)) {
        break;
      }
      pause();
    }
    close();
  }

  /** Closes everything at once, and waits a moment for the threads of the connections. */
  @Override
  public void close() {
    stopped = true;
    acceptor.close();
    for (var wire : wires) {
      wire.giveUp();
      wire.close();
    }
    long deadline = time.nanos() + GRACE.toNanos();
    while (!isOver(deadline)) {
      // Their last words are being said.
      pause();
    }
    parking.close();
  }

  /** Whether no connection is left, or there is no more time. */
  private boolean isOver(long deadline) {
    return wires.isEmpty() || time.nanos() - deadline > 0;
  }

  private void pause() {
    var passed = new CompletableFuture<Boolean>();
    time.after(Duration.ofMillis(10), () -> passed.complete(true));
    passed.join();
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

  /** Actors' files and connections outwards need descriptors, too: so stay well below. */
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

  /** A connection, on its own thread. */
  private void serve(SocketChannel channel) {
    Wire wire;
    try {
      var socket = new ChannelSocket(channel);
      if (wires.size() >= maxConnections) {
        refuse(socket);
        return;
      }
      wire = new Wire(socket, this);
      wires.add(wire);
    } catch (IOException | RuntimeException e) {
      LOG.debug("a connection was lost as it began: {}", e.getMessage());
      acceptor.end(channel);
      return;
    }
    if (stopped) {
      wire.close();
    }
    wire.run(protocol, limit);
  }

  private void refuse(ChannelSocket socket) throws IOException {
    var problem =
        Problem.of(Code.OVERLOADED, "the server has as many connections as it may: try later");
    byte[] reply = Reply.of(problem).bytes(false, true);
    socket.write(reply, 0, reply.length);
    acceptor.end(socket.channel());
  }
}
