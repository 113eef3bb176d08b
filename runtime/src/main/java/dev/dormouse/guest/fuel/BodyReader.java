package dev.dormouse.guest.fuel;

/**
 * Reads the instructions of one function body, one at a time, checking every index but those of
 * labels. The fields describe the instruction that {@link #next} read.
 */
final class BodyReader {
  private static final int EMPTY_BLOCK = -64;
  private static final int MOST_LABELS = 65_536;

  /** Which kind of block type an instruction has. */
  enum BlockKind {
    EMPTY,
    VALUE,
    FUNCTION_TYPE
  }

  private final Module module;
  private final ByteReader in;
  private int locals;

  int opcode;

  /** Where the instruction starts. */
  int at;

  /** The index, or the first of two; for a memory access its alignment. */
  int first;

  int second;

  /** The constant, or the offset of a memory access, or a heap type. */
  long constant;

  /** Targets of br_table with the default last; of try_table, (kind, tag, label) threes. */
  final IntList labels = new IntList();

  /** Types of a typed select. */
  final IntList types = new IntList();

  BlockKind blockKind = BlockKind.EMPTY;

  BodyReader(Module module) {
    this.module = module;
    this.in = new ByteReader(module.bytes, 0, 0);
  }

  void open(int function) {
    Module.Body body = module.body(function);
    in.position = body.start();
    in.end = body.end();
    locals = module.typeOf(function).params().length;
    for (int count : body.localCounts()) {
      locals += count;
    }
  }

  /** Parameters and locals. */
  int locals() {
    return locals;
  }

  boolean hasMore() {
    return in.hasMore();
  }

  int position() {
    return in.position;
  }

  void next() {
    at = in.position;
    int code = in.u8();
    if (code == 0xFC) {
      long sub = in.u32();
      opcode = Opcodes.PREFIXED | (int) Math.min(sub, 0xFF);
      if (!Opcodes.isKnown(opcode)) {
        throw ByteReader.invalid(at, Opcodes.refusal(code, (int) Math.min(sub, 9_999)));
      }
    } else {
      opcode = code;
      if (!Opcodes.isKnown(opcode)) {
        throw ByteReader.invalid(at, Opcodes.refusal(code, 0));
      }
    }
    immediate();
  }

  private void immediate() {
    switch (Opcodes.immediate(opcode)) {
      case NONE -> {}
      case BLOCK_TYPE -> readBlockType();
      case LABEL -> first = label();
      case LABELS -> readLabels();
      case FUNCTION -> first = in.index(module.functions.size(), "function");
      case TYPE_TABLE -> {
        first = typeIndex();
        second = in.index(module.tables.size(), "table");
      }
      case TYPE -> first = typeIndex();
      case LOCAL -> first = in.index(locals, "local");
      case GLOBAL -> first = in.index(module.globals.size(), "global");
      case TABLE -> first = in.index(module.tables.size(), "table");
      case MEMORY_ARGUMENT -> readMemoryArgument();
      case MEMORY -> memory();
      case I32 -> constant = in.s32();
      case I64 -> constant = in.s64();
      case F32 -> constant = in.fixed32();
      case F64 -> constant = in.fixed64();
      case TYPES -> readTypes();
      case HEAP_TYPE -> constant = ValueType.readHeap(in, module.types.size());
      case DATA_MEMORY -> {
        first = dataIndex();
        memory();
      }
      case DATA -> first = dataIndex();
      case MEMORY_MEMORY -> {
        memory();
        memory();
      }
      case ELEMENT_TABLE -> {
        first = in.index(module.elements.size(), "elem segment");
        second = in.index(module.tables.size(), "table");
      }
      case ELEMENT -> first = in.index(module.elements.size(), "elem segment");
      case TABLE_TABLE -> {
        first = in.index(module.tables.size(), "table");
        second = in.index(module.tables.size(), "table");
      }
      case TAG -> first = in.index(module.tags.size(), "tag");
      case TRY -> readTry();
    }
  }

  private int typeIndex() {
    return in.index(module.types.size(), "type");
  }

  private int label() {
    return in.count(1_000_000, "blocks to leave at once: unknown label");
  }

  private void readBlockType() {
    int from = in.position;
    long code = in.s33();
    if (code == EMPTY_BLOCK) {
      blockKind = BlockKind.EMPTY;
    } else if (code < 0) {
      in.position = from;
      blockKind = BlockKind.VALUE;
      first = ValueType.read(in, module.types.size());
    } else {
      if (code >= module.types.size()) {
        throw ByteReader.invalid(from, "unknown type " + code);
      }
      blockKind = BlockKind.FUNCTION_TYPE;
      first = (int) code;
    }
  }

  int blockParams() {
    return blockKind == BlockKind.FUNCTION_TYPE ? module.types.get(first).params().length : 0;
  }

  int blockResults() {
    return switch (blockKind) {
      case EMPTY -> 0;
      case VALUE -> 1;
      case FUNCTION_TYPE -> module.types.get(first).results().length;
    };
  }

  private void readLabels() {
    labels.clear();
    int count = in.count(MOST_LABELS, "targets of one br_table");
    for (int i = 0; i <= count; i++) {
      labels.add(label());
    }
  }

  private void readTry() {
    readBlockType();
    labels.clear();
    int count = in.count(1_000, "catch clauses of one try_table");
    for (int i = 0; i < count; i++) {
      int kind = in.index(4, "catch clause");
      labels.add(kind);
      labels.add(kind < 2 ? in.index(module.tags.size(), "tag") : 0);
      labels.add(label());
    }
  }

  private void readTypes() {
    types.clear();
    int from = in.position;
    if (in.u32() != 1) {
      throw ByteReader.invalid(from, "invalid result arity of select");
    }
    types.add(ValueType.read(in, module.types.size()));
  }

  private void readMemoryArgument() {
    int from = in.position;
    long flags = in.u32();
    if (flags >= 64 && flags < 128) {
      throw ByteReader.invalid(from, Opcodes.refusal("multiple memories"));
    }
    if (flags > Opcodes.naturalAlignment(opcode)) {
      throw ByteReader.invalid(from, "alignment must not be larger than natural");
    }
    first = (int) flags;
    constant = in.u32();
    if (module.memories.isEmpty()) {
      throw ByteReader.invalid(from, "unknown memory 0");
    }
  }

  private void memory() {
    int from = in.position;
    if (in.u8() != 0) {
      throw ByteReader.invalid(from, Opcodes.refusal("multiple memories"));
    }
    if (module.memories.isEmpty()) {
      throw ByteReader.invalid(from, "unknown memory 0");
    }
  }

  private int dataIndex() {
    if (module.dataCount < 0) {
      throw in.invalid("data count section required");
    }
    return in.index(module.dataCount, "data segment");
  }

  /** Writes the block type that was read behind another opcode. */
  void writeBlock(ByteSink out, int op) {
    out.u8(op);
    writeBlockType(out);
  }

  /** Writes the instruction that was read, with another function index where it has one. */
  void write(ByteSink out, int shift) {
    if (opcode >= Opcodes.PREFIXED) {
      out.u8(0xFC);
      out.u32(opcode & 0xFF);
    } else {
      out.u8(opcode);
    }
    switch (Opcodes.immediate(opcode)) {
      case NONE -> {}
      case BLOCK_TYPE -> writeBlockType(out);
      case LABEL, TYPE, LOCAL, GLOBAL, TABLE, DATA, ELEMENT, TAG -> out.u32(first);
      case LABELS -> {
        out.u32(labels.size() - 1);
        for (int i = 0; i < labels.size(); i++) {
          out.u32(labels.get(i));
        }
      }
      case FUNCTION -> out.u32(module.isImported(first) ? first : first + shift);
      case TYPE_TABLE, ELEMENT_TABLE, TABLE_TABLE -> {
        out.u32(first);
        out.u32(second);
      }
      case MEMORY_ARGUMENT -> {
        out.u32(first);
        out.u32(constant);
      }
      case MEMORY -> out.u8(0);
      case I32, I64, HEAP_TYPE -> out.signed(constant);
      case F32 -> out.fixed32((int) constant);
      case F64 -> out.fixed64(constant);
      case TYPES -> {
        out.u32(1);
        ValueType.write(out, types.get(0));
      }
      case DATA_MEMORY -> {
        out.u32(first);
        out.u8(0);
      }
      case MEMORY_MEMORY -> {
        out.u8(0);
        out.u8(0);
      }
      case TRY -> writeTry(out);
    }
  }

  private void writeBlockType(ByteSink out) {
    switch (blockKind) {
      case EMPTY -> out.u8(0x40);
      case VALUE -> ValueType.write(out, first);
      case FUNCTION_TYPE -> out.signed(first);
    }
  }

  private void writeTry(ByteSink out) {
    writeBlockType(out);
    out.u32(labels.size() / 3);
    for (int i = 0; i < labels.size(); i += 3) {
      out.u8(labels.get(i));
      if (labels.get(i) < 2) {
        out.u32(labels.get(i + 1));
      }
      out.u32(labels.get(i + 2));
    }
  }
}
