package dev.dormouse.guest.chicory;

import dev.dormouse.abi.FlatSignature;
import dev.dormouse.guest.MeteredModule;
import dev.dormouse.guest.Metering;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes small metered modules by hand: it adds the meter's imports and globals, but no metering
 * code. Function 0 is the meter's refill, function 1 its overflow; global 0 is the fuel, global 1
 * the stack.
 */
final class WasmBuilder {
  static final int REFILL = 0;
  static final int OVERFLOW = 1;

  private record Import(String module, String name, String signature) {}

  private record Body(String signature, String locals, byte[] code) {}

  private final List<String> types = new ArrayList<>();
  private final List<Import> imports = new ArrayList<>();
  private final List<Body> bodies = new ArrayList<>();
  private final Map<String, Integer> exports = new LinkedHashMap<>();
  private final List<Bytes> data = new ArrayList<>();
  private final List<Bytes> elements = new ArrayList<>();
  private final List<Bytes> globals = new ArrayList<>();
  private final Map<Integer, String> names = new TreeMap<>();
  private int minPages = 1;
  private int maxPages = -1;
  private int minTable = -1;
  private int start = -1;
  private int tags;

  WasmBuilder() {
    importFunction(Metering.IMPORT_MODULE, Metering.REFILL_IMPORT, "_");
    importFunction(Metering.IMPORT_MODULE, Metering.OVERFLOW_IMPORT, "_");
  }

  /** A growing array of bytes with the encodings of the format. */
  static final class Bytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Bytes op(int... bytes) {
      for (int b : bytes) {
        out.write(b);
      }
      return this;
    }

    Bytes raw(byte[] bytes) {
      out.writeBytes(bytes);
      return this;
    }

    Bytes u(long value) {
      long left = value;
      do {
        int low = (int) (left & 0x7F);
        left >>>= 7;
        out.write(left == 0 ? low : low | 0x80);
      } while (left != 0);
      return this;
    }

    Bytes s(long value) {
      long left = value;
      while (true) {
        int low = (int) (left & 0x7F);
        left >>= 7;
        boolean last = (left == 0 && (low & 0x40) == 0) || (left == -1 && (low & 0x40) != 0);
        out.write(last ? low : low | 0x80);
        if (last) {
          return this;
        }
      }
    }

    Bytes i32(int value) {
      return op(0x41).s(value);
    }

    Bytes i64(long value) {
      return op(0x42).s(value);
    }

    Bytes local(int index) {
      return op(0x20).u(index);
    }

    Bytes call(int index) {
      return op(0x10).u(index);
    }

    Bytes name(String name) {
      var utf8 = name.getBytes(StandardCharsets.UTF_8);
      return u(utf8.length).raw(utf8);
    }

    Bytes sized(Bytes content) {
      return u(content.bytes().length).raw(content.bytes());
    }

    byte[] bytes() {
      return out.toByteArray();
    }
  }

  static Bytes code() {
    return new Bytes();
  }

  int importFunction(String module, String name, String signature) {
    imports.add(new Import(module, name, signature));
    type(signature);
    return imports.size() - 1;
  }

  int function(String signature, String locals, Bytes code) {
    bodies.add(new Body(signature, locals, code.bytes()));
    type(signature);
    return imports.size() + bodies.size() - 1;
  }

  int export(String name, String signature, Bytes code) {
    int index = function(signature, "", code);
    exports.put(name, index);
    return index;
  }

  void exportAs(String name, int function) {
    exports.put(name, function);
  }

  WasmBuilder pages(int min, int max) {
    minPages = min;
    maxPages = max;
    return this;
  }

  WasmBuilder table(int size) {
    minTable = size;
    return this;
  }

  WasmBuilder element(int offset, int function) {
    elements.add(code().u(0).i32(offset).op(0x0b).u(1).u(function));
    return this;
  }

  WasmBuilder data(int offset, byte[] bytes) {
    data.add(code().u(0).i32(offset).op(0x0b).u(bytes.length).raw(bytes));
    return this;
  }

  WasmBuilder start(int function) {
    start = function;
    return this;
  }

  /** A mutable global after the meter's two. */
  int global(int valueType, Bytes initial) {
    globals.add(code().op(valueType, 1).raw(initial.bytes()).op(0x0b));
    return globals.size() + 1;
  }

  WasmBuilder withoutMemory() {
    minPages = -1;
    return this;
  }

  /** A tag without values. */
  WasmBuilder tag() {
    type("_");
    tags++;
    return this;
  }

  WasmBuilder called(int function, String name) {
    names.put(function, name);
    return this;
  }

  int type(String signature) {
    if (!types.contains(signature)) {
      types.add(signature);
    }
    return types.indexOf(signature);
  }

  MeteredModule metered() {
    Map<String, FlatSignature> flat = new LinkedHashMap<>();
    exports.forEach((name, index) -> flat.put(name, FlatSignature.of(signature(index))));
    var imported =
        imports.stream()
            .map(i -> new MeteredModule.Import(i.module, i.name, FlatSignature.of(i.signature)))
            .toList();
    return new MeteredModule(build(), sha256(build(false)), imported, flat, Map.of());
  }

  private String signature(int function) {
    return function < imports.size()
        ? imports.get(function).signature
        : bodies.get(function - imports.size()).signature;
  }

  byte[] build() {
    return build(true);
  }

  private byte[] build(boolean withData) {
    var out = code().op(0, 'a', 's', 'm', 1, 0, 0, 0);
    section(out, 1, types.stream().map(WasmBuilder::functionType).toList());
    section(
        out,
        2,
        imports.stream()
            .map(i -> code().name(i.module).name(i.name).op(0).u(type(i.signature)))
            .toList());
    section(out, 3, bodies.stream().map(b -> code().u(type(b.signature))).toList());
    if (minTable >= 0) {
      section(out, 4, List.of(code().op(0x70, 0).u(minTable)));
    }
    if (minPages >= 0) {
      section(
          out,
          5,
          List.of(maxPages < 0 ? code().op(0).u(minPages) : code().op(1).u(minPages).u(maxPages)));
    }
    if (tags > 0) {
      section(out, 13, java.util.Collections.nCopies(tags, code().op(0).u(type("_"))));
    }
    var global = code().op(0x7f, 1).i32(0).op(0x0b);
    List<Bytes> all = new ArrayList<>(List.of(global, global));
    all.addAll(globals);
    section(out, 6, all);
    section(out, 7, exportEntries());
    if (start >= 0) {
      out.op(8).sized(code().u(start));
    }
    section(out, 9, elements);
    section(out, 10, bodies.stream().map(WasmBuilder::body).toList());
    if (withData) {
      section(out, 11, data);
      if (!names.isEmpty()) {
        var map = code().u(names.size());
        names.forEach((index, name) -> map.u(index).name(name));
        out.op(0).sized(code().name("name").op(1).sized(map));
      }
    }
    return out.bytes();
  }

  private List<Bytes> exportEntries() {
    List<Bytes> entries = new ArrayList<>();
    entries.add(code().name(Metering.FUEL_GLOBAL).op(3).u(0));
    entries.add(code().name(Metering.STACK_GLOBAL).op(3).u(1));
    if (minPages >= 0) {
      entries.add(code().name("memory").op(2).u(0));
    }
    exports.forEach((name, index) -> entries.add(code().name(name).op(0).u(index)));
    return entries;
  }

  private static void section(Bytes out, int id, List<Bytes> entries) {
    if (!entries.isEmpty()) {
      var content = code().u(entries.size());
      entries.forEach(entry -> content.raw(entry.bytes()));
      out.op(id).sized(content);
    }
  }

  private static Bytes functionType(String signature) {
    var flat = signature.split("_", -1);
    return code().op(0x60).raw(valueTypes(flat[0]).bytes()).raw(valueTypes(flat[1]).bytes());
  }

  private static Bytes valueTypes(String flat) {
    var out = code().u(flat.length());
    flat.chars().forEach(c -> out.op(valueType(c)));
    return out;
  }

  private static int valueType(int letter) {
    return switch (letter) {
      case 'i' -> 0x7f;
      case 'I' -> 0x7e;
      case 'F' -> 0x7c;
      default -> throw new IllegalArgumentException("no such type: " + (char) letter);
    };
  }

  private static Bytes body(Body body) {
    var content = code().u(body.locals.length());
    body.locals.chars().forEach(c -> content.u(1).op(valueType(c)));
    return code().sized(content.raw(body.code).op(0x0b));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
