package dev.dormouse.guest.fuel;

import java.util.Arrays;

/**
 * The instructions that can be metered: what follows each opcode, what it takes from and leaves on
 * the operand stack, and what it costs. Opcodes behind the prefix 0xFC are numbered from {@link
 * #PREFIXED}.
 */
final class Opcodes {
  static final int UNREACHABLE = 0x00;
  static final int BLOCK = 0x02;
  static final int LOOP = 0x03;
  static final int IF = 0x04;
  static final int ELSE = 0x05;
  static final int THROW = 0x08;
  static final int THROW_REF = 0x0A;
  static final int END = 0x0B;
  static final int BR = 0x0C;
  static final int BR_IF = 0x0D;
  static final int BR_TABLE = 0x0E;
  static final int RETURN = 0x0F;
  static final int CALL = 0x10;
  static final int CALL_INDIRECT = 0x11;
  static final int RETURN_CALL = 0x12;
  static final int RETURN_CALL_INDIRECT = 0x13;
  static final int CALL_REF = 0x14;
  static final int RETURN_CALL_REF = 0x15;
  static final int DROP = 0x1A;
  static final int SELECT = 0x1B;
  static final int TRY_TABLE = 0x1F;
  static final int LOCAL_GET = 0x20;
  static final int LOCAL_SET = 0x21;
  static final int LOCAL_TEE = 0x22;
  static final int GLOBAL_GET = 0x23;
  static final int GLOBAL_SET = 0x24;
  static final int MEMORY_SIZE = 0x3F;
  static final int MEMORY_GROW = 0x40;
  static final int I32_CONST = 0x41;
  static final int I64_CONST = 0x42;
  static final int F32_CONST = 0x43;
  static final int F64_CONST = 0x44;
  static final int I32_NE = 0x47;
  static final int I32_LT_U = 0x49;

  static final int I32_ADD = 0x6A;
  static final int I32_SUB = 0x6B;
  static final int I32_MUL = 0x6C;
  static final int I32_DIV_U = 0x6E;
  static final int I32_AND = 0x71;
  static final int I32_OR = 0x72;
  static final int I32_SHR_U = 0x76;
  static final int I64_ADD = 0x7C;
  static final int I64_MUL = 0x7E;
  static final int REF_NULL = 0xD0;
  static final int REF_FUNC = 0xD2;
  static final int BR_ON_NULL = 0xD5;
  static final int BR_ON_NON_NULL = 0xD6;

  static final int PREFIXED = 0x100;
  static final int MEMORY_INIT = PREFIXED | 8;
  static final int MEMORY_COPY = PREFIXED | 10;
  static final int MEMORY_FILL = PREFIXED | 11;
  static final int TABLE_INIT = PREFIXED | 12;
  static final int TABLE_COPY = PREFIXED | 14;
  static final int TABLE_GROW = PREFIXED | 15;
  static final int TABLE_SIZE = PREFIXED | 16;
  static final int TABLE_FILL = PREFIXED | 17;
  private static final int COUNT = PREFIXED + 18;

  /** What follows an opcode. */
  enum Immediate {
    NONE,
    BLOCK_TYPE,
    LABEL,
    LABELS,
    FUNCTION,
    TYPE_TABLE,
    TYPE,
    LOCAL,
    GLOBAL,
    TABLE,
    MEMORY_ARGUMENT,
    MEMORY,
    I32,
    I64,
    F32,
    F64,
    TYPES,
    HEAP_TYPE,
    DATA_MEMORY,
    DATA,
    MEMORY_MEMORY,
    ELEMENT_TABLE,
    ELEMENT,
    TABLE_TABLE,
    TAG,
    TRY
  }

  private static final Immediate[] IMMEDIATE = new Immediate[COUNT];
  private static final byte[] POPS = new byte[COUNT];
  private static final byte[] PUSHES = new byte[COUNT];
  private static final short[] COST = new short[COUNT];

  /** Natural alignment of loads and stores from 0x28 on, as a power of two. */
  private static final String ALIGNMENT = "23230011001122" + "232301012";

  private Opcodes() {}

  /** Whether an opcode is one of those above. */
  static boolean isKnown(int op) {
    return op < COUNT && IMMEDIATE[op] != null;
  }

  static Immediate immediate(int op) {
    return IMMEDIATE[op];
  }

  /** Operands taken, where that does not hang on types. */
  static int pops(int op) {
    return POPS[op];
  }

  /** Operands left, where that does not hang on types. */
  static int pushes(int op) {
    return PUSHES[op];
  }

  static int cost(int op) {
    return COST[op];
  }

  static int naturalAlignment(int op) {
    return ALIGNMENT.charAt(op - 0x28) - '0';
  }

  /** Whether control does not go on behind it. */
  static boolean endsPath(int op) {
    return switch (op) {
      case UNREACHABLE,
          BR,
          BR_TABLE,
          RETURN,
          THROW,
          THROW_REF,
          RETURN_CALL,
          RETURN_CALL_INDIRECT,
          RETURN_CALL_REF ->
          true;
      default -> false;
    };
  }

  /** Whether it runs code that is not in the function itself, or takes its time. */
  static boolean isCall(int op) {
    return (op >= CALL && op <= RETURN_CALL_REF) || isBulk(op);
  }

  /** Whether what it costs hangs on its topmost operand as well. */
  static boolean isBulk(int op) {
    return switch (op) {
      case MEMORY_GROW,
          MEMORY_INIT,
          MEMORY_COPY,
          MEMORY_FILL,
          TABLE_INIT,
          TABLE_COPY,
          TABLE_GROW,
          TABLE_FILL ->
          true;
      default -> false;
    };
  }

  /** The sentence for an opcode that cannot be metered. */
  static String refusal(int first, int second) {
    return switch (first) {
      case 0x06, 0x07, 0x09, 0x18, 0x19 -> refusal("legacy exception handling");
      case 0xFB -> refusal("garbage collection");
      case 0xFD -> refusal("SIMD");
      case 0xFE -> refusal("threads");
      case 0xD3 -> refusal("garbage collection");
      case 0xFC -> "illegal opcode 0xfc " + second;
      default -> "illegal opcode 0x" + Integer.toHexString(first);
    };
  }

  static String refusal(String proposal) {
    return "it uses the WebAssembly proposal \""
        + proposal
        + "\", which cannot be metered: compile it without that feature";
  }

  private static void set(int from, int to, Immediate immediate, int pops, int pushes, int cost) {
    Arrays.fill(IMMEDIATE, from, to + 1, immediate);
    Arrays.fill(POPS, from, to + 1, (byte) pops);
    Arrays.fill(PUSHES, from, to + 1, (byte) pushes);
    Arrays.fill(COST, from, to + 1, (short) cost);
  }

  private static void set(int op, Immediate immediate, int pops, int pushes, int cost) {
    set(op, op, immediate, pops, pushes, cost);
  }

  private static void costs(int cost, int... ops) {
    for (int op : ops) {
      COST[op] = (short) cost;
    }
  }

  static {
    control();
    variables();
    memory();
    numbers();
    prefixed();
  }

  private static void control() {
    set(UNREACHABLE, Immediate.NONE, 0, 0, 1);
    set(0x01, Immediate.NONE, 0, 0, 1);
    set(BLOCK, IF, Immediate.BLOCK_TYPE, 0, 0, 1);
    set(ELSE, Immediate.NONE, 0, 0, 0);
    set(THROW, Immediate.TAG, 0, 0, Costs.THROW);
    set(THROW_REF, Immediate.NONE, 1, 0, Costs.THROW);
    set(END, Immediate.NONE, 0, 0, 0);
    set(BR, Immediate.LABEL, 0, 0, 0);
    set(BR_IF, Immediate.LABEL, 1, 0, 1);
    set(BR_TABLE, Immediate.LABELS, 1, 0, 3);
    set(RETURN, Immediate.NONE, 0, 0, 1);
    set(CALL, Immediate.FUNCTION, 0, 0, Costs.CALL);
    set(CALL_INDIRECT, Immediate.TYPE_TABLE, 1, 0, Costs.CALL_INDIRECT);
    set(RETURN_CALL, Immediate.FUNCTION, 0, 0, Costs.CALL);
    set(RETURN_CALL_INDIRECT, Immediate.TYPE_TABLE, 1, 0, Costs.CALL_INDIRECT);
    set(CALL_REF, RETURN_CALL_REF, Immediate.TYPE, 1, 0, Costs.CALL_INDIRECT);
    set(DROP, Immediate.NONE, 1, 0, 1);
    set(SELECT, Immediate.NONE, 3, 1, 1);
    set(0x1C, Immediate.TYPES, 3, 1, 1);
    set(TRY_TABLE, Immediate.TRY, 0, 0, 2);
    set(REF_NULL, Immediate.HEAP_TYPE, 0, 1, 1);
    set(0xD1, Immediate.NONE, 1, 1, 1);
    set(REF_FUNC, Immediate.FUNCTION, 0, 1, 1);
    set(0xD4, Immediate.NONE, 1, 1, 1);
    set(BR_ON_NULL, BR_ON_NON_NULL, Immediate.LABEL, 1, 0, 1);
  }

  private static void variables() {
    set(LOCAL_GET, Immediate.LOCAL, 0, 1, 1);
    set(LOCAL_SET, Immediate.LOCAL, 1, 0, 1);
    set(LOCAL_TEE, Immediate.LOCAL, 1, 1, 1);
    set(GLOBAL_GET, Immediate.GLOBAL, 0, 1, 2);
    set(GLOBAL_SET, Immediate.GLOBAL, 1, 0, 2);
    set(0x25, Immediate.TABLE, 1, 1, 3);
    set(0x26, Immediate.TABLE, 2, 0, 3);
  }

  private static void memory() {
    set(0x28, 0x35, Immediate.MEMORY_ARGUMENT, 1, 1, 2);
    set(0x36, 0x3E, Immediate.MEMORY_ARGUMENT, 2, 0, 2);
    set(MEMORY_SIZE, Immediate.MEMORY, 0, 1, 2);
    set(MEMORY_GROW, Immediate.MEMORY, 1, 1, Costs.GROW);
  }

  private static void numbers() {
    set(I32_CONST, Immediate.I32, 0, 1, 1);
    set(I64_CONST, Immediate.I64, 0, 1, 1);
    set(F32_CONST, Immediate.F32, 0, 1, 1);
    set(F64_CONST, Immediate.F64, 0, 1, 1);
    set(0x45, Immediate.NONE, 1, 1, 1);
    set(0x46, 0x4F, Immediate.NONE, 2, 1, 1);
    set(0x50, Immediate.NONE, 1, 1, 1);
    set(0x51, 0x66, Immediate.NONE, 2, 1, 1);
    set(0x67, 0x69, Immediate.NONE, 1, 1, 1);
    set(0x6A, 0x78, Immediate.NONE, 2, 1, 1);
    set(0x79, 0x7B, Immediate.NONE, 1, 1, 1);
    set(0x7C, 0x8A, Immediate.NONE, 2, 1, 1);
    set(0x8B, 0x91, Immediate.NONE, 1, 1, 2);
    set(0x92, 0x98, Immediate.NONE, 2, 1, 1);
    set(0x99, 0x9F, Immediate.NONE, 1, 1, 2);
    set(0xA0, 0xA6, Immediate.NONE, 2, 1, 1);
    set(0xA7, 0xC4, Immediate.NONE, 1, 1, 1);
    // Integer division and remainder.
    costs(4, 0x6D, 0x6E, 0x6F, 0x70, 0x7F, 0x80, 0x81, 0x82);
    // Floating-point division and square root, minimum and maximum.
    costs(4, 0x91, 0x95, 0x9F, 0xA3);
    costs(2, 0x96, 0x97, 0xA4, 0xA5);
    // Conversions to integers that check their range.
    costs(2, 0xA8, 0xA9, 0xAA, 0xAB, 0xAE, 0xAF, 0xB0, 0xB1);
  }

  private static void prefixed() {
    set(PREFIXED, PREFIXED | 7, Immediate.NONE, 1, 1, 2);
    set(MEMORY_INIT, Immediate.DATA_MEMORY, 3, 0, Costs.BULK);
    set(PREFIXED | 9, Immediate.DATA, 0, 0, 4);
    set(MEMORY_COPY, Immediate.MEMORY_MEMORY, 3, 0, Costs.BULK);
    set(MEMORY_FILL, Immediate.MEMORY, 3, 0, Costs.BULK);
    set(TABLE_INIT, Immediate.ELEMENT_TABLE, 3, 0, Costs.BULK);
    set(PREFIXED | 13, Immediate.ELEMENT, 0, 0, 4);
    set(TABLE_COPY, Immediate.TABLE_TABLE, 3, 0, Costs.BULK);
    set(TABLE_GROW, Immediate.TABLE, 2, 1, Costs.GROW);
    set(TABLE_SIZE, Immediate.TABLE, 0, 1, 2);
    set(TABLE_FILL, Immediate.TABLE, 3, 0, Costs.BULK);
  }
}
