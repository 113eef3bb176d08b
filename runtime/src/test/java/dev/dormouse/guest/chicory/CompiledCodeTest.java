package dev.dormouse.guest.chicory;

import static dev.dormouse.guest.chicory.WasmBuilder.code;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.GuestFault.Trap;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.guest.chicory.ChicoryEngine.Mode;
import dev.dormouse.guest.fuel.ModuleBounds;
import dev.dormouse.guest.fuel.Rewriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of code on its way through the compiler and what is done to its classes. */
class CompiledCodeTest {
  private static final int I32 = 0x7f;
  private static final int I64 = 0x7e;
  private static final int F64 = 0x7c;
  private static final int FUNCREF = 0x70;
  private static final int GLOBAL_GET = 0x23;
  private static final int GLOBAL_SET = 0x24;
  private static final int I32_ADD = 0x6a;
  private static final int I64_ADD = 0x7c;
  private static final int F64_ADD = 0xa0;
  private static final int I64_TRUNC_F64 = 0xb0;
  private static final int I64_EXTEND = 0xac;

  @TempDir Path cache;

  private ChicoryEngine engine(Mode mode) {
    return new ChicoryEngine(cache, mode, ChicoryEngine.DEFAULT_CACHE_BYTES, EngineFixture.TIME);
  }

  private GuestInstance instance(Mode mode, WasmBuilder module) {
    return EngineFixture.instance(engine(mode).load(module.metered(), List.of()));
  }

  @ParameterizedTest
  @EnumSource
  void globalsOfEveryTypeKeepTheirValuesFromCallToCall(Mode mode) {
    var module = new WasmBuilder();
    int narrow = module.global(I32, code().i32(-7));
    int wide = module.global(I64, code().i64(1L << 40));
    int real = module.global(F64, code().op(0x44, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f));
    int reference = module.global(FUNCREF, code().op(0xd0, FUNCREF));
    var add = code().op(GLOBAL_GET, narrow).i32(1).op(I32_ADD, GLOBAL_SET, narrow);
    add.op(GLOBAL_GET, wide).i64(1).op(I64_ADD, GLOBAL_SET, wide);
    add.op(GLOBAL_GET, real).op(GLOBAL_GET, real, F64_ADD, GLOBAL_SET, real);
    module.exportAs("add", module.function("_", "", add));
    module.export("narrow", "_i", code().op(GLOBAL_GET, narrow));
    module.export("wide", "_I", code().op(GLOBAL_GET, wide));
    module.export("real", "_I", code().op(GLOBAL_GET, real, I64_TRUNC_F64));
    module.export("fuel", "_I", code().op(GLOBAL_GET, 0, I64_EXTEND));
    var copy = code().op(GLOBAL_GET, reference, GLOBAL_SET, reference);
    module.export("none", "_i", copy.op(GLOBAL_GET, reference, 0xd1));
    var guest = instance(mode, module);
    for (int i = 0; i < 4; i++) {
      guest.call("add");
    }
    assertEquals(0xFFFF_FFFDL, guest.call("narrow"));
    assertEquals((1L << 40) + 4, guest.call("wide"));
    assertEquals(8, guest.call("real"));
    assertEquals(1, guest.call("none"));
    assertTrue(guest.call("fuel") > 0);

    var another = instance(mode, module);
    assertEquals(0xFFFF_FFF9L, another.call("narrow"));
  }

  @Test
  void anInterpretedFunctionAndCompiledOnesShareTheirGlobals() {
    var body = code();
    for (int i = 0; i < 12_000; i++) {
      body.local(0).i32(1_000_000 + i).op(I32_ADD, 0x21, 0);
    }
    var module = new WasmBuilder();
    int shared = module.global(I32, code().i32(5));
    body.op(GLOBAL_GET, shared).i32(1).op(I32_ADD, GLOBAL_SET, shared);
    body.op(GLOBAL_GET, 0).i32(100).op(0x6b, GLOBAL_SET, 0).local(0);
    int large = module.function("i_i", "", body);
    var run = code().op(GLOBAL_GET, 0).op(GLOBAL_GET, shared).i32(1).op(I32_ADD, GLOBAL_SET);
    run.op(shared).i32(0).call(large).op(0x1a).op(GLOBAL_GET, 0, 0x6b);
    module.export("fuelTaken", "_i", run);
    module.export("shared", "_i", code().op(GLOBAL_GET, shared));
    var loaded = engine(Mode.COMPILER).load(module.metered(), List.of());
    assertEquals(1, loaded.warnings().size());
    var guest = EngineFixture.instance(loaded);
    assertEquals(100, guest.call("fuelTaken"));
    assertEquals(7, guest.call("shared"));
    assertEquals(100, guest.meter().used());
  }

  @ParameterizedTest
  @EnumSource
  void aModuleWithoutMemoryIsMeteredAllTheSame(Mode mode) {
    var module = new WasmBuilder().withoutMemory();
    var take = code().op(GLOBAL_GET, 0).i32(9).op(0x6b, GLOBAL_SET, 0);
    module.export("take", "_", take);
    var guest = instance(mode, module);
    guest.call("take");
    assertEquals(9, guest.meter().used());
    assertEquals(0, guest.memory().size());
    assertThrows(GuestFault.class, () -> guest.memory().read(0, 1));
  }

  @Test
  void addressesDoNotWrapAround() {
    for (var address : List.of(code().i32(8), code().i32(-8), code().i32(Integer.MAX_VALUE))) {
      for (long offset : new long[] {0xFFFF_FFF8L, 0xFFFF_FFFFL, 0x8000_0000L}) {
        var module = new WasmBuilder();
        var load = code().raw(address.bytes()).op(0x2d, 0).u(offset);
        module.export("run", "_i", load);
        var guest = instance(Mode.COMPILER, module);
        var fault = assertThrows(GuestFault.class, () -> guest.call("run"));
        assertEquals(Trap.OUT_OF_BOUNDS, fault.trap());
      }
    }
  }

  @Test
  void threadsThatLoadTheSameModuleAtOnceCompileItOnce() throws Exception {
    var engine = engine(Mode.COMPILER);
    var module = new WasmBuilder();
    module.export("run", "_i", code().i32(42));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Long>> loads = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        loads.add(
            () -> EngineFixture.instance(engine.load(module.metered(), List.of())).call("run"));
      }
      for (var loaded : threads.invokeAll(loads)) {
        assertEquals(42, loaded.get());
      }
    }
    assertEquals(1, engine.compilations());
  }

  @ParameterizedTest
  @EnumSource
  void recursionWithoutEndMeetsTheMetersLimitBeforeTheJvms(Mode mode) throws Exception {
    var loaded = engine(mode).load(Rewriter.meter(bare(), ModuleBounds.DEFAULTS), List.of());
    var messages = new ArrayList<String>();
    var thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  var guest = EngineFixture.instance(loaded);
                  try {
                    guest.call("run", 1);
                  } catch (GuestFault e) {
                    messages.add(e.trap() + " " + e.getMessage());
                  }
                });
    thread.join();
    assertEquals(1, messages.size());
    assertTrue(messages.getFirst().startsWith("STACK_EXHAUSTED"), messages.getFirst());
    assertTrue(messages.getFirst().contains("stack bytes"), messages.getFirst());
  }

  /** {@code (func $run (export "run") (param i32) (result i32) (i32.add (call $run) 1))}. */
  private static byte[] bare() {
    var body = code().u(0).local(0).i32(1).op(I32_ADD).call(0).i32(1).op(I32_ADD, 0x0b);
    return code()
        .op(0, 'a', 's', 'm', 1, 0, 0, 0)
        .op(1)
        .sized(code().u(1).op(0x60, 1, I32, 1, I32))
        .op(3)
        .sized(code().u(1).u(0))
        .op(5)
        .sized(code().u(1).op(0, 1))
        .op(7)
        .sized(code().u(2).name("memory").op(2, 0).name("run").op(0, 0))
        .op(10)
        .sized(code().u(1).sized(body))
        .bytes();
  }
}
