package dev.dormouse.guest.fuel;

/** Writes the instructions that metering adds. */
final class Code {
  private static final int NO_TYPE = 0x40;

  final ByteSink out;

  Code(ByteSink out) {
    this.out = out;
  }

  void op(int op) {
    out.u8(op);
  }

  /** An instruction with one index: of a local, a global, a function, a label. */
  void op(int op, int index) {
    out.u8(op);
    out.u32(index);
  }

  void constant(int value) {
    out.u8(Opcodes.I32_CONST);
    out.signed(value);
  }

  void get(int local) {
    op(Opcodes.LOCAL_GET, local);
  }

  void set(int local) {
    op(Opcodes.LOCAL_SET, local);
  }

  void tee(int local) {
    op(Opcodes.LOCAL_TEE, local);
  }

  /** Opens a block, loop or if that leaves nothing. */
  void begin(int op) {
    out.u8(op);
    out.u8(NO_TYPE);
  }

  void ifNegative(int local) {
    get(local);
    constant(Integer.MIN_VALUE);
    op(Opcodes.I32_AND);
    begin(Opcodes.IF);
  }

  void shiftRight(int by) {
    constant(by);
    op(Opcodes.I32_SHR_U);
  }

  void multiply() {
    op(Opcodes.I32_MUL);
    trim();
  }

  /**
   * Chicory's interpreter keeps all 64 bits of a product of i32, and looks at all of them where an
   * if wants to know whether it is zero. This cuts them off, and costs nothing once compiled.
   */
  void trim() {
    constant(0);
    op(Opcodes.I32_OR);
  }
}
