package dev.dormouse.guest.fuel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the rewritten module keeps what is added to it. Types, globals and the settling function
 * come last in their index spaces; the meter's imports come behind the module's own, so the indices
 * of defined functions grow by {@link #SHIFT}.
 */
final class Layout {
  /** The meter's imports. */
  static final int SHIFT = 2;

  private final Module module;
  private final List<FunctionType> addedTypes = new ArrayList<>();
  private final Map<String, Integer> resultTypes = new HashMap<>();
  private final int actionType;
  private final int settleType;

  Layout(Module module) {
    this.module = module;
    this.actionType = addType(new FunctionType(new int[0], new int[0]));
    this.settleType = addType(new FunctionType(new int[] {ValueType.I32}, new int[0]));
    for (FunctionType type : module.types) {
      if (type.results().length > 1) {
        resultTypes.computeIfAbsent(
            exactKey(type.results()), key -> addType(new FunctionType(new int[0], type.results())));
      }
    }
  }

  private int addType(FunctionType type) {
    addedTypes.add(type);
    return module.types.size() + addedTypes.size() - 1;
  }

  private static String exactKey(int[] types) {
    return java.util.Arrays.toString(types);
  }

  List<FunctionType> addedTypes() {
    return addedTypes;
  }

  /** Type of the meter's imports. */
  int actionType() {
    return actionType;
  }

  int settleType() {
    return settleType;
  }

  int refill() {
    return module.importedFunctions;
  }

  int overflow() {
    return module.importedFunctions + 1;
  }

  /** The function that takes a count from the fuel global and refills it below zero. */
  int settle() {
    return module.functions.size() + SHIFT;
  }

  int fuelGlobal() {
    return module.globals.size();
  }

  int stackGlobal() {
    return module.stackLeft >= 0 ? module.stackLeft : module.globals.size() + 1;
  }

  int shifted(int function) {
    return module.isImported(function) ? function : function + SHIFT;
  }

  /** The type of a block that leaves what a function returns. */
  void writeResultBlock(ByteSink out, FunctionType type) {
    int[] results = type.results();
    switch (results.length) {
      case 0 -> out.u8(0x40);
      case 1 -> ValueType.write(out, results[0]);
      default -> {
        Integer index = resultTypes.get(exactKey(results));
        if (index == null) {
          throw new AssertionError("no block type for " + type);
        }
        out.signed(index);
      }
    }
  }
}
