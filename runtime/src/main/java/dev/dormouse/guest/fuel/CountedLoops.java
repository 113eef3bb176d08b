package dev.dormouse.guest.fuel;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds loops that know, when they begin, how often they turn: innermost ones that are left only at
 * their end, where one local that each turn moves by a constant is compared with a value that no
 * turn changes. Compilers write most short loops so.
 *
 * <pre>{@code
 * loop
 *   ...
 *   local.get $i  i32.const 4  i32.add  local.tee $i
 *   local.get $n  i32.ne  br_if 0
 * end
 * }</pre>
 */
final class CountedLoops {
  /**
   * A loop that turns until a local equals a bound.
   *
   * @param local the local that counts
   * @param step what each turn adds to it, never 0
   * @param boundLocal the local that holds the bound, or -1 for a constant
   * @param bound the constant
   */
  record Turns(int local, int step, int boundLocal, int bound) {}

  /** The largest step, so that the turns of one charge never go once around all numbers. */
  private static final int LARGEST_STEP = 1 << 16;

  /** How many instructions the longest condition has. */
  private static final int WINDOW = 6;

  private final List<@Nullable Turns> found = new ArrayList<>();

  // The last instructions of the innermost loop, the newest first. What was there before it lies
  // behind its LOOP, which no condition goes past.
  private final int[] ops = new int[WINDOW];
  private final int[] values = new int[WINDOW];

  // The innermost open loop, while it may still be one: its number and its place among open blocks.
  private int loop;
  private int place;
  private @Nullable Turns turns;

  /** Locals that it writes. */
  private final IntList writes = new IntList();

  // Locals that each of its turns moves by a constant, and by how much.
  private final IntList moved = new IntList();
  private final IntList steps = new IntList();

  void clear() {
    found.clear();
    loop = -1;
  }

  /** How a loop counts its turns, or null. */
  @Nullable Turns turns(int number) {
    return found.get(number);
  }

  /**
   * Takes the next instruction.
   *
   * @param blocks how many blocks are open before it
   */
  void step(BodyReader body, int blocks) {
    int op = body.opcode;
    if (op == Opcodes.LOOP) {
      begin(body, blocks);
    } else if (loop >= 0) {
      inside(body, blocks);
    }
    if (loop < 0) {
      return;
    }
    System.arraycopy(ops, 0, ops, 1, WINDOW - 1);
    System.arraycopy(values, 0, values, 1, WINDOW - 1);
    ops[0] = op;
    values[0] = op == Opcodes.I32_CONST ? (int) body.constant : body.first;
  }

  private void begin(BodyReader body, int blocks) {
    boolean plain = body.blockKind == BodyReader.BlockKind.EMPTY;
    loop = plain ? found.size() : -1;
    place = blocks;
    turns = null;
    writes.clear();
    moved.clear();
    steps.clear();
    found.add(null);
  }

  private void inside(BodyReader body, int blocks) {
    int op = body.opcode;
    if (turns != null) {
      // Nothing may stand between the branch back and the end.
      if (op == Opcodes.END) {
        found.set(loop, turns);
      }
      loop = -1;
      return;
    }
    switch (op) {
      case Opcodes.LOCAL_SET, Opcodes.LOCAL_TEE -> write(body.first, blocks);
      case Opcodes.BR_IF -> {
        int target = blocks - 1 - body.first;
        if (target == place && blocks - 1 == place) {
          turns = condition();
        }
        if (target <= place && turns == null) {
          loop = -1;
        }
      }
      case Opcodes.BR -> stays(body.first, blocks);
      case Opcodes.BR_TABLE -> {
        for (int t = 0; t < body.labels.size(); t++) {
          stays(body.labels.get(t), blocks);
        }
      }
      case Opcodes.END -> {
        if (blocks - 1 == place) {
          loop = -1;
        }
      }
      default -> {
        if (Opcodes.isCall(op)
            || Opcodes.isBulk(op)
            || op == Opcodes.BR_ON_NULL
            || op == Opcodes.BR_ON_NON_NULL
            || op == Opcodes.TRY_TABLE
            || (op != Opcodes.UNREACHABLE && Opcodes.endsPath(op))) {
          loop = -1;
        }
      }
    }
  }

  /** A branch that must not leave the loop, nor begin another turn. */
  private void stays(int label, int blocks) {
    if (blocks - 1 - label <= place) {
      loop = -1;
    }
  }

  private void write(int local, int blocks) {
    writes.add(local);
    if (blocks - 1 == place && isStep(0) && values[2] == local) {
      moved.add(local);
      steps.add(ops[0] == Opcodes.I32_ADD ? values[1] : -values[1]);
    }
  }

  /** What the branch back to the loop waits for, if it is something that can be counted. */
  private @Nullable Turns condition() {
    if (ops[0] != Opcodes.I32_NE) {
      return isLocal(0) ? turns(values[0], -1, 0) : null;
    }
    if (ops[1] == Opcodes.I32_CONST) {
      return isLocal(2) ? turns(values[2], -1, values[1]) : null;
    }
    if (ops[1] == Opcodes.LOCAL_TEE) {
      return switch (isStep(2) ? ops[5] : Opcodes.UNREACHABLE) {
        case Opcodes.I32_CONST -> turns(values[1], -1, values[5]);
        case Opcodes.LOCAL_GET -> turns(values[1], values[5], 0);
        default -> null;
      };
    }
    if (ops[1] != Opcodes.LOCAL_GET) {
      return null;
    }
    if (ops[2] == Opcodes.I32_CONST) {
      return turns(values[1], -1, values[2]);
    }
    if (!isLocal(2)) {
      return null;
    }
    Turns first = turns(values[2], values[1], 0);
    return first != null || ops[2] == Opcodes.LOCAL_TEE ? first : turns(values[1], values[2], 0);
  }

  private boolean isLocal(int back) {
    return ops[back] == Opcodes.LOCAL_GET || ops[back] == Opcodes.LOCAL_TEE;
  }

  private boolean isStep(int back) {
    return (ops[back] == Opcodes.I32_ADD || ops[back] == Opcodes.I32_SUB)
        && ops[back + 1] == Opcodes.I32_CONST
        && ops[back + 2] == Opcodes.LOCAL_GET;
  }

  private @Nullable Turns turns(int local, int boundLocal, int bound) {
    int step = 0;
    for (int i = 0; i < moved.size(); i++) {
      if (moved.get(i) == local) {
        step = steps.get(i);
      }
    }
    boolean counts = step != 0 && Math.abs((long) step) <= LARGEST_STEP && writes(local) == 1;
    return counts && writes(boundLocal) == 0 ? new Turns(local, step, boundLocal, bound) : null;
  }

  private int writes(int local) {
    int count = 0;
    for (int i = 0; i < writes.size(); i++) {
      if (writes.get(i) == local) {
        count++;
      }
    }
    return count;
  }
}
