package dev.dormouse.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A server outside, on this machine's loopback, that speaks HTTP/1.1 and WebSocket on one port.
 * {@code /echo} answers 201 with the body, and the method and the header {@code x-probe} as
 * headers; {@code /to?URL} redirects; {@code /socket} chooses the last sub-protocol offered and
 * sends texts back behind {@code echo: }; {@code /no} refuses with 403.
 */
public final class Origin implements AutoCloseable {
  private static final String ACCEPTING = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int TEXT = 0x81;
  private static final int CLOSE = 0x88;

  private final ServerSocket listener;
  private final Collection<Socket> sockets = new ConcurrentLinkedQueue<>();

  private Origin(ServerSocket listener) {
    this.listener = listener;
    Thread.ofVirtual().start(this::accept);
  }

  public static Origin start() throws IOException {
    return new Origin(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
  }

  public int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        var socket = listener.accept();
        sockets.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private static void serve(Socket socket) {
    try (socket;
        var in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        var out = socket.getOutputStream()) {
      for (var request = line(in); !request.isEmpty(); request = line(in)) {
        var headers = new HashMap<String, String>();
        for (var header = line(in); !header.isEmpty(); header = line(in)) {
          var parts = header.split(": *", 2);
          headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1]);
        }
        var words = request.split(" ", 3);
        if (words[1].equals("/socket")) {
          converse(in, out, headers);
          return;
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        answer(out, words[0], words[1], headers, in.readNBytes(length));
      }
    } catch (IOException | GeneralSecurityException over) {
      // The other side has gone, or its test fails by what it does not get.
    }
  }

  private static void answer(
      OutputStream out, String method, String url, Map<String, String> headers, byte[] body)
      throws IOException {
    if (url.startsWith("/to?")) {
      head(out, "302 Found", "location: " + url.substring(4) + "\r\ncontent-length: 0");
    } else if (url.equals("/echo")) {
      var told = "x-method: " + method + "\r\nx-probe: " + headers.getOrDefault("x-probe", "none");
      head(out, "201 Created", told + "\r\ncontent-length: " + body.length);
      out.write(body);
    } else {
      head(out, "403 Forbidden", "content-length: 0");
    }
    out.flush();
  }

  private static void converse(DataInputStream in, OutputStream out, Map<String, String> headers)
      throws IOException, GeneralSecurityException {
    var key = headers.get("sec-websocket-key") + ACCEPTING;
    var digest = MessageDigest.getInstance("SHA-1").digest(key.getBytes(ISO_8859_1));
    var offered = headers.getOrDefault("sec-websocket-protocol", "none").split(", *");
    head(
        out,
        "101 Switching Protocols",
        "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: "
            + Base64.getEncoder().encodeToString(digest)
            + "\r\nsec-websocket-protocol: "
            + offered[offered.length - 1]);
    while (true) {
      int kind = in.readUnsignedByte();
      // Test messages are short; what comes from a client is masked.
      var payload = new byte[in.readUnsignedByte() & 0x7f];
      byte[] mask = in.readNBytes(4);
      in.readFully(payload);
      for (int i = 0; i < payload.length; i++) {
        payload[i] ^= mask[i % 4];
      }
      if (kind == CLOSE) {
        frame(out, CLOSE, payload);
        return;
      }
      frame(out, TEXT, ("echo: " + new String(payload, UTF_8)).getBytes(UTF_8));
    }
  }

  private static void frame(OutputStream out, int kind, byte[] payload) throws IOException {
    out.write(new byte[] {(byte) kind, (byte) payload.length});
    out.write(payload);
    out.flush();
  }

  private static void head(OutputStream out, String status, String headers) throws IOException {
    out.write(("HTTP/1.1 " + status + "\r\n" + headers + "\r\n\r\n").getBytes(ISO_8859_1));
  }

  /** A line of a head; empty, too, where there is none any more. */
  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (var socket : sockets) {
      socket.close();
    }
  }
}
