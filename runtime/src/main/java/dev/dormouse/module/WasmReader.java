package dev.dormouse.module;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the small things that a module's binary is made of. Throws {@code module_invalid} with the
 * offset at whatever does not fit.
 */
final class WasmReader {
  private final byte[] wasm;
  private final int end;
  private int offset;

  WasmReader(byte[] wasm, int start, int end) {
    this.wasm = wasm;
    this.offset = start;
    this.end = end;
  }

  /**
   * A section of a module.
   *
   * @param start where its id stands
   * @param contentStart where its content begins
   * @param end where it ends
   */
  record Section(int id, int start, int contentStart, int end) {}

  /** The sections of a module whose header has been looked at. */
  static List<Section> sections(byte[] wasm) {
    var sections = new ArrayList<Section>();
    var in = new WasmReader(wasm, 8, wasm.length);
    while (in.offset < wasm.length) {
      int start = in.offset;
      int id = in.next();
      long size = in.unsigned();
      if (size > wasm.length - in.offset) {
        throw ModuleOutline.invalid(
            "the module is cut off: its section at offset "
                + start
                + " is longer than what there is");
      }
      sections.add(new Section(id, start, in.offset, (int) (in.offset + size)));
      in.offset += (int) size;
    }
    return List.copyOf(sections);
  }

  int offset() {
    return offset;
  }

  /** The next byte, 0 to 255. */
  int next() {
    if (offset >= end) {
      throw ModuleOutline.invalid("the module is cut off at offset " + offset);
    }
    return wasm[offset++] & 0xFF;
  }

  /** An unsigned LEB128 number of at most 64 bits. */
  long unsigned() {
    int at = offset;
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int b = next();
      value |= (long) (b & 0x7F) << shift;
      if ((b & 0x80) == 0) {
        return value;
      }
    }
    throw ModuleOutline.invalid("the module has a number that does not end at offset " + at);
  }

  /** How many entries follow; each takes at least a byte. */
  int count(int most) {
    int at = offset;
    long count = unsigned();
    if (count < 0 || count > most || count > end - offset) {
      throw ModuleOutline.invalid("the module counts more entries than it has at offset " + at);
    }
    return (int) count;
  }

  String name() {
    int at = offset;
    int length = count(Integer.MAX_VALUE);
    try {
      String name =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(wasm, offset, length))
              .toString();
      offset += length;
      return name;
    } catch (CharacterCodingException e) {
      throw ModuleOutline.invalid("the module has a name that is not UTF-8 at offset " + at);
    }
  }

  byte[] rest() {
    return Arrays.copyOfRange(wasm, offset, end);
  }
}
