package dev.dormouse.guest.fuel;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Store;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionType;
import dev.dormouse.guest.Metering;
import java.util.List;
import java.util.function.Function;

/** Runs one module straight on the engine, metered or not, with a meter that only counts. */
final class CountingMeter {
  static final class OutOfFuel extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  static final class TooDeep extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static final int SLICE = 100_000;

  private final int stackBytes;
  private final long budget;
  private GlobalInstance fuel;
  private GlobalInstance stack;
  private long given;

  CountingMeter(long budget, int stackBytes) {
    this.budget = budget;
    this.stackBytes = stackBytes;
  }

  /** How modules are executed. */
  enum Engine {
    COMPILED,
    INTERPRETED;

    Function<Instance, Machine> machine(WasmModule module) {
      return this == INTERPRETED
          ? InterpreterMachine::new
          : MachineFactoryCompiler.builder(module)
              .withInterpreterFallback(InterpreterFallback.SILENT)
              .compile();
    }
  }

  Instance instantiate(WasmModule module, Store store, Engine engine) {
    return instantiate(module, store, engine.machine(module));
  }

  Instance instantiate(WasmModule module, Store store, Function<Instance, Machine> machine) {
    store.addFunction(
        new ImportFunction(
            Metering.IMPORT_MODULE,
            Metering.REFILL_IMPORT,
            FunctionType.of(List.of(), List.of()),
            (instance, arguments) -> {
              refill();
              return null;
            }),
        new ImportFunction(
            Metering.IMPORT_MODULE,
            Metering.OVERFLOW_IMPORT,
            FunctionType.of(List.of(), List.of()),
            (instance, arguments) -> {
              throw new TooDeep();
            }));
    int imported = module.importSection().count(ExternalType.GLOBAL);
    int fuelGlobal = export(module, Metering.FUEL_GLOBAL) - imported;
    int stackGlobal = export(module, Metering.STACK_GLOBAL) - imported;
    var made = new int[1];
    return Instance.builder(module)
        .withImportValues(store.toImportValues())
        .withMachineFactory(machine)
        .withGlobalFactory(
            (low, high, type, mutability) -> {
              var global = new GlobalInstance(low, high, type, mutability);
              if (made[0] == fuelGlobal) {
                fuel = global;
                handOut(0);
              } else if (made[0] == stackGlobal) {
                stack = global;
                stack.setValue(stackBytes);
              }
              made[0]++;
              return global;
            })
        .withStart(false)
        .build();
  }

  private static int export(WasmModule module, String name) {
    var exports = module.exportSection();
    for (int i = 0; i < exports.exportCount(); i++) {
      if (exports.getExport(i).name().equals(name)) {
        return exports.getExport(i).index();
      }
    }
    return Integer.MAX_VALUE;
  }

  /** Forgets what was used, for the next call. */
  void reset() {
    if (fuel != null) {
      handOut(0);
      stack.setValue(stackBytes);
    }
  }

  long used() {
    return given - (int) fuel.getValue();
  }

  int stackLeft() {
    return (int) stack.getValue();
  }

  private void refill() {
    if (used() > budget) {
      throw new OutOfFuel();
    }
    handOut(used());
  }

  private void handOut(long used) {
    given = Math.min(budget, used + SLICE);
    fuel.setValue(given - used);
  }
}
