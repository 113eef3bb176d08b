package dev.dormouse.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.dormouse.time.SystemTime;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

class AcceptorTest {
  private static final int DESCRIPTORS = 256;

  /** Sends back what it gets, in a process that may have only so many files open. */
  static final class EchoServer {
    private EchoServer() {}

    public static void main(String[] args) {
      var acceptors = new ArrayList<Acceptor>();
      var acceptor =
          new Acceptor(
              InetAddress.getLoopbackAddress(),
              0,
              10_000,
              new SystemTime(),
              channel -> {
                echo(channel);
                acceptors.getFirst().end(channel);
              });
      acceptors.add(acceptor);
      acceptor.start();
      System.out.println("port " + acceptor.port());
    }

    private static void echo(SocketChannel channel) {
      try {
        var socket = new ChannelSocket(channel);
        byte[] bytes = socket.read();
        while (bytes != null) {
          socket.write(bytes, 0, bytes.length);
          bytes = socket.read();
        }
      } catch (IOException e) {
        // The client has gone.
      }
    }
  }

  @DisabledOnOs(OS.WINDOWS)
  @Test
  void aServerWithoutDescriptorsWaitsAndGoesOn() throws IOException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java");
    var server =
        new ProcessBuilder(
                "sh",
                "-c",
                "ulimit -n " + DESCRIPTORS + "; exec \"$@\"",
                "sh",
                java.toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                EchoServer.class.getName())
            .redirectErrorStream(true)
            .start();
    var clients = new ArrayList<RawClient>();
    try {
      var lines = new CopyOnWriteArrayList<String>();
      Thread.startVirtualThread(() -> server.inputReader(UTF_8).lines().forEach(lines::add));
      int port = Integer.parseInt(awaited(lines, "port ").substring("port ".length()));
      for (int i = 0; i < DESCRIPTORS; i++) {
        clients.add(new RawClient(port));
      }
      assertNotNull(awaited(lines, "cannot be accepted just now"));

      clients.forEach(RawClient::close);
      try (var next = new RawClient(port)) {
        next.send("still there?");
        assertArrayEquals("still there?".getBytes(UTF_8), next.read("still there?".length()));
      }
    } finally {
      clients.forEach(RawClient::close);
      server.destroyForcibly();
    }
  }

  private static String awaited(CopyOnWriteArrayList<String> lines, String part) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> lines.stream().anyMatch(line -> line.contains(part)));
    return lines.stream().filter(line -> line.contains(part)).findFirst().orElseThrow();
  }
}
