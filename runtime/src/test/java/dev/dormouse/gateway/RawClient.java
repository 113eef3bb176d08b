package dev.dormouse.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A client that sends what no library would. */
final class RawClient implements AutoCloseable {
  private final Socket socket;

  /** A frame as a server sends it. */
  record Frame(int first, byte[] payload) {
    int opcode() {
      return first & 0x0f;
    }

    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    int closeCode() {
      return payload.length < 2 ? 1005 : (payload[0] & 0xff) << 8 | (payload[1] & 0xff);
    }
  }

  RawClient(int port) {
    this(port, 0);
  }

  /**
   * @param receiveBuffer of the socket; 0 for what the system gives
   */
  RawClient(int port, int receiveBuffer) {
    try {
      socket = new Socket();
      if (receiveBuffer > 0) {
        socket.setReceiveBufferSize(receiveBuffer);
      }
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
      socket.setSoTimeout(10_000);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  RawClient send(String latin1) {
    return send(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  RawClient send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a request's head, line by line. */
  RawClient request(String... lines) {
    return send(String.join("\r\n", lines) + "\r\n\r\n");
  }

  /** Headers and body of one answer with a content-length. */
  String answer() {
    var head = head();
    var lower = head.toLowerCase(java.util.Locale.ROOT);
    int at = lower.indexOf("content-length: ");
    if (at < 0) {
      return head;
    }
    int length = Integer.parseInt(lower.substring(at + 16, lower.indexOf('\r', at)));
    return head + new String(read(length), StandardCharsets.UTF_8);
  }

  /** Up to the empty line. */
  String head() {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int octet = octet();
      if (octet < 0) {
        return head.toString();
      }
      head.append((char) octet);
    }
    return head.toString();
  }

  byte[] read(int length) {
    try {
      byte[] bytes = socket.getInputStream().readNBytes(length);
      if (bytes.length < length) {
        throw new UncheckedIOException(new IOException("ended after " + bytes.length));
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All until the server closes; what it reset counts as closed. */
  String rest() {
    var out = new ByteArrayOutputStream();
    try {
      InputStream in = socket.getInputStream();
      byte[] some = new byte[8192];
      int count = in.read(some);
      while (count >= 0) {
        out.write(some, 0, count);
        count = in.read(some);
      }
    } catch (SocketTimeoutException e) {
      throw new UncheckedIOException("the server does not close", e);
    } catch (IOException e) {
      // A reset: closed as well.
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  RawClient webSocket(String path) {
    return send(webSocketRequest(path));
  }

  static String webSocketRequest(String path) {
    return String.join(
        "\r\n",
        "GET " + path + " HTTP/1.1",
        "Host: localhost",
        "Connection: keep-alive, Upgrade",
        "Upgrade: WebSocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "",
        "");
  }

  /** A whole frame of a client. */
  RawClient frame(int first, byte[] payload) {
    return send(masked(first, payload.length, payload));
  }

  RawClient text(String text) {
    return frame(0x81, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * @param announced the length that the header tells
   */
  static byte[] masked(int first, long announced, byte[] payload) {
    var out = new ByteArrayOutputStream();
    out.write(first);
    if (announced < 126) {
      out.write(0x80 | (int) announced);
    } else if (announced < 65_536) {
      out.write(0x80 | 126);
      out.write((int) (announced >> 8));
      out.write((int) announced);
    } else {
      out.write(0x80 | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        out.write((int) (announced >> shift));
      }
    }
    byte[] mask = {1, 2, (byte) 0xf3, 4};
    out.writeBytes(mask);
    for (int i = 0; i < payload.length; i++) {
      out.write(payload[i] ^ mask[i % 4]);
    }
    return out.toByteArray();
  }

  Frame frame() {
    byte[] head = read(2);
    long length = head[1] & 0x7f;
    if ((head[1] & 0x80) != 0) {
      throw new IllegalStateException("a server's frames are not masked");
    }
    if (length >= 126) {
      byte[] more = read(length == 126 ? 2 : 8);
      length = 0;
      for (byte b : more) {
        length = length << 8 | (b & 0xff);
      }
    }
    return new Frame(head[0] & 0xff, read((int) length));
  }

  /** The next frame that is not a ping or pong. */
  Frame dataFrame() {
    var frame = frame();
    while (frame.opcode() == 9 || frame.opcode() == 10) {
      frame = frame();
    }
    return frame;
  }

  boolean isEnded() {
    return octet() < 0;
  }

  /** Ends the connection by a reset. */
  void reset() {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    close();
  }

  private int octet() {
    try {
      return socket.getInputStream().read();
    } catch (SocketTimeoutException e) {
      throw new UncheckedIOException("nothing came", e);
    } catch (IOException e) {
      return -1;
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
