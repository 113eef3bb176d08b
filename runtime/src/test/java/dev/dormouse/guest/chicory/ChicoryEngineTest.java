package dev.dormouse.guest.chicory;

import static dev.dormouse.guest.chicory.WasmBuilder.code;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.abi.FlatSignature;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import dev.dormouse.guest.GuestModule;
import dev.dormouse.guest.HostFunction;
import dev.dormouse.guest.chicory.ChicoryEngine.Mode;
import dev.dormouse.guest.chicory.EngineFixture.Grant;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChicoryEngineTest {
  private static final int I32_LOAD = 0x28;
  private static final int I32_LOAD8_U = 0x2d;
  private static final int I32_STORE = 0x36;
  private static final int GLOBAL_GET = 0x23;

  @TempDir Path cache;

  private ChicoryEngine engine(Mode mode) {
    return new ChicoryEngine(cache, mode, ChicoryEngine.DEFAULT_CACHE_BYTES, EngineFixture.TIME);
  }

  private static WasmBuilder answering(int value) {
    var module = new WasmBuilder();
    module.export("run", "_i", code().i32(value));
    return module;
  }

  private static WasmBuilder withData(String data) {
    var module = new WasmBuilder().data(8, data.getBytes(StandardCharsets.UTF_8));
    module.export("run", "_i", code().i32(8).op(I32_LOAD8_U, 0, 0));
    return module;
  }

  private Path onlyFile() throws IOException {
    try (var files = Files.list(cache)) {
      var all = files.toList();
      assertEquals(1, all.size(), () -> "files: " + all);
      return all.getFirst();
    }
  }

  private static long run(GuestModule module) {
    try (var guest = EngineFixture.instance(module)) {
      return guest.call("run");
    }
  }

  @Test
  void aRestartCompilesNothing() {
    var first = engine(Mode.COMPILER);
    assertEquals(42, run(first.load(answering(42).metered(), List.of())));
    assertEquals(1, first.compilations());

    var second = engine(Mode.COMPILER);
    assertEquals(42, run(second.load(answering(42).metered(), List.of())));
    assertEquals(0, second.compilations());
  }

  @Test
  void aDamagedCacheFileIsReplacedAndCompiledAgain() throws IOException {
    engine(Mode.COMPILER).load(answering(42).metered(), List.of());
    var file = onlyFile();
    var whole = Files.readAllBytes(file);
    var flipped = whole.clone();
    flipped[whole.length / 2] ^= 1;
    for (var damaged : List.of(new byte[0], Arrays.copyOf(whole, whole.length / 2), flipped)) {
      Files.write(file, damaged);
      var engine = engine(Mode.COMPILER);
      assertEquals(42, run(engine.load(answering(42).metered(), List.of())));
      assertEquals(1, engine.compilations());
      assertTrue(Arrays.equals(whole, Files.readAllBytes(onlyFile())));
    }
  }

  @Test
  void aCacheFileOfAnotherModuleUnderThisNameIsNotUsed() throws IOException {
    engine(Mode.COMPILER).load(answering(42).metered(), List.of());
    var other = Files.readAllBytes(onlyFile());
    Files.delete(onlyFile());
    engine(Mode.COMPILER).load(answering(43).metered(), List.of());
    Files.write(onlyFile(), other);
    assertEquals(43, run(engine(Mode.COMPILER).load(answering(43).metered(), List.of())));
  }

  @Test
  void theCacheForgetsWhatWasUnusedForLongestWhenItIsFull() throws IOException {
    engine(Mode.COMPILER).load(answering(0).metered(), List.of());
    long one = Files.size(onlyFile());
    var bounded = new ChicoryEngine(cache, Mode.COMPILER, 3 * one + one / 2, EngineFixture.TIME);
    for (int i = 0; i < 10; i++) {
      bounded.load(answering(i).metered(), List.of());
    }
    try (var files = Files.list(cache)) {
      assertEquals(3, files.count());
    }
    var after = engine(Mode.COMPILER);
    after.load(answering(9).metered(), List.of());
    assertEquals(0, after.compilations());
    after.load(answering(0).metered(), List.of());
    assertEquals(1, after.compilations());
  }

  @Test
  void aCacheThatCannotBeWrittenDoesNotKeepAModuleFromRunning() throws IOException {
    var engine = engine(Mode.COMPILER);
    Files.delete(cache);
    Files.writeString(cache, "no directory any more");
    assertEquals(42, run(engine.load(answering(42).metered(), List.of())));
    Files.delete(cache);
    Files.createDirectory(cache);
  }

  @Test
  void modulesThatDifferOnlyInDataShareCompiledCodeButNotData() {
    var engine = engine(Mode.COMPILER);
    var a = engine.load(withData("apple").metered(), List.of());
    var p = engine.load(withData("pear").metered(), List.of());
    assertEquals(1, engine.compilations());
    assertEquals('a', run(a));
    assertEquals('p', run(p));
    assertTrue(((ChicoryModule) a).code() == ((ChicoryModule) p).code());
  }

  @Test
  void codeIsUnloadedWhenItsModuleIsDropped() {
    var engine = engine(Mode.COMPILER);
    var code = new WeakReference<>(loadRunAndDrop(engine));
    Awaitility.await()
        .until(
            () -> {
              System.gc();
              return code.refersTo(null);
            });
    run(engine.load(answering(7).metered(), List.of()));
    assertEquals(1, engine.compilations(), "the second load finds the code on disk");
  }

  private static Object loadRunAndDrop(ChicoryEngine engine) {
    var module = engine.load(answering(7).metered(), List.of());
    run(module);
    return ((ChicoryModule) module).code();
  }

  @ParameterizedTest
  @EnumSource
  void theMeterIsBoundBeforeTheStartSectionAndInitializeRuns(Mode mode) {
    var module = new WasmBuilder();
    int start = module.function("_", "", code().i32(0).op(GLOBAL_GET, 0).op(I32_STORE, 2, 0));
    module.start(start);
    module.export("_initialize", "_", code().i32(4).op(GLOBAL_GET, 1).op(I32_STORE, 2, 0));
    module.export("run", "i_i", code().local(0).op(I32_LOAD, 2, 0));
    var guest = EngineFixture.instance(engine(mode).load(module.metered(), List.of()));
    assertTrue(guest.call("run", 0) > 0, "fuel of the first slice");
    assertEquals(EngineFixture.STACK, guest.call("run", 4));
  }

  @ParameterizedTest
  @EnumSource
  void aHostFunctionMayCallTheGuestThatCalledIt(Mode mode) {
    var module = new WasmBuilder();
    int host = module.importFunction("host", "twice", "iI_I");
    module.export("cabi_realloc", "iiii_i", code().i32(1024));
    module.export("run", "i_I", code().local(0).i64(-5).call(host));
    var function =
        new HostFunction(
            "host",
            "twice",
            FlatSignature.of("iI_I"),
            (caller, arguments) -> {
              assertEquals("attachment", caller.attachment());
              long pointer = caller.call("cabi_realloc", 0, 0, 1, 8);
              caller.memory().writeLong((int) pointer, 77);
              return pointer + (int) arguments[0] * arguments[1];
            });
    var guest = EngineFixture.instance(engine(mode).load(module.metered(), List.of(function)));
    assertEquals(1024 + 15, guest.call("run", -3));
    assertEquals(77, guest.memory().readInt(1024));
  }

  @ParameterizedTest
  @EnumSource
  void i32ResultsAreZeroExtended(Mode mode) {
    assertEquals(0xFFFF_FFFFL, run(engine(mode).load(answering(-1).metered(), List.of())));
  }

  @Test
  void aFunctionTooLargeForTheJvmIsInterpretedAndTheAuthorWarned() {
    var body = code();
    for (int i = 0; i < 12_000; i++) {
      body.local(0).i32(1_000_000 + i).op(0x6a).op(0x21).u(0);
    }
    var module = new WasmBuilder();
    int helper = module.function("i_i", "", code().local(0));
    int large = module.function("i_i", "", body.local(0).call(helper));
    module.export("run", "_i", code().i32(1).call(large));
    module.called(large, "interpret_everything");
    var engine = engine(Mode.COMPILER);
    var loaded = engine.load(module.metered(), List.of());
    int expected = 1;
    for (int i = 0; i < 12_000; i++) {
      expected += 1_000_000 + i;
    }
    assertEquals(Integer.toUnsignedLong(expected), run(loaded));
    assertEquals(1, loaded.warnings().size());
    assertTrue(loaded.warnings().getFirst().contains("interpret_everything"));
    assertEquals(1, engine.interpretedFunctions());

    var again = engine(Mode.COMPILER);
    assertEquals(Integer.toUnsignedLong(expected), run(again.load(module.metered(), List.of())));
    assertEquals(0, again.compilations());
  }

  @ParameterizedTest
  @EnumSource
  void growingATableInOneInstanceLeavesTheNextOneAlone(Mode mode) {
    var module = new WasmBuilder().table(2);
    module.export("run", "_i", code().op(0xd0, 0x70).i32(5).op(0xfc, 15, 0));
    var loaded = engine(mode).load(module.metered(), List.of());
    assertEquals(2, run(loaded));
    assertEquals(2, run(loaded));
  }

  @Test
  void tablesAndMemoriesArePaidForAndGivenBack() {
    var module = new WasmBuilder().table(1000).pages(2, -1);
    module.export("run", "i_i", code().local(0).op(0x40, 0));
    var loaded = engine(Mode.COMPILER).load(module.metered(), List.of());
    var grant = Grant.ample();
    var guest = loaded.instantiate(grant, EngineFixture.meter(), "actor");
    assertEquals(2 * 65_536 + 8_000, guest.memoryBytes());
    assertEquals(guest.memoryBytes(), grant.reserved);
    for (int i = 0; i < 100; i++) {
      assertEquals(2 + i, guest.call("run", 1));
      if (i < 30) {
        assertEquals(guest.memoryBytes(), grant.reserved, "a short memory has no room to spare");
      }
    }
    assertEquals(102 * 65_536 + 8_000, guest.memoryBytes());
    assertTrue(grant.reserved >= guest.memoryBytes());
    assertTrue(grant.reserved < guest.memoryBytes() * 3 / 2, "little room to spare");
    guest.close();
    guest.close();
    assertEquals(0, grant.reserved);
  }

  @Test
  void aModuleThatImportsWhatIsNotOfferedIsRefusedByName() {
    var module = new WasmBuilder();
    module.importFunction("env", "launch_missiles", "_");
    var fault =
        assertThrows(
            UserFault.class, () -> engine(Mode.COMPILER).load(module.metered(), List.of()));
    assertEquals(Code.MODULE_INVALID, fault.code());
    assertTrue(fault.getMessage().contains("launch_missiles"), fault.getMessage());
  }

  @Test
  void validModulesAreAcceptedAndBrokenOnesRefused() {
    var engine = engine(Mode.COMPILER);
    var valid = withData("apple").table(3).tag();
    valid.export("more", "IF_I", code().local(0));
    var wasm = valid.build();
    engine.validate(wasm);
    var random = new Random(1);
    int refused = 0;
    for (int i = 0; i < 2_000; i++) {
      var broken = wasm.clone();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
      }
      if (random.nextBoolean()) {
        broken = Arrays.copyOf(broken, random.nextInt(broken.length));
      }
      try {
        engine.validate(broken);
      } catch (UserFault e) {
        assertEquals(Code.MODULE_INVALID, e.code());
        assertNotNull(e.getMessage());
        refused++;
      }
    }
    assertTrue(refused > 1_000, "refused " + refused);
  }

  @Test
  void smallModulesThatDeclareHugeThingsAreRefusedAtOnce() {
    var locals = code().u(1).sized(code().u(1).u(50_000_000).op(0x7f).op(0x0b));
    assertRefused("locals", module(code().op(10).sized(locals)));
    var data = code().u(1).u(0).i32(0).op(0x0b).u(0x7FFF_FFFF);
    assertRefused("data segment", module(code().op(11).sized(data)));
    var deep = code().u(0);
    for (int i = 0; i < 300_000; i++) {
      deep.op(0x02, 0x40);
    }
    var nested =
        code()
            .op(1)
            .sized(code().u(1).op(0x60, 0, 0))
            .op(3)
            .sized(code().u(1).u(0))
            .op(10)
            .sized(code().u(1).sized(deep));
    assertRefused("not valid", module(nested));
  }

  private static byte[] module(WasmBuilder.Bytes sections) {
    return code().op(0, 'a', 's', 'm', 1, 0, 0, 0).raw(sections.bytes()).bytes();
  }

  private void assertRefused(String because, byte[] wasm) {
    var fault = assertThrows(UserFault.class, () -> engine(Mode.COMPILER).validate(wasm));
    assertEquals(Code.MODULE_INVALID, fault.code());
    assertTrue(fault.getMessage().contains(because), fault.getMessage());
  }

  @Test
  void aRefusalSaysWhereTheBinaryIsWrong() {
    assertRefused("at byte 0", new byte[0]);
    assertRefused("component", new byte[] {0, 'a', 's', 'm', 0x0d, 0, 1, 0});
    assertRefused("at byte 10", module(code().op(1).u(50)));
    assertFalse(cache.toFile().list().length > 0);
  }
}
