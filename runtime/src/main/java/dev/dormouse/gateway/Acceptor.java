package dev.dormouse.gateway;

import dev.dormouse.time.TimeSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server socket, the platform thread that accepts from it, and a virtual thread for each
 * connection. Their number is bounded: beyond it clients wait in the system's queue. Nothing that
 * goes wrong with one connection, and no want of descriptors, ends the accepting: it pauses, says
 * so once in a while, and goes on.
 */
final class Acceptor implements AutoCloseable {
  /** Serves connections, each on a thread of its own. */
  interface Service {
    /** Serves, and calls {@link Acceptor#end} once, now or later. */
    void serve(SocketChannel channel);
  }

  private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);

  /** Connections that the system keeps for us until they are accepted. */
  private static final int BACKLOG = 1_024;

  /** After a failure, most of which are a want of something that others have to give back. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** Between two reports of failures. */
  private static final Duration QUIET = Duration.ofMinutes(1);

  private final ServerSocketChannel server;
  private final int port;
  private final Semaphore places;
  private final TimeSource time;
  private final Service service;
  private final CountDownLatch closing = new CountDownLatch(1);
  private boolean failed;
  private long toldNanos;

  /**
   * Binds the address; {@link #start} begins to accept.
   *
   * @param most connections at a time
   * @throws UncheckedIOException when the address cannot be bound, in words for the operator
   */
  Acceptor(InetAddress address, int port, int most, TimeSource time, Service service) {
    this.places = new Semaphore(most);
    this.time = time;
    this.service = service;
    try {
      server = ServerSocketChannel.open();
      try {
        server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        server.bind(new InetSocketAddress(address, port), BACKLOG);
        this.port = server.socket().getLocalPort();
      } catch (IOException e) {
        server.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot listen on " + address.getHostAddress() + " port " + port + ": " + e.getMessage(),
          e);
    }
  }

  void start() {
    Thread.ofPlatform().name("gateway-accept-" + port).daemon(false).start(this::accept);
  }

  int port() {
    return port;
  }

  /** A connection is over. */
  void end(SocketChannel channel) {
    close(channel);
    places.release();
  }

  /** Frees the address. Connections stay. */
  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      // It is closed all the same.
    }
    // For the accepting thread, in case it waits for a place or pauses.
    places.release();
    closing.countDown();
  }

  private void accept() {
    while (server.isOpen()) {
      places.acquireUninterruptibly();
      if (!acceptOne()) {
        places.release();
      }
    }
  }

  /** Whether the place is taken. */
  private boolean acceptOne() {
    SocketChannel channel;
    try {
      channel = server.accept();
    } catch (IOException | RuntimeException | Error e) {
      if (server.isOpen()) {
        fail(e);
      }
      return false;
    }
    try {
      Thread.ofVirtual().name("connection").start(() -> serve(channel));
      return true;
    } catch (RuntimeException | Error e) {
      close(channel);
      fail(e);
      return false;
    }
  }

  private void serve(SocketChannel channel) {
    try {
      service.serve(channel);
    } catch (RuntimeException | Error bug) {
      LOG.error("a connection failed inside the gateway", bug);
    }
  }

  private void fail(Throwable e) {
    try {
      tell(e);
    } catch (RuntimeException | Error untold) {
      // Without descriptors not even a class can be loaded, so that the report may fail, too.
    }
    try {
      closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupt) {
      throw new IllegalStateException("nobody interrupts threads of the server", interrupt);
    }
  }

  private void tell(Throwable e) {
    long now = time.nanos();
    if (!failed || now - toldNanos > QUIET.toNanos()) {
      failed = true;
      toldNanos = now;
      LOG.warn(
          "connections to port {} cannot be accepted just now ({}): if the limit of open files is"
              + " reached, raise it (ulimit -n)",
          port,
          String.valueOf(e.getMessage()));
    }
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // It is closed all the same.
    }
  }
}
