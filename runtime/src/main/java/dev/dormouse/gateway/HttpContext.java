package dev.dormouse.gateway;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.Certificate;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/** What Helidon may ask of a connection beside its bytes. */
abstract class HttpContext implements ConnectionContext {
  private final ChannelSocket socket;

  HttpContext(ChannelSocket socket) {
    this.socket = socket;
  }

  /**
   * Writes. One thread at a time.
   *
   * @throws io.helidon.webserver.CloseConnectionException when the connection is lost
   */
  abstract void write(byte[] bytes, int from, int length);

  @Override
  public ExecutorService executor() {
    return listenerContext().executor();
  }

  @Override
  public DataWriter dataWriter() {
    return new Writer(this);
  }

  @Override
  public PeerInfo remotePeer() {
    return new Peer(socket, true);
  }

  @Override
  public PeerInfo localPeer() {
    return new Peer(socket, false);
  }

  @Override
  public boolean isSecure() {
    return false;
  }

  @Override
  public String socketId() {
    return "gateway";
  }

  @Override
  public String childSocketId() {
    return "0x" + HexFormat.of().toHexDigits(System.identityHashCode(socket));
  }

  /** Writes what Helidon itself has to say, such as refusals. */
  private record Writer(HttpContext connection) implements DataWriter {
    @Override
    public void write(BufferData... buffers) {
      write(BufferData.create(buffers));
    }

    @Override
    public void write(BufferData buffer) {
      byte[] bytes = buffer.readBytes();
      connection.write(bytes, 0, bytes.length);
    }

    @Override
    public void writeNow(BufferData... buffers) {
      write(buffers);
    }

    @Override
    public void writeNow(BufferData buffer) {
      write(buffer);
    }
  }

  /** One side of a connection without TLS. */
  private record Peer(ChannelSocket socket, boolean remote) implements PeerInfo {
    @Override
    public SocketAddress address() {
      try {
        return remote ? socket.remoteAddress() : socket.localAddress();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public String host() {
      return inet().getHostString();
    }

    @Override
    public int port() {
      return inet().getPort();
    }

    private InetSocketAddress inet() {
      if (address() instanceof InetSocketAddress inet) {
        return inet;
      }
      throw new IllegalStateException("a connection that is not TCP");
    }

    @Override
    public Optional<Principal> tlsPrincipal() {
      return Optional.empty();
    }

    @Override
    public Optional<Certificate[]> tlsCertificates() {
      return Optional.empty();
    }
  }
}
