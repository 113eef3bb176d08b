package dev.dormouse.guest.fuel;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** The loops of one function, numbered in the order in which they open. */
final class Loops {
  private static final int NONE = -1;

  /** A loop with more branches back than this is charged at its head, to keep the code small. */
  private static final int MOST_BRANCHES_BACK = 3;

  private final IntList open = new IntList();
  private final IntList branchesBack = new IntList();

  /** Loops that are branched back to under a condition, or that take parameters. */
  private final BitSet conditional = new BitSet();

  /** Loops from which something is called. */
  private final BitSet noisy = new BitSet();

  /** Loops that hold a br_table. */
  private final BitSet dispatching = new BitSet();

  private final CountedLoops counted = new CountedLoops();

  void find(BodyReader body, int function) {
    open.clear();
    branchesBack.clear();
    conditional.clear();
    noisy.clear();
    dispatching.clear();
    counted.clear();
    body.open(function);
    open.add(NONE);
    do {
      body.next();
      step(body);
    } while (body.hasMore());
  }

  private void step(BodyReader body) {
    int op = body.opcode;
    counted.step(body, open.size());
    switch (op) {
      case Opcodes.BLOCK, Opcodes.IF -> open.add(NONE);
      case Opcodes.TRY_TABLE -> {
        for (int c = 0; c < body.labels.size(); c += 3) {
          markTarget(body.labels.get(c + 2));
        }
        open.add(NONE);
      }
      case Opcodes.LOOP -> {
        if (body.blockParams() > 0) {
          conditional.set(branchesBack.size());
        }
        open.add(branchesBack.size());
        branchesBack.add(0);
      }
      case Opcodes.END -> open.removeLast();
      case Opcodes.BR -> {
        int loop = target(body.first);
        if (loop != NONE) {
          branchesBack.set(loop, branchesBack.get(loop) + 1);
        }
      }
      case Opcodes.BR_IF, Opcodes.BR_ON_NULL, Opcodes.BR_ON_NON_NULL -> markTarget(body.first);
      case Opcodes.BR_TABLE -> {
        for (int t = 0; t < body.labels.size(); t++) {
          markTarget(body.labels.get(t));
        }
        markOpen(dispatching);
      }
      default -> {
        if (Opcodes.isCall(op)) {
          markOpen(noisy);
        }
      }
    }
  }

  private int target(int label) {
    return open.get(open.size() - 1 - label);
  }

  private void markTarget(int label) {
    int loop = target(label);
    if (loop != NONE) {
      conditional.set(loop);
    }
  }

  /** Marks all open loops; those around a marked one are marked already. */
  private void markOpen(BitSet set) {
    for (int i = open.size() - 1; i >= 0; i--) {
      int loop = open.get(i);
      if (loop != NONE) {
        if (set.get(loop)) {
          return;
        }
        set.set(loop);
      }
    }
  }

  /** Whether a turn is charged by the branch that starts it, and not at the head of the loop. */
  boolean chargesBranches(int loop) {
    return !conditional.get(loop) && branchesBack.get(loop) <= MOST_BRANCHES_BACK;
  }

  /** How a loop counts its turns, or null where nobody knows their number before it begins. */
  CountedLoops.@Nullable Turns turns(int loop) {
    return counted.turns(loop);
  }

  /** Whether a compiler can do more for the loop when no call of the meter's stands in it. */
  boolean keepsCallsOut(int loop) {
    return !noisy.get(loop) && !dispatching.get(loop);
  }
}
