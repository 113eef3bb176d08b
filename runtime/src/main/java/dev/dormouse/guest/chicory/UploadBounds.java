package dev.dormouse.guest.chicory;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;

/**
 * Looks over a binary before anything is built from it, so that what is built is bounded by what
 * was uploaded: a few bytes can declare fifty thousand locals, or a data segment of gigabytes.
 */
final class UploadBounds {
  /** Locals that all functions of a module may declare together. */
  static final long MOST_LOCALS = 2_000_000;

  /** Sections of a module, custom ones included. */
  static final int MOST_SECTIONS = 10_000;

  static final int MOST_DATA_SEGMENTS = 100_000;

  /** Bytes of the expression that says where a data segment goes. */
  static final int MOST_OFFSET_BYTES = 1_024;

  /**
   * What parsing and compiling a byte takes of the heap, roughly, at its worst: code, and every
   * section that lists things, is kept as many small objects.
   */
  private static final long HEAP_PER_BYTE = 256;

  private static final long LEAST_BYTES = 4L << 20;
  private static final int CUSTOM_SECTION = 0;
  private static final int CODE_SECTION = 10;
  private static final int DATA_SECTION = 11;
  private static final int HEADER_BYTES = 8;
  private static final byte[] HEADER = {0, 'a', 's', 'm', 1, 0, 0, 0};

  private final byte[] wasm;
  private int at;
  private int end;

  /** Bytes of all sections that have been met, but for custom sections and data. */
  private long listedBytes;

  private UploadBounds(byte[] wasm) {
    this.wasm = wasm;
  }

  /**
   * @throws UserFault {@code module_invalid}
   */
  static void check(byte[] wasm) {
    new UploadBounds(wasm).sections();
  }

  private void sections() {
    for (int i = 0; i < HEADER_BYTES; i++) {
      if (i >= wasm.length || wasm[i] != HEADER[i]) {
        throw invalid(
            i < 4
                ? "this is no WebAssembly binary: it must begin with \\0asm"
                : "only version 1 of the core WebAssembly format can be used (is this a"
                    + " component? upload its core module)",
            i);
      }
    }
    at = HEADER_BYTES;
    for (int count = 1; at < wasm.length; count++) {
      if (count > MOST_SECTIONS) {
        throw invalid("it has more than " + MOST_SECTIONS + " sections", at);
      }
      end = wasm.length;
      int id = next();
      long size = number();
      int start = at;
      if (size > wasm.length - start) {
        throw invalid("section " + id + " is longer than the file", start);
      }
      end = start + (int) size;
      if (id != CUSTOM_SECTION && id != DATA_SECTION) {
        room(id, size);
      }
      if (id == CODE_SECTION) {
        code();
      } else if (id == DATA_SECTION) {
        data();
      }
      at = start + (int) size;
    }
  }

  private void room(int id, long size) {
    listedBytes += size;
    long most = Math.max(LEAST_BYTES, Runtime.getRuntime().maxMemory() / HEAP_PER_BYTE);
    if (listedBytes > most) {
      throw invalid(
          (id == CODE_SECTION
                  ? "its " + size + " bytes of code"
                  : "the " + size + " bytes of its section " + id)
              + " are more than this server's heap has room to compile, which is "
              + most
              + " bytes of everything but data",
          at);
    }
  }

  private void code() {
    long locals = 0;
    for (long left = number(); left > 0; left--) {
      long bodySize = number();
      int body = at;
      if (bodySize > end - body) {
        throw invalid("a function body is longer than the code section", body);
      }
      for (long groups = number(); groups > 0; groups--) {
        locals += number();
        if (locals > MOST_LOCALS) {
          throw invalid("its functions declare more than " + MOST_LOCALS + " locals together", at);
        }
        valueType();
      }
      at = body + (int) bodySize;
    }
  }

  private void valueType() {
    int type = next();
    if (type == 0x63 || type == 0x64) {
      number();
    }
  }

  private void data() {
    int counted = at;
    long segments = number();
    if (segments > MOST_DATA_SEGMENTS) {
      throw invalid("it has more than " + MOST_DATA_SEGMENTS + " data segments", counted);
    }
    for (long left = segments; left > 0; left--) {
      int segment = at;
      long kind = number();
      if (kind > 2) {
        throw invalid("a data segment is of unknown kind " + kind, segment);
      }
      if (kind == 2) {
        number();
      }
      if (kind != 1) {
        offset();
      }
      long length = number();
      if (length > end - at) {
        throw invalid("a data segment is longer than the data section", segment);
      }
      at += (int) length;
    }
  }

  /** A constant expression of type i32; whether it is a good one is for the validator. */
  private void offset() {
    int start = at;
    while (true) {
      if (at - start > MOST_OFFSET_BYTES) {
        throw invalid(
            "the offset of a data segment is longer than " + MOST_OFFSET_BYTES + " bytes", start);
      }
      int expression = at;
      switch (next()) {
        case 0x0b -> {
          return;
        }
        case 0x23, 0x41, 0x42 -> number();
        case 0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e -> {}
        default -> throw invalid("the offset of a data segment is not constant", expression);
      }
    }
  }

  private int next() {
    if (at >= end) {
      throw invalid("the file ends in the middle of something", at);
    }
    return wasm[at++] & 0xFF;
  }

  /** A LEB128 number; of a negative one only its length matters here. */
  private long number() {
    int start = at;
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      int part = next();
      value |= (part & 0x7FL) << shift;
      if (part < 0x80) {
        return value;
      }
    }
    throw invalid("a number is longer than ten bytes", start);
  }

  static UserFault invalid(String reason, int offset) {
    return new UserFault(
        Code.MODULE_INVALID, "the module is not valid: " + reason + " (at byte " + offset + ")");
  }
}
