package dev.dormouse.guest.fuel;

import dev.dormouse.guest.Metering;
import dev.dormouse.guest.fuel.Module.Extent;
import dev.dormouse.guest.fuel.Module.Port;
import dev.dormouse.guest.fuel.Module.Segment;
import java.util.Arrays;
import java.util.HashSet;

/** Decodes a binary into a {@link Module}, all but the instructions of function bodies. */
final class ModuleReader {
  private static final int MAGIC = 0x6D736100;

  /** Sections in the order in which they must come. */
  private static final int[] ORDER = {1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11};

  private final Module module;
  private final ModuleBounds bounds;
  private final ByteReader in;
  private final ByteReader whole;
  private final HashSet<String> exportNames = new HashSet<>();
  private boolean hasCode;
  private boolean hasData;

  private ModuleReader(byte[] wasm, ModuleBounds bounds) {
    this.module = new Module(wasm);
    this.bounds = bounds;
    this.whole = new ByteReader(wasm, 0, wasm.length);
    this.in = new ByteReader(wasm, 0, wasm.length);
  }

  static Module read(byte[] wasm, ModuleBounds bounds) {
    if (wasm.length > bounds.moduleBytes()) {
      throw ByteReader.invalid(
          0, "it has " + wasm.length + " bytes, and " + bounds.moduleBytes() + " is the most");
    }
    var reader = new ModuleReader(wasm, bounds);
    reader.readAll();
    return reader.module;
  }

  private void readAll() {
    if (whole.end < 8 || whole.fixed32() != MAGIC) {
      throw ByteReader.invalid(0, "it is not a WebAssembly binary: the magic header is missing");
    }
    int version = whole.fixed32();
    if (version != 1) {
      throw ByteReader.invalid(
          4,
          (version & 0xFFFF_0000) != 0 && (version >>> 16) == 1
              ? "it is a component, and core modules are wanted"
              : "unknown binary version " + version);
    }
    int reached = -1;
    while (whole.hasMore()) {
      int at = whole.position;
      int id = whole.u8();
      long size = whole.u32();
      in.position = whole.position;
      whole.skip(size);
      in.end = whole.position;
      if (id == 0) {
        readCustom();
        continue;
      }
      int place = placeOf(id);
      if (place < 0) {
        throw ByteReader.invalid(at, "malformed section id " + id);
      }
      if (place <= reached) {
        throw ByteReader.invalid(at, "section " + id + " is out of order or there twice");
      }
      reached = place;
      readSection(id);
      if (in.hasMore()) {
        throw in.invalid("section size mismatch in section " + id);
      }
    }
    checkWhole();
  }

  private void checkWhole() {
    if (!hasCode && module.functions.size() > module.importedFunctions) {
      throw whole.invalid("function and code section have inconsistent lengths");
    }
    if (!hasData && module.dataCount > 0) {
      throw whole.invalid("data count and data section have inconsistent lengths");
    }
    if (module.memories.size() > 1) {
      throw whole.invalid(Opcodes.refusal("multiple memories"));
    }
  }

  private static int placeOf(int id) {
    for (int i = 0; i < ORDER.length; i++) {
      if (ORDER[i] == id) {
        return i;
      }
    }
    return -1;
  }

  private void readSection(int id) {
    switch (id) {
      case 1 -> readTypes();
      case 2 -> readImports();
      case 3 -> readFunctions();
      case 4 -> readTables();
      case 5 -> readMemories();
      case 13 -> readTags();
      case 6 -> readGlobals();
      case 7 -> readExports();
      case 8 -> module.start = in.index(module.functions.size(), "function");
      case 9 -> readElements();
      case 12 -> module.dataCount = in.count(bounds.segments(), "data segments");
      case 10 -> readCode();
      case 11 -> readData();
      default -> throw new AssertionError(id);
    }
  }

  private void readCustom() {
    String name = in.name();
    if (name.equals("name")) {
      module.nameStart = in.position;
      module.nameEnd = in.end;
    } else if (name.startsWith("dormouse")) {
      byte[] content = Arrays.copyOfRange(in.bytes, in.position, in.end);
      if (module.customSections.putIfAbsent(name, content) != null) {
        throw in.invalid("the custom section \"" + name + "\" is there twice");
      }
    }
  }

  private void readTypes() {
    int count = in.count(bounds.types(), "types");
    for (int i = 0; i < count; i++) {
      int form = in.u8();
      switch (form) {
        case 0x60 -> {}
        case 0x4E, 0x4F, 0x50, 0x5E, 0x5F ->
            throw in.invalid(Opcodes.refusal("garbage collection"));
        default -> throw in.invalid("malformed type form " + form);
      }
      module.types.add(new FunctionType(readTypeList(count), readTypeList(count)));
    }
  }

  private int[] readTypeList(int types) {
    int[] list = new int[in.count(1_000, "parameters or results of one function")];
    for (int i = 0; i < list.length; i++) {
      list[i] = ValueType.read(in, types);
    }
    return list;
  }

  private int typeIndex() {
    return in.index(module.types.size(), "type");
  }

  private void readImports() {
    int count = in.count(bounds.imports(), "imports");
    for (int i = 0; i < count; i++) {
      int at = in.position;
      String from = in.name();
      String name = in.name();
      if (from.startsWith(Metering.RESERVED) || name.startsWith(Metering.RESERVED)) {
        throw ByteReader.invalid(
            at, "names that start with \"" + Metering.RESERVED + "\" are reserved");
      }
      int kind = in.u8();
      if (kind != Module.FUNCTION && !bounds.foreignImports()) {
        throw ByteReader.invalid(
            at,
            "it imports \""
                + from
                + "\" \""
                + name
                + "\", which is no function: only functions may be imported");
      }
      switch (kind) {
        case Module.FUNCTION -> {
          module.imports.add(new Port(from, name, kind, module.importedFunctions++));
          module.functions.add(typeIndex());
        }
        case Module.TABLE -> {
          module.imports.add(new Port(from, name, kind, module.importedTables++));
          readTable(false);
        }
        case Module.MEMORY -> {
          module.imports.add(new Port(from, name, kind, module.importedMemories++));
          module.memories.add(readMemory());
        }
        case Module.GLOBAL -> {
          module.imports.add(new Port(from, name, kind, module.importedGlobals++));
          module.globals.add(
              new Module.Global(
                  ValueType.read(in, module.types.size()), in.index(2, "mutability") == 1, -1));
        }
        case Module.TAG -> {
          module.imports.add(new Port(from, name, kind, module.importedTags++));
          readTag();
        }
        default -> throw in.invalid("malformed import kind " + kind);
      }
    }
  }

  private void readFunctions() {
    int count = in.count(bounds.functions() - module.importedFunctions, "functions");
    for (int i = 0; i < count; i++) {
      module.functions.add(typeIndex());
    }
  }

  private void readTables() {
    int count = in.count(bounds.tables() - module.importedTables, "tables");
    for (int i = 0; i < count; i++) {
      readTable(true);
    }
  }

  private void readTable(boolean mayInitialise) {
    boolean initialises = mayInitialise && in.hasMore() && in.bytes[in.position] == 0x40;
    if (initialises) {
      in.skip(1);
      in.index(1, "table form");
    }
    int type = ValueType.readReference(in, module.types.size());
    int at = in.position;
    int flags = in.u8();
    if (flags > 1) {
      throw ByteReader.invalid(at, "malformed or shared table limits");
    }
    Extent extent = readExtent(flags);
    if (extent.min() > bounds.tableElements()) {
      throw ByteReader.invalid(
          at,
          "a table starts with "
              + extent.min()
              + " elements, and "
              + bounds.tableElements()
              + " is the most");
    }
    int init = -1;
    if (initialises) {
      init = in.position;
      Expressions.pass(in, null, module, 0);
    }
    module.tables.add(new Module.Table(type, extent, init));
  }

  private void readMemories() {
    int count = in.count(1_000, "memories");
    if (count > 1) {
      throw in.invalid(Opcodes.refusal("multiple memories"));
    }
    for (int i = 0; i < count; i++) {
      module.memories.add(readMemory());
    }
  }

  private Extent readMemory() {
    int at = in.position;
    int flags = in.u8();
    switch (flags) {
      case 0, 1 -> {}
      case 2, 3 -> throw ByteReader.invalid(at, Opcodes.refusal("threads"));
      case 4, 5, 6, 7 -> throw ByteReader.invalid(at, Opcodes.refusal("64-bit memories"));
      default -> throw ByteReader.invalid(at, "malformed memory limits");
    }
    Extent extent = readExtent(flags);
    if (extent.min() > 65_536 || (extent.hasMax() && extent.max() > 65_536)) {
      throw ByteReader.invalid(at, "memory size must be at most 65536 pages (4GiB)");
    }
    if (extent.min() > bounds.memoryPages()) {
      throw ByteReader.invalid(
          at,
          "its memory starts with "
              + extent.min()
              + " pages of 64 KiB, and "
              + bounds.memoryPages()
              + " is the most");
    }
    return extent;
  }

  private Extent readExtent(int flags) {
    int at = in.position;
    long min = in.u32();
    boolean hasMax = (flags & 1) != 0;
    long max = hasMax ? in.u32() : Long.MAX_VALUE;
    if (max < min) {
      throw ByteReader.invalid(at, "size minimum must not be greater than maximum");
    }
    return new Extent(min, max, hasMax);
  }

  private void readTags() {
    int count = in.count(bounds.globals(), "tags");
    for (int i = 0; i < count; i++) {
      readTag();
    }
  }

  private void readTag() {
    in.index(1, "tag attribute");
    module.tags.add(typeIndex());
  }

  private void readGlobals() {
    int count = in.count(bounds.globals() - module.importedGlobals, "globals");
    for (int i = 0; i < count; i++) {
      int type = ValueType.read(in, module.types.size());
      boolean mutable = in.index(2, "mutability (malformed mutability)") == 1;
      int init = in.position;
      Expressions.pass(in, null, module, 0);
      module.globals.add(new Module.Global(type, mutable, init));
    }
  }

  private void readExports() {
    int count = in.count(bounds.exports(), "exports");
    for (int i = 0; i < count; i++) {
      int at = in.position;
      String name = in.name();
      if (name.startsWith(Metering.RESERVED)) {
        throw ByteReader.invalid(
            at, "names that start with \"" + Metering.RESERVED + "\" are reserved");
      }
      if (!exportNames.add(name)) {
        throw ByteReader.invalid(at, "duplicate export name \"" + name + "\"");
      }
      int kind = in.u8();
      int index =
          switch (kind) {
            case Module.FUNCTION -> in.index(module.functions.size(), "function");
            case Module.TABLE -> in.index(module.tables.size(), "table");
            case Module.MEMORY -> in.index(module.memories.size(), "memory");
            case Module.GLOBAL -> in.index(module.globals.size(), "global");
            case Module.TAG -> in.index(module.tags.size(), "tag");
            default -> throw in.invalid("malformed export kind " + kind);
          };
      module.exports.add(new Port("", name, kind, index));
      if (name.equals(Metering.STACK_LEFT_EXPORT)) {
        readStackLeft(at, kind, index);
      }
    }
  }

  private void readStackLeft(int at, int kind, int index) {
    if (kind != Module.GLOBAL
        || index < module.importedGlobals
        || !module.globals.get(index).mutable()
        || module.globals.get(index).type() != ValueType.I32) {
      throw ByteReader.invalid(
          at,
          "the export \""
              + Metering.STACK_LEFT_EXPORT
              + "\" must be a mutable i32 global of the module's own");
    }
    module.stackLeft = index;
  }

  private void readElements() {
    int count = in.count(bounds.segments(), "element segments");
    long items = 0;
    for (int i = 0; i < count; i++) {
      int start = in.position;
      items += Expressions.passElement(in, null, module, 0);
      if (items > 10L * bounds.tableElements()) {
        throw in.invalid("its element segments are larger than any table may be");
      }
      module.elements.add(new Segment(start, in.position));
    }
  }

  private void readData() {
    hasData = true;
    int count = in.count(bounds.segments(), "data segments");
    if (module.dataCount >= 0 && module.dataCount != count) {
      throw in.invalid("data count and data section have inconsistent lengths");
    }
    for (int i = 0; i < count; i++) {
      int start = in.position;
      Expressions.passData(in, null, module, 0);
      module.data.add(new Segment(start, in.position));
    }
  }

  private void readCode() {
    hasCode = true;
    int count = in.count(bounds.functions(), "function bodies");
    if (count != module.functions.size() - module.importedFunctions) {
      throw in.invalid("function and code section have inconsistent lengths");
    }
    for (int i = 0; i < count; i++) {
      long size = in.u32();
      int start = in.position;
      in.skip(size);
      int end = in.position;
      in.position = start;
      int sectionEnd = in.end;
      in.end = end;
      readLocals(module.importedFunctions + i, end);
      in.position = end;
      in.end = sectionEnd;
    }
  }

  private void readLocals(int function, int end) {
    int groups = in.count(bounds.localSlots(), "groups of locals in one function");
    int[] counts = new int[groups];
    int[] types = new int[groups];
    long slots = 0;
    for (int type : module.typeOf(function).params()) {
      slots += ValueType.slots(type);
    }
    for (int g = 0; g < groups; g++) {
      long count = in.u32();
      types[g] = ValueType.read(in, module.types.size());
      slots += count * ValueType.slots(types[g]);
      if (slots > bounds.localSlots()) {
        throw in.invalid(
            "too many locals: one function has more than "
                + bounds.localSlots()
                + " words of them");
      }
      counts[g] = (int) count;
    }
    module.bodies.add(new Module.Body(in.position, end, counts, types));
  }
}
