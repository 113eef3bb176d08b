package dev.dormouse.guest.fuel;

/**
 * Writes what one function does about its fuel. What it counts in a local is taken from the fuel
 * global now and then; where that goes below zero, the host is asked for more.
 */
final class FuelCode {
  private final Code code;
  private final Layout layout;

  /** The local that a function counts in. */
  private int counter;

  FuelCode(Code code, Layout layout) {
    this.code = code;
    this.layout = layout;
  }

  void countIn(int local) {
    counter = local;
  }

  void begin(int cost) {
    code.constant(cost);
    code.set(counter);
  }

  /** Takes a cost from the fuel global, in a function that counts nothing. */
  void takeAtOnce(int cost) {
    code.op(Opcodes.GLOBAL_GET, layout.fuelGlobal());
    code.constant(cost);
    take();
  }

  /** Takes what was counted from the fuel global, where the function is left. */
  void takeCounted() {
    code.op(Opcodes.GLOBAL_GET, layout.fuelGlobal());
    code.get(counter);
    take();
  }

  /** With the fuel that is left and a cost on the operand stack: takes one from the other. */
  private void take() {
    code.op(Opcodes.I32_SUB);
    code.tee(counter);
    code.op(Opcodes.GLOBAL_SET, layout.fuelGlobal());
    code.ifNegative(counter);
    code.op(Opcodes.CALL, layout.refill());
    code.op(Opcodes.END);
  }

  /** With a cost on the operand stack: has it settled now. */
  void settleCost() {
    code.op(Opcodes.CALL, layout.settle());
  }

  /** Leaves the new count on the operand stack. */
  void add(int cost) {
    code.get(counter);
    code.constant(cost);
    code.op(Opcodes.I32_ADD);
  }

  /** With a cost on the operand stack: leaves the new count there. */
  void addCost() {
    code.get(counter);
    code.op(Opcodes.I32_ADD);
  }

  /** With the new count on the operand stack: keeps it. */
  void keep() {
    code.set(counter);
  }

  /** With the new count on the operand stack: keeps it, and settles if it is large. */
  void check() {
    code.tee(counter);
    isLarge();
    code.begin(Opcodes.IF);
    settle();
    code.op(Opcodes.END);
  }

  /** With the new count on the operand stack: keeps it, and branches if it is large. */
  void leaveToSettle(int label) {
    code.tee(counter);
    isLarge();
    code.op(Opcodes.BR_IF, label);
  }

  private void isLarge() {
    code.constant(-Costs.UNCHECKED);
    code.op(Opcodes.I32_AND);
  }

  void settle() {
    code.get(counter);
    settleCost();
    begin(0);
  }
}
