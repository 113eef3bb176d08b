package dev.dormouse.egress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a server outside, for one exchange of HTTP/1.1. Used by one virtual thread,
 * which waits; {@link #close} from another thread makes it stop.
 */
final class Wire implements AutoCloseable {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int MAX_HEAD_BYTES = 64 * 1024;
  private static final int MAX_FIELDS = 512;
  private static final int STEP = 16 * 1024;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  private Wire(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream(), STEP);
    this.out = socket.getOutputStream();
  }

  /** What a response begins with. */
  record Head(int status, List<Map.Entry<String, String>> headers) {
    @Nullable String first(String name) {
      for (var header : headers) {
        if (header.getKey().equals(name)) {
          return header.getValue();
        }
      }
      return null;
    }
  }

  /** Connects to the first of these addresses that answers, and to no other. */
  static Wire open(WebUrl url, List<InetAddress> addresses, Lifeline lifeline) throws IOException {
    IOException last = null;
    for (var address : addresses) {
      @SuppressWarnings("resource") // the lifeline closes it
      var socket = new Socket();
      lifeline.hold(socket);
      try {
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(address, url.port()), CONNECT_MILLIS);
        return new Wire(url.secure() ? encrypted(socket, url) : socket);
      } catch (IOException e) {
        socket.close();
        last = e;
      }
    }
    throw last != null ? last : new IOException("the host has no address");
  }

  /** The certificate must be one for the host by name, whatever address was connected to. */
  private static Socket encrypted(Socket plain, WebUrl url) throws IOException {
    var factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    var socket = (SSLSocket) factory.createSocket(plain, url.host(), url.port(), true);
    var parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
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

  /** Reads until a head that is not an interim one. */
  Head head() throws IOException {
    while (true) {
      var head = oneHead();
      if (head.status() >= 200 || head.status() == 101) {
        return head;
      }
    }
  }

  /** Reads a body of at most so many bytes. */
  byte[] body(Head head, String method, int limit) throws IOException {
    if (method.equals("HEAD") || head.status() == 204 || head.status() == 304) {
      return new byte[0];
    }
    var encoding = head.first("transfer-encoding");
    var declared = head.first("content-length");
    var body = new ByteArrayOutputStream();
    if (encoding != null) {
      if (!encoding.equalsIgnoreCase("chunked")) {
        throw new IOException("the answer has a transfer-encoding other than chunked");
      }
      chunks(body, limit);
    } else if (declared != null) {
      long length = number(declared, 10);
      if (length > limit) {
        throw tooLarge(limit);
      }
      copy(body, length, limit);
    } else {
      copy(body, -1, limit);
    }
    return body.toByteArray();
  }

  private void chunks(ByteArrayOutputStream body, int limit) throws IOException {
    while (true) {
      var line = line(MAX_HEAD_BYTES);
      int semicolon = line.indexOf(';');
      long size = number(semicolon < 0 ? line : line.substring(0, semicolon), 16);
      if (size == 0) {
        while (!line(MAX_HEAD_BYTES).isEmpty()) {}
        return;
      }
      copy(body, size, limit);
      if (!line(2).isEmpty()) {
        throw new IOException("a chunk has no end");
      }
    }
  }

  /**
   * @param length -1 for all until the end
   */
  private void copy(ByteArrayOutputStream body, long length, int limit) throws IOException {
    var step = new byte[STEP];
    long left = length < 0 ? Long.MAX_VALUE : length;
    while (left > 0) {
      int count = in.read(step, 0, (int) Math.min(step.length, left));
      if (count < 0) {
        if (length < 0) {
          return;
        }
        throw new EOFException("the answer ended early");
      }
      if (body.size() + count > limit) {
        throw tooLarge(limit);
      }
      body.write(step, 0, count);
      left -= count;
    }
  }

  private Head oneHead() throws IOException {
    var status = line(MAX_HEAD_BYTES);
    if (!status.startsWith("HTTP/1.") || status.length() < 12) {
      throw new IOException("the answer is not one of HTTP/1.1");
    }
    int code = (int) number(status.substring(9, 12), 10);
    var headers = new ArrayList<Map.Entry<String, String>>();
    int left = MAX_HEAD_BYTES - status.length();
    for (var line = line(left); !line.isEmpty(); line = line(left)) {
      left -= line.length();
      int colon = line.indexOf(':');
      if (colon <= 0 || headers.size() >= MAX_FIELDS) {
        throw new IOException("the answer has a malformed head");
      }
      headers.add(
          Map.entry(
              line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
              line.substring(colon + 1).strip()));
    }
    return new Head(code, headers);
  }

  private String line(int most) throws IOException {
    var line = new ByteArrayOutputStream(80);
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the answer ended early");
      }
      if (line.size() > most) {
        throw new IOException("the answer has too long a head");
      }
      line.write(c);
    }
    var text = line.toString(ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  private static long number(String digits, int radix) throws IOException {
    try {
      long number = Long.parseLong(digits.strip(), radix);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IOException("the answer has a malformed number");
  }

  private static WebFailure tooLarge(int limit) {
    return new WebFailure(
        WebFailure.TOO_LARGE, "the answer is larger than the " + limit + " bytes allowed");
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
