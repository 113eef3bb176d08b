package dev.dormouse.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** WebSockets: each to one of the actors in turn. */
final class SocketLoad implements AutoCloseable {
  private static final String UPGRADE =
      String.join(
          "\r\n",
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
          "");

  /** How many handshakes are under way at a time. */
  private static final int OPENING = 64;

  private static final long PATIENCE_NANOS = 60_000_000_000L;

  /** Sent on to all by the actor; all else goes back to its sender. */
  private static final String TO_ALL = "all:";

  private final Loop loop = new Loop();
  private final List<Client> clients = new ArrayList<>();
  private final Latencies latencies = new Latencies();
  private long opened;
  private long recordsFrom = Long.MAX_VALUE;
  private long received;
  private boolean echoes;
  private ByteBuffer message = ByteBuffer.allocate(0);
  private long[] sent = {};

  SocketLoad(Command command) throws IOException {
    var requests = command.requests(UPGRADE, new byte[0]);
    int connections = command.count("connections", 16);
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    for (int i = 0; i < connections; i++) {
      var client = new Client();
      client.link = loop.connect(command.address(), client::received);
      clients.add(client);
      client.link.send(requests[i % requests.length]);
      int most = i == connections - 1 ? 0 : OPENING;
      while (clients.size() - opened > most) {
        if (System.nanoTime() > deadline) {
          throw new IOException(clients.size() - opened + " WebSockets do not open");
        }
        loop.poll(deadline);
        if (opened > i) {
          deadline = System.nanoTime() + PATIENCE_NANOS;
        }
      }
    }
  }

  /** Each client sends a message, waits for it to come back, and sends the next one. */
  Report echo(int bytes, long warmNanos, long nanos) throws IOException {
    message = frame("e".repeat(bytes));
    echoes = true;
    long start = System.nanoTime();
    recordsFrom = start + warmNanos;
    long end = recordsFrom + nanos;
    for (var client : clients) {
      client.say();
    }
    run(end);
    return Report.of(latencies, nanos, null);
  }

  /**
   * The first client sends messages to all, so many at a time: the next one when the oldest of them
   * has reached everybody. What is counted are deliveries.
   */
  Report fanout(int bytes, int window, long warmNanos, long nanos) throws IOException {
    message = frame(TO_ALL + "f".repeat(bytes - TO_ALL.length()));
    long start = System.nanoTime();
    recordsFrom = start + warmNanos;
    long end = recordsFrom + nanos;
    sent = new long[window];
    long published = 0;
    for (long now = start; now < end; now = System.nanoTime()) {
      while (published - received / clients.size() < window) {
        sent[(int) (published++ % window)] = System.nanoTime();
        clients.getFirst().link.send(message);
      }
      loop.poll(end);
    }
    var report = Report.of(latencies, nanos, null);
    recordsFrom = Long.MAX_VALUE;
    run(System.nanoTime() + PATIENCE_NANOS, published * clients.size());
    return report;
  }

  private void run(long end) throws IOException {
    run(end, Long.MAX_VALUE);
  }

  private void run(long end, long until) throws IOException {
    while (received < until && System.nanoTime() < end) {
      loop.poll(end);
    }
  }

  private static ByteBuffer frame(String text) {
    return FrameDecoder.frame(FrameDecoder.TEXT, ByteBuffer.wrap(text.getBytes(UTF_8)));
  }

  @Override
  public void close() throws IOException {
    var normal = ByteBuffer.allocate(2).putShort((short) 1000).flip();
    for (var client : clients) {
      client.link.send(FrameDecoder.frame(FrameDecoder.CLOSE, normal));
    }
    loop.close();
  }

  @SuppressWarnings("NullAway.Init") // The link knows its client, so it comes second.
  private final class Client {
    private final HttpDecoder handshake = new HttpDecoder(false);
    private final FrameDecoder frames = new FrameDecoder();
    private Link link;
    private boolean open;
    private long saidAt;
    private long heard;

    void say() throws IOException {
      saidAt = System.nanoTime();
      link.send(message);
    }

    void received(ByteBuffer bytes) throws IOException {
      if (!open) {
        if (!handshake.read(bytes)) {
          return;
        }
        if (handshake.status() != 101) {
          throw new IOException("a WebSocket was answered " + handshake.status());
        }
        open = true;
        opened++;
      }
      while (frames.read(bytes)) {
        switch (frames.opcode()) {
          case FrameDecoder.CLOSE -> throw new IOException("the server closed a WebSocket");
          case FrameDecoder.PING ->
              link.send(FrameDecoder.frame(FrameDecoder.PONG, frames.payload()));
          case FrameDecoder.PONG -> {}
          default -> message();
        }
      }
    }

    private void message() throws IOException {
      long now = System.nanoTime();
      received++;
      long since = echoes ? saidAt : sent[(int) (heard++ % sent.length)];
      if (now >= recordsFrom) {
        latencies.add(now - since);
      }
      if (echoes) {
        say();
      }
    }
  }
}
