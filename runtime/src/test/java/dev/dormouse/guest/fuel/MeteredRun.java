package dev.dormouse.guest.fuel;

import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Store;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.types.FunctionType;
import dev.dormouse.guest.fuel.CountingMeter.Engine;
import java.util.List;

/** A metered module in action. */
final class MeteredRun {
  static final long FUEL = 1_000_000_000L;
  static final int STACK = 512 * 1024;

  final Instance instance;
  final CountingMeter meter;

  private MeteredRun(byte[] wasm, Engine engine, long fuel, int stack) {
    var store = new Store();
    // The one import that tests use calls the guest's allocator back.
    store.addFunction(
        new ImportFunction(
            "host",
            "back",
            FunctionType.of(List.of(), List.of()),
            (caller, arguments) -> {
              caller.export("cabi_realloc").apply();
              return null;
            }));
    meter = new CountingMeter(fuel, stack);
    byte[] metered = Rewriter.meter(wasm, ModuleBounds.DEFAULTS).wasm();
    instance = meter.instantiate(Parser.parse(metered), store, engine);
  }

  static MeteredRun of(TinyWasm module, Engine engine) {
    return of(module, engine, FUEL);
  }

  static MeteredRun of(TinyWasm module, Engine engine, long fuel) {
    return new MeteredRun(module.bytes(), engine, fuel, STACK);
  }

  long[] call(String export, long... arguments) {
    return instance.export(export).apply(arguments);
  }

  /** What one call takes. */
  long fuelOf(String export, long... arguments) {
    meter.reset();
    call(export, arguments);
    return meter.used();
  }
}
