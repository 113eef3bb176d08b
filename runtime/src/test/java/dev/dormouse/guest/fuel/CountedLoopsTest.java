package dev.dormouse.guest.fuel;

import static dev.dormouse.guest.fuel.TinyWasm.join;
import static dev.dormouse.guest.fuel.TinyWasm.s;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.types.OpCode;
import dev.dormouse.guest.fuel.CountingMeter.Engine;
import dev.dormouse.guest.fuel.CountingMeter.OutOfFuel;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Loops that know how often they turn are charged for many turns at once. */
class CountedLoopsTest {
  // Locals: where to begin and what counts, the bound, what is computed.
  private static final int COUNT = 0;
  private static final int BOUND = 1;
  private static final int SUM = 2;

  private static final int[] MIX = {
    0x20, SUM, 0x41, 31, 0x6C, 0x20, COUNT, 0x6A, 0x21, SUM,
  };

  private static int mixed(int sum, int count) {
    return sum * 31 + count;
  }

  /** How the end of a loop may be written. */
  private enum Tail {
    TEE_THEN_BOUND,
    BOUND_THEN_TEE,
    SET_THEN_BOTH,
    SET_THEN_BOTH_TURNED,
    TAKEN_AWAY;

    int[] code(int step) {
      int[] get = {0x20, COUNT};
      int[] bound = {0x20, BOUND};
      int[] tee = join(get, new int[] {0x41}, s(step), new int[] {0x6A, 0x22, COUNT});
      int[] set = join(get, new int[] {0x41}, s(step), new int[] {0x6A, 0x21, COUNT});
      int[] less = join(get, new int[] {0x41}, s(-step), new int[] {0x6B, 0x22, COUNT});
      int[] end = {0x47, 0x0D, 0};
      return switch (this) {
        case TEE_THEN_BOUND -> join(tee, bound, end);
        case BOUND_THEN_TEE -> join(bound, tee, end);
        case SET_THEN_BOTH -> join(set, get, bound, end);
        case SET_THEN_BOTH_TURNED -> join(set, bound, get, end);
        case TAKEN_AWAY -> join(less, bound, end);
      };
    }
  }

  private static int[] loop(int[]... body) {
    return join(new int[] {0x03, 0x40}, join(body), new int[] {0x0B, 0x20, SUM});
  }

  private static TinyWasm module(int[] code) {
    var module = new TinyWasm().memory(1);
    module.exported("f", "ii_i", "iii", code);
    return module;
  }

  private static long loopsIn(TinyWasm module) {
    byte[] metered = Rewriter.meter(module.bytes(), ModuleBounds.DEFAULTS).wasm();
    return Parser.parse(metered).codeSection().getFunctionBody(0).instructions().stream()
        .filter(instruction -> instruction.opcode() == OpCode.LOOP)
        .count();
  }

  private static void computesAndCosts(MeteredRun run, int start, int step, int turns) {
    int sum = 0;
    int count = start;
    for (int i = 0; i < turns; i++) {
      sum = mixed(sum, count);
      count += step;
    }
    String what = turns + " turns from " + start + " by " + step;
    long once = run.fuelOf("f", start, start + step);
    long turn = run.fuelOf("f", start, start + 2 * step) - once;
    assertTrue(turn > 10, "a turn costs " + turn);
    assertEquals(once + (turns - 1) * turn, run.fuelOf("f", start, count), what);
    assertEquals(sum, (int) run.call("f", start, count)[0], what);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void theyComputeWhatTheyDidAndEachTurnCostsTheSame(Engine engine) {
    int[] steps = {1, -1, 4, -8, 3, -7, 1 << 16};
    for (Tail tail : Tail.values()) {
      for (int step : steps) {
        var module = module(loop(MIX, tail.code(step)));
        assertEquals(2, loopsIn(module), tail + " by " + step);
        var run = MeteredRun.of(module, engine);
        for (int turns : new int[] {1, 2, 3, 64, 300, 315, 316, 700, 5_000}) {
          computesAndCosts(run, 0, step, turns);
          // Once around all numbers.
          computesAndCosts(run, -10 * step, step, turns);
          computesAndCosts(run, Integer.MAX_VALUE - 5, step, turns);
        }
      }
    }
  }

  @Test
  void aCountdownToZeroNeedsNoComparison() {
    int[] down = {0x20, COUNT, 0x41, 1, 0x6B, 0x22, COUNT, 0x0D, 0};
    var module = module(loop(MIX, down));
    assertEquals(2, loopsIn(module));
    for (Engine engine : Engine.values()) {
      var run = MeteredRun.of(module, engine);
      long once = run.fuelOf("f", 1, 0);
      long turn = run.fuelOf("f", 2, 0) - once;
      assertEquals(once + 99_999 * turn, run.fuelOf("f", 100_000, 0));
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aBoundThatIsNeverMetEndsTheTurnAtTheSamePlaceEachTime(Engine engine) {
    // What was computed goes to memory, so that it outlives the trap.
    int[] keep = {0x41, 0, 0x20, COUNT, 0x36, 2, 0};
    for (long[] missed : new long[][] {{0, 5}, {7, 7}, {1, 0}}) {
      var module = module(loop(keep, MIX, Tail.TEE_THEN_BOUND.code(missed[0] == 7 ? 1 : 2)));
      module.exported("reached", "_i", "", 0x41, 0, 0x28, 2, 0);
      long first = -1;
      for (int i = 0; i < 2; i++) {
        var run = MeteredRun.of(module, engine, 1_000_000);
        assertThrows(OutOfFuel.class, () -> run.call("f", missed));
        run.meter.reset();
        long reached = run.call("reached")[0];
        assertTrue(reached > 10_000, "reached " + reached);
        assertEquals(first < 0 ? reached : first, reached);
        first = reached;
      }
    }
  }

  /** Things in a loop, some of which make it one whose turns nobody can count. */
  private static int[] something(Random random) {
    int[][] things = {
      MIX,
      // A condition that joins again.
      {0x20, SUM, 0x41, 1, 0x71, 0x04, 0x40, 0x20, SUM, 0x41, 5, 0x6A, 0x21, SUM, 0x0B},
      {0x02, 0x40, 0x20, SUM, 0x41, 2, 0x71, 0x0D, 0, 0x20, COUNT, 0x21, SUM, 0x0B},
      {0x20, COUNT, 0x41, 0x3C, 0x71, 0x20, SUM, 0x36, 2, 0},
      // One that costs much.
      join(
          new int[] {0x20, SUM, 0x41, 4, 0x71, 0x04, 0x40},
          TinyWasm.times(20, MIX),
          new int[] {0x0B}),
      // The bound moves.
      {
        0x20, SUM, 0x41, 0xFF, 0, 0x71, 0x45, 0x04, 0x40, 0x20, BOUND, 0x41, 1, 0x6A, 0x21, BOUND,
        0x0B
      },
      // The counter moves otherwise, now and then, and always.
      {0x20, SUM, 0x41, 7, 0x71, 0x45, 0x04, 0x40, 0x20, COUNT, 0x41, 1, 0x6A, 0x21, COUNT, 0x0B},
      {0x20, COUNT, 0x41, 1, 0x6A, 0x21, COUNT},
      // It is left, and begun again, on the way.
      {0x20, SUM, 0x41, 0xFF, 0, 0x71, 0x45, 0x0D, 1},
      {0x20, SUM, 0x41, 0xFF, 1, 0x71, 0x45, 0x0D, 0},
      {0x20, SUM, 0x41, 0xFF, 0, 0x71, 0x45, 0x04, 0x40, 0x41, 9, 0x0F, 0x0B},
      // A loop in it.
      {0x41, 3, 0x21, 3, 0x03, 0x40, 0x20, 3, 0x41, 1, 0x6B, 0x22, 3, 0x0D, 0, 0x0B},
    };
    return things[random.nextInt(things.length)];
  }

  @Test
  void randomLoopsComputeWhatTheyDidBefore() {
    int[] steps = {1, 1, -1, 4, 3, -5};
    long finished = 0;
    long split = 0;
    for (int seed = 0; seed < 1_200; seed++) {
      var random = new Random(seed);
      int step = steps[random.nextInt(steps.length)];
      Tail tail = Tail.values()[random.nextInt(Tail.values().length)];
      int[] body = join(something(random), something(random), tail.code(step));
      // In a block, so that it can be left.
      var module =
          module(join(new int[] {0x02, 0x40, 0x03, 0x40}, body, new int[] {0x0B, 0x0B, 0x20, SUM}));
      var run = MeteredRun.of(module, Engine.INTERPRETED, 60_000);
      int start = random.nextInt(-20, 20);
      int bound = start + step * (1 + random.nextInt(400)) + (random.nextInt(9) == 0 ? 1 : 0);
      long answer;
      try {
        answer = run.call("f", start, bound)[0];
      } catch (OutOfFuel e) {
        continue;
      }
      var plain = Instance.builder(Parser.parse(module.bytes())).build();
      assertEquals((int) plain.export("f").apply(start, bound)[0], (int) answer, "seed " + seed);
      finished++;
      split += loopsIn(module) == 2 ? 1 : 0;
    }
    assertTrue(finished > 400, "finished " + finished);
    assertTrue(split > 100 && split < finished - 100, "counted " + split + " of " + finished);
  }
}
