package dev.dormouse.guest.fuel;

import dev.dormouse.guest.fuel.CountedLoops.Turns;
import java.util.Objects;

/**
 * Writes one function with its charges.
 *
 * <p>The body goes into a block of its own, so that every way out (return, a branch to the function
 * label, falling off the end) leads to one place behind it, where the function settles its fuel and
 * gives its depth back. A tail call becomes a call and a return: the engines keep the frame anyway,
 * and depth must be charged the same in all of them.
 */
final class FunctionWriter {
  /** Blocks that a loop becomes with those around it. */
  private static final int SURROUNDED = 4;

  private static final int ADDED_LOCALS = 3;

  private final Module module;
  private final MeterPlan plan;
  private final Layout layout;
  private final BodyReader body;
  private final CostPlan costs;
  private final ByteSink out;
  private final Code code;
  private final FuelCode counting;
  private final CountedLoopCode countedLoops;
  private final BulkCode bulk;
  private final OpenBlocks blocks = new OpenBlocks();

  private MeterPlan.Fuel fuel = MeterPlan.Fuel.CALLER;
  private int depthCharge;
  private boolean wrapped;
  private boolean catches;

  // The function's added locals, behind the one that counts fuel.
  private int level;
  private int scratch;

  private int loops;
  private int segment;

  /** What may have been counted since the last look at it. */
  private int unchecked;

  FunctionWriter(Module module, MeterPlan plan, Layout layout, ModuleBounds bounds, ByteSink out) {
    this.module = module;
    this.plan = plan;
    this.layout = layout;
    this.out = out;
    this.code = new Code(out);
    this.counting = new FuelCode(code, layout);
    this.countedLoops = new CountedLoopCode(code, counting);
    this.bulk = new BulkCode(code, bounds);
    this.body = new BodyReader(module);
    this.costs = new CostPlan(module, plan.calleeCosts());
  }

  /** Writes the function's locals and instructions, without the size in front. */
  void write(int function) {
    costs.plan(function);
    fuel = plan.fuel(function, costs);
    depthCharge = plan.depthCharge(function);
    wrapped = depthCharge > 0 || fuel == MeterPlan.Fuel.LOCAL;
    catches = plan.facts(function).hasTry();
    int locals = plan.facts(function).locals();
    counting.countIn(locals);
    level = locals + 1;
    scratch = locals + 2;
    writeLocals(function);
    enter();
    if (wrapped) {
      out.u8(Opcodes.BLOCK);
      layout.writeResultBlock(out, module.typeOf(function));
    }
    writeBody(function);
    if (wrapped) {
      leave();
      code.op(Opcodes.END);
    }
  }

  private void writeLocals(int function) {
    Module.Body declared = module.body(function);
    int groups = declared.localCounts().length;
    boolean added = wrapped || fuel == MeterPlan.Fuel.ENTRY || plan.facts(function).hasBulk();
    out.u32(groups + (added ? 1 : 0));
    for (int g = 0; g < groups; g++) {
      out.u32(declared.localCounts()[g]);
      ValueType.write(out, declared.localTypes()[g]);
    }
    if (added) {
      out.u32(ADDED_LOCALS);
      out.u8(ValueType.I32);
    }
  }

  private void enter() {
    if (depthCharge > 0) {
      code.op(Opcodes.GLOBAL_GET, layout.stackGlobal());
      code.constant(depthCharge);
      code.op(Opcodes.I32_SUB);
      code.tee(level);
      code.op(Opcodes.GLOBAL_SET, layout.stackGlobal());
      code.ifNegative(level);
      code.op(Opcodes.CALL, layout.overflow());
      code.op(Opcodes.UNREACHABLE);
      code.op(Opcodes.END);
    }
    if (fuel == MeterPlan.Fuel.ENTRY) {
      counting.takeAtOnce(costs.costs.get(0));
    }
  }

  private void leave() {
    if (fuel == MeterPlan.Fuel.LOCAL) {
      counting.takeCounted();
    }
    if (depthCharge > 0) {
      code.get(level);
      code.constant(depthCharge);
      code.op(Opcodes.I32_ADD);
      code.op(Opcodes.GLOBAL_SET, layout.stackGlobal());
    }
  }

  private void writeBody(int function) {
    blocks.clear();
    loops = 0;
    unchecked = 0;
    body.open(function);
    blocks.open(Opcodes.BLOCK, 1, 0);
    segment = 0;
    for (int i = 0; !blocks.isEmpty(); i++) {
      while (segment < costs.starts.size() && costs.starts.get(segment) == i) {
        charge(segment++);
      }
      body.next();
      instruction();
    }
  }

  private void charge(int segment) {
    int cost = costs.costs.get(segment);
    if (cost == 0) {
      return;
    }
    switch (fuel) {
      case CALLER, ENTRY -> {}
      case GLOBAL -> {
        code.constant(cost);
        counting.settleCost();
      }
      case LOCAL -> chargeLocal(segment, cost);
    }
  }

  private void chargeLocal(int segment, int cost) {
    if (segment == 0) {
      counting.begin(cost);
      unchecked = cost;
      return;
    }
    boolean loopHead = costs.isLoopHead(segment);
    if (loopHead && blocks.width(0) == CountedLoopCode.WIDTH) {
      return;
    }
    counting.add(cost);
    if (loopHead && blocks.width(0) == SURROUNDED) {
      counting.leaveToSettle(1);
      unchecked = 0;
    } else if (loopHead || unchecked + cost > Costs.UNCHECKED) {
      check();
    } else {
      counting.keep();
      unchecked += cost;
    }
  }

  /** A branch back to a loop whose branches are charged. */
  private void chargeBranch(int label) {
    int cost = blocks.kind(label) == Opcodes.LOOP ? costs.branchCost(blocks.number(label)) : 0;
    if (cost == 0) {
      return;
    }
    switch (fuel) {
      case CALLER, ENTRY -> {}
      case GLOBAL -> {
        code.constant(cost);
        counting.settleCost();
      }
      case LOCAL -> {
        counting.add(cost);
        if (blocks.width(label) == SURROUNDED) {
          counting.leaveToSettle(blocks.label(label) + 1);
          unchecked = 0;
        } else {
          check();
        }
      }
    }
  }

  private void check() {
    counting.check();
    unchecked = 0;
  }

  private void instruction() {
    int op = body.opcode;
    if (Opcodes.isBulk(op) && fuel != MeterPlan.Fuel.CALLER) {
      chargeBulk();
    }
    switch (op) {
      case Opcodes.BLOCK, Opcodes.IF -> {
        body.write(out, Layout.SHIFT);
        blocks.open(op, 1, unchecked);
      }
      case Opcodes.LOOP -> loop();
      case Opcodes.TRY_TABLE -> tryTable();
      case Opcodes.ELSE -> {
        body.write(out, Layout.SHIFT);
        blocks.arrive(0, unchecked);
        blocks.becomeElse();
        unchecked = blocks.uncheckedAtStart();
      }
      case Opcodes.BR -> {
        blocks.arrive(body.first, unchecked);
        chargeBranch(body.first);
        body.first = blocks.label(body.first);
        body.write(out, Layout.SHIFT);
      }
      case Opcodes.BR_IF, Opcodes.BR_ON_NULL, Opcodes.BR_ON_NON_NULL -> {
        blocks.arrive(body.first, unchecked);
        if (body.first == 0 && blocks.width(0) == CountedLoopCode.WIDTH) {
          countedLoops.untilLimit(innermostTurns(), scratch);
        }
        body.first = blocks.label(body.first);
        body.write(out, Layout.SHIFT);
      }
      case Opcodes.BR_TABLE -> {
        for (int t = 0; t < body.labels.size(); t++) {
          blocks.arrive(body.labels.get(t), unchecked);
          body.labels.set(t, blocks.label(body.labels.get(t)));
        }
        body.write(out, Layout.SHIFT);
      }
      case Opcodes.RETURN -> leaveBody();
      case Opcodes.RETURN_CALL, Opcodes.RETURN_CALL_INDIRECT, Opcodes.RETURN_CALL_REF -> {
        body.opcode = plainCall(op);
        body.write(out, Layout.SHIFT);
        leaveBody();
      }
      case Opcodes.END -> end();
      case Opcodes.I32_MUL -> {
        body.write(out, Layout.SHIFT);
        code.trim();
      }
      default -> body.write(out, Layout.SHIFT);
    }
    if (Opcodes.endsPath(op)) {
      unchecked = 0;
    }
  }

  /**
   * A loop that calls nothing stays so: it is left to settle, and entered again, so that no call
   * stands in the way of what a compiler can do for it. It becomes
   *
   * <pre>{@code
   * block $done                 ;; of the loop's own type, likewise below
   *   loop $again
   *     block $settle           ;; of no type
   *       loop ... end          ;; branches to $settle when it has counted enough
   *       br $done
   *     end
   *     (settle)
   *     br $again
   *   end
   * end
   * }</pre>
   */
  private void loop() {
    int number = loops++;
    Turns turns = fuel == MeterPlan.Fuel.LOCAL ? costs.turns(number) : null;
    if (turns != null) {
      countedLoops.begin(turns, costs.costs.get(segment), scratch);
      blocks.openLoop(number, CountedLoopCode.WIDTH, 0);
      return;
    }
    boolean around =
        fuel == MeterPlan.Fuel.LOCAL && body.blockParams() == 0 && costs.keepsCallsOut(number);
    if (around) {
      body.writeBlock(out, Opcodes.BLOCK);
      body.writeBlock(out, Opcodes.LOOP);
      code.begin(Opcodes.BLOCK);
    }
    body.write(out, Layout.SHIFT);
    blocks.openLoop(number, around ? SURROUNDED : 1, unchecked);
    if (catches) {
      restoreLevel();
    }
  }

  private Turns innermostTurns() {
    return Objects.requireNonNull(costs.turns(blocks.number(0)));
  }

  private void endSurroundedLoop() {
    code.op(Opcodes.END);
    code.op(Opcodes.BR, 2);
    code.op(Opcodes.END);
    counting.settle();
    code.op(Opcodes.BR, 0);
    code.op(Opcodes.END);
    code.op(Opcodes.END);
  }

  private void tryTable() {
    for (int c = 0; c < body.labels.size(); c += 3) {
      int to = body.labels.get(c + 2);
      blocks.mayLand(to);
      body.labels.set(c + 2, blocks.label(to));
    }
    body.write(out, Layout.SHIFT);
    blocks.open(Opcodes.TRY_TABLE, 1, unchecked);
  }

  private static int plainCall(int op) {
    return switch (op) {
      case Opcodes.RETURN_CALL -> Opcodes.CALL;
      case Opcodes.RETURN_CALL_INDIRECT -> Opcodes.CALL_INDIRECT;
      default -> Opcodes.CALL_REF;
    };
  }

  private void leaveBody() {
    if (wrapped) {
      code.op(Opcodes.BR, blocks.outermost());
    } else {
      code.op(Opcodes.RETURN);
    }
  }

  private void end() {
    switch (blocks.width(0)) {
      case SURROUNDED -> endSurroundedLoop();
      case CountedLoopCode.WIDTH -> countedLoops.end(innermostTurns());
      default -> code.op(Opcodes.END);
    }
    unchecked = Math.max(unchecked, blocks.uncheckedAtEnd());
    if (blocks.kind(0) == Opcodes.IF) {
      unchecked = Math.max(unchecked, blocks.uncheckedAtStart());
    }
    boolean landing = blocks.isLanding();
    blocks.close();
    if (landing && !blocks.isEmpty()) {
      restoreLevel();
    }
  }

  /** An exception may have skipped the returns of callees: their depth is given back here. */
  private void restoreLevel() {
    code.get(level);
    code.op(Opcodes.GLOBAL_SET, layout.stackGlobal());
  }

  /** The operand that says how much is on top: it is charged before the instruction runs. */
  private void chargeBulk() {
    code.tee(scratch);
    bulk.cost(body, scratch);
    if (fuel == MeterPlan.Fuel.LOCAL) {
      counting.addCost();
      check();
    } else {
      counting.settleCost();
    }
  }
}
