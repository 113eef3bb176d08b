package dev.dormouse.bench;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import dev.dormouse.guest.FuelMeter;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.guest.MemoryGrant;
import dev.dormouse.guest.TurnPacer;
import dev.dormouse.guest.chicory.ChicoryEngine;
import dev.dormouse.guest.fuel.ModuleBounds;
import dev.dormouse.guest.fuel.Rewriter;
import dev.dormouse.time.SystemTime;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

/** What metering costs: the same kernel compiled as it came, and rewritten to count its fuel. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgs = {"-Xss16m"})
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up first.
public class FuelBenchmark {
  private static final int TIMES = 10;

  @Param({"hash", "sort", "interpreter"})
  public String kernel;

  private ExportFunction plain;
  private GuestInstance metered;

  @Setup
  public void setUp() throws Exception {
    var wasm = Kernels.assemble(kernel);
    var module = Parser.parse(wasm);
    plain =
        Instance.builder(module)
            .withMachineFactory(MachineFactoryCompiler.compile(module))
            .build()
            .export("run");
    var time = new SystemTime();
    var engine =
        new ChicoryEngine(
            Files.createTempDirectory("bench"), ChicoryEngine.Mode.COMPILER, 1 << 30, time);
    var meter = new FuelMeter(new TurnPacer(2), time);
    begin(meter);
    metered =
        engine
            .load(Rewriter.meter(wasm, ModuleBounds.DEFAULTS), List.of())
            .instantiate(new Unlimited(), meter, this);
    long expected = plain.apply(TIMES)[0] & 0xffff_ffffL;
    if (expected != metered.call("run", TIMES)) {
      throw new IllegalStateException("the rewritten kernel computes something else");
    }
  }

  @Benchmark
  public long unmetered() {
    return plain.apply(TIMES)[0];
  }

  @Benchmark
  public long metered() {
    begin(metered.meter());
    long result = metered.call("run", TIMES);
    metered.meter().end();
    return result;
  }

  private static void begin(FuelMeter meter) {
    meter.begin(1_000_000_000_000L, 512 * 1024, Long.MAX_VALUE / 2);
  }

  /** A node with nobody else on it. */
  private static final class Unlimited implements MemoryGrant {
    @Override
    public long limitBytes() {
      return 128L << 20;
    }

    @Override
    public boolean reserve(long bytes) {
      return true;
    }

    @Override
    public void release(long bytes) {}
  }
}
