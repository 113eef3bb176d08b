package dev.dormouse.module;

import dev.dormouse.abi.Abi;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Assembles small modules by hand. Every defined function has a body that answers zeros. Signatures
 * are in the one-word form, where {@code f} is f32 too.
 */
final class ModuleBytes {
  private final List<String> types = new ArrayList<>();
  private final ByteArrayOutputStream imports = new ByteArrayOutputStream();
  private final List<Integer> functions = new ArrayList<>();
  private final List<String> exports = new ArrayList<>();
  private final ByteArrayOutputStream customs = new ByteArrayOutputStream();
  private int importCount;
  private int importedFunctions;
  private boolean memory;

  /** A module that the server takes: its only handler is an alarm. */
  static ModuleBytes minimal() {
    return new ModuleBytes().function("alarm", "iI_");
  }

  /** A module with a fetch handler, a memory and an allocator. */
  static ModuleBytes fetching() {
    return new ModuleBytes()
        .memory("memory")
        .function("fetch", "Iiiiiiiii_")
        .function(Abi.REALLOC, "iiii_i");
  }

  ModuleBytes importFunction(String module, String name, String signature) {
    importEntry(module, name, 0);
    unsigned(imports, type(signature));
    importedFunctions++;
    return this;
  }

  ModuleBytes importMemory(String module, String name) {
    importEntry(module, name, 2);
    imports.write(0);
    imports.write(1);
    return this;
  }

  /** Imports come before functions. */
  ModuleBytes function(String exportName, String signature) {
    exports.add(entry(exportName, 0, importedFunctions + functions.size()));
    functions.add(type(signature));
    return this;
  }

  ModuleBytes memory(String exportName) {
    memory = true;
    exports.add(entry(exportName, 2, 0));
    return this;
  }

  ModuleBytes custom(String name, String content) {
    var section = new ByteArrayOutputStream();
    name(section, name);
    section.writeBytes(content.getBytes(StandardCharsets.UTF_8));
    section(customs, 0, section);
    return this;
  }

  byte[] build() {
    var out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
    var section = new ByteArrayOutputStream();
    unsigned(section, types.size());
    for (String signature : types) {
      int underscore = signature.indexOf('_');
      section.write(0x60);
      valueTypes(section, signature.substring(0, underscore));
      valueTypes(section, signature.substring(underscore + 1));
    }
    section(out, 1, section);
    section.reset();
    unsigned(section, importCount);
    section.writeBytes(imports.toByteArray());
    section(out, 2, section);
    section.reset();
    unsigned(section, functions.size());
    functions.forEach(type -> unsigned(section, type));
    section(out, 3, section);
    if (memory) {
      section.reset();
      section.writeBytes(new byte[] {1, 0, 1});
      section(out, 5, section);
    }
    section.reset();
    unsigned(section, exports.size());
    exports.forEach(entry -> section.writeBytes(entry.getBytes(StandardCharsets.ISO_8859_1)));
    section(out, 7, section);
    section.reset();
    unsigned(section, functions.size());
    for (int type : functions) {
      var body = new ByteArrayOutputStream();
      body.write(0);
      String results = types.get(type).substring(types.get(type).indexOf('_') + 1);
      for (int i = 0; i < results.length(); i++) {
        body.write(results.charAt(i) == 'i' ? 0x41 : 0x42);
        body.write(0);
      }
      body.write(0x0B);
      unsigned(section, body.size());
      section.writeBytes(body.toByteArray());
    }
    section(out, 10, section);
    out.writeBytes(customs.toByteArray());
    return out.toByteArray();
  }

  private void importEntry(String module, String name, int kind) {
    importCount++;
    name(imports, module);
    name(imports, name);
    imports.write(kind);
  }

  private int type(String signature) {
    int known = types.indexOf(signature);
    if (known < 0) {
      types.add(signature);
      known = types.size() - 1;
    }
    return known;
  }

  private static String entry(String name, int kind, int index) {
    var out = new ByteArrayOutputStream();
    name(out, name);
    out.write(kind);
    unsigned(out, index);
    return out.toString(StandardCharsets.ISO_8859_1);
  }

  private static void valueTypes(ByteArrayOutputStream out, String types) {
    unsigned(out, types.length());
    types.chars().forEach(type -> out.write(type == 'i' ? 0x7F : type == 'I' ? 0x7E : 0x7D));
  }

  private static void section(ByteArrayOutputStream out, int id, ByteArrayOutputStream content) {
    out.write(id);
    unsigned(out, content.size());
    out.writeBytes(content.toByteArray());
  }

  private static void name(ByteArrayOutputStream out, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    unsigned(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static void unsigned(ByteArrayOutputStream out, int value) {
    int left = value;
    while (left >= 0x80) {
      out.write((left & 0x7F) | 0x80);
      left >>>= 7;
    }
    out.write(left);
  }
}
