package dev.dormouse;

import dev.dormouse.cli.Cli;
import dev.dormouse.cli.RunningServer;
import dev.dormouse.config.ServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Objects;

/**
 * A short life of a server, for the JVM to learn from: the launcher runs it once for each build
 * with {@code -XX:AOTCacheOutput}, and gives what was learned to every later start. What runs here
 * is loaded and linked beforehand there, so this does what a server does first: it starts over data
 * that an earlier life has left, and actors answer requests, messages and an alarm.
 */
final class Rehearsal {
  private static final String HOST = "127.0.0.1";
  private static final String TOKEN = "rehearsal-of-a-server";
  private static final int PATIENCE_MILLIS = 60_000;
  private static final int REQUESTS = 3;
  private static final String MESSAGE = "hello";

  /** A frame of the server with so short a text has a header of two bytes. */
  private static final int FRAME_BYTES = 2 + MESSAGE.length();

  private Rehearsal() {}

  /**
   * @param args an empty folder for the data
   */
  public static void main(String[] args) {
    Path data = Path.of(args[0]);
    ServerConfig config =
        ServerConfig.defaults()
            .withPublic(HOST, 0)
            .withAdmin(HOST, 0)
            .withAdminToken(TOKEN)
            .withData(data);
    try (RunningServer first = Main.start(config, false)) {
      deploy(first.adminPort());
      request(first.publicPort());
    }
    int status =
        Cli.run(
            (settings, dev) -> {
              RunningServer second = Main.start(settings, dev);
              Thread.ofPlatform().name("rehearsal").start(() -> audience(second));
              return second;
            },
            "serve",
            "--port",
            "0",
            "--admin-port",
            "0",
            "--data",
            data.toString());
    System.exit(status);
  }

  private static void audience(RunningServer server) {
    int status = 1;
    try {
      for (int i = 0; i < REQUESTS; i++) {
        request(server.publicPort());
      }
      talk(server.publicPort());
      status = 0;
    } finally {
      System.exit(status);
    }
  }

  /** The actor's module; its text is {@code rehearsal.wat}. */
  static byte[] module() {
    try (var hex = Rehearsal.class.getResourceAsStream("rehearsal.hex")) {
      String text =
          new String(Objects.requireNonNull(hex).readAllBytes(), StandardCharsets.US_ASCII);
      return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void deploy(int port) {
    byte[] module = module();
    String head =
        """
        PUT /v1/namespaces/rehearsal HTTP/1.1
        Host: %s
        Authorization: Bearer %s
        Content-Type: application/wasm
        Content-Length: %d
        Connection: close

        """
            .formatted(HOST, TOKEN, module.length);
    requireOk(exchange(port, head, module));
  }

  private static void request(int port) {
    String head =
        """
        GET /rehearsal/actor/ HTTP/1.1
        Host: %s
        User-Agent: rehearsal
        Accept: */*
        Connection: close

        """
            .formatted(HOST);
    requireOk(exchange(port, head, new byte[0]));
  }

  private static void requireOk(String answer) {
    if (!answer.startsWith("HTTP/1.1 200 ") && !answer.startsWith("HTTP/1.1 201 ")) {
      throw new IllegalStateException("the rehearsal's answer is " + answer);
    }
  }

  private static String exchange(int port, String head, byte[] body) {
    try (Socket socket = connect(port)) {
      send(socket, head, body);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A WebSocket, one message, its answer, and what the alarm says then. */
  private static void talk(int port) {
    String head =
        """
        GET /rehearsal/actor/ HTTP/1.1
        Host: %s
        Connection: Upgrade
        Upgrade: websocket
        Sec-WebSocket-Version: 13
        Sec-WebSocket-Key: cmVoZWFyc2FsLWtleS0xNg==

        """
            .formatted(HOST);
    byte[] masked = new byte[FRAME_BYTES + 4];
    masked[0] = (byte) 0x81;
    masked[1] = (byte) (0x80 | MESSAGE.length());
    System.arraycopy(MESSAGE.getBytes(StandardCharsets.US_ASCII), 0, masked, 6, MESSAGE.length());
    try (Socket socket = connect(port)) {
      send(socket, head, new byte[0]);
      var in = socket.getInputStream();
      var answer = new StringBuilder();
      while (answer.indexOf("\r\n\r\n") < 0) {
        int octet = in.read();
        if (octet < 0) {
          throw new IllegalStateException("the rehearsal's WebSocket was answered " + answer);
        }
        answer.append((char) octet);
      }
      socket.getOutputStream().write(masked);
      if (in.readNBytes(2 * FRAME_BYTES).length < 2 * FRAME_BYTES) {
        throw new IllegalStateException("the rehearsal's WebSocket ended");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  private static void send(Socket socket, String head, byte[] body) throws IOException {
    var out = socket.getOutputStream();
    out.write(head.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
    out.write(body);
    out.flush();
  }
}
