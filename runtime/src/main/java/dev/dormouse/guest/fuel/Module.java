package dev.dormouse.guest.fuel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A decoded module. Function bodies stay in the binary and are decoded again for each pass, so that
 * a large module takes little memory beside itself.
 */
final class Module {
  static final int FUNCTION = 0;
  static final int TABLE = 1;
  static final int MEMORY = 2;
  static final int GLOBAL = 3;
  static final int TAG = 4;

  /** An import or export; {@code index} is into its kind's index space. */
  record Port(String module, String name, int kind, int index) {}

  /** Sizes of a memory or table. */
  record Extent(long min, long max, boolean hasMax) {}

  record Table(int type, Extent extent, int initStart) {}

  record Global(int type, boolean mutable, int initStart) {}

  /** Where a function body lies: {@code start} is behind the local declarations. */
  record Body(int start, int end, int[] localCounts, int[] localTypes) {}

  /** An element or data segment: where in the binary it lies. */
  record Segment(int start, int end) {}

  final byte[] bytes;
  final List<FunctionType> types = new ArrayList<>();
  final List<Port> imports = new ArrayList<>();
  final List<Port> exports = new ArrayList<>();

  /** Type indices of all functions, imported ones first; likewise below. */
  final IntList functions = new IntList();

  final List<Table> tables = new ArrayList<>();
  final List<Extent> memories = new ArrayList<>();
  final List<Global> globals = new ArrayList<>();
  final IntList tags = new IntList();
  final List<Body> bodies = new ArrayList<>();
  final List<Segment> elements = new ArrayList<>();
  final List<Segment> data = new ArrayList<>();
  final Map<String, byte[]> customSections = new LinkedHashMap<>();
  int importedFunctions;
  int importedTables;
  int importedMemories;
  int importedGlobals;
  int importedTags;
  int start = -1;

  /** The global in which the module wants to see what is left of its call depth, or -1. */
  int stackLeft = -1;

  /** The data count section's number, or -1. */
  int dataCount = -1;

  /** Where the content of the name section lies, or -1. */
  int nameStart = -1;

  int nameEnd = -1;

  /** Functions that a table or a reference may lead to. */
  final java.util.BitSet addressTaken = new java.util.BitSet();

  Module(byte[] bytes) {
    this.bytes = bytes;
  }

  FunctionType typeOf(int function) {
    return types.get(functions.get(function));
  }

  boolean isImported(int function) {
    return function < importedFunctions;
  }

  Body body(int function) {
    return bodies.get(function - importedFunctions);
  }
}
