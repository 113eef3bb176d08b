package dev.dormouse.guest.fuel;

import dev.dormouse.abi.FlatSignature;
import org.jspecify.annotations.Nullable;

/** A function type; parameters and results are {@link ValueType} codes. */
record FunctionType(int[] params, int[] results) {

  boolean isOnlyResults() {
    return params.length == 0;
  }

  /** Null where the type has anything but i32 and i64. */
  @Nullable FlatSignature flat() {
    String in = flat(params);
    String out = flat(results);
    return in == null || out == null ? null : new FlatSignature(in, out);
  }

  private static @Nullable String flat(int[] types) {
    var word = new StringBuilder();
    for (int type : types) {
      switch (type) {
        case ValueType.I32 -> word.append('i');
        case ValueType.I64 -> word.append('I');
        default -> {
          return null;
        }
      }
    }
    return word.toString();
  }

  /** Equal for all types that an indirect call could take for one another. */
  String key() {
    var key = new StringBuilder();
    for (int type : params) {
      key.append((char) ValueType.coarse(type));
    }
    key.append('>');
    for (int type : results) {
      key.append((char) ValueType.coarse(type));
    }
    return key.toString();
  }

  void write(ByteSink out) {
    out.u8(0x60);
    write(out, params);
    write(out, results);
  }

  private static void write(ByteSink out, int[] types) {
    out.u32(types.length);
    for (int type : types) {
      ValueType.write(out, type);
    }
  }
}
