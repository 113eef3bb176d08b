package dev.dormouse.guest.fuel;

import dev.dormouse.bench.AsServed;
import dev.dormouse.bench.Unlimited;
import dev.dormouse.guest.FuelMeter;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.guest.MeteredModule;
import dev.dormouse.guest.TurnPacer;
import dev.dormouse.guest.chicory.ChicoryEngine;
import dev.dormouse.time.SystemTime;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * What metering costs: the same kernel in the same engine, rewritten to count its fuel, and
 * rewritten in the same way but for the charges. One run of each is the operation, so that whatever
 * else the machine does meets both; the processor time of either is told beside it. The kernels are
 * in {@code bench/apps/kernels}; the system property {@code kernels} names the module that is built
 * from them.
 *
 * <p>It lives in this package because a module without charges is nothing that others may make.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up first.
public class FuelBenchmark extends AsServed {
  private static final int TIMES = 10;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  @Param({"hash", "sort", "interpreter"})
  public String kernel;

  private GuestInstance unmetered;
  private GuestInstance metered;

  @Setup
  public void setUp() throws Exception {
    byte[] wasm = Files.readAllBytes(Path.of(System.getProperty("kernels")));
    unmetered = instance(Rewriter.withoutCharges(wasm, ModuleBounds.DEFAULTS));
    metered = instance(Rewriter.meter(wasm, ModuleBounds.DEFAULTS));
    if (run(unmetered) != run(metered)) {
      throw new IllegalStateException("the metered kernel computes something else");
    }
  }

  /** Nanoseconds of processor time of all runs of an iteration. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Nanos {
    public long metered;
    public long unmetered;
  }

  @Benchmark
  public long both(Nanos nanos) {
    long start = THREADS.getCurrentThreadCpuTime();
    long result = run(metered);
    long middle = THREADS.getCurrentThreadCpuTime();
    result ^= run(unmetered);
    nanos.metered += middle - start;
    nanos.unmetered += THREADS.getCurrentThreadCpuTime() - middle;
    return result;
  }

  private static GuestInstance instance(MeteredModule module) throws Exception {
    var time = new SystemTime();
    var engine =
        new ChicoryEngine(
            Files.createTempDirectory("bench"), ChicoryEngine.Mode.COMPILER, 1 << 30, time);
    var meter = new FuelMeter(new TurnPacer(2), time);
    begin(meter);
    return engine.load(module, List.of()).instantiate(new Unlimited(), meter, module);
  }

  private long run(GuestInstance instance) {
    begin(instance.meter());
    long result = instance.call(kernel, TIMES);
    instance.meter().end();
    return result;
  }

  private static void begin(FuelMeter meter) {
    meter.begin(1_000_000_000_000L, 512 * 1024, Long.MAX_VALUE / 2);
  }
}
