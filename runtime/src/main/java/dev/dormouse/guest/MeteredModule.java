package dev.dormouse.guest;

import dev.dormouse.abi.FlatSignature;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A module after the rewriter: it counts its fuel, bounds its call depth, and imports only
 * functions.
 *
 * @param wasm the rewritten binary; not to be changed
 * @param codeHash hex SHA-256 over all of the binary that compiled code depends on: modules that
 *     differ only in data and custom sections share it
 * @param imports the functions that it imports, the meter's own included, in order
 * @param exports the functions that it exports whose types are flat (only i32 and i64), by name
 * @param customSections the contents of custom sections whose names start with {@code dormouse}
 */
public record MeteredModule(
    byte[] wasm,
    String codeHash,
    List<Import> imports,
    Map<String, FlatSignature> exports,
    Map<String, byte[]> customSections) {

  /**
   * An imported function.
   *
   * @param signature null where the type has anything but i32 and i64
   */
  public record Import(String module, String name, @Nullable FlatSignature signature) {}
}
