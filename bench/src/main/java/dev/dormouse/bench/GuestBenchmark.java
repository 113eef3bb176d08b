package dev.dormouse.bench;

import dev.dormouse.abi.FlatSignature;
import dev.dormouse.guest.FuelMeter;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.guest.GuestModule;
import dev.dormouse.guest.HostFunction;
import dev.dormouse.guest.TurnPacer;
import dev.dormouse.guest.chicory.ChicoryEngine;
import dev.dormouse.guest.fuel.ModuleBounds;
import dev.dormouse.guest.fuel.Rewriter;
import dev.dormouse.time.SystemTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the border between host and guest costs: a call of an export, a call of an import, and a new
 * instance. The module is {@code bench/apps/parts}; the system property {@code parts} names it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xss24m")
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up first.
public class GuestBenchmark {
  private static final int CALLS = 1_000;

  private GuestModule module;
  private GuestInstance instance;

  @Setup
  public void setUp() throws Exception {
    var time = new SystemTime();
    var engine =
        new ChicoryEngine(
            Files.createTempDirectory("bench"), ChicoryEngine.Mode.COMPILER, 1 << 30, time);
    var nothing =
        new HostFunction(
            "bench", "nothing", FlatSignature.of("i_i"), (caller, arguments) -> arguments[0]);
    byte[] wasm = Files.readAllBytes(Path.of(System.getProperty("parts")));
    module = engine.load(Rewriter.meter(wasm, ModuleBounds.DEFAULTS), List.of(nothing));
    instance = fresh(new FuelMeter(new TurnPacer(1), time));
  }

  @Benchmark
  public long callOfAnExport() {
    begin(instance.meter());
    long sum = instance.call("add", 1, 2);
    instance.meter().end();
    return sum;
  }

  @Benchmark
  @OperationsPerInvocation(CALLS)
  public long callOfAnImport() {
    begin(instance.meter());
    long sum = instance.call("calls", CALLS);
    instance.meter().end();
    return sum;
  }

  /** With two pages of memory. */
  @Benchmark
  public long newInstance() {
    try (var made = fresh(instance.meter())) {
      return made.memoryBytes();
    }
  }

  private GuestInstance fresh(FuelMeter meter) {
    begin(meter);
    var made = module.instantiate(new Unlimited(), meter, this);
    meter.end();
    return made;
  }

  private static void begin(FuelMeter meter) {
    meter.begin(1_000_000_000L, 512 * 1024, Long.MAX_VALUE / 2);
  }
}
