package dev.dormouse.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** Any number of connections on one thread. */
final class Loop implements AutoCloseable {
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
   * System#nanoTime}. A selector waits for whole milliseconds, so that it may come back up to one
   * too late; to look more often would take the server's processors, and its latencies with them.
   *
   * @throws IOException when a server has closed a connection
   */
  void poll(long until) throws IOException {
    if (selector.selectNow() == 0) {
      long wait = until - System.nanoTime();
      if (wait > 0) {
        selector.select(Math.max(1, wait / 1_000_000));
      }
    }
    handle();
  }

  /** Handles what is ready, and does not wait. */
  void poll() throws IOException {
    selector.selectNow();
    handle();
  }

  private void handle() throws IOException {
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
