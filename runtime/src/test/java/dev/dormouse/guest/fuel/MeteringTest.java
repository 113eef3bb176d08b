package dev.dormouse.guest.fuel;

import static dev.dormouse.guest.fuel.TinyWasm.join;
import static dev.dormouse.guest.fuel.TinyWasm.s;
import static dev.dormouse.guest.fuel.TinyWasm.times;
import static dev.dormouse.guest.fuel.TinyWasm.u;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.guest.fuel.CountingMeter.Engine;
import dev.dormouse.guest.fuel.CountingMeter.OutOfFuel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What metered code counts. */
class MeteringTest {
  private static final int[] NOTHING = {};

  /** Sums the numbers below the argument, with a call in every turn. */
  private static TinyWasm summing() {
    var module = new TinyWasm();
    int add = module.function("ii_i", "", 0x20, 0, 0x20, 1, 0x6A);
    module.exported(
        "sum", "i_i", "i", 0x02, 0x40, 0x03, 0x40, 0x20, 0, 0x45, 0x0D, 1, 0x20, 0, 0x41, 1, 0x6B,
        0x22, 0, 0x20, 1, 0x10, add, 0x21, 1, 0x0C, 0, 0x0B, 0x0B, 0x20, 1);
    return module;
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void anEndlessLoopRunsOutOfFuelAtTheSamePlaceEachTime(Engine engine) {
    var module = new TinyWasm().memory(1);
    // A counter in memory, so that it outlives the trap.
    module.exported(
        "spin", "_", "", 0x03, 0x40, 0x41, 0, 0x41, 0, 0x28, 2, 0, 0x41, 1, 0x6A, 0x36, 2, 0, 0x0C,
        0, 0x0B);
    module.exported("count", "_i", "", 0x41, 0, 0x28, 2, 0);
    long first = -1;
    for (int i = 0; i < 3; i++) {
      var run = MeteredRun.of(module, engine, 1_000_000);
      assertThrows(OutOfFuel.class, () -> run.call("spin"));
      run.meter.reset();
      long count = run.call("count")[0];
      assertTrue(count > 10_000, "turns: " + count);
      assertEquals(first < 0 ? count : first, count);
      first = count;
    }
  }

  /** 65536 times 65536 is 0 in 32 bits, and not in 64. */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void aProductIsCutToItsTypeBeforeAnythingHangsOnIt(Engine engine) {
    var module = new TinyWasm();
    module.exported(
        "choose", "i_i", "", 0x20, 0, 0x20, 0, 0x6C, 0x04, 0x7F, 0x41, 1, 0x05, 0x41, 2, 0x0B);
    assertEquals(2, MeteredRun.of(module, engine, 1_000).call("choose", 65_536)[0]);
  }

  @Test
  void theSameWorkCostsTheSameOnEveryRunOfEveryEngine() {
    var compiled = MeteredRun.of(summing(), Engine.COMPILED);
    var interpreted = MeteredRun.of(summing(), Engine.INTERPRETED);
    long expected = compiled.fuelOf("sum", 300);
    for (int i = 0; i < 1_000; i++) {
      assertEquals(expected, compiled.fuelOf("sum", 300));
      assertEquals(expected, interpreted.fuelOf("sum", 300));
    }
    assertEquals(44_850, compiled.call("sum", 300)[0]);
  }

  @Test
  void eachTurnOfALoopCostsTheSame() {
    var run = MeteredRun.of(summing(), Engine.COMPILED);
    long none = run.fuelOf("sum", 0);
    long one = run.fuelOf("sum", 1) - none;
    assertTrue(one > 10, "a turn costs " + one);
    assertEquals(none + 1_000_000 * one, run.fuelOf("sum", 1_000_000));
  }

  private static long costOf(int... code) {
    var module = new TinyWasm().memory(2).table(20).global().tag("_");
    module.exported("f", "_", "iIfF", code);
    return MeteredRun.of(module, Engine.COMPILED).fuelOf("f");
  }

  private static long extra(int... code) {
    return costOf(code) - costOf(NOTHING);
  }

  @Test
  void theCostTableHolds() {
    assertEquals(2, costOf(NOTHING), "entry with four locals");
    assertEquals(1, extra(0x01), "nop");
    assertEquals(2, extra(0x41, 1, 0x1A), "const, drop");
    assertEquals(2, extra(0x20, 0, 0x21, 0), "local.get, local.set");
    assertEquals(4, extra(0x23, 0, 0x24, 0), "global.get, global.set");
    assertEquals(1 + 2 + 1, extra(0x41, 0, 0x28, 2, 0, 0x1A), "i32.load");
    assertEquals(1 + 1 + 2, extra(0x41, 0, 0x41, 0, 0x36, 2, 0), "i32.store");
    assertEquals(1 + 1 + 1 + 1, extra(0x41, 6, 0x41, 2, 0x6C, 0x1A), "i32.mul");
    assertEquals(1 + 1 + 4 + 1, extra(0x41, 6, 0x41, 2, 0x6D, 0x1A), "i32.div_s");
    assertEquals(1 + 4 + 1, extra(0x20, 3, 0x9F, 0x1A), "f64.sqrt");
    assertEquals(1 + 2 + 1, extra(0x20, 3, 0xAA, 0x1A), "i32.trunc_f64_s");
    assertEquals(2 + 1, extra(0x3F, 0, 0x1A), "memory.size");
    assertEquals(1 + 3 + 1, extra(0x41, 0, 0x25, 0, 0x1A), "table.get");
    assertEquals(1, extra(0x02, 0x40, 0x0B), "block, end");
    assertEquals(1 + 1 + 3, extra(0x02, 0x40, 0x41, 0, 0x0E, 0, 0, 0x0B), "block, br_table");
    assertEquals(2, extra(0x03, 0x40, 0x0B), "loop, its first turn");
  }

  @Test
  void callsCostTheirFramesAndWhatIsInThem() {
    var module = new TinyWasm();
    int host = module.imported("host", "back", "_");
    int leaf = module.function("_", "iiii", 0x01);
    module.exported("cabi_realloc", "_", "", NOTHING);
    module.exported("empty", "_", "", NOTHING);
    module.exported("direct", "_", "", 0x10, leaf);
    module.exported("hosted", "_", "", 0x10, host);
    var run = MeteredRun.of(module, Engine.COMPILED);
    long empty = run.fuelOf("empty");
    assertEquals(1, empty);
    assertEquals(empty + 4 + (1 + 1) + 1, run.fuelOf("direct"));
    // The allocator that the host calls back costs as well.
    assertEquals(empty + 4 + 16 + 1, run.fuelOf("hosted"));
  }

  @Test
  void bulkOperationsCostWhatTheyMove() {
    int[] fill = {0x41, 0, 0x41, 0, 0x20, 0, 0xFC, 0x0B, 0};
    int[] copy = {0x41, 0, 0x41, 0, 0x20, 0, 0xFC, 0x0A, 0, 0};
    int[] tableFill = {0x41, 0, 0xD0, 0x70, 0x20, 0, 0xFC, 0x11, 0};
    var module = new TinyWasm().memory(2).table(2_000);
    module.exported("fill", "i_", "", fill);
    module.exported("copy", "i_", "", copy);
    module.exported("tableFill", "i_", "", tableFill);
    module.exported("grow", "i_i", "", 0x20, 0, 0x40, 0);
    module.exported("tableGrow", "i_i", "", 0xD0, 0x70, 0x20, 0, 0xFC, 0x0F, 0);
    for (Engine engine : Engine.values()) {
      var run = MeteredRun.of(module, engine);
      assertEquals(100_000 / 8, run.fuelOf("fill", 100_000) - run.fuelOf("fill", 0));
      assertEquals(100_000 / 8, run.fuelOf("copy", 100_000) - run.fuelOf("copy", 0));
      assertEquals(500, run.fuelOf("tableFill", 2_000) - run.fuelOf("tableFill", 0));
      long nothing = run.fuelOf("grow", 0);
      assertEquals(3 * 4_096, run.fuelOf("grow", 3) - nothing);
      assertEquals(3 * 64, run.fuelOf("grow", 0) - nothing);
      long table = run.fuelOf("tableGrow", 0);
      assertEquals(250, run.fuelOf("tableGrow", 1_000) - table);
      assertEquals(250, run.fuelOf("tableGrow", 0) - table);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aBulkOperationThatCannotBePaidDoesNotRun(Engine engine) {
    var module = new TinyWasm().memory(100);
    module.exported("fill", "i_", "", 0x41, 0, 0x41, 1, 0x20, 0, 0xFC, 0x0B, 0);
    module.exported("read", "_i", "", 0x41, 0, 0x2D, 0, 0);
    var run = MeteredRun.of(module, engine, 100_000);
    assertThrows(OutOfFuel.class, () -> run.call("fill", 6_000_000));
    assertThrows(OutOfFuel.class, () -> run.call("fill", -1));
    run.meter.reset();
    assertEquals(0, run.call("read")[0]);
  }

  @Test
  void hopelessGrowsCostNoMoreThanAllOfTheMemory() {
    var module = new TinyWasm().memory(1);
    module.exported("grow", "i_i", "", 0x20, 0, 0x40, 0);
    var run = MeteredRun.of(module, Engine.COMPILED);
    assertTrue(run.fuelOf("grow", -1) < 2_048 * 4_096 + 1_000);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aStartFunctionIsMeteredToo(Engine engine) {
    var module = new TinyWasm();
    int spin = module.function("_", "", 0x03, 0x40, 0x0C, 0, 0x0B);
    module.start(spin);
    assertThrows(OutOfFuel.class, () -> MeteredRun.of(module, engine, 1_000_000));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void longStraightCodeIsLookedAtOnTheWay(Engine engine) {
    var module = new TinyWasm();
    module.exported("long", "_", "", times(50_000, 0x41, 0, 0x1A));
    var run = MeteredRun.of(module, engine, 90_000);
    assertThrows(OutOfFuel.class, () -> run.call("long"));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void functionsPaidByTheirCallersStillCost(Engine engine) {
    var module = new TinyWasm();
    int leaf = module.function("_", "", times(20, 0x41, 0, 0x1A));
    int middle = module.function("_", "", 0x10, leaf, 0x10, leaf);
    module.exported("f", "_", "", times(100, 0x10, middle));
    var run = MeteredRun.of(module, engine);
    assertEquals(1 + 100 * (4 + 1 + 2 * (4 + 1 + 40)), run.fuelOf("f"));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void exceptionsLoseNeitherFuelNorDepth(Engine engine) {
    var module = new TinyWasm().tag("_");
    int throwing =
        module.function(
            "i_", "", 0x20, 0, 0x45, 0x04, 0x40, 0x08, 0, 0x0B, 0x20, 0, 0x41, 1, 0x6B, 0x10, 0);
    module.exported(
        "catch",
        "i_",
        "",
        join(
            new int[] {0x02, 0x40, 0x1F, 0x40, 1, 0x02, 0, 0x20, 0, 0x10, throwing, 0x0B, 0x0B},
            NOTHING));
    var run = MeteredRun.of(module, engine);
    long cost = run.fuelOf("catch", 10);
    assertTrue(cost > Costs.THROW + 10 * 10, "cost " + cost);
    assertEquals(MeteredRun.STACK, run.meter.stackLeft());
    assertEquals(cost, run.fuelOf("catch", 10));
  }

  @Test
  void theDocumentSaysWhatTheTableSays() throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("docs/fuel.md"))) {
      root = root.getParent();
    }
    String doc = Files.readString(root.resolve("docs/fuel.md"));
    String[] rows = {
      "| `call` | " + Costs.CALL + " ",
      "| `call_indirect`, `call_ref` | " + Costs.CALL_INDIRECT + " ",
      "| a call of the host | " + (Costs.CALL + Costs.HOST_CALL) + " ",
      "| one turn of a loop | " + Costs.ITERATION + " ",
      "| `throw`, `throw_ref` | " + Costs.THROW + " ",
      "| `memory.fill`, `memory.copy`, `memory.init` | "
          + Costs.BULK
          + ", and 1 for each "
          + (1 << Costs.MEMORY_SHIFT)
          + " bytes ",
      "| `table.fill`, `table.copy`, `table.init` | "
          + Costs.BULK
          + ", and 1 for each "
          + (1 << Costs.TABLE_SHIFT)
          + " elements ",
      "| `memory.grow` | "
          + Costs.GROW
          + ", and "
          + Costs.PAGE
          + " for each page asked for and "
          + Costs.PAGE_HELD
          + " for each page held ",
    };
    for (String row : rows) {
      assertTrue(doc.contains(row), row);
    }
    assertTrue(doc.contains(Costs.SLACK + " units"));
    assertTrue(doc.contains(Costs.PAID_BY_CALLER + " units"));
    assertTrue(doc.contains((1 << Costs.SETTLE_SHIFT) + " units"));
  }

  @Test
  void integersAreEncodedAsTheFormatWants() {
    assertEquals(2, u(128).length);
    assertEquals(2, s(64).length);
  }
}
