package dev.dormouse.guest.fuel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Store;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.ValType;
import dev.dormouse.fault.UserFault;
import dev.dormouse.guest.fuel.CountingMeter.Engine;
import dev.dormouse.guest.fuel.CountingMeter.OutOfFuel;
import dev.dormouse.guest.fuel.CountingMeter.TooDeep;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random modules against the rewriter. Seeds are fixed, so a failure comes again; {@code
 * -Ddormouse.fuzzSeconds=600} goes on for so long from a seed of its own.
 */
@Tag("slow")
class RewriterFuzzTest {
  /** Seeds that found something once. */
  private static final long[] REGRESSIONS = {1_001_036, 1_001_336, 1_001_694, 1_001_760};

  private static final long SECONDS = Long.getLong("dormouse.fuzzSeconds", 5);
  private static final long FIRST_SEED =
      SECONDS > 5 ? Long.getLong("dormouse.fuzzSeed", 1_000_000) : 0;

  /** However slow the machine is. */
  private static final long LEAST_ROUNDS = 60;

  private static final long FUEL = 300_000;
  private static final int STACK = 64 * 1024;

  /** Longer than rewriting a small module could ever take on a busy machine. */
  private static final long MOST_NANOS = 10_000_000_000L;

  private interface Round {
    void run(long seed);
  }

  private static void rounds(String what, Round round) {
    for (long seed : REGRESSIONS) {
      round.run(seed);
    }
    long end = System.nanoTime() + SECONDS * 1_000_000_000L / 2;
    long seed = FIRST_SEED;
    for (; System.nanoTime() < end || seed - FIRST_SEED < LEAST_ROUNDS; seed++) {
      long start = System.nanoTime();
      try {
        round.run(seed);
      } catch (Throwable e) {
        throw new AssertionError(what + ", seed " + seed + ": " + e, e);
      }
      assertTrue(System.nanoTime() - start < MOST_NANOS, what + " took too long, seed " + seed);
    }
    System.out.println(what + ": " + (seed - FIRST_SEED) + " rounds");
  }

  @Test
  void damagedModulesAreRefusedOrMeteredAndNothingElse() {
    int[] accepted = new int[1];
    rounds(
        "damaged modules",
        seed -> {
          byte[] wasm = damage(new WasmGenerator(seed / 8).generate(), new Random(seed));
          byte[] metered;
          try {
            metered = Rewriter.meter(wasm, ModuleBounds.DEFAULTS).wasm();
          } catch (UserFault e) {
            return;
          }
          if (runsToAnEnd(metered)) {
            accepted[0]++;
          }
        });
    assertTrue(accepted[0] > 0, "no damaged module was valid");
  }

  private static byte[] damage(byte[] wasm, Random random) {
    byte[] damaged = random.nextInt(50) == 0 ? new byte[random.nextInt(200)] : wasm.clone();
    int strokes = 1 + random.nextInt(4);
    for (int i = 0; i < strokes && damaged.length > 9; i++) {
      int at = 8 + random.nextInt(damaged.length - 8);
      switch (random.nextInt(5)) {
        case 0 -> damaged[at] = (byte) random.nextInt();
        case 1 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> damaged[at]++;
        case 3 -> {
          int from = 8 + random.nextInt(damaged.length - 8);
          int length = Math.min(random.nextInt(8), damaged.length - Math.max(at, from));
          System.arraycopy(damaged, from, damaged, at, length);
        }
        default -> {
          if (random.nextInt(4) == 0) {
            damaged = Arrays.copyOf(damaged, at);
          }
        }
      }
    }
    return damaged;
  }

  /** Whether the engine takes it; then every export must end, by itself or by the meter. */
  private static boolean runsToAnEnd(byte[] metered) {
    WasmModule module;
    try {
      module = Parser.parse(metered);
    } catch (RuntimeException e) {
      return false;
    }
    var meter = new CountingMeter(FUEL, STACK);
    try {
      Instance instance = meter.instantiate(module, new Store(), Engine.INTERPRETED);
      var exports = module.exportSection();
      for (int i = 0; i < exports.exportCount(); i++) {
        var export = exports.getExport(i);
        if (export.exportType() == ExternalType.FUNCTION) {
          meter.reset();
          try {
            int arguments = instance.exportType(export.name()).params().size();
            instance.export(export.name()).apply(new long[arguments]);
          } catch (OutOfFuel | TooDeep | ChicoryException e) {
            // Each of them is an end.
          }
        }
      }
    } catch (RuntimeException e) {
      return true;
    }
    return true;
  }

  private record Result(String end, long digest, long fuel) {}

  @Test
  void meteredModulesComputeWhatPlainOnesDoAndPayForIt() {
    long[] finished = new long[3];
    rounds("generated modules", seed -> compare(seed, finished));
    assertTrue(finished[0] > 20, "finished " + finished[0]);
    System.out.println(
        "generated modules: "
            + finished[0]
            + " calls finished; fuel charged is "
            + (finished[1] * 100 / Math.max(1, finished[2]))
            + " % of the table");
  }

  private static void compare(long seed, long[] finished) {
    var generator = new WasmGenerator(seed);
    byte[] wasm = generator.generate();
    var plain = Parser.parse(wasm);
    var metered = Parser.parse(Rewriter.meter(wasm, ModuleBounds.DEFAULTS).wasm());
    // Compiling takes most of the time: every fourth module has to do.
    var compile = seed % 4 == 0 ? compiled(metered, plain) : null;
    for (int f = 0; f < generator.functions(); f++) {
      String name = "f" + f;
      for (int argument = 0; argument < 2; argument++) {
        var meter = new CountingMeter(FUEL, STACK);
        var interpreted = call(metered, Engine.INTERPRETED, null, meter, name, argument * 77);
        if (interpreted == null) {
          break;
        }
        if (compile != null) {
          var again = new CountingMeter(FUEL, STACK);
          var compiled = call(metered, null, compile, again, name, argument * 77);
          assertEquals(interpreted, compiled, "seed " + seed + " " + name);
        }
        if (interpreted.end().startsWith("out")) {
          continue;
        }
        var count = new long[1];
        var unmetered = plain(plain, name, argument * 77, count);
        if (unmetered == null) {
          continue;
        }
        assertEquals(unmetered.end(), interpreted.end(), "seed " + seed + " " + name);
        assertEquals(unmetered.digest(), interpreted.digest(), "seed " + seed + " " + name);
        if (interpreted.end().startsWith("answer")) {
          assertTrue(
              interpreted.fuel() >= count[0],
              "seed " + seed + " " + name + ": " + interpreted.fuel() + " for " + count[0]);
          finished[0]++;
          finished[1] += interpreted.fuel();
          finished[2] += count[0];
        }
      }
    }
  }

  /** Null where Chicory's compiler fails at the module as it was, too; the server refuses such. */
  private static Function<Instance, Machine> compiled(WasmModule metered, WasmModule plain) {
    try {
      return compiled(metered);
    } catch (RuntimeException e) {
      try {
        compiled(plain);
      } catch (RuntimeException alike) {
        return null;
      }
      throw e;
    }
  }

  private static Function<Instance, Machine> compiled(WasmModule module) {
    return MachineFactoryCompiler.builder(module)
        .withInterpreterFallback(InterpreterFallback.FAIL)
        .compile();
  }

  private static boolean exports(WasmModule module, String name) {
    var exports = module.exportSection();
    for (int i = 0; i < exports.exportCount(); i++) {
      if (exports.getExport(i).name().equals(name)) {
        return true;
      }
    }
    return false;
  }

  /** Null where there is no such export. */
  private static Result call(
      WasmModule module,
      Engine engine,
      Function<Instance, Machine> machine,
      CountingMeter meter,
      String name,
      int argument) {
    if (!exports(module, name)) {
      return null;
    }
    Instance instance =
        engine == null
            ? meter.instantiate(module, new Store(), machine)
            : meter.instantiate(module, new Store(), engine);
    String end;
    try {
      end = "answer " + answer(instance, name, argument);
    } catch (OutOfFuel e) {
      return new Result("out of fuel", 0, meter.used());
    } catch (TooDeep e) {
      return new Result("out of stack", 0, meter.used());
    } catch (ChicoryException e) {
      end = "trap " + e.getMessage();
    }
    long fuel = meter.used();
    meter.reset();
    return new Result(end, instance.export("sum").apply()[0], fuel);
  }

  /** Chicory's interpreter leaves the upper half of a long that holds an i32 as it falls. */
  private static long answer(Instance instance, String name, int argument) {
    long answer = instance.export(name).apply(argument, 5)[0];
    return instance.exportType(name).returns().get(0).equals(ValType.I32) ? (int) answer : answer;
  }

  /**
   * Null where Chicory's interpreter fails itself: it loses count of locals and blocks in tail
   * calls. Metered modules make none.
   */
  private static Result plain(WasmModule module, String name, int argument, long[] count) {
    var counting = new boolean[] {true};
    var instance =
        Instance.builder(module)
            .withUnsafeExecutionListener(
                (instruction, stack) -> {
                  if (counting[0]) {
                    int op = instruction.opcode().opcode();
                    count[0] += Opcodes.cost(op > 0xFF ? Opcodes.PREFIXED | (op & 0xFF) : op);
                  }
                })
            .build();
    String end;
    try {
      end = "answer " + answer(instance, name, argument);
    } catch (ChicoryException e) {
      end = "trap " + e.getMessage();
    } catch (IndexOutOfBoundsException e) {
      if (Arrays.stream(e.getStackTrace())
          .anyMatch(at -> at.getMethodName().startsWith("RETURN_CALL"))) {
        return null;
      }
      throw e;
    }
    counting[0] = false;
    return new Result(end, instance.export("sum").apply()[0], 0);
  }
}
