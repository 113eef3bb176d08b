package dev.dormouse.guest.fuel;

import org.jspecify.annotations.Nullable;

/**
 * Constant expressions and the segments that hold them. Each method reads one, checks every index
 * in it, and writes it with shifted function indices where there is a sink; without a sink it notes
 * the functions whose addresses are taken.
 */
final class Expressions {
  private Expressions() {}

  static void pass(ByteReader in, @Nullable ByteSink out, Module module, int shift) {
    var sink = out == null ? new ByteSink(16) : out;
    int depth = 0;
    while (true) {
      int at = in.position;
      int op = in.u8();
      switch (op) {
        case Opcodes.END -> {
          if (depth != 1) {
            throw ByteReader.invalid(
                at, "a constant expression must leave one value: type mismatch");
          }
          sink.u8(op);
          return;
        }
        case Opcodes.I32_CONST -> {
          sink.u8(op);
          sink.signed(in.s32());
          depth++;
        }
        case Opcodes.I64_CONST -> {
          sink.u8(op);
          sink.signed(in.s64());
          depth++;
        }
        case Opcodes.F32_CONST -> {
          sink.u8(op);
          sink.fixed32(in.fixed32());
          depth++;
        }
        case Opcodes.F64_CONST -> {
          sink.u8(op);
          sink.fixed64(in.fixed64());
          depth++;
        }
        case Opcodes.GLOBAL_GET -> {
          sink.u8(op);
          sink.u32(in.index(module.globals.size(), "global"));
          depth++;
        }
        case Opcodes.REF_NULL -> {
          sink.u8(op);
          sink.signed(ValueType.readHeap(in, module.types.size()));
          depth++;
        }
        case Opcodes.REF_FUNC -> {
          sink.u8(op);
          sink.u32(function(in, out, module, shift));
          depth++;
        }
        case Opcodes.I32_ADD,
            Opcodes.I32_SUB,
            Opcodes.I32_MUL,
            Opcodes.I64_ADD,
            Opcodes.I64_ADD + 1,
            Opcodes.I64_MUL -> {
          if (depth < 2) {
            throw ByteReader.invalid(at, "a constant expression lacks an operand: type mismatch");
          }
          sink.u8(op);
          depth--;
        }
        case 0xFB, 0xFD -> throw ByteReader.invalid(at, Opcodes.refusal(op, 0));
        default -> {
          if (op < 0xFC && !Opcodes.isKnown(op)) {
            throw ByteReader.invalid(at, Opcodes.refusal(op, 0));
          }
          throw ByteReader.invalid(
              at,
              "constant expression required, and opcode 0x" + Integer.toHexString(op) + " is not");
        }
      }
      if (depth > 1_000) {
        throw ByteReader.invalid(at, "a constant expression is too deep");
      }
    }
  }

  private static long function(ByteReader in, @Nullable ByteSink out, Module module, int shift) {
    int index = in.index(module.functions.size(), "function");
    if (out == null) {
      module.addressTaken.set(index);
    }
    return module.isImported(index) ? index : index + shift;
  }

  /** Answers the number of its elements. */
  static long passElement(ByteReader in, @Nullable ByteSink out, Module module, int shift) {
    var sink = out == null ? new ByteSink(16) : out;
    int at = in.position;
    long flags = in.u32();
    if (flags > 7) {
      throw ByteReader.invalid(at, "malformed element segment kind " + flags);
    }
    sink.u32(flags);
    boolean active = (flags & 1) == 0;
    boolean explicit = (flags & 2) != 0;
    boolean expressions = (flags & 4) != 0;
    if (active) {
      if (explicit) {
        sink.u32(in.index(module.tables.size(), "table"));
      } else if (module.tables.isEmpty()) {
        throw ByteReader.invalid(at, "unknown table 0");
      }
      pass(in, out, module, shift);
    }
    if (!active || explicit) {
      if (expressions) {
        ValueType.write(sink, ValueType.readReference(in, module.types.size()));
      } else {
        sink.u32(in.index(1, "element kind"));
      }
    }
    long count = in.u32();
    sink.u32(count);
    for (long i = 0; i < count; i++) {
      if (expressions) {
        pass(in, out, module, shift);
      } else {
        sink.u32(function(in, out, module, shift));
      }
    }
    return count;
  }

  static void passData(ByteReader in, @Nullable ByteSink out, Module module, int shift) {
    int at = in.position;
    long flags = in.u32();
    if (flags > 2) {
      throw ByteReader.invalid(at, "malformed data segment kind " + flags);
    }
    if (out != null) {
      out.u32(flags);
    }
    if (flags == 2) {
      int memory = in.index(module.memories.size(), "memory");
      if (out != null) {
        out.u32(memory);
      }
    }
    if (flags != 1) {
      if (module.memories.isEmpty()) {
        throw ByteReader.invalid(at, "unknown memory 0");
      }
      pass(in, out, module, shift);
    }
    long length = in.u32();
    int start = in.position;
    in.skip(length);
    if (out != null) {
      out.u32(length);
      out.raw(in.bytes, start, in.position);
    }
  }
}
