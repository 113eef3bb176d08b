package dev.dormouse.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;

/** Any number of connections on one thread. */
final class Loop implements AutoCloseable {
  /**
   * How long the thread sleeps at a time when a moment is near: a selector can only wait for whole
   * milliseconds, and to spin would take a core from the server.
   */
  private static final long NAP_NANOS = 30_000;

  private static final long NEAR_NANOS = 2_000_000;

  private final Selector selector = Selector.open();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 * 1024);

  Loop() throws IOException {}

  /** Hears what one connection brings. */
  interface Receiver {
    /** Must take all of the bytes. */
    void received(ByteBuffer bytes) throws IOException;
  }

  /** Opens a connection; the receiver is called by {@link #poll} only. */
  Link connect(InetSocketAddress address, Receiver receiver) throws IOException {
    var channel = SocketChannel.open(address);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    var key = channel.register(selector, SelectionKey.OP_READ);
    var link = new Link(channel, key, receiver);
    key.attach(link);
    return link;
  }

  /**
   * Handles what is ready, and waits for something to be until the moment, which is one of {@link
   * System#nanoTime}.
   *
   * @throws IOException when a server has closed a connection
   */
  void poll(long until) throws IOException {
    if (selector.selectNow() == 0) {
      long wait = until - System.nanoTime();
      if (wait > NEAR_NANOS) {
        selector.select(wait / 1_000_000);
      } else if (wait > 0) {
        LockSupport.parkNanos(Math.min(wait, NAP_NANOS));
        selector.selectNow();
      }
    }
    var keys = selector.selectedKeys();
    for (var key : keys) {
      var link = (Link) key.attachment();
      if (key.isWritable()) {
        link.flush();
      }
      if (key.isReadable()) {
        link.read(buffer);
      }
    }
    keys.clear();
  }

  @Override
  public void close() throws IOException {
    for (var key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
