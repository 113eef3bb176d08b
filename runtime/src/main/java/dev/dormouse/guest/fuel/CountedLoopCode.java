package dev.dormouse.guest.fuel;

import dev.dormouse.guest.fuel.CountedLoops.Turns;

/**
 * Writes a loop that knows how often it turns as two, so that the inner one is as it was, with a
 * nearer bound:
 *
 * <pre>{@code
 * loop $more
 *   (turns: those that are left, or as many as one charge may pay)
 *   (charge turns * cost)
 *   (limit: $i + turns * step)
 *   loop ... $i != limit  br_if 0  end
 *   $i != bound  br_if $more
 * end
 * }</pre>
 *
 * <p>A bound that the steps miss is like one that is far away: the local goes round all numbers.
 * The turns of one charge never do, so they do not go past a bound that the steps meet.
 */
final class CountedLoopCode {
  /** Blocks that the loop becomes. */
  static final int WIDTH = 2;

  private final Code code;
  private final FuelCode fuel;

  CountedLoopCode(Code code, FuelCode fuel) {
    this.code = code;
    this.fuel = fuel;
  }

  /**
   * Writes what comes before the loop's own instructions.
   *
   * @param cost of one turn
   * @param scratch a local that nothing else uses until the loop's end: it holds the limit
   */
  void begin(Turns turns, int cost, int scratch) {
    int most = Costs.UNCHECKED / cost;
    code.begin(Opcodes.LOOP);
    left(turns);
    code.tee(scratch);
    code.constant(most);
    // One less, so that none, which is all numbers once around, counts as many.
    code.get(scratch);
    code.constant(-1);
    code.op(Opcodes.I32_ADD);
    code.constant(most);
    code.op(Opcodes.I32_LT_U);
    code.op(Opcodes.SELECT);
    code.tee(scratch);
    code.constant(cost);
    code.multiply();
    fuel.addCost();
    fuel.check();
    code.get(turns.local());
    code.get(scratch);
    code.constant(turns.step());
    code.multiply();
    code.op(Opcodes.I32_ADD);
    code.set(scratch);
    code.begin(Opcodes.LOOP);
  }

  /** How many turns are left until the bound, rounded down, or 0 for none or all numbers. */
  private void left(Turns turns) {
    if (turns.step() > 0) {
      bound(turns);
      code.get(turns.local());
    } else {
      code.get(turns.local());
      bound(turns);
    }
    code.op(Opcodes.I32_SUB);
    int step = Math.abs(turns.step());
    if (step == 1) {
      return;
    }
    if (Integer.bitCount(step) == 1) {
      code.shiftRight(Integer.numberOfTrailingZeros(step));
    } else {
      code.constant(step);
      code.op(Opcodes.I32_DIV_U);
    }
  }

  private void bound(Turns turns) {
    if (turns.boundLocal() >= 0) {
      code.get(turns.boundLocal());
    } else {
      code.constant(turns.bound());
    }
  }

  /** With the loop's own condition on the operand stack: one that asks for the limit instead. */
  void untilLimit(Turns turns, int scratch) {
    code.op(Opcodes.DROP);
    code.get(turns.local());
    code.get(scratch);
    code.op(Opcodes.I32_NE);
  }

  void end(Turns turns) {
    code.op(Opcodes.END);
    code.get(turns.local());
    bound(turns);
    code.op(Opcodes.I32_NE);
    code.op(Opcodes.BR_IF, 0);
    code.op(Opcodes.END);
  }
}
