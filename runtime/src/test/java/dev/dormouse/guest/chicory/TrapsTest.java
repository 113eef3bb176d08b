package dev.dormouse.guest.chicory;

import static dev.dormouse.guest.chicory.WasmBuilder.code;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.abi.FlatSignature;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.GuestFault.Trap;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.guest.HostFunction;
import dev.dormouse.guest.chicory.ChicoryEngine.Mode;
import dev.dormouse.guest.chicory.EngineFixture.Grant;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrapsTest {
  private static final int UNREACHABLE = 0x00;
  private static final int DROP = 0x1a;
  private static final int I32_DIV_S = 0x6d;
  private static final int I32_TRUNC_F64_S = 0xaa;
  private static final int I32_LOAD = 0x28;
  private static final int I32_STORE = 0x36;
  private static final int CALL_INDIRECT = 0x11;
  private static final int MEMORY_GROW = 0x40;
  private static final int THROW = 0x08;

  @TempDir Path cache;

  private GuestInstance instance(Mode mode, WasmBuilder module, HostFunction... imports) {
    var engine =
        new ChicoryEngine(cache, mode, ChicoryEngine.DEFAULT_CACHE_BYTES, EngineFixture.TIME);
    return EngineFixture.instance(engine.load(module.metered(), List.of(imports)));
  }

  private static GuestFault trap(Trap expected, GuestInstance guest) {
    var fault = assertThrows(GuestFault.class, () -> guest.call("run"));
    assertEquals(expected, fault.trap(), fault.getMessage());
    return fault;
  }

  private void traps(Trap expected, Mode mode, WasmBuilder.Bytes code) {
    var module = new WasmBuilder().table(2);
    int other = module.function("i_", "", code());
    module.element(1, other);
    module.tag();
    module.export("run", "_", code);
    trap(expected, instance(mode, module));
  }

  @ParameterizedTest
  @EnumSource
  void unreachableIsUnreachable(Mode mode) {
    traps(Trap.UNREACHABLE, mode, code().op(UNREACHABLE));
  }

  @ParameterizedTest
  @EnumSource
  void divisionByZeroIsArithmetic(Mode mode) {
    traps(Trap.ARITHMETIC, mode, code().i32(1).i32(0).op(I32_DIV_S, DROP));
  }

  @ParameterizedTest
  @EnumSource
  void divisionOverflowIsArithmetic(Mode mode) {
    traps(Trap.ARITHMETIC, mode, code().i32(Integer.MIN_VALUE).i32(-1).op(I32_DIV_S, DROP));
  }

  @ParameterizedTest
  @EnumSource
  void conversionOfAHugeFloatIsArithmetic(Mode mode) {
    var huge = code().op(0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f).op(I32_TRUNC_F64_S, DROP);
    traps(Trap.ARITHMETIC, mode, huge);
  }

  @ParameterizedTest
  @EnumSource
  void loadsAndStoresOutsideOfMemoryAreOutOfBounds(Mode mode) {
    traps(Trap.OUT_OF_BOUNDS, mode, code().i32(65_533).op(I32_LOAD, 2, 0, DROP));
    traps(Trap.OUT_OF_BOUNDS, mode, code().i32(-1).op(I32_LOAD, 2, 0, DROP));
    traps(Trap.OUT_OF_BOUNDS, mode, code().i32(65_536).i32(7).op(I32_STORE, 2, 0));
  }

  @ParameterizedTest
  @EnumSource
  void memoryFillAndCopyOutsideOfMemoryAreOutOfBounds(Mode mode) {
    var fill = code().i32(65_000).i32(1).i32(1_000).op(0xfc, 11, 0);
    traps(Trap.OUT_OF_BOUNDS, mode, fill);
    var copy = code().i32(0).i32(65_000).i32(1_000).op(0xfc, 10, 0, 0);
    traps(Trap.OUT_OF_BOUNDS, mode, copy);
    var huge = code().i32(0).i32(1).i32(-1).op(0xfc, 11, 0);
    traps(Trap.OUT_OF_BOUNDS, mode, huge);
  }

  @ParameterizedTest
  @EnumSource
  void badIndirectCallsAreBadTableCalls(Mode mode) {
    traps(Trap.BAD_TABLE_CALL, mode, code().i32(0).op(CALL_INDIRECT, 0, 0));
    traps(Trap.BAD_TABLE_CALL, mode, code().i32(1).op(CALL_INDIRECT, 0, 0));
    traps(Trap.BAD_TABLE_CALL, mode, code().i32(2).op(CALL_INDIRECT, 0, 0));
    traps(Trap.BAD_TABLE_CALL, mode, code().i32(-1).op(CALL_INDIRECT, 0, 0));
  }

  @ParameterizedTest
  @EnumSource
  void anExceptionThatNobodyCatchesIsUncaught(Mode mode) {
    traps(Trap.UNCAUGHT_EXCEPTION, mode, code().op(THROW, 0));
  }

  @ParameterizedTest
  @EnumSource
  void recursionWithoutEndIsStackExhaustedEvenWithoutTheMeter(Mode mode) throws Exception {
    var module = new WasmBuilder();
    int self = module.export("run", "_", code().call(2));
    assertEquals(2, self);
    var guest = instance(mode, module);
    trap(Trap.STACK_EXHAUSTED, guest);

    var onVirtualThread = new CompletableFuture<Trap>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                onVirtualThread.complete(trap(Trap.STACK_EXHAUSTED, instance(mode, module)).trap());
              } catch (Throwable e) {
                onVirtualThread.completeExceptionally(e);
              }
            })
        .join();
    assertEquals(Trap.STACK_EXHAUSTED, onVirtualThread.join());
  }

  @ParameterizedTest
  @EnumSource
  void theMetersOverflowEndsTheCall(Mode mode) {
    var module = new WasmBuilder();
    module.export("run", "_", code().call(WasmBuilder.OVERFLOW));
    trap(Trap.STACK_EXHAUSTED, instance(mode, module));
  }

  @ParameterizedTest
  @EnumSource
  void aRefusedGrowAnswersMinusOneAndATrapAfterItIsMemoryExceeded(Mode mode) {
    var module = new WasmBuilder();
    module.export("grow", "i_i", code().local(0).op(MEMORY_GROW, 0));
    module.export("run", "_", code().i32(10_000).op(MEMORY_GROW, 0, DROP, UNREACHABLE));
    module.export("plain", "_", code().op(UNREACHABLE));
    var guest = instance(mode, module);
    assertEquals(1, guest.call("grow", 2));
    assertEquals(3 * 65_536, guest.memoryBytes());
    assertEquals(0xFFFF_FFFFL, guest.call("grow", 10_000));
    assertEquals(0xFFFF_FFFFL, guest.call("grow", -1));
    assertEquals(3 * 65_536, guest.memoryBytes());
    trap(Trap.MEMORY_EXCEEDED, guest);

    var next = instance(mode, module);
    assertEquals(0xFFFF_FFFFL, next.call("grow", 10_000));
    var plain = assertThrows(GuestFault.class, () -> next.call("plain"));
    assertEquals(Trap.UNREACHABLE, plain.trap());
  }

  @ParameterizedTest
  @EnumSource
  void anAbortAfterARefusedGrowIsMemoryExceeded(Mode mode) {
    var module = new WasmBuilder();
    int abort = module.importFunction("env", "abort", "_");
    module.export("run", "_", code().i32(10_000).op(MEMORY_GROW, 0, DROP).call(abort));
    var guest =
        instance(
            mode,
            module,
            new HostFunction(
                "env",
                "abort",
                FlatSignature.of("_"),
                (_, _) -> {
                  throw new GuestFault(Trap.ABORTED, "the guest gave up");
                }));
    trap(Trap.MEMORY_EXCEEDED, guest);
  }

  @ParameterizedTest
  @EnumSource
  void faultsAndBugsOfHostFunctionsComeThroughUnchanged(Mode mode) {
    var fault = new ResourceFault(Code.SHUTTING_DOWN, "the server is going away");
    var bug = new IllegalStateException("a bug of the host");
    for (var thrown : List.of(fault, bug)) {
      var module = new WasmBuilder();
      int host = module.importFunction("host", "fail", "_i");
      module.export("run", "_i", code().call(host));
      var guest =
          instance(
              mode,
              module,
              new HostFunction(
                  "host",
                  "fail",
                  FlatSignature.of("_i"),
                  (_, _) -> {
                    throw thrown;
                  }));
      assertSame(thrown, assertThrows(RuntimeException.class, () -> guest.call("run")));
    }
  }

  @ParameterizedTest
  @EnumSource(value = Mode.class, names = "COMPILER")
  void aTrapKnowsWhereItHappened(Mode mode) {
    var module = new WasmBuilder();
    int inner = module.function("_", "", code().op(UNREACHABLE));
    int outer = module.export("run", "_", code().call(inner));
    module.called(inner, "kitchen::cook").called(outer, "house");
    assertEquals("kitchen::cook, house", trap(Trap.UNREACHABLE, instance(mode, module)).trace());
  }

  @ParameterizedTest
  @EnumSource
  void aTrapInAnInitialiserGivesTheMemoryBack(Mode mode) {
    var module = new WasmBuilder();
    module.start(module.function("_", "", code().op(UNREACHABLE)));
    var engine =
        new ChicoryEngine(cache, mode, ChicoryEngine.DEFAULT_CACHE_BYTES, EngineFixture.TIME);
    var loaded = engine.load(module.metered(), List.of());
    var grant = Grant.ample();
    var fault =
        assertThrows(
            GuestFault.class, () -> loaded.instantiate(grant, EngineFixture.meter(), "actor"));
    assertEquals(Trap.UNREACHABLE, fault.trap());
    assertEquals(0, grant.reserved);
  }

  @ParameterizedTest
  @EnumSource
  void startingWithMoreThanTheLimitOrTheNodeHasIsRefused(Mode mode) {
    var module = new WasmBuilder().pages(17, -1);
    var engine =
        new ChicoryEngine(cache, mode, ChicoryEngine.DEFAULT_CACHE_BYTES, EngineFixture.TIME);
    var loaded = engine.load(module.metered(), List.of());
    var small = new Grant(1 << 20, 1L << 30);
    var exceeded =
        assertThrows(
            GuestFault.class, () -> loaded.instantiate(small, EngineFixture.meter(), "actor"));
    assertEquals(Trap.MEMORY_EXCEEDED, exceeded.trap());
    var poor = new Grant(128L << 20, 1 << 20);
    var refused =
        assertThrows(
            ResourceFault.class, () -> loaded.instantiate(poor, EngineFixture.meter(), "actor"));
    assertEquals(Code.OVERLOADED, refused.code());
    assertTrue(small.reserved == 0 && poor.reserved == 0);
  }
}
