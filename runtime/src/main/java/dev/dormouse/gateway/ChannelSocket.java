package dev.dormouse.gateway;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A client's TCP connection, read and written by virtual threads that wait until it is possible.
 *
 * <p>One thread reads and one writes at a time; they may be two. {@link #close} may be called from
 * any thread, and ends what the others wait for.
 */
final class ChannelSocket {
  /** Bytes that are read at once. */
  private static final int ROOM = 8 * 1024;

  private final SocketChannel channel;
  private @Nullable ByteBuffer room;

  ChannelSocket(SocketChannel channel) throws IOException {
    this.channel = channel;
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
  }

  /** Waits for bytes; null at the end of the stream. */
  byte @Nullable [] read() throws IOException {
    var into = room;
    if (into == null) {
      into = ByteBuffer.allocate(ROOM);
      room = into;
    }
    int count = channel.read(into.clear());
    return count < 0 ? null : Arrays.copyOf(into.array(), count);
  }

  /** Waits until all is written. */
  void write(byte[] bytes, int from, int length) throws IOException {
    var left = ByteBuffer.wrap(bytes, from, length);
    while (left.hasRemaining()) {
      channel.write(left);
    }
  }

  SocketAddress remoteAddress() throws IOException {
    return channel.getRemoteAddress();
  }

  SocketAddress localAddress() throws IOException {
    return channel.getLocalAddress();
  }

  SocketChannel channel() {
    return channel;
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It is closed all the same.
    }
  }
}
