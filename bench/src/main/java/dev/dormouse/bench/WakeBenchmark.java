package dev.dormouse.bench;

import dev.dormouse.actor.Directory;
import dev.dormouse.actor.HttpReply;
import dev.dormouse.actor.HttpRequest;
import dev.dormouse.identity.ActorId;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a first request to a sleeping actor costs without sockets and disk: memory has room for few
 * of the actors that are asked in turn, so each must wake, and another one sleep. The modules are
 * {@code bench/apps/counter} and {@code counter-js}; the system properties {@code rust} and {@code
 * js} name them.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 20, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up first.
public class WakeBenchmark extends AsServed {
  private static final int ACTORS = 1_024;
  private static final long MEMORY_BYTES = 32L << 20;
  private static final HttpRequest REQUEST =
      new HttpRequest("GET", "/memory", List.of(), new byte[0]);

  @Param({"rust", "js"})
  public String app;

  private Directory directory;
  private int next;

  @Setup
  public void setUp() throws Exception {
    directory = InlineActors.of(app, MEMORY_BYTES);
  }

  @TearDown
  public void tearDown() {
    if (directory.residentCount() >= ACTORS) {
      throw new IllegalStateException("all actors are awake");
    }
  }

  @Benchmark
  public HttpReply wake() {
    next = (next + 1) % ACTORS;
    var actor = new ActorId(InlineActors.NAMESPACE, "Counter:" + next);
    return Answers.ok(directory.fetch(actor, REQUEST).join());
  }
}
