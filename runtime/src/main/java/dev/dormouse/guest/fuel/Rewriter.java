package dev.dormouse.guest.fuel;

import dev.dormouse.abi.FlatSignature;
import dev.dormouse.guest.MeteredModule;
import dev.dormouse.guest.Metering;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a module count its fuel and bound its call depth.
 *
 * <p>The binary is decoded, checked against bounds, and encoded anew; nothing of it is passed on
 * unread, so the engine runs only what was understood here. Every index is checked against what the
 * module itself has, and what is added comes behind that: guests cannot name it. Which instruction
 * costs how much, and where it is charged, hangs on the module alone, so the same work always costs
 * the same. {@code docs/fuel.md} has the table and the scheme.
 *
 * <p>Types of operands are not checked; an engine must validate the result, as it must any module.
 */
public final class Rewriter {
  private static final FlatSignature ACTION = FlatSignature.of("_");

  private Rewriter() {}

  /**
   * Rewrites a module. Takes time and memory in proportion to its size, whatever is in it.
   *
   * @throws dev.dormouse.fault.UserFault {@code module_invalid}, with the reason and the offset,
   *     when the binary is malformed, passes a bound, or uses a proposal that cannot be metered
   */
  public static MeteredModule meter(byte[] wasm, ModuleBounds bounds) {
    return rewrite(wasm, bounds, true);
  }

  /**
   * Rewrites a module in the same way but for the charges, so that what they cost can be measured.
   */
  static MeteredModule withoutCharges(byte[] wasm, ModuleBounds bounds) {
    return rewrite(wasm, bounds, false);
  }

  private static MeteredModule rewrite(byte[] wasm, ModuleBounds bounds, boolean counting) {
    Module module = ModuleReader.read(wasm, bounds);
    var scan = new FunctionScan(module, bounds);
    var facts = new FunctionFacts[module.functions.size()];
    for (int f = module.importedFunctions; f < facts.length; f++) {
      facts[f] = scan.scan(f);
    }
    var writer = new ModuleWriter(module, bounds, new MeterPlan(module, facts, counting));
    byte[] rewritten = writer.write();
    return new MeteredModule(
        rewritten, writer.codeHash(), imports(module), exports(module), module.customSections);
  }

  private static List<MeteredModule.Import> imports(Module module) {
    var imports = new ArrayList<MeteredModule.Import>();
    for (Module.Port port : module.imports) {
      if (port.kind() == Module.FUNCTION) {
        imports.add(
            new MeteredModule.Import(
                port.module(), port.name(), module.typeOf(port.index()).flat()));
      }
    }
    for (String name : List.of(Metering.REFILL_IMPORT, Metering.OVERFLOW_IMPORT)) {
      imports.add(new MeteredModule.Import(Metering.IMPORT_MODULE, name, ACTION));
    }
    return List.copyOf(imports);
  }

  private static Map<String, FlatSignature> exports(Module module) {
    var exports = new LinkedHashMap<String, FlatSignature>();
    for (Module.Port port : module.exports) {
      if (port.kind() == Module.FUNCTION) {
        FlatSignature signature = module.typeOf(port.index()).flat();
        if (signature != null) {
          exports.put(port.name(), signature);
        }
      }
    }
    return exports;
  }
}
