package dev.dormouse.gateway;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A client's TCP connection, read and written by virtual threads that wait until it is possible.
 * One that is silent can be parked: then nobody reads it, and it holds no buffer and no thread.
 *
 * <p>One thread reads and one writes at a time; they may be two. Only the reader parks, and only
 * while nobody writes, since that changes the channel's mode. A writer may come to a parked socket:
 * what the system takes at once is written, and if it takes no more, the socket leaves its parking
 * and the writer waits as ever. {@link #close} may be called from any thread, and ends what the
 * others wait for.
 */
final class ChannelSocket {
  /** Bytes that are read at once. */
  private static final int ROOM = 8 * 1024;

  private static final byte[] NOTHING = new byte[0];

  private final SocketChannel channel;
  private byte @Nullable [] room;
  private volatile Parking.@Nullable Place place;

  ChannelSocket(SocketChannel channel) throws IOException {
    this.channel = channel;
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
  }

  /** Waits for bytes; null at the end of the stream. */
  byte @Nullable [] read() throws IOException {
    var into = room();
    int count = channel.read(ByteBuffer.wrap(into));
    return count < 0 ? null : Arrays.copyOf(into, count);
  }

  /** Waits for bytes, for so long at most: then there are none; null at the end of the stream. */
  byte @Nullable [] read(Duration patience) throws IOException {
    var into = room();
    try {
      var socket = channel.socket();
      socket.setSoTimeout((int) Math.max(1, patience.toMillis()));
      int count = socket.getInputStream().read(into);
      return count < 0 ? null : Arrays.copyOf(into, count);
    } catch (SocketTimeoutException e) {
      return NOTHING;
    }
  }

  /** Waits until all is written. */
  void write(byte[] bytes, int from, int length) throws IOException {
    var left = ByteBuffer.wrap(bytes, from, length);
    while (left.hasRemaining()) {
      if (channel.write(left) == 0) {
        unpark();
      }
    }
  }

  /**
   * Lets a silent connection wait without a thread. To be called by the reader, while nobody
   * writes; if it was parked, the caller is the reader no more.
   *
   * @param awake is run once when there is something to read, the socket was closed, or a writer
   *     has to wait; it starts a reader, which calls {@link #unpark} first
   * @return false when it could not be parked
   */
  boolean park(Parking parking, Runnable awake) throws IOException {
    room = null;
    channel.configureBlocking(false);
    var taken = parking.place(channel, awake);
    place = taken;
    if (parking.enter(taken)) {
      return true;
    }
    unpark();
    return false;
  }

  /** Makes sure that the socket is not parked. */
  void unpark() throws IOException {
    var held = place;
    if (held != null) {
      held.leave();
    }
    channel.configureBlocking(true);
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
    var held = place;
    if (held != null) {
      held.leave();
    }
  }

  private byte[] room() {
    var into = room;
    if (into == null) {
      into = new byte[ROOM];
      room = into;
    }
    return into;
  }
}
