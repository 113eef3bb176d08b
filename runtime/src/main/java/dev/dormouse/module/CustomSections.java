package dev.dormouse.module;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Writes the sections of a module that do not belong to its code. */
final class CustomSections {
  private CustomSections() {}

  /**
   * The module with these sections at its end, ordered by name, in the place of those that had
   * their names.
   *
   * @param wasm a core module
   * @throws dev.dormouse.fault.UserFault {@code module_invalid}, when the module is cut off
   */
  static byte[] with(byte[] wasm, Map<String, byte[]> sections) {
    int size = wasm.length;
    for (byte[] content : sections.values()) {
      size += content.length + 128;
    }
    var out = new ByteArrayOutputStream(size);
    out.write(wasm, 0, 8);
    for (var section : WasmReader.sections(wasm)) {
      if (section.id() != 0
          || !sections.containsKey(
              new WasmReader(wasm, section.contentStart(), section.end()).name())) {
        out.write(wasm, section.start(), section.end() - section.start());
      }
    }
    new TreeMap<>(sections)
        .forEach(
            (name, content) -> {
              byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
              out.write(0);
              unsigned(out, unsignedLength(encoded.length) + encoded.length + content.length);
              unsigned(out, encoded.length);
              out.writeBytes(encoded);
              out.writeBytes(content);
            });
    return out.toByteArray();
  }

  private static int unsignedLength(int value) {
    return value < 0x80 ? 1 : 1 + unsignedLength(value >>> 7);
  }

  private static void unsigned(ByteArrayOutputStream out, int value) {
    int left = value;
    while (left >= 0x80) {
      out.write((left & 0x7F) | 0x80);
      left >>>= 7;
    }
    out.write(left);
  }
}
