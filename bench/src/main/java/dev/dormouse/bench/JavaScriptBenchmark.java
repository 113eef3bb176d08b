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
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a turn of a Durable Object in JavaScript costs without sockets and disk: one that only
 * counts, one that reads and writes a key, and work for QuickJS itself. The module is {@code
 * bench/apps/counter-js}; the system property {@code js} names it. The JIT needs most of the
 * warm-up.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 30, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up first.
public class JavaScriptBenchmark extends AsServed {
  private static final ActorId ACTOR = new ActorId(InlineActors.NAMESPACE, "Counter:one");

  @Param({"memory", "durable", "json", "text", "fib"})
  public String path;

  private Directory directory;
  private HttpRequest request;

  @Setup
  public void setUp() throws Exception {
    directory = InlineActors.of("js", 1L << 30);
    request = new HttpRequest("GET", "/" + path, List.of(), new byte[0]);
  }

  @Benchmark
  public HttpReply turn() {
    return Answers.ok(directory.fetch(ACTOR, request).join());
  }
}
