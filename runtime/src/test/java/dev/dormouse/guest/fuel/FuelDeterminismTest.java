package dev.dormouse.guest.fuel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.guest.FuelMeter;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.guest.MemoryGrant;
import dev.dormouse.guest.TurnPacer;
import dev.dormouse.guest.chicory.ChicoryEngine;
import dev.dormouse.testkit.Wat;
import dev.dormouse.time.SystemTime;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FuelDeterminismTest {
  private static final int RUNS = 1_000;
  private static final int STACK_BYTES = 512 * 1024;

  /** Loops, branches, a table of labels, recursion, an indirect call, bulk memory. */
  private static final String MODULE =
      """
      (module (memory (export "memory") 1)
        (type $unary (func (param i32) (result i32)))
        (table 2 funcref) (elem (i32.const 0) $fib $leaf)
        (func $leaf (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
        (func $fib (param i32) (result i32)
          (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
            (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                           (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
        (func (export "run") (param $n i32) (result i32) (local $i i32) (local $s i32)
          (memory.fill (i32.const 0) (i32.const 7) (i32.mul (local.get $n) (i32.const 100)))
          (loop $l
            (block $c (block $b (block $a
              (br_table $a $b $c (i32.rem_u (local.get $i) (i32.const 3))))
              (local.set $s (i32.add (local.get $s) (call $leaf (local.get $i)))) (br $c))
              (local.set $s (i32.add (local.get $s)
                (call_indirect (type $unary) (i32.rem_u (local.get $i) (i32.const 10))
                  (i32.and (local.get $i) (i32.const 1))))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $l (i32.lt_u (local.get $i) (local.get $n))))
          (i32.add (local.get $s) (call $fib (i32.const 12)))))
      """;

  @TempDir Path cache;

  @Test
  void theSameInputCostsTheSameFuelOnEveryRunCompiledAndInterpreted() {
    try (var time = new SystemTime()) {
      var compiled = instance(ChicoryEngine.Mode.COMPILER, time);
      var interpreted = instance(ChicoryEngine.Mode.INTERPRETER, time);
      long expected = fuel(compiled, 40);
      assertTrue(expected > 1_000, "it costs something: " + expected);
      for (int i = 0; i < RUNS; i++) {
        assertEquals(expected, fuel(compiled, 40));
      }
      for (int i = 0; i < RUNS / 10; i++) {
        assertEquals(expected, fuel(interpreted, 40));
      }
      assertTrue(fuel(compiled, 41) > expected, "more work costs more");
    }
  }

  @Test
  void aBudgetThatIsOneUnitShortEndsTheTurnOnBothEngines() {
    try (var time = new SystemTime()) {
      for (var mode : ChicoryEngine.Mode.values()) {
        var guest = instance(mode, time);
        long needed = fuel(guest, 400);
        // Checks stand at loops and calls, so what the last stretch costs may go unasked.
        var fault =
            assertThrows(GuestFault.class, () -> run(instance(mode, time), 400, needed * 9 / 10));
        assertEquals(Code.OUT_OF_FUEL, fault.code());
      }
    }
  }

  private GuestInstance instance(ChicoryEngine.Mode mode, SystemTime time) {
    var engine = new ChicoryEngine(cache, mode, 1 << 30, time);
    var meter = new FuelMeter(new TurnPacer(2), time);
    meter.begin(1_000_000, STACK_BYTES, time.nanos() + 60_000_000_000L);
    return engine
        .load(Rewriter.meter(Wat.assemble(MODULE), ModuleBounds.DEFAULTS), List.of())
        .instantiate(new Memory(), meter, this);
  }

  private static long fuel(GuestInstance guest, int n) {
    run(guest, n, 100_000_000);
    return guest.meter().used();
  }

  private static void run(GuestInstance guest, int n, long budget) {
    guest.meter().begin(budget, STACK_BYTES, System.nanoTime() + 60_000_000_000L);
    try {
      guest.call("run", n);
    } finally {
      guest.meter().end();
    }
  }

  private static final class Memory implements MemoryGrant {
    @Override
    public long limitBytes() {
      return 1 << 20;
    }

    @Override
    public boolean reserve(long bytes) {
      return true;
    }

    @Override
    public void release(long bytes) {}
  }
}
