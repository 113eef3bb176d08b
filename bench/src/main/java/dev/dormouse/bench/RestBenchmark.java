package dev.dormouse.bench;

import dev.dormouse.actor.HttpRequest;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.identity.ActorId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it takes to make an actor compact when it begins to rest, and to expand it for its next
 * event. The instances have answered a few requests each; there are so many that their memory is
 * not in the processor's caches. The modules are those of {@link WakeBenchmark}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 10, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up first.
public class RestBenchmark extends AsServed {
  private static final int ACTORS = 200;
  private static final HttpRequest REQUEST =
      new HttpRequest("GET", "/memory", List.of(), new byte[0]);

  @Param({"rust", "js"})
  public String app;

  private List<GuestInstance> instances;
  private GuestInstance instance;
  private int next;

  @Setup
  public void setUp() throws Exception {
    Set<GuestInstance> seen = new LinkedHashSet<>();
    var directory = InlineActors.of(app, 1L << 30, ACTORS, seen::add);
    for (int request = 0; request < 3; request++) {
      for (int i = 0; i < ACTORS; i++) {
        Answers.ok(
            directory.fetch(new ActorId(InlineActors.NAMESPACE, "Counter:" + i), REQUEST).join());
      }
    }
    instances = new ArrayList<>(seen);
    instances.forEach(GuestInstance::compact);
    instances.forEach(RestBenchmark::requireCompact);
    instance = instances.getFirst();
    long held = instances.stream().mapToLong(GuestInstance::heldBytes).sum();
    System.out.println("bytes of an instance at rest: " + held / instances.size());
  }

  private static void requireCompact(GuestInstance instance) {
    if (!instance.isCompact()) {
      throw new IllegalStateException("it is not compact");
    }
  }

  /** All are compact but for the one. */
  @Setup(Level.Invocation)
  public void choose() {
    instance.compact();
    next = (next + 1) % instances.size();
    instance = instances.get(next);
  }

  @Benchmark
  public boolean expand() {
    return instance.expand();
  }

  @Benchmark
  public boolean expandAndCompact() {
    boolean was = instance.expand();
    instance.compact();
    return was;
  }
}
