package dev.dormouse.guest.fuel;

import java.util.Random;

/**
 * Makes random valid modules that compute something: loops, branches of every kind, direct, tail
 * and indirect calls, memory, bulk operations. Exports {@code f0}, {@code f1}, ... of type {@code
 * ii_i}, and {@code sum}, which answers a digest of the memory.
 */
final class WasmGenerator {
  private static final int FIRST_TEMPORARY = 2;
  private static final int TEMPORARIES = 4;
  private static final int COUNTERS = 4;
  private static final int[] BINARY = {
    0x6A, 0x6B, 0x6C, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x46, 0x47, 0x48, 0x49, 0x4E
  };
  private static final int[] UNARY = {0x45, 0x67, 0x68, 0x69, 0xC0, 0xC1};

  private final Random random;
  private final TinyWasm module = new TinyWasm();
  private final int functions;
  private ByteSink out = new ByteSink(64);

  /** Kinds of the open blocks, innermost last: 0 is a block, 1 a loop, 2 the function. */
  private final IntList labels = new IntList();

  private int size;
  private int loops;

  WasmGenerator(long seed) {
    random = new Random(seed);
    functions = 1 + random.nextInt(6);
  }

  int functions() {
    return functions;
  }

  byte[] generate() {
    module.memory(1, 3).table(functions + 1, functions + 8).global();
    module.type("ii_i");
    for (int f = 0; f < functions; f++) {
      boolean hidden = f > 0 && random.nextInt(3) == 0;
      int index = module.function("ii_i", "iiiiiiii", body());
      if (!hidden) {
        module.export("f" + f, Module.FUNCTION, index);
      }
    }
    int[] elements = new int[random.nextInt(functions + 1)];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = random.nextInt(functions);
    }
    module.element(0, elements);
    module.exported(
        "sum", "_i", "ii", 0x03, 0x40, 0x20, 0, 0x41, 31, 0x6C, 0x20, 1, 0x28, 2, 0, 0x6A, 0x21, 0,
        0x20, 1, 0x41, 4, 0x6A, 0x22, 1, 0x41, 0x80, 0xC0, 0, 0x49, 0x0D, 0, 0x0B, 0x20, 0);
    return module.bytes();
  }

  private int[] body() {
    out = new ByteSink(256);
    labels.clear();
    labels.add(2);
    size = 20 + random.nextInt(120);
    loops = 0;
    statements(3);
    expression(2);
    int[] code = new int[out.size()];
    for (int i = 0; i < code.length; i++) {
      code[i] = out.array()[i] & 0xFF;
    }
    return code;
  }

  private void statements(int depth) {
    int count = 1 + random.nextInt(6);
    for (int i = 0; i < count && size > 0; i++) {
      size--;
      statement(depth);
    }
  }

  private void statement(int depth) {
    switch (random.nextInt(depth > 0 ? 20 : 9)) {
      case 0, 1, 2 -> {
        expression(2);
        op(Opcodes.LOCAL_SET, temporary());
      }
      case 3 -> {
        address();
        expression(2);
        op(0x36, 2);
        out.u32(random.nextInt(1_000));
      }
      case 4 -> {
        call();
        op(Opcodes.LOCAL_SET, temporary());
      }
      case 5 -> branch();
      case 6 -> {
        expression(1);
        op(Opcodes.GLOBAL_SET, 0);
      }
      case 7 -> bulk();
      case 8 -> out.u8(0x01);
      case 9, 10, 11 -> {
        block(Opcodes.BLOCK, 0);
        statements(depth - 1);
        close();
      }
      case 12, 13, 14 -> {
        expression(1);
        block(Opcodes.IF, 0);
        statements(depth - 1);
        if (random.nextBoolean()) {
          out.u8(Opcodes.ELSE);
          statements(depth - 1);
        }
        close();
      }
      default -> loop(depth - 1);
    }
  }

  /** Mostly one that ends by itself, after a few turns. */
  private void loop(int depth) {
    if (loops == COUNTERS) {
      return;
    }
    int counter = FIRST_TEMPORARY + TEMPORARIES + loops++;
    boolean conditional = random.nextBoolean();
    constant(1 + random.nextInt(30));
    op(Opcodes.LOCAL_SET, counter);
    block(Opcodes.BLOCK, 0);
    block(Opcodes.LOOP, 1);
    if (!conditional) {
      countDown(counter);
      out.u8(0x45);
      op(Opcodes.BR_IF, 1);
    }
    statements(depth);
    if (conditional) {
      countDown(counter);
      op(Opcodes.BR_IF, 0);
    } else {
      op(Opcodes.BR, 0);
    }
    close();
    close();
  }

  private void countDown(int counter) {
    op(Opcodes.LOCAL_GET, counter);
    constant(1);
    out.u8(Opcodes.I32_SUB);
    op(Opcodes.LOCAL_TEE, counter);
  }

  private void branch() {
    int target = random.nextInt(labels.size());
    boolean toLoop = labels.get(labels.size() - 1 - target) == 1;
    boolean toFunction = target == labels.size() - 1;
    switch (random.nextInt(6)) {
      case 0 -> {
        // An unconditional way out, under a condition.
        expression(1);
        block(Opcodes.IF, 0);
        if (random.nextInt(3) == 0) {
          tail();
        } else {
          expression(1);
          out.u8(Opcodes.RETURN);
        }
        close();
      }
      case 1 -> table();
      case 2 -> {
        if (random.nextInt(20) == 0) {
          expression(0);
          block(Opcodes.IF, 0);
          out.u8(Opcodes.UNREACHABLE);
          close();
        }
      }
      default -> {
        if (toLoop && random.nextInt(4) > 0) {
          return;
        }
        if (toFunction) {
          expression(1);
        }
        expression(1);
        op(Opcodes.BR_IF, target);
        if (toFunction) {
          out.u8(0x1A);
        }
      }
    }
  }

  private void tail() {
    expression(1);
    expression(1);
    if (random.nextBoolean()) {
      op(Opcodes.RETURN_CALL, random.nextInt(functions));
    } else {
      index();
      op(Opcodes.RETURN_CALL_INDIRECT, 0);
      out.u32(0);
    }
  }

  /** A dispatch over some of the open blocks, with code behind each. */
  private void table() {
    int ways = 1 + random.nextInt(4);
    for (int i = 0; i < ways; i++) {
      block(Opcodes.BLOCK, 0);
    }
    expression(1);
    out.u8(Opcodes.BR_TABLE);
    out.u32(ways);
    for (int i = 0; i <= ways; i++) {
      out.u32(random.nextInt(ways));
    }
    for (int i = 0; i < ways; i++) {
      close();
      expression(1);
      op(Opcodes.LOCAL_SET, temporary());
    }
  }

  private void bulk() {
    int kind = random.nextInt(4);
    if (kind == 3) {
      if (random.nextInt(10) == 0) {
        constant(random.nextInt(3));
        op(Opcodes.MEMORY_GROW, 0);
        op(Opcodes.LOCAL_SET, temporary());
      }
      return;
    }
    address();
    if (kind == 0) {
      expression(0);
    } else {
      address();
    }
    expression(0);
    constant(255);
    out.u8(Opcodes.I32_AND);
    out.u8(0xFC);
    if (kind == 0) {
      out.u32(11);
      out.u8(0);
    } else {
      out.u32(10);
      out.u8(0);
      out.u8(0);
    }
  }

  private void call() {
    expression(1);
    expression(1);
    if (random.nextInt(3) == 0) {
      index();
      op(Opcodes.CALL_INDIRECT, 0);
      out.u32(0);
    } else {
      op(Opcodes.CALL, random.nextInt(functions));
    }
  }

  /** An index into the table that is mostly inside. */
  private void index() {
    expression(0);
    constant(random.nextInt(8) == 0 ? 31 : 1);
    out.u8(Opcodes.I32_AND);
  }

  private void address() {
    expression(1);
    constant(0xFFF);
    out.u8(Opcodes.I32_AND);
  }

  private void expression(int depth) {
    size--;
    switch (random.nextInt(depth > 0 && size > 0 ? 12 : 5)) {
      case 0, 1 -> constant(random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(10));
      case 2 -> op(Opcodes.GLOBAL_GET, 0);
      case 3, 4 -> op(Opcodes.LOCAL_GET, random.nextInt(FIRST_TEMPORARY + TEMPORARIES));
      case 5, 6, 7 -> {
        expression(depth - 1);
        expression(depth - 1);
        int operation = BINARY[random.nextInt(BINARY.length)];
        out.u8(operation);
        if (operation == Opcodes.I32_MUL) {
          // The interpreter that results are compared with keeps too many bits of a product.
          constant(0);
          out.u8(Opcodes.I32_OR);
        }
      }
      case 8 -> {
        expression(depth - 1);
        out.u8(UNARY[random.nextInt(UNARY.length)]);
      }
      case 9 -> {
        address();
        op(0x28, 2);
        out.u32(random.nextInt(1_000));
      }
      case 10 -> {
        expression(depth - 1);
        expression(depth - 1);
        expression(depth - 1);
        out.u8(Opcodes.SELECT);
      }
      default -> {
        expression(depth - 1);
        out.u8(Opcodes.IF);
        out.u8(ValueType.I32);
        labels.add(0);
        // Branches out of here would have to leave a value: only expressions go inside.
        expression(depth - 1);
        out.u8(Opcodes.ELSE);
        expression(depth - 1);
        close();
      }
    }
  }

  private void block(int op, int kind) {
    out.u8(op);
    out.u8(0x40);
    labels.add(kind);
  }

  private void close() {
    out.u8(Opcodes.END);
    labels.removeLast();
  }

  private int temporary() {
    return random.nextInt(FIRST_TEMPORARY + TEMPORARIES);
  }

  private void constant(int value) {
    out.u8(Opcodes.I32_CONST);
    out.signed(value);
  }

  private void op(int op, int operand) {
    out.u8(op);
    out.u32(operand);
  }
}
