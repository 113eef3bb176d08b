package dev.dormouse.module;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a module shows on its outside: imports, exports with their types, and custom sections. The
 * function bodies are not looked at; the engine's validation has done that.
 *
 * @param imports in order
 * @param exports by name
 * @param customSections contents by name; of sections with the same name, the first
 */
record ModuleOutline(
    List<Import> imports, Map<String, Export> exports, Map<String, byte[]> customSections) {

  private static final int MAX_ENTRIES = 1_000_000;

  /** What can be imported and exported; in the order of the binary format. */
  enum Kind {
    FUNCTION,
    TABLE,
    MEMORY,
    GLOBAL,
    TAG;

    String noun() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * @param type of a function, null otherwise
   */
  record Import(String module, String name, Kind kind, @Nullable FunctionType type) {}

  /**
   * @param type of a function, null otherwise
   */
  record Export(Kind kind, @Nullable FunctionType type) {}

  /**
   * Reads a core module.
   *
   * @throws UserFault {@code module_invalid}, saying what else it is or where it ends too early
   */
  static ModuleOutline read(byte[] wasm) {
    requireCoreModule(wasm);
    var types = new ArrayList<FunctionType>();
    var imports = new ArrayList<Import>();
    var functions = new ArrayList<FunctionType>();
    var exports = new LinkedHashMap<String, Export>();
    var customs = new LinkedHashMap<String, byte[]>();
    for (var section : WasmReader.sections(wasm)) {
      var in = new WasmReader(wasm, section.contentStart(), section.end());
      switch (section.id()) {
        case 0 -> customs.putIfAbsent(in.name(), in.rest());
        case 1 -> readTypes(in, types);
        case 2 -> readImports(in, types, imports, functions);
        case 3 -> {
          int count = in.count(MAX_ENTRIES);
          for (int i = 0; i < count; i++) {
            functions.add(type(in, types));
          }
        }
        case 7 -> readExports(in, functions, exports);
        default -> {
          // The rest of a module is not its outside.
        }
      }
    }
    return new ModuleOutline(List.copyOf(imports), Map.copyOf(exports), Map.copyOf(customs));
  }

  /** Refuses what is not a core module in words that say what it is. */
  static void requireCoreModule(byte[] wasm) {
    if (wasm.length < 8 || wasm[0] != 0 || wasm[1] != 'a' || wasm[2] != 's' || wasm[3] != 'm') {
      throw invalid("this is not a WebAssembly module: it does not start with \\0asm (offset 0)");
    }
    if (wasm[6] != 0 || wasm[7] != 0) {
      throw invalid(
          "this is a WebAssembly component: build a core module, target wasm32-unknown-unknown (offset 4)");
    }
    if (wasm[4] != 1 || wasm[5] != 0) {
      throw invalid("this is not version 1 of the WebAssembly binary format (offset 4)");
    }
  }

  static UserFault invalid(String message) {
    return new UserFault(Code.MODULE_INVALID, message);
  }

  private static void readTypes(WasmReader in, List<FunctionType> types) {
    int count = in.count(MAX_ENTRIES);
    for (int i = 0; i < count; i++) {
      int at = in.offset();
      if (in.next() != 0x60) {
        throw invalid(
            "the module uses a type that is not a function type (of the proposal gc), which this server does not run, at offset "
                + at);
      }
      types.add(new FunctionType(valueTypes(in), valueTypes(in)));
    }
  }

  private static List<String> valueTypes(WasmReader in) {
    int count = in.count(1_000);
    var types = new ArrayList<String>(count);
    for (int i = 0; i < count; i++) {
      types.add(valueType(in));
    }
    return List.copyOf(types);
  }

  private static String valueType(WasmReader in) {
    int code = in.next();
    return switch (code) {
      case 0x7F -> "i32";
      case 0x7E -> "i64";
      case 0x7D -> "f32";
      case 0x7C -> "f64";
      case 0x7B -> "v128";
      case 0x70 -> "funcref";
      case 0x6F -> "externref";
      case 0x69 -> "exnref";
      case 0x63, 0x64 -> {
        in.unsigned();
        yield "ref";
      }
      default -> "type 0x" + Integer.toHexString(code);
    };
  }

  private static void readImports(
      WasmReader in, List<FunctionType> types, List<Import> imports, List<FunctionType> functions) {
    int count = in.count(MAX_ENTRIES);
    for (int i = 0; i < count; i++) {
      String module = in.name();
      String name = in.name();
      Kind kind = kind(in);
      FunctionType type = null;
      switch (kind) {
        case FUNCTION -> {
          type = type(in, types);
          functions.add(type);
        }
        case TABLE -> {
          valueType(in);
          skipLimits(in);
        }
        case MEMORY -> skipLimits(in);
        case GLOBAL -> {
          valueType(in);
          in.next();
        }
        case TAG -> {
          in.next();
          in.unsigned();
        }
      }
      imports.add(new Import(module, name, kind, type));
    }
  }

  private static void readExports(
      WasmReader in, List<FunctionType> functions, Map<String, Export> exports) {
    int count = in.count(MAX_ENTRIES);
    for (int i = 0; i < count; i++) {
      String name = in.name();
      Kind kind = kind(in);
      int at = in.offset();
      long index = in.unsigned();
      if (kind != Kind.FUNCTION) {
        exports.put(name, new Export(kind, null));
      } else if (index < functions.size()) {
        exports.put(name, new Export(kind, functions.get((int) index)));
      } else {
        throw invalid("the module exports a function that it does not have, at offset " + at);
      }
    }
  }

  private static void skipLimits(WasmReader in) {
    int flags = in.next();
    in.unsigned();
    if ((flags & 1) != 0) {
      in.unsigned();
    }
  }

  private static Kind kind(WasmReader in) {
    int at = in.offset();
    int code = in.next();
    if (code >= Kind.values().length) {
      throw invalid("the module has an import or export of an unknown kind at offset " + at);
    }
    return Kind.values()[code];
  }

  private static FunctionType type(WasmReader in, List<FunctionType> types) {
    int at = in.offset();
    long index = in.unsigned();
    if (index >= types.size()) {
      throw invalid("the module names a type that it does not have, at offset " + at);
    }
    return types.get((int) index);
  }
}
