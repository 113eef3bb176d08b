package dev.dormouse.guest.fuel;

import dev.dormouse.guest.Metering;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Encodes the rewritten module, section by section. */
final class ModuleWriter {
  private final Module module;
  private final ModuleBounds bounds;
  private final MeterPlan plan;
  private final Layout layout;
  private final ByteSink out;
  private final MessageDigest digest;

  ModuleWriter(Module module, ModuleBounds bounds, MeterPlan plan) {
    this.module = module;
    this.bounds = bounds;
    this.plan = plan;
    this.layout = new Layout(module);
    this.out = new ByteSink(module.bytes.length + module.bytes.length / 4 + 1_024);
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  byte[] write() {
    out.fixed32(0x6D736100);
    out.fixed32(1);
    hashed(1, types());
    hashed(2, imports());
    hashed(3, functions());
    if (!module.tables.isEmpty()) {
      hashed(4, tables());
    }
    if (module.memories.size() > module.importedMemories) {
      hashed(5, memories());
    }
    if (module.tags.size() > module.importedTags) {
      hashed(13, tags());
    }
    hashed(6, globals());
    hashed(7, exports());
    if (module.start >= 0) {
      var start = new ByteSink(8);
      start.u32(layout.shifted(module.start));
      hashed(8, start);
    }
    if (!module.elements.isEmpty()) {
      hashed(9, elements());
    }
    if (module.dataCount >= 0) {
      var count = new ByteSink(8);
      count.u32(module.dataCount);
      hashed(12, count);
    }
    hashed(10, code());
    if (!module.data.isEmpty() || module.dataCount >= 0) {
      out.section(11, data());
    }
    new NameSection(module, layout).write(out);
    return out.toBytes();
  }

  /** Hex SHA-256 over the sections that compiled code depends on. */
  String codeHash() {
    return HexFormat.of().formatHex(digest.digest());
  }

  private void hashed(int id, ByteSink content) {
    int from = out.size();
    out.section(id, content);
    digest.update(out.array(), from, out.size() - from);
  }

  private ByteSink types() {
    var content = new ByteSink(1_024);
    List<FunctionType> added = layout.addedTypes();
    content.u32(module.types.size() + (long) added.size());
    module.types.forEach(type -> type.write(content));
    added.forEach(type -> type.write(content));
    return content;
  }

  private ByteSink imports() {
    var content = new ByteSink(1_024);
    content.u32(module.imports.size() + (long) Layout.SHIFT);
    for (Module.Port port : module.imports) {
      content.name(port.module());
      content.name(port.name());
      content.u8(port.kind());
      switch (port.kind()) {
        case Module.FUNCTION -> content.u32(module.functions.get(port.index()));
        case Module.TABLE -> {
          Module.Table table = module.tables.get(port.index());
          ValueType.write(content, table.type());
          extent(content, table.extent());
        }
        case Module.MEMORY -> extent(content, module.memories.get(port.index()));
        case Module.GLOBAL -> {
          Module.Global global = module.globals.get(port.index());
          ValueType.write(content, global.type());
          content.u8(global.mutable() ? 1 : 0);
        }
        default -> {
          content.u8(0);
          content.u32(module.tags.get(port.index()));
        }
      }
    }
    for (String name : List.of(Metering.REFILL_IMPORT, Metering.OVERFLOW_IMPORT)) {
      content.name(Metering.IMPORT_MODULE);
      content.name(name);
      content.u8(Module.FUNCTION);
      content.u32(layout.actionType());
    }
    return content;
  }

  private static void extent(ByteSink content, Module.Extent extent) {
    content.u8(extent.hasMax() ? 1 : 0);
    content.u32(extent.min());
    if (extent.hasMax()) {
      content.u32(extent.max());
    }
  }

  private static void bounded(ByteSink content, Module.Extent extent, long most) {
    content.u8(1);
    content.u32(extent.min());
    content.u32(Math.min(extent.max(), most));
  }

  private ByteSink functions() {
    var content = new ByteSink(1_024);
    int defined = module.functions.size() - module.importedFunctions;
    content.u32(defined + 1L);
    for (int f = module.importedFunctions; f < module.functions.size(); f++) {
      content.u32(module.functions.get(f));
    }
    content.u32(layout.settleType());
    return content;
  }

  private ByteSink tables() {
    var content = new ByteSink(64);
    content.u32(module.tables.size() - (long) module.importedTables);
    for (int t = module.importedTables; t < module.tables.size(); t++) {
      Module.Table table = module.tables.get(t);
      if (table.initStart() >= 0) {
        content.u8(0x40);
        content.u8(0);
      }
      ValueType.write(content, table.type());
      bounded(content, table.extent(), bounds.tableElements());
      if (table.initStart() >= 0) {
        expression(content, table.initStart());
      }
    }
    return content;
  }

  private ByteSink memories() {
    var content = new ByteSink(16);
    content.u32(module.memories.size() - (long) module.importedMemories);
    for (int m = module.importedMemories; m < module.memories.size(); m++) {
      bounded(content, module.memories.get(m), bounds.memoryPages());
    }
    return content;
  }

  private ByteSink tags() {
    var content = new ByteSink(64);
    content.u32(module.tags.size() - (long) module.importedTags);
    for (int t = module.importedTags; t < module.tags.size(); t++) {
      content.u8(0);
      content.u32(module.tags.get(t));
    }
    return content;
  }

  private ByteSink globals() {
    var content = new ByteSink(256);
    int added = module.stackLeft >= 0 ? 1 : 2;
    content.u32(module.globals.size() - module.importedGlobals + (long) added);
    for (int g = module.importedGlobals; g < module.globals.size(); g++) {
      Module.Global global = module.globals.get(g);
      ValueType.write(content, global.type());
      content.u8(global.mutable() ? 1 : 0);
      expression(content, global.initStart());
    }
    for (int i = 0; i < added; i++) {
      content.u8(ValueType.I32);
      content.u8(1);
      content.u8(Opcodes.I32_CONST);
      content.signed(0);
      content.u8(Opcodes.END);
    }
    return content;
  }

  private void expression(ByteSink content, int start) {
    Expressions.pass(reader(start), content, module, Layout.SHIFT);
  }

  private ByteReader reader(int start) {
    return new ByteReader(module.bytes, start, module.bytes.length);
  }

  private ByteSink exports() {
    var content = new ByteSink(1_024);
    content.u32(module.exports.size() + 2L);
    for (Module.Port port : module.exports) {
      boolean function = port.kind() == Module.FUNCTION;
      export(
          content,
          port.name(),
          port.kind(),
          function ? layout.shifted(port.index()) : port.index());
    }
    export(content, Metering.FUEL_GLOBAL, Module.GLOBAL, layout.fuelGlobal());
    export(content, Metering.STACK_GLOBAL, Module.GLOBAL, layout.stackGlobal());
    return content;
  }

  private static void export(ByteSink content, String name, int kind, int index) {
    content.name(name);
    content.u8(kind);
    content.u32(index);
  }

  private ByteSink elements() {
    var content = new ByteSink(1_024);
    content.u32(module.elements.size());
    for (Module.Segment segment : module.elements) {
      Expressions.passElement(reader(segment.start()), content, module, Layout.SHIFT);
    }
    return content;
  }

  private ByteSink data() {
    var content = new ByteSink(1_024);
    content.u32(module.data.size());
    for (Module.Segment segment : module.data) {
      Expressions.passData(reader(segment.start()), content, module, Layout.SHIFT);
    }
    return content;
  }

  private ByteSink code() {
    var content = new ByteSink(module.bytes.length);
    var body = new ByteSink(4_096);
    var writer = new FunctionWriter(module, plan, layout, bounds, body);
    int size = module.functions.size();
    content.u32(size - module.importedFunctions + 1L);
    for (int f = module.importedFunctions; f < size; f++) {
      body.clear();
      writer.write(f);
      content.u32(body.size());
      content.raw(body.array(), 0, body.size());
    }
    body.clear();
    writeSettle(body);
    content.u32(body.size());
    content.raw(body.array(), 0, body.size());
    return content;
  }

  /** (n) -> (): takes n from the fuel global, and calls refill if that is below zero. */
  private void writeSettle(ByteSink body) {
    body.u32(0);
    body.u8(Opcodes.GLOBAL_GET);
    body.u32(layout.fuelGlobal());
    body.u8(Opcodes.LOCAL_GET);
    body.u32(0);
    body.u8(Opcodes.I32_SUB);
    body.u8(Opcodes.LOCAL_TEE);
    body.u32(0);
    body.u8(Opcodes.GLOBAL_SET);
    body.u32(layout.fuelGlobal());
    body.u8(Opcodes.LOCAL_GET);
    body.u32(0);
    body.u8(Opcodes.I32_CONST);
    body.signed(Integer.MIN_VALUE);
    body.u8(Opcodes.I32_AND);
    body.u8(Opcodes.IF);
    body.u8(0x40);
    body.u8(Opcodes.CALL);
    body.u32(layout.refill());
    body.u8(Opcodes.END);
    body.u8(Opcodes.END);
  }
}
