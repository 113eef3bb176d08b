package dev.dormouse.guest.fuel;

/**
 * What a module may be, so that checking, rewriting and compiling it stay within bounded time and
 * memory. All are inclusive maxima; a module that has more is refused with a sentence that names
 * the bound.
 *
 * @param moduleBytes size of the binary
 * @param instructions instructions of all function bodies together
 * @param types entries of the type section
 * @param functions imported and defined functions together
 * @param imports entries of the import section
 * @param exports entries of the export section
 * @param globals globals
 * @param tables tables
 * @param tableElements elements of one table: a larger minimum is refused, a larger or missing
 *     maximum becomes this one
 * @param memoryPages pages of 64 KiB of linear memory, by the same rule
 * @param segments data segments, and likewise element segments
 * @param localSlots parameters and locals of one function, where i64 and f64 count twice
 * @param nesting blocks inside blocks of one function
 * @param operands values on the operand stack of one function
 * @param foreignImports whether memories, tables, globals and tags may be imported. Only tests say
 *     so: such a module shares state with whoever else holds it.
 */
public record ModuleBounds(
    int moduleBytes,
    int instructions,
    int types,
    int functions,
    int imports,
    int exports,
    int globals,
    int tables,
    int tableElements,
    int memoryPages,
    int segments,
    int localSlots,
    int nesting,
    int operands,
    boolean foreignImports) {

  public static final int PAGE_BYTES = 64 * 1024;

  public static final ModuleBounds DEFAULTS =
      new ModuleBounds(
          64 * 1024 * 1024,
          10_000_000,
          10_000,
          100_000,
          1_000,
          10_000,
          10_000,
          16,
          100_000,
          128 * 1024 * 1024 / PAGE_BYTES,
          10_000,
          60_000,
          4_096,
          2_000,
          false);

  /** The same bounds with another size of the binary. */
  public ModuleBounds withModuleBytes(long bytes) {
    return new ModuleBounds(
        (int) Math.min(Integer.MAX_VALUE, bytes),
        instructions,
        types,
        functions,
        imports,
        exports,
        globals,
        tables,
        tableElements,
        memoryPages,
        segments,
        localSlots,
        nesting,
        operands,
        foreignImports);
  }

  /** The same bounds with another size of linear memory, rounded down to whole pages. */
  public ModuleBounds withMemoryBytes(long bytes) {
    int pages = (int) Math.min(65_536, bytes / PAGE_BYTES);
    return new ModuleBounds(
        moduleBytes,
        instructions,
        types,
        functions,
        imports,
        exports,
        globals,
        tables,
        tableElements,
        pages,
        segments,
        localSlots,
        nesting,
        operands,
        foreignImports);
  }

  /** The same bounds with imports of every kind allowed. */
  ModuleBounds withForeignImports() {
    return new ModuleBounds(
        moduleBytes,
        instructions,
        types,
        functions,
        imports,
        exports,
        globals,
        tables,
        tableElements,
        memoryPages,
        segments,
        localSlots,
        nesting,
        operands,
        true);
  }
}
