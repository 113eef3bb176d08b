package dev.dormouse.guest.chicory;

import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import dev.dormouse.abi.Abi;
import dev.dormouse.abi.FlatSignature;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import dev.dormouse.guest.FuelMeter;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.guest.GuestModule;
import dev.dormouse.guest.MemoryGrant;
import dev.dormouse.guest.MeteredModule;
import dev.dormouse.guest.Metering;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One loaded module: compiled code that it may share with others, data segments that it does not,
 * and everything that instances and calls would otherwise look up again.
 */
final class ChicoryModule implements GuestModule {
  private static final String INITIALIZER = "_initialize";

  private final WasmModule wasm;
  private final CompiledCode code;
  private final ImportValues imports;
  private final FunctionNames names;
  private final Map<String, Function> functions;
  private final int initializer;
  private final int exportedMemory;
  private final int fuelGlobal;
  private final int stackGlobal;
  private final Pattern.Shelf shelf = new Pattern.Shelf();
  private final UsualSize usualSize = new UsualSize();
  private final SegmentData segmentData;

  ChicoryModule(
      MeteredModule metered,
      WasmModule wasm,
      CompiledCode code,
      ImportValues imports,
      FunctionNames names) {
    this.wasm = wasm;
    this.code = code;
    this.imports = imports;
    this.names = names;
    this.functions = functions(metered, wasm);
    this.segmentData = new SegmentData(wasm.dataSection().dataSegmentCount());
    this.initializer = index(wasm, INITIALIZER, ExternalType.FUNCTION);
    this.exportedMemory = index(wasm, Abi.MEMORY, ExternalType.MEMORY);
    this.fuelGlobal = index(wasm, Metering.FUEL_GLOBAL, ExternalType.GLOBAL);
    this.stackGlobal = index(wasm, Metering.STACK_GLOBAL, ExternalType.GLOBAL);
    var signature = metered.exports().get(INITIALIZER);
    if (initializer >= 0 && !FlatSignature.of("_").equals(signature)) {
      throw new UserFault(
          Code.MODULE_INVALID,
          "the export _initialize must take and answer nothing: it runs once in a new instance");
    }
  }

  /** An exported function, with what a call needs. */
  record Function(int index, int parameters, char resultType) {
    private static final char NONE = '_';

    static Function of(int index, FlatSignature signature) {
      var results = signature.results();
      return new Function(
          index, signature.params().length(), results.isEmpty() ? NONE : results.charAt(0));
    }

    long result(long @Nullable [] results) {
      if (resultType == NONE || results == null || results.length == 0) {
        return 0;
      }
      return resultType == 'i' ? Integer.toUnsignedLong((int) results[0]) : results[0];
    }
  }

  private static Map<String, Function> functions(MeteredModule metered, WasmModule wasm) {
    Map<String, Function> functions = new HashMap<>();
    metered
        .exports()
        .forEach(
            (name, signature) -> {
              int index = index(wasm, name, ExternalType.FUNCTION);
              if (index >= 0) {
                functions.put(name, Function.of(index, signature));
              }
            });
    return Map.copyOf(functions);
  }

  /** The index of an export, or -1. */
  static int index(WasmModule wasm, String name, ExternalType type) {
    var exports = wasm.exportSection();
    for (int i = 0; i < exports.exportCount(); i++) {
      Export export = exports.getExport(i);
      if (export.exportType() == type && export.name().equals(name)) {
        return export.index();
      }
    }
    return -1;
  }

  @Override
  public Set<String> exports() {
    return functions.keySet();
  }

  @Override
  public List<String> warnings() {
    return code.interpreted().stream()
        .map(
            function ->
                "the function "
                    + names.of(function)
                    + " is too large to compile and will run very slowly: split it up")
        .toList();
  }

  @Override
  public GuestInstance instantiate(MemoryGrant memory, FuelMeter meter, Object attachment) {
    return ChicoryInstance.start(this, memory, meter, attachment);
  }

  /**
   * @throws IllegalArgumentException when there is no such function
   */
  Function function(String export) {
    var function = functions.get(export);
    if (function == null) {
      throw new IllegalArgumentException("the module exports no function " + export);
    }
    return function;
  }

  String trace(Throwable thrown) {
    return names.trace(thrown);
  }

  WasmModule wasm() {
    return wasm;
  }

  CompiledCode code() {
    return code;
  }

  ImportValues imports() {
    return imports;
  }

  int initializer() {
    return initializer;
  }

  int exportedMemory() {
    return exportedMemory;
  }

  /** What the memories of its instances have in common while they rest. */
  Pattern.Shelf shelf() {
    return shelf;
  }

  SegmentData segmentData() {
    return segmentData;
  }

  UsualSize usualSize() {
    return usualSize;
  }

  int globals() {
    return wasm.globalSection().globalCount();
  }

  MemoryGlobal.Role role(int global) {
    if (global == fuelGlobal) {
      return MemoryGlobal.Role.FUEL;
    }
    return global == stackGlobal ? MemoryGlobal.Role.STACK : MemoryGlobal.Role.GUESTS;
  }
}
