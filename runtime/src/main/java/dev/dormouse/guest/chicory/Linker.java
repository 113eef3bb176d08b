package dev.dormouse.guest.chicory;

import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import dev.dormouse.abi.FlatSignature;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.UserFault;
import dev.dormouse.guest.HostFunction;
import dev.dormouse.guest.MeteredModule;
import dev.dormouse.guest.Metering;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Ties a module's imports to the functions that the host offers. */
final class Linker {
  private static final long[] NO_RESULT = {};

  private Linker() {}

  /**
   * @throws UserFault {@code module_invalid}, when the module imports what is not offered, or with
   *     another type
   */
  static ImportValues link(MeteredModule module, List<HostFunction> offered) {
    Map<String, HostFunction> byName = new HashMap<>();
    for (var function : offered) {
      byName.put(key(function.module(), function.name()), function);
    }
    var values = ImportValues.builder();
    Map<String, Boolean> bound = new HashMap<>();
    for (var wanted : module.imports()) {
      var key = key(wanted.module(), wanted.name());
      if (bound.put(key, true) == null) {
        values.addFunction(bind(wanted, byName.get(key)));
      }
    }
    return values.build();
  }

  private static String key(String module, String name) {
    return module + '\0' + name;
  }

  private static ImportFunction bind(MeteredModule.Import wanted, @Nullable HostFunction function) {
    if (wanted.module().equals(Metering.IMPORT_MODULE)) {
      return new ImportFunction(
          wanted.module(), wanted.name(), type(FlatSignature.of("_")), meter(wanted.name()));
    }
    var name = "\"" + wanted.module() + "\" \"" + wanted.name() + "\"";
    if (function == null) {
      throw new UserFault(Code.MODULE_INVALID, "the module imports " + name + ", which is unknown");
    }
    if (!function.signature().equals(wanted.signature())) {
      throw new UserFault(
          Code.MODULE_INVALID,
          "the module imports "
              + name
              + " as "
              + (wanted.signature() == null ? "another type" : wanted.signature())
              + ", but it is "
              + function.signature());
    }
    return new ImportFunction(
        wanted.module(), wanted.name(), type(function.signature()), handle(function));
  }

  private static WasmFunctionHandle meter(String name) {
    return switch (name) {
      case Metering.REFILL_IMPORT ->
          (instance, _) -> {
            GuestMachine.guestOf(instance).meter().refill();
            return NO_RESULT;
          };
      case Metering.OVERFLOW_IMPORT ->
          (instance, _) -> {
            throw GuestMachine.guestOf(instance).meter().overflow();
          };
      default -> throw new UserFault(Code.MODULE_INVALID, "the meter has no function " + name);
    };
  }

  private static WasmFunctionHandle handle(HostFunction function) {
    var call = function.call();
    if (function.signature().results().isEmpty()) {
      return (instance, arguments) -> {
        try {
          call.call(GuestMachine.guestOf(instance), arguments);
        } catch (Fault | HostCallFailed e) {
          throw e;
        } catch (RuntimeException e) {
          throw new HostCallFailed(e);
        }
        return NO_RESULT;
      };
    }
    boolean narrow = function.signature().results().equals("i");
    return (instance, arguments) -> {
      var guest = GuestMachine.guestOf(instance);
      try {
        long result = call.call(guest, arguments);
        return guest.hostResult(narrow ? (int) result : result);
      } catch (Fault | HostCallFailed e) {
        throw e;
      } catch (RuntimeException e) {
        throw new HostCallFailed(e);
      }
    };
  }

  private static FunctionType type(FlatSignature signature) {
    return FunctionType.of(types(signature.params()), types(signature.results()));
  }

  private static List<ValType> types(String flat) {
    List<ValType> types = new ArrayList<>();
    for (int i = 0; i < flat.length(); i++) {
      types.add(flat.charAt(i) == 'i' ? ValType.I32 : ValType.I64);
    }
    return types;
  }
}
