package dev.dormouse.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dormouse.actor.Connection;
import dev.dormouse.actor.Directory;
import dev.dormouse.actor.HttpRequest;
import dev.dormouse.actor.Outbound;
import dev.dormouse.actor.Payload;
import dev.dormouse.identity.ActorId;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one turn costs from the directory to the outbound queue, without sockets, disk and the
 * hand-over to another thread: the actor's loop runs on the thread that delivers. The module is
 * {@code bench/apps/turn}; the system property {@code turn} names it. With {@code -prof gc} it
 * shows what a turn allocates.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-Xss24m")
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up first.
public class TurnBenchmark {
  private static final ActorId ACTOR = new ActorId(InlineActors.NAMESPACE, "one");

  @Param({"read", "write"})
  public String work;

  private Directory directory;
  private Connection connection;
  private Payload payload;
  private HttpRequest request;

  @Setup
  public void setUp() throws Exception {
    directory = InlineActors.of("turn", 1L << 30);
    var connecting = directory.connect(ACTOR, "/", List.of(), () -> {});
    connection = connecting.connection();
    connecting.opening().join();
    var text = work.getBytes(UTF_8);
    payload = new Payload(true, text);
    request = new HttpRequest("POST", "/", List.of(), text);
  }

  /** A message of a WebSocket, and its answer. */
  @Benchmark
  public Outbound.@Nullable Item message() {
    connection.received(payload);
    return connection.outbound().poll();
  }

  /** A request over HTTP, and its answer. */
  @Benchmark
  public Object fetch() {
    return directory.fetch(ACTOR, request).join();
  }
}
