package dev.dormouse.guest.fuel;

/** Writes what an instruction costs that handles as much as its topmost operand says. */
final class BulkCode {
  private final Code code;
  private final ModuleBounds bounds;

  BulkCode(Code code, ModuleBounds bounds) {
    this.code = code;
    this.bounds = bounds;
  }

  /** Leaves the cost on the operand stack, given the local that holds the operand. */
  void cost(BodyReader body, int operand) {
    switch (body.opcode) {
      case Opcodes.MEMORY_GROW -> memoryGrow(operand);
      case Opcodes.TABLE_GROW -> {
        shifted(operand, Costs.TABLE_SHIFT);
        code.op(0xFC);
        code.op(Opcodes.TABLE_SIZE & 0xFF, body.first);
        code.shiftRight(Costs.TABLE_SHIFT);
        code.op(Opcodes.I32_ADD);
      }
      case Opcodes.TABLE_COPY, Opcodes.TABLE_FILL, Opcodes.TABLE_INIT ->
          shifted(operand, Costs.TABLE_SHIFT);
      default -> shifted(operand, Costs.MEMORY_SHIFT);
    }
  }

  private void memoryGrow(int operand) {
    // Never more than the whole of the memory that it may have.
    code.get(operand);
    code.constant(bounds.memoryPages());
    code.get(operand);
    code.constant(bounds.memoryPages());
    code.op(Opcodes.I32_LT_U);
    code.op(Opcodes.SELECT);
    code.constant(Costs.PAGE);
    code.op(Opcodes.I32_MUL);
    // An engine may have to move the pages that are there.
    code.op(Opcodes.MEMORY_SIZE, 0);
    code.constant(Costs.PAGE_HELD);
    code.op(Opcodes.I32_MUL);
    code.op(Opcodes.I32_ADD);
  }

  private void shifted(int operand, int by) {
    code.get(operand);
    code.shiftRight(by);
  }
}
