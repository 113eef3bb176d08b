package dev.dormouse.bench;

import dev.dormouse.actor.Directory;
import dev.dormouse.egress.Egress;
import dev.dormouse.egress.EgressBounds;
import dev.dormouse.egress.Trust;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.guest.HostFunction;
import dev.dormouse.guest.TurnPacer;
import dev.dormouse.guest.chicory.ChicoryEngine;
import dev.dormouse.host.HostImports;
import dev.dormouse.limits.LimitPolicy;
import dev.dormouse.limits.NodeLimits;
import dev.dormouse.module.Namespaces;
import dev.dormouse.observe.ActorLog;
import dev.dormouse.observe.Metrics;
import dev.dormouse.time.SystemTime;
import dev.dormouse.time.TimeSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Actors without sockets, disk and the hand-over to another thread: the actor's loop runs on the
 * thread that delivers.
 */
final class InlineActors {
  static final String NAMESPACE = "bench";

  private InlineActors() {}

  /**
   * The actors of a module.
   *
   * @param property the system property that names the module
   * @param memoryBytes what awake actors may have together; beyond, those that are idle sleep
   */
  static Directory of(String property, long memoryBytes) throws IOException {
    return of(property, memoryBytes, 10, instance -> {});
  }

  /**
   * The same, and shows the instances behind the actors.
   *
   * @param awakeActors most that are awake at a time
   * @param seen gets the instance of each import that is called
   */
  static Directory of(
      String property, long memoryBytes, int awakeActors, Consumer<GuestInstance> seen)
      throws IOException {
    var data = Files.createTempDirectory("bench");
    var time = new OneThread();
    var engine =
        new ChicoryEngine(data.resolve("cache"), ChicoryEngine.Mode.COMPILER, 1 << 30, time);
    var namespaces = new Namespaces(data, engine, imports(seen), LimitPolicy.DEFAULTS, time);
    namespaces.put(NAMESPACE, Files.readAllBytes(Path.of(System.getProperty(property))));
    return new Directory(
        new InstantStore(),
        namespaces,
        time,
        new TurnPacer(1),
        new Metrics(),
        new ActorLog(time),
        new Egress(time, false, EgressBounds.of(NodeLimits.defaults()), Trust.standard()),
        1,
        memoryBytes,
        awakeActors,
        Duration.ofSeconds(1));
  }

  private static List<HostFunction> imports(Consumer<GuestInstance> seen) {
    return HostImports.all().stream()
        .map(
            function ->
                new HostFunction(
                    function.module(),
                    function.name(),
                    function.signature(),
                    (caller, arguments) -> {
                      seen.accept(caller);
                      return function.call().call(caller, arguments);
                    }))
        .toList();
  }

  /** The machine's time; what is to run beside runs at once, on the caller's thread. */
  private static final class OneThread implements TimeSource {
    private final SystemTime time = new SystemTime();

    @Override
    public void start(String name, Runnable task) {
      task.run();
    }

    @Override
    public long millis() {
      return time.millis();
    }

    @Override
    public long nanos() {
      return time.nanos();
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
      return time.after(delay, task);
    }

    @Override
    public void random(byte[] into) {
      time.random(into);
    }

    @Override
    public long randomLong() {
      return time.randomLong();
    }
  }
}
