package dev.dormouse.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/**
 * Stands in front of a server of this machine, passes all bytes on, and counts connections; with
 * TLS or without.
 */
public final class Front implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final AtomicInteger connections = new AtomicInteger();
  private final Collection<Socket> sockets = new ConcurrentLinkedQueue<>();

  private Front(ServerSocket listener, int target) {
    this.listener = listener;
    this.target = target;
    Thread.ofVirtual().start(this::accept);
  }

  public static Front plain(int target) throws IOException {
    return new Front(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
  }

  /** Speaks TLS with its clients. */
  public static Front tls(int target, SSLContext context) throws IOException {
    var sockets = context.getServerSocketFactory();
    return new Front(sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** How many clients have connected since the start. */
  public int connections() {
    return connections.get();
  }

  private void accept() {
    try {
      while (true) {
        var client = listener.accept();
        connections.incrementAndGet();
        var server = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(client);
        sockets.add(server);
        Thread.ofVirtual().start(() -> pass(client, server));
        Thread.ofVirtual().start(() -> pass(server, client));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private static void pass(Socket from, Socket to) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      in.transferTo(to.getOutputStream());
    } catch (IOException over) {
      // So is the other direction.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (var socket : sockets) {
      socket.close();
    }
  }
}
