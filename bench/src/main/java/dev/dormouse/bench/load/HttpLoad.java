package dev.dormouse.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests over HTTP. In a closed loop each connection asks again as soon as it is answered. In an
 * open loop requests have moments at which they are meant to be sent, evenly spaced, whatever the
 * server does; latency counts from that moment, so that requests which a slow server keeps from
 * being sent count as slow too. It looks at the time and at its connections once in {@link
 * #LOOK_NANOS}, so that what it sends late and hears late counts up to twice that much too slow: to
 * look more often would take the server's processors, and its latencies with them.
 */
final class HttpLoad implements AutoCloseable {
  /** How long the answers to what was sent may take after the end. */
  private static final long GRACE_NANOS = 10_000_000_000L;

  /** How often an open loop looks at what is due and what has been answered. */
  private static final long LOOK_NANOS = 500_000;

  /** Actors are drawn in the same order in each run. */
  private static final long SEED = 4711;

  private final Loop loop = new Loop();
  private final ByteBuffer[] requests;
  private final boolean keepsBodies;
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final ArrayDeque<Client> idle = new ArrayDeque<>();
  private final Latencies latencies = new Latencies();
  private final List<Client> clients = new ArrayList<>();
  private int busy;
  private long recordsFrom;
  private long lastAnswer;

  HttpLoad(Command command, boolean keepsBodies) throws IOException {
    requests = command.requests("", new byte[command.count("bytes", 0)]);
    this.keepsBodies = keepsBodies;
    for (int i = 0; i < command.count("connections", 16); i++) {
      var client = new Client();
      client.link = loop.connect(command.address(), client::received);
      clients.add(client);
    }
    idle.addAll(clients);
  }

  /**
   * Each connection asks an actor by chance, again and again. What {@code warm} brings is not
   * counted.
   */
  Report closed(long warmNanos, long nanos) throws IOException {
    long start = System.nanoTime();
    recordsFrom = start + warmNanos;
    long end = recordsFrom + nanos;
    long now = start;
    // Where one answer takes longer than the whole run, that one is waited for.
    while (now < end || (latencies.count() == 0 && now < end + GRACE_NANOS)) {
      while (!idle.isEmpty()) {
        idle.pop().send(any(), System.nanoTime());
      }
      loop.poll(Math.max(end, now + 1_000_000));
      now = System.nanoTime();
    }
    var report = Report.of(latencies, now - recordsFrom, null);
    finish(end);
    return report;
  }

  /**
   * So many requests a second, to actors by chance, over whichever connection is idle. Requests
   * that were meant for the time after {@code warm} count, also those that could not be sent in
   * time.
   */
  Report open(double rate, long warmNanos, long nanos) throws IOException {
    double gap = 1e9 / rate;
    long start = System.nanoTime();
    long last = (long) ((warmNanos + nanos) / gap);
    recordsFrom = start + warmNanos;
    long deadline = recordsFrom + nanos + GRACE_NANOS;
    long next = 0;
    long now = start;
    while (now < deadline && (next < last || busy > 0)) {
      while (next < last && !idle.isEmpty() && start + (long) (next * gap) <= now) {
        idle.pop().send(any(), start + (long) (next * gap));
        next++;
      }
      LockSupport.parkNanos(now + LOOK_NANOS - System.nanoTime());
      loop.poll();
      now = System.nanoTime();
    }
    lastAnswer = Math.max(lastAnswer, recordsFrom + nanos);
    for (; next < last; next++) {
      record(start + (long) (next * gap), now);
    }
    for (var client : clients) {
      if (client.waits) {
        record(client.meant, now);
      }
    }
    return Report.of(latencies, lastAnswer - recordsFrom, null);
  }

  /** One request to each actor in order, over as many connections as there are. */
  Report once() throws IOException {
    var bodies = new String[requests.length];
    long start = System.nanoTime();
    recordsFrom = start;
    int next = 0;
    long heard = start;
    long count = 0;
    while (next < requests.length || busy > 0) {
      while (next < requests.length && !idle.isEmpty()) {
        var client = idle.pop();
        client.bodies = bodies;
        client.actor = next;
        client.send(requests[next++], System.nanoTime());
      }
      loop.poll(System.nanoTime() + GRACE_NANOS);
      long now = System.nanoTime();
      if (latencies.count() > count) {
        count = latencies.count();
        heard = now;
      } else if (now - heard > 6 * GRACE_NANOS) {
        throw new IOException("an answer takes longer than a minute");
      }
    }
    return Report.of(latencies, System.nanoTime() - start, keepsBodies ? List.of(bodies) : null);
  }

  private ByteBuffer any() {
    return requests[requests.length == 1 ? 0 : random.nextInt(requests.length)];
  }

  private void finish(long end) throws IOException {
    recordsFrom = Long.MAX_VALUE;
    while (busy > 0 && System.nanoTime() < end + GRACE_NANOS) {
      loop.poll(end + GRACE_NANOS);
    }
  }

  private void record(long meant, long now) {
    if (meant >= recordsFrom) {
      latencies.add(now - meant);
    }
  }

  @Override
  public void close() throws IOException {
    loop.close();
  }

  /** One connection, which has at most one request under way. */
  @SuppressWarnings("NullAway.Init") // The link knows its client, so it comes second.
  private final class Client {
    private final HttpDecoder decoder = new HttpDecoder(keepsBodies);
    private Link link;
    private boolean waits;
    private long meant;
    private int actor;
    private String[] bodies = {};

    void send(ByteBuffer request, long meant) throws IOException {
      this.meant = meant;
      waits = true;
      busy++;
      link.send(request);
    }

    void received(ByteBuffer bytes) throws IOException {
      while (decoder.read(bytes)) {
        if (!waits || decoder.status() / 100 != 2) {
          throw new IOException("a request was answered " + decoder.status());
        }
        lastAnswer = System.nanoTime();
        record(meant, lastAnswer);
        waits = false;
        busy--;
        if (keepsBodies) {
          bodies[actor] = decoder.body();
        }
        idle.push(this);
      }
    }
  }
}
