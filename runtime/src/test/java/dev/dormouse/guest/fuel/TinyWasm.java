package dev.dormouse.guest.fuel;

import java.util.ArrayList;
import java.util.List;

/**
 * Writes small modules by hand. Types are words such as {@code ii_I}: i is i32, I is i64, f is f32,
 * F is f64, r is funcref. Code is opcodes and operands as bytes; {@link #u} and {@link #s} encode
 * integers.
 */
final class TinyWasm {
  private record Function(int type, String locals, int[] code) {}

  private record Item(String name, int kind, int index) {}

  private final List<String> types = new ArrayList<>();
  private final List<Object[]> imports = new ArrayList<>();
  private final List<Function> functions = new ArrayList<>();
  private final List<int[]> tables = new ArrayList<>();
  private final List<int[]> memories = new ArrayList<>();
  private final List<Integer> tags = new ArrayList<>();
  private final List<int[]> globals = new ArrayList<>();
  private final List<Item> exports = new ArrayList<>();
  private final List<int[]> elements = new ArrayList<>();
  private final List<int[]> data = new ArrayList<>();
  private final List<byte[]> customs = new ArrayList<>();
  private int start = -1;

  int type(String word) {
    int at = types.indexOf(word);
    if (at >= 0) {
      return at;
    }
    types.add(word);
    return types.size() - 1;
  }

  /** To be called before any function is added. */
  int imported(String module, String name, String type) {
    imports.add(new Object[] {module, name, type(type)});
    return imports.size() - 1;
  }

  /** Adds a function without export; {@code end} is appended. Locals are a word of types. */
  int function(String type, String locals, int... code) {
    functions.add(new Function(type(type), locals, code));
    return imports.size() + functions.size() - 1;
  }

  int exported(String name, String type, String locals, int... code) {
    int index = function(type, locals, code);
    export(name, 0, index);
    return index;
  }

  TinyWasm export(String name, int kind, int index) {
    exports.add(new Item(name, kind, index));
    return this;
  }

  TinyWasm start(int function) {
    start = function;
    return this;
  }

  TinyWasm memory(int... extent) {
    memories.add(extent);
    return this;
  }

  TinyWasm table(int... extent) {
    tables.add(extent);
    return this;
  }

  /** A mutable i32 global of zero. */
  TinyWasm global() {
    globals.add(new int[] {ValueType.I32, 1, 0x41, 0, 0x0B});
    return this;
  }

  TinyWasm tag(String type) {
    tags.add(type(type));
    return this;
  }

  TinyWasm element(int offset, int... functions) {
    elements.add(join(new int[] {0, 0x41}, s(offset), new int[] {0x0B}, vector(functions)));
    return this;
  }

  TinyWasm data(int offset, int... bytes) {
    data.add(join(new int[] {0, 0x41}, s(offset), new int[] {0x0B}, u(bytes.length), bytes));
    return this;
  }

  TinyWasm custom(String name, int... content) {
    var section = new ByteSink(16);
    section.name(name);
    put(section, content);
    customs.add(section.toBytes());
    return this;
  }

  static int[] u(int value) {
    var sink = new ByteSink(8);
    sink.u32(Integer.toUnsignedLong(value));
    return ints(sink);
  }

  static int[] s(int value) {
    var sink = new ByteSink(8);
    sink.signed(value);
    return ints(sink);
  }

  private static int[] ints(ByteSink sink) {
    int[] ints = new int[sink.size()];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = sink.array()[i] & 0xFF;
    }
    return ints;
  }

  static int[] join(int[]... parts) {
    var all = new IntList();
    for (int[] part : parts) {
      for (int value : part) {
        all.add(value);
      }
    }
    return all.toArray();
  }

  /** The same code so many times. */
  static int[] times(int count, int... code) {
    var all = new IntList();
    for (int i = 0; i < count; i++) {
      for (int value : code) {
        all.add(value);
      }
    }
    return all.toArray();
  }

  private static int[] vector(int... values) {
    int[] all = u(values.length);
    for (int value : values) {
      all = join(all, u(value));
    }
    return all;
  }

  private static void put(ByteSink sink, int... bytes) {
    for (int b : bytes) {
      sink.u8(b);
    }
  }

  private static int code(char type) {
    return switch (type) {
      case 'i' -> ValueType.I32;
      case 'I' -> ValueType.I64;
      case 'f' -> ValueType.F32;
      case 'F' -> ValueType.F64;
      case 'r' -> ValueType.FUNCREF;
      default -> throw new IllegalArgumentException("type " + type);
    };
  }

  private static void types(ByteSink sink, String word) {
    sink.u32(word.length());
    word.chars().forEach(c -> sink.u8(code((char) c)));
  }

  byte[] bytes() {
    var out = new ByteSink(256);
    out.fixed32(0x6D736100);
    out.fixed32(1);
    section(
        out,
        1,
        types.size(),
        sink ->
            types.forEach(
                word -> {
                  sink.u8(0x60);
                  types(sink, word.substring(0, word.indexOf('_')));
                  types(sink, word.substring(word.indexOf('_') + 1));
                }));
    section(
        out,
        2,
        imports.size(),
        sink ->
            imports.forEach(
                item -> {
                  sink.name((String) item[0]);
                  sink.name((String) item[1]);
                  sink.u8(0);
                  sink.u32((int) item[2]);
                }));
    section(out, 3, functions.size(), sink -> functions.forEach(f -> sink.u32(f.type())));
    section(
        out,
        4,
        tables.size(),
        sink ->
            tables.forEach(
                extent -> {
                  sink.u8(ValueType.FUNCREF);
                  extent(sink, extent);
                }));
    section(out, 5, memories.size(), sink -> memories.forEach(extent -> extent(sink, extent)));
    section(out, 13, tags.size(), sink -> tags.forEach(type -> put(sink, 0, type)));
    section(out, 6, globals.size(), sink -> globals.forEach(global -> put(sink, global)));
    section(
        out,
        7,
        exports.size(),
        sink ->
            exports.forEach(
                item -> {
                  sink.name(item.name());
                  sink.u8(item.kind());
                  sink.u32(item.index());
                }));
    if (start >= 0) {
      var content = new ByteSink(8);
      content.u32(start);
      out.section(8, content);
    }
    section(out, 9, elements.size(), sink -> elements.forEach(item -> put(sink, item)));
    section(out, 10, functions.size(), sink -> functions.forEach(f -> body(sink, f)));
    section(out, 11, data.size(), sink -> data.forEach(item -> put(sink, item)));
    for (byte[] custom : customs) {
      out.u8(0);
      out.u32(custom.length);
      out.raw(custom, 0, custom.length);
    }
    return out.toBytes();
  }

  private static void extent(ByteSink sink, int[] extent) {
    sink.u8(extent.length - 1);
    for (int size : extent) {
      sink.u32(Integer.toUnsignedLong(size));
    }
  }

  private static void body(ByteSink sink, Function function) {
    var body = new ByteSink(64);
    body.u32(function.locals().length());
    function
        .locals()
        .chars()
        .forEach(
            c -> {
              body.u8(1);
              body.u8(code((char) c));
            });
    put(body, function.code());
    body.u8(0x0B);
    sink.u32(body.size());
    sink.raw(body.array(), 0, body.size());
  }

  private static void section(
      ByteSink out, int id, int count, java.util.function.Consumer<ByteSink> writer) {
    if (count > 0) {
      var content = new ByteSink(64);
      content.u32(count);
      writer.accept(content);
      out.section(id, content);
    }
  }
}
