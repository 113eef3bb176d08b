package dev.dormouse.guest.fuel;

import static dev.dormouse.guest.fuel.TinyWasm.join;
import static dev.dormouse.guest.fuel.TinyWasm.times;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.UserFault;
import dev.dormouse.guest.fuel.CountingMeter.Engine;
import dev.dormouse.guest.fuel.CountingMeter.TooDeep;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Too deep a recursion ends in the meter, long before the stack of the JVM does. */
class CallDepthTest {
  private static final int[] NOTHING = {};

  private static void overflows(TinyWasm module, Engine engine, long... arguments) {
    var run = MeteredRun.of(module, engine);
    assertThrows(TooDeep.class, () -> run.call("f", arguments));
    // The same on the stack of a virtual thread's carrier.
    var answer = new CompletableFuture<Long>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                var other = MeteredRun.of(module, engine);
                other.call("f", arguments);
                answer.complete(0L);
              } catch (Throwable e) {
                answer.completeExceptionally(e);
              }
            });
    var failure = assertThrows(ExecutionException.class, answer::get);
    assertEquals(TooDeep.class, failure.getCause().getClass());
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void theSmallestFunctionCallingItself(Engine engine) {
    var module = new TinyWasm();
    module.exported("f", "_", "", 0x10, 0);
    overflows(module, engine);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void functionsOfManySizesCallingThemselves(Engine engine) {
    for (int locals : new int[] {10, 300, 3_000}) {
      var module = new TinyWasm();
      module.exported("f", "I_I", "I".repeat(locals), 0x20, 0, 0x10, 0, 0x20, locals, 0x7C);
      if (locals < 128) {
        overflows(module, engine, 1);
      }
      var deep = new TinyWasm();
      int operands = Math.min(locals, 1_500);
      deep.exported(
          "f",
          "i_i",
          "",
          join(times(operands, 0x20, 0), new int[] {0x20, 0, 0x10, 0}, times(operands, 0x6A)));
      overflows(deep, engine, 1);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void functionsCallingEachOther(Engine engine) {
    var module = new TinyWasm();
    module.exported("f", "_", "", 0x10, 1);
    module.function("_", "", 0x10, 2);
    module.function("_", "", 0x10, 0);
    overflows(module, engine);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void throughATable(Engine engine) {
    var module = new TinyWasm().table(2);
    module.exported("f", "_", "", 0x41, 0, 0x11, 0, 0);
    int other = module.function("_", "", 0x41, 1, 0x11, 0, 0);
    module.element(0, 1, 0);
    assertEquals(1, other);
    overflows(module, engine);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void byTailCalls(Engine engine) {
    var module = new TinyWasm().table(1);
    module.exported("f", "i_i", "", 0x20, 0, 0x12, 0);
    overflows(module, engine, 1);
    var indirect = new TinyWasm().table(1);
    indirect.exported("f", "_", "", 0x41, 0, 0x13, 0, 0);
    overflows(indirect.element(0, 0), engine);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void throughTheHost(Engine engine) {
    var module = new TinyWasm();
    int back = module.imported("host", "back", "_");
    module.exported("cabi_realloc", "_", "", 0x10, back);
    module.exported("f", "_", "", 0x10, back);
    overflows(module, engine);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aLongChainWithoutAnyCycle(Engine engine) {
    var module = new TinyWasm();
    module.exported("f", "_", "", join(new int[] {0x10}, TinyWasm.u(1)));
    for (int i = 1; i < 20_000; i++) {
      module.function("_", "", join(new int[] {0x10}, TinyWasm.u(i + 1)));
    }
    module.function("_", "", NOTHING);
    if (engine == Engine.INTERPRETED) {
      overflows(module, engine);
    }
    // Compiled, such a module is large; a shorter chain of larger frames does as well.
    var fat = new TinyWasm();
    int[] push = times(1_000, 0x41, 1);
    int[] pop = times(1_000, 0x1A);
    for (int i = 0; i < 100; i++) {
      int[] code = join(push, new int[] {0x10}, TinyWasm.u(i + 1), pop);
      fat.function("_", "", code);
    }
    fat.function("_", "", NOTHING);
    overflows(fat.export("f", 0, 0), engine);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void oneFrameThatIsLargerThanTheBudget(Engine engine) {
    var module = new TinyWasm();
    module.exported("f", "_", "I".repeat(29_000), NOTHING);
    if (engine == Engine.INTERPRETED) {
      var run = MeteredRun.of(module, engine);
      run.call("f");
      return;
    }
    var run = MeteredRun.of(module, engine);
    run.call("f");
    assertEquals(MeteredRun.STACK, run.meter.stackLeft());
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void depthIsGivenBackOnEveryWayOut(Engine engine) {
    var module = new TinyWasm();
    // f(n, way): recurses n deep and leaves by one of four ways.
    module.exported(
        "f", "ii_i", "", 0x20, 0, 0x45, 0x04, 0x7F, 0x02, 0x40, 0x02, 0x40, 0x02, 0x40, 0x20, 1,
        0x0E, 2, 0, 1, 2, 0x0B, 0x41, 10, 0x0F, 0x0B, 0x41, 11, 0x0C, 2, 0x0B, 0x41, 12, 0x05, 0x20,
        0, 0x41, 1, 0x6B, 0x20, 1, 0x10, 0, 0x0B);
    var run = MeteredRun.of(module, engine);
    for (int way = 0; way < 3; way++) {
      for (int i = 0; i < 50; i++) {
        assertEquals(10 + way, run.call("f", 100, way)[0]);
      }
      assertEquals(MeteredRun.STACK, run.meter.stackLeft());
    }
  }

  @Test
  void aUsefulDepthIsAllowed() {
    var module = new TinyWasm();
    module.exported(
        "f", "i_i", "", 0x20, 0, 0x45, 0x04, 0x7F, 0x41, 0, 0x05, 0x20, 0, 0x41, 1, 0x6B, 0x10, 0,
        0x41, 1, 0x6A, 0x0B);
    var run = MeteredRun.of(module, Engine.COMPILED);
    assertEquals(2_000, run.call("f", 2_000)[0]);
  }

  @Test
  void aRecursionPaysOnceForWhatItsFunctionsCallBesides() {
    var module = new TinyWasm();
    // Calls a chain of 40 functions at the bottom, and itself n times before.
    module.exported(
        "f", "i_i", "", 0x20, 0, 0x45, 0x04, 0x7F, 0x10, 1, 0x41, 0, 0x05, 0x20, 0, 0x41, 1, 0x6B,
        0x10, 0, 0x41, 1, 0x6A, 0x0B);
    for (int i = 2; i <= 40; i++) {
      module.function("_", "", 0x10, i);
    }
    module.function("_", "", NOTHING);
    var run = MeteredRun.of(module, Engine.COMPILED);
    assertEquals(2_000, run.call("f", 2_000)[0]);
    assertEquals(MeteredRun.STACK, run.meter.stackLeft());
    assertThrows(TooDeep.class, () -> run.call("f", 20_000));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aRecursionOfManyFunctionsOfWhichOnlySomeCharge(Engine engine) {
    var module = new TinyWasm().table(1);
    int functions = 60;
    for (int i = 0; i < functions; i++) {
      int next = (i + 1) % functions;
      int[] call = i % 7 == 3 ? new int[] {0x41, 0, 0x11, 0, 0} : new int[] {0x10, next};
      if (i == 0) {
        module.exported("f", "_", "", call);
      } else {
        module.function("_", "I".repeat(i % 5), call);
      }
    }
    overflows(module.element(0, 0), engine);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aModuleMayReadWhatIsLeftOfItsDepthAndStopInTime(Engine engine) {
    // f(n): n frames deep while more than 100,000 stack bytes are left.
    var module = new TinyWasm().global().export("dormouse:stack-left", 3, 0);
    module.exported(
        "f",
        "i_i",
        "",
        join(
            new int[] {0x23, 0, 0x41},
            TinyWasm.s(100_000),
            new int[] {0x48, 0x04, 0x7F, 0x20, 0, 0x05, 0x20, 0, 0x41, 1, 0x6A, 0x10, 0, 0x0B}));
    var run = MeteredRun.of(module, engine);
    long depth = run.call("f", 0)[0];
    assertTrue(depth > 1_000, () -> "ended at " + depth);
    assertEquals(depth, run.call("f", 0)[0]);
    assertEquals(MeteredRun.STACK, run.meter.stackLeft());
  }

  @Test
  void aModuleMayNotWriteWhatIsLeftOfItsDepth() {
    var module = new TinyWasm().global().export("dormouse:stack-left", 3, 0);
    module.exported("f", "_", "", 0x41, 0, 0x24, 0);
    var fault =
        assertThrows(UserFault.class, () -> Rewriter.meter(module.bytes(), ModuleBounds.DEFAULTS));
    assertTrue(fault.getMessage().contains("only the meter"), fault.getMessage());
    var function = new TinyWasm();
    function.exported("dormouse:stack-left", "_", "", NOTHING);
    assertThrows(UserFault.class, () -> Rewriter.meter(function.bytes(), ModuleBounds.DEFAULTS));
  }

  @Test
  void functionsOffAnyCycleChargeNoDepth() {
    var module = new TinyWasm();
    int leaf = module.function("_", "", NOTHING);
    module.exported("f", "_", "", 0x10, leaf);
    byte[] plain = Rewriter.meter(module.bytes(), ModuleBounds.DEFAULTS).wasm();
    var recursive = new TinyWasm();
    recursive.exported("f", "_", "", 0x10, 0);
    byte[] charged = Rewriter.meter(recursive.bytes(), ModuleBounds.DEFAULTS).wasm();
    assertTrue(charged.length > plain.length);
  }
}
