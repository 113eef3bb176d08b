package dev.dormouse.guest.fuel;

/**
 * Value types as ints: the low byte is the code of the binary format; above it, for a reference to
 * one function type, that type's index plus one, and for a non-null abstract reference the negative
 * code of its heap type.
 */
final class ValueType {
  static final int I32 = 0x7F;
  static final int I64 = 0x7E;
  static final int F32 = 0x7D;
  static final int F64 = 0x7C;
  static final int FUNCREF = 0x70;
  static final int EXTERNREF = 0x6F;
  static final int EXNREF = 0x69;
  private static final int REF_NULL = 0x63;
  private static final int REF = 0x64;

  private ValueType() {}

  static int read(ByteReader in, int types) {
    int at = in.position;
    int code = in.u8();
    return switch (code) {
      case I32, I64, F32, F64, FUNCREF, EXTERNREF, EXNREF -> code;
      case REF_NULL, REF -> {
        long heap = readHeap(in, types);
        if (heap >= 0) {
          yield code | (int) (heap + 1) << 8;
        }
        yield code == REF_NULL ? (int) (heap & 0x7F) : code | (int) heap << 8;
      }
      case 0x7B -> throw ByteReader.invalid(at, Opcodes.refusal("SIMD"));
      case 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x71, 0x72, 0x73, 0x74, 0x77, 0x78 ->
          throw ByteReader.invalid(at, Opcodes.refusal("garbage collection"));
      default -> throw ByteReader.invalid(at, "malformed value type " + code);
    };
  }

  static int readReference(ByteReader in, int types) {
    int at = in.position;
    int type = read(in, types);
    if (!isReference(type)) {
      throw ByteReader.invalid(at, "malformed reference type");
    }
    return type;
  }

  /** A heap type: the index of a function type, or the negative code of func, extern or exn. */
  static long readHeap(ByteReader in, int types) {
    int at = in.position;
    long heap = in.s33();
    if (heap >= 0) {
      if (heap >= types) {
        throw ByteReader.invalid(at, "unknown type " + heap);
      }
      return heap;
    }
    int code = (int) (heap & 0x7F);
    if (heap >= -64 && (code == FUNCREF || code == EXTERNREF || code == EXNREF)) {
      return heap;
    }
    throw ByteReader.invalid(at, Opcodes.refusal("garbage collection"));
  }

  static void write(ByteSink out, int type) {
    out.u8(type & 0xFF);
    int heap = type >> 8;
    if (heap != 0) {
      out.signed(heap > 0 ? heap - 1 : heap);
    }
  }

  static boolean isReference(int type) {
    return switch (type & 0xFF) {
      case I32, I64, F32, F64 -> false;
      default -> true;
    };
  }

  /** The same for all references to single function types, so that they compare as one. */
  static int coarse(int type) {
    return type >> 8 > 0 ? REF_NULL | 1 << 8 : type;
  }

  /** Words of a JVM frame. */
  static int slots(int type) {
    return type == I64 || type == F64 ? 2 : 1;
  }
}
