package dev.dormouse.guest.fuel;

import static dev.dormouse.guest.fuel.TinyWasm.join;
import static dev.dormouse.guest.fuel.TinyWasm.s;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.wasm.Parser;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import dev.dormouse.guest.MeteredModule;
import dev.dormouse.guest.Metering;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** What the rewriter takes, what it refuses, and what it answers. */
class RewriterTest {
  private static final int[] NOTHING = {};

  private static MeteredModule meter(TinyWasm module) {
    return Rewriter.meter(module.bytes(), ModuleBounds.DEFAULTS);
  }

  private static void refused(String reason, TinyWasm module) {
    refused(reason, module.bytes());
  }

  private static void refused(String reason, byte[] wasm) {
    var fault = assertThrows(UserFault.class, () -> Rewriter.meter(wasm, ModuleBounds.DEFAULTS));
    assertEquals(Code.MODULE_INVALID, fault.code());
    assertTrue(fault.getMessage().contains(reason), fault.getMessage());
  }

  private static TinyWasm with(int... code) {
    var module = new TinyWasm().memory(1).table(1).global();
    module.exported("f", "_", "i", code);
    return module;
  }

  @Test
  void aGuestCannotReachTheMetersGlobalsOrFunctions() {
    // One global of its own: 1 would be the fuel, 2 the stack.
    Rewriter.meter(with(0x23, 0, 0x1A).bytes(), ModuleBounds.DEFAULTS);
    refused("unknown global 1", with(0x23, 1, 0x1A));
    refused("unknown global 2", with(0x41, 0, 0x24, 2));
    refused("unknown function 1", with(0x10, 1));
    refused("unknown function 3", with(0x10, 3));
    refused("unknown function 1", with(0xD2, 1, 0x1A));
    refused("unknown function 1", with().element(0, 1));
    refused("unknown function 1", with().export("g", 0, 1));
    refused("unknown global 1", with().export("g", 3, 1));
    refused("unknown function 2", with().start(2));
    refused("unknown local 1", with(0x20, 1, 0x1A));
    refused("unknown type 1", with(0x41, 0, 0x11, 1, 0));
    refused("unknown label 2", with(0x0C, 2));
  }

  @Test
  void theMetersNamesAreReserved() {
    refused("reserved", with().export(Metering.FUEL_GLOBAL, 3, 0));
    refused("reserved", with().export(Metering.RESERVED + "x", 0, 0));
    var module = new TinyWasm();
    module.imported(Metering.IMPORT_MODULE, Metering.REFILL_IMPORT, "_");
    refused("reserved", module);
  }

  @Test
  void proposalsThatCannotBeMeteredAreRefusedByName() {
    refused("SIMD", with(join(new int[] {0xFD, 0x0C}, new int[16], new int[] {0x1A})));
    refused("garbage collection", with(0x41, 1, 0xFB, 0x1C, 0x1A));
    refused("threads", with(0xFE, 0x03, 0));
    refused("threads", memoryWithFlags(3));
    refused("64-bit memories", memoryWithFlags(4));
    refused("multiple memories", with().memory(1));
    refused("legacy exception handling", with(0x06, 0x40, 0x0B));
  }

  private static byte[] memoryWithFlags(int flags) {
    byte[] wasm = new TinyWasm().memory(1, 2).bytes();
    wasm[wasm.length - 3] = (byte) flags;
    return wasm;
  }

  @Test
  void onlyFunctionsMayBeImported() {
    byte[] wasm = {0, 'a', 's', 'm', 1, 0, 0, 0, 2, 8, 1, 1, 'm', 1, 'n', 2, 0, 1};
    refused("only functions may be imported", wasm);
  }

  @Test
  void memoriesAndTablesArePutUnderTheBounds() {
    refused("starts with 2049 pages", new TinyWasm().memory(2_049));
    refused("starts with 100001 elements", new TinyWasm().table(100_001));
    var parsed = Parser.parse(meter(new TinyWasm().memory(1).table(1)).wasm());
    var memory = parsed.memorySection().orElseThrow().getMemory(0).limits();
    assertEquals(2_048, memory.maximumPages());
    assertEquals(100_000, parsed.tableSection().getTable(0).limits().max());
    var lower = Parser.parse(meter(new TinyWasm().memory(1, 7).table(1, 5)).wasm());
    assertEquals(7, lower.memorySection().orElseThrow().getMemory(0).limits().maximumPages());
    assertEquals(5, lower.tableSection().getTable(0).limits().max());
  }

  @Test
  void codeThatDiffersOnlyInDataAndCustomSectionsHasOneHash() {
    String plain = meter(with(0x01).data(0, 1, 2, 3)).codeHash();
    assertEquals(plain, meter(with(0x01).data(0, 4, 5)).codeHash());
    assertEquals(plain, meter(with(0x01).data(0, 1, 2, 3).custom("x", 9)).codeHash());
    assertNotEquals(plain, meter(with(0x01, 0x01).data(0, 1, 2, 3)).codeHash());
    assertEquals(64, plain.length());
  }

  @Test
  void importsExportsAndOwnCustomSectionsAreAnswered() {
    var module = new TinyWasm();
    module.imported("host", "back", "_");
    module.exported("f", "iI_i", "", 0x20, 0);
    module.exported("g", "f_", "", NOTHING);
    var metered = meter(module.custom("dormouse.app", 1, 2).custom("other", 3));
    assertEquals("iI_i", metered.exports().get("f").toString());
    assertEquals(1, metered.exports().size());
    assertEquals(3, metered.imports().size());
    assertEquals("back", metered.imports().get(0).name());
    assertEquals(Metering.OVERFLOW_IMPORT, metered.imports().get(2).name());
    assertEquals(1, metered.customSections().size());
    assertArrayEquals(new byte[] {1, 2}, metered.customSections().get("dormouse.app"));
  }

  @Test
  void functionsKeepTheirNames() {
    var module = new TinyWasm();
    module.imported("host", "back", "_");
    module.function("_", "", NOTHING);
    // Subsection 1, function names: 0 is "in", 1 is "own".
    var wasm = module.custom("name", 1, 10, 2, 0, 2, 'i', 'n', 1, 3, 'o', 'w', 'n');
    var names = Parser.parse(meter(wasm).wasm()).nameSection();
    assertEquals("in", names.nameOfFunction(0));
    assertEquals("own", names.nameOfFunction(3));
    assertEquals("dormouse:meter/settle", names.nameOfFunction(4));
  }

  @Test
  void aMalformedNameSectionIsDropped() {
    assertEquals(null, Parser.parse(meter(with().custom("name", 1, 99)).wasm()).nameSection());
  }

  @Test
  void everyTruncationOfAModuleIsRefused() {
    byte[] wasm = with(0x41, 1, 0x04, 0x40, 0x01, 0x05, 0x01, 0x0B).data(0, 1, 2).bytes();
    for (int length = 0; length < wasm.length; length++) {
      byte[] cut = Arrays.copyOf(wasm, length);
      try {
        // A cut between sections leaves a whole module, if one without its function bodies.
        Parser.parse(Rewriter.meter(cut, ModuleBounds.DEFAULTS).wasm());
      } catch (UserFault e) {
        assertEquals(Code.MODULE_INVALID, e.code());
      }
    }
  }

  @Test
  void hugeHostileModulesAreRefusedSoon() {
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          byte[] garbage = new byte[60 << 20];
          new Random(1).nextBytes(garbage);
          refused("magic", garbage);
          System.arraycopy(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, 0, garbage, 0, 8);
          refused("the module cannot be used", garbage);
          refused("bytes", new byte[65 << 20]);
          refused("nested deeper", with(TinyWasm.times(5_000, 0x02, 0x40)));
          refused("operand stack", with(TinyWasm.times(3_000, 0x41, 0)));
          refused("too many instructions", with(TinyWasm.times(10_000_001, 0x01)));
          refused("too many locals", new TinyWasmWithLocals(60_001).bytes());
          refused(
              "too many locals for its number of branches",
              new TinyWasmWithLocals(50_000, TinyWasm.times(2_000, 0x02, 0x40, 0x0B)).bytes());
          refused("too many blocks", with(TinyWasm.times(60_000, 0x03, 0x40, 0x0B)));
        });
  }

  /** One function with so many locals in one group. */
  private record TinyWasmWithLocals(int locals, int... code) {
    byte[] bytes() {
      var body = new ByteSink(64);
      body.u32(1);
      body.u32(locals);
      body.u8(ValueType.I32);
      for (int b : code) {
        body.u8(b);
      }
      body.u8(0x0B);
      var section = new ByteSink(64);
      section.u32(1);
      section.u32(body.size());
      section.raw(body.array(), 0, body.size());
      var out = new ByteSink(64);
      byte[] head = {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0};
      out.raw(head, 0, head.length);
      out.section(10, section);
      return out.toBytes();
    }
  }

  @Test
  void aFullSizedValidModuleIsRewrittenInBoundedTime() {
    var module = new TinyWasm().memory(1);
    int[] body = TinyWasm.times(2_000, 0x20, 0, 0x41, 7, 0x6A, 0x21, 0);
    for (int f = 0; f < 500; f++) {
      module.function("i_", "", body);
    }
    byte[] wasm = module.bytes();
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> Rewriter.meter(wasm, ModuleBounds.DEFAULTS));
  }

  @Test
  void offsetsAreNamed() {
    byte[] wasm = with(join(new int[] {0x41}, s(5), new int[] {0x1A, 0xFF})).bytes();
    int at = 0;
    while ((wasm[at] & 0xFF) != 0xFF) {
      at++;
    }
    refused("(at byte " + at + ")", wasm);
  }
}
