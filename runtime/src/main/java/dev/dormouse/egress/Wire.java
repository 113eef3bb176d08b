package dev.dormouse.egress;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * One connection to a server outside. Used by one virtual thread at a time, which waits; {@link
 * #close} from another thread makes it stop.
 */
final class Wire implements AutoCloseable {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int STEP = 16 * 1024;

  private final SocketChannel channel;
  private final InetAddress address;
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  private Wire(SocketChannel channel, InetAddress address, Socket socket) throws IOException {
    this.channel = channel;
    this.address = address;
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream(), STEP);
    this.out = socket.getOutputStream();
  }

  /** Connects to the first of these addresses that answers, and to no other. */
  static Wire open(WebUrl url, List<InetAddress> addresses, Trust trust, Lifeline lifeline)
      throws IOException {
    IOException last = null;
    for (var address : addresses) {
      @SuppressWarnings("resource") // the lifeline closes it
      var channel = SocketChannel.open();
      lifeline.hold(channel);
      try {
        var socket = channel.socket();
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(address, url.port()), CONNECT_MILLIS);
        return new Wire(channel, address, url.secure() ? trust.encrypt(socket, url) : socket);
      } catch (IOException e) {
        channel.close();
        last = e;
      }
    }
    throw last != null ? last : new IOException("the host has no address");
  }

  /** Lets the lifeline of another exchange end this connection. */
  void heldBy(Lifeline lifeline) throws IOException {
    lifeline.hold(channel);
  }

  /** What it is connected to. */
  InetAddress address() {
    return address;
  }

  void write(byte[]... parts) throws IOException {
    for (var part : parts) {
      out.write(part);
    }
    out.flush();
  }

  InputStream in() {
    return in;
  }

  /**
   * Whether nothing has come in that nobody has asked for, and no end either. What has come is lost
   * by asking, so the connection serves for nothing then.
   */
  boolean isQuiet() {
    try {
      channel.configureBlocking(false);
      boolean quiet = channel.read(ByteBuffer.allocate(1)) == 0;
      channel.configureBlocking(true);
      return quiet;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone all the same.
    }
  }
}
