package dev.dormouse.guest.fuel;

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

  /** The same of a loop that is charged for many turns at once. */
  private static final int COUNTED = 2;

  private final Module module;
  private final MeterPlan plan;
  private final Layout layout;
  private final ModuleBounds bounds;
  private final BodyReader body;
  private final CostPlan costs;
  private final ByteSink out;

  private MeterPlan.Fuel fuel = MeterPlan.Fuel.CALLER;
  private int depthCharge;
  private boolean wrapped;
  private boolean catches;

  // The function's added locals.
  private int counter;
  private int level;
  private int scratch;

  // Open blocks: opcode, what may have been counted unchecked on arriving at the end, and at the
  // start; whether an exception may land there.
  private final IntList kinds = new IntList();
  private final IntList endUnchecked = new IntList();
  private final IntList startUnchecked = new IntList();
  private final IntList landings = new IntList();

  // Of each open block, its place among the open blocks of the output, and how many it became.
  private final IntList places = new IntList();
  private final IntList widths = new IntList();

  /** Of each open loop, its number among all. */
  private final IntList numbers = new IntList();

  private int loops;
  private int depth;
  private int segment;
  private int unchecked;

  FunctionWriter(Module module, MeterPlan plan, Layout layout, ModuleBounds bounds, ByteSink out) {
    this.module = module;
    this.plan = plan;
    this.layout = layout;
    this.bounds = bounds;
    this.out = out;
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
    counter = locals;
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
      out.u8(Opcodes.END);
    }
  }

  private void writeLocals(int function) {
    Module.Body code = module.body(function);
    int groups = code.localCounts().length;
    int added = needsLocals(function) ? 3 : 0;
    out.u32(groups + (added > 0 ? 1 : 0));
    for (int g = 0; g < groups; g++) {
      out.u32(code.localCounts()[g]);
      ValueType.write(out, code.localTypes()[g]);
    }
    if (added > 0) {
      out.u32(added);
      out.u8(ValueType.I32);
    }
  }

  private boolean needsLocals(int function) {
    return wrapped || fuel == MeterPlan.Fuel.ENTRY || plan.facts(function).hasBulk();
  }

  private void enter() {
    if (depthCharge > 0) {
      out.u8(Opcodes.GLOBAL_GET);
      out.u32(layout.stackGlobal());
      constant(depthCharge);
      out.u8(Opcodes.I32_SUB);
      local(Opcodes.LOCAL_TEE, level);
      out.u8(Opcodes.GLOBAL_SET);
      out.u32(layout.stackGlobal());
      ifNegative(level);
      call(layout.overflow());
      out.u8(Opcodes.UNREACHABLE);
      out.u8(Opcodes.END);
    }
    if (fuel == MeterPlan.Fuel.ENTRY) {
      out.u8(Opcodes.GLOBAL_GET);
      out.u32(layout.fuelGlobal());
      constant(costs.costs.get(0));
      settleInline();
    }
  }

  private void leave() {
    if (fuel == MeterPlan.Fuel.LOCAL) {
      out.u8(Opcodes.GLOBAL_GET);
      out.u32(layout.fuelGlobal());
      local(Opcodes.LOCAL_GET, counter);
      settleInline();
    }
    if (depthCharge > 0) {
      local(Opcodes.LOCAL_GET, level);
      constant(depthCharge);
      out.u8(Opcodes.I32_ADD);
      out.u8(Opcodes.GLOBAL_SET);
      out.u32(layout.stackGlobal());
    }
  }

  /** With the fuel that is left and a cost on the operand stack: takes one from the other. */
  private void settleInline() {
    out.u8(Opcodes.I32_SUB);
    local(Opcodes.LOCAL_TEE, counter);
    out.u8(Opcodes.GLOBAL_SET);
    out.u32(layout.fuelGlobal());
    ifNegative(counter);
    call(layout.refill());
    out.u8(Opcodes.END);
  }

  private void ifNegative(int local) {
    local(Opcodes.LOCAL_GET, local);
    constant(Integer.MIN_VALUE);
    out.u8(Opcodes.I32_AND);
    out.u8(Opcodes.IF);
    out.u8(0x40);
  }

  private void writeBody(int function) {
    kinds.clear();
    endUnchecked.clear();
    startUnchecked.clear();
    landings.clear();
    places.clear();
    widths.clear();
    numbers.clear();
    loops = 0;
    depth = 0;
    unchecked = 0;
    body.open(function);
    open(Opcodes.BLOCK, 1);
    segment = 0;
    for (int i = 0; !kinds.isEmpty(); i++) {
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
        constant(cost);
        call(layout.settle());
      }
      case LOCAL -> chargeLocal(segment, cost);
    }
  }

  private void chargeLocal(int segment, int cost) {
    if (segment == 0) {
      constant(cost);
      local(Opcodes.LOCAL_SET, counter);
      unchecked = cost;
      return;
    }
    if (costs.isLoopHead(segment) && widths.last() == COUNTED) {
      return;
    }
    addToCounter(cost);
    if (costs.isLoopHead(segment) && widths.last() == SURROUNDED) {
      leaveToSettle(1);
    } else if (costs.isLoopHead(segment) || unchecked + cost > Costs.UNCHECKED) {
      check();
    } else {
      local(Opcodes.LOCAL_SET, counter);
      unchecked += cost;
    }
  }

  private void addToCounter(int cost) {
    local(Opcodes.LOCAL_GET, counter);
    constant(cost);
    out.u8(Opcodes.I32_ADD);
  }

  /** With the new count on the operand stack: keeps it, and branches if it is large. */
  private void leaveToSettle(int label) {
    local(Opcodes.LOCAL_TEE, counter);
    isLarge();
    out.u8(Opcodes.BR_IF);
    out.u32(label);
    unchecked = 0;
  }

  /** A branch back to a loop whose branches are charged. */
  private void chargeBranch(int label) {
    int frame = kinds.size() - 1 - label;
    int cost = kinds.get(frame) == Opcodes.LOOP ? costs.branchCost(numbers.get(frame)) : 0;
    if (cost == 0) {
      return;
    }
    switch (fuel) {
      case CALLER, ENTRY -> {}
      case GLOBAL -> {
        constant(cost);
        call(layout.settle());
      }
      case LOCAL -> {
        addToCounter(cost);
        if (widths.get(frame) == SURROUNDED) {
          leaveToSettle(label(label) + 1);
        } else {
          check();
        }
      }
    }
  }

  /** With the new count on the operand stack: keeps it, and settles if it is large. */
  private void check() {
    local(Opcodes.LOCAL_TEE, counter);
    settleIfLarge();
    unchecked = 0;
  }

  private void isLarge() {
    constant(-Costs.UNCHECKED);
    out.u8(Opcodes.I32_AND);
  }

  private void settleIfLarge() {
    isLarge();
    out.u8(Opcodes.IF);
    out.u8(0x40);
    settle();
    out.u8(Opcodes.END);
  }

  private void settle() {
    local(Opcodes.LOCAL_GET, counter);
    call(layout.settle());
    constant(0);
    local(Opcodes.LOCAL_SET, counter);
  }

  private void open(int kind, int blocks) {
    kinds.add(kind);
    endUnchecked.add(0);
    startUnchecked.add(unchecked);
    landings.add(0);
    depth += blocks;
    places.add(depth - 1);
    widths.add(blocks);
    numbers.add(0);
  }

  private void instruction() {
    int op = body.opcode;
    if (Opcodes.isBulk(op) && fuel != MeterPlan.Fuel.CALLER) {
      chargeBulk();
    }
    switch (op) {
      case Opcodes.BLOCK, Opcodes.IF -> {
        body.write(out, Layout.SHIFT);
        open(op, 1);
      }
      case Opcodes.LOOP -> loop();
      case Opcodes.TRY_TABLE -> tryTable();
      case Opcodes.ELSE -> {
        body.write(out, Layout.SHIFT);
        meet(0);
        kinds.setLast(op);
        unchecked = startUnchecked.last();
      }
      case Opcodes.BR -> {
        meet(body.first);
        chargeBranch(body.first);
        body.first = label(body.first);
        body.write(out, Layout.SHIFT);
      }
      case Opcodes.BR_IF, Opcodes.BR_ON_NULL, Opcodes.BR_ON_NON_NULL -> {
        meet(body.first);
        if (body.first == 0 && widths.last() == COUNTED) {
          untilLimit();
        }
        body.first = label(body.first);
        body.write(out, Layout.SHIFT);
      }
      case Opcodes.BR_TABLE -> {
        for (int t = 0; t < body.labels.size(); t++) {
          meet(body.labels.get(t));
          body.labels.set(t, label(body.labels.get(t)));
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
        trim();
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
    CountedLoops.Turns turns = fuel == MeterPlan.Fuel.LOCAL ? costs.turns(loops) : null;
    if (turns != null) {
      beginCountedLoop(turns);
      return;
    }
    boolean around =
        fuel == MeterPlan.Fuel.LOCAL && body.blockParams() == 0 && costs.keepsCallsOut(loops);
    if (around) {
      body.writeBlock(out, Opcodes.BLOCK);
      body.writeBlock(out, Opcodes.LOOP);
      out.u8(Opcodes.BLOCK);
      out.u8(0x40);
    }
    body.write(out, Layout.SHIFT);
    open(Opcodes.LOOP, around ? SURROUNDED : 1);
    numbers.setLast(loops++);
    if (catches) {
      restoreLevel();
    }
  }

  /**
   * A loop that knows how often it turns becomes two, so that the inner one is as it was, with a
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
  private void beginCountedLoop(CountedLoops.Turns turns) {
    int cost = costs.costs.get(segment);
    int most = Costs.UNCHECKED / cost;
    body.write(out, Layout.SHIFT);
    turnsLeft(turns);
    local(Opcodes.LOCAL_TEE, scratch);
    constant(most);
    // One less, so that none, which is all numbers once around, counts as many.
    local(Opcodes.LOCAL_GET, scratch);
    constant(-1);
    out.u8(Opcodes.I32_ADD);
    constant(most);
    out.u8(Opcodes.I32_LT_U);
    out.u8(Opcodes.SELECT);
    local(Opcodes.LOCAL_TEE, scratch);
    constant(cost);
    multiply();
    local(Opcodes.LOCAL_GET, counter);
    out.u8(Opcodes.I32_ADD);
    check();
    local(Opcodes.LOCAL_GET, turns.local());
    local(Opcodes.LOCAL_GET, scratch);
    constant(turns.step());
    multiply();
    out.u8(Opcodes.I32_ADD);
    local(Opcodes.LOCAL_SET, scratch);
    body.write(out, Layout.SHIFT);
    open(Opcodes.LOOP, COUNTED);
    numbers.setLast(loops++);
  }

  /** How many turns are left until the bound, rounded down, or 0 for none or all numbers. */
  private void turnsLeft(CountedLoops.Turns turns) {
    if (turns.step() > 0) {
      bound(turns);
      local(Opcodes.LOCAL_GET, turns.local());
    } else {
      local(Opcodes.LOCAL_GET, turns.local());
      bound(turns);
    }
    out.u8(Opcodes.I32_SUB);
    int step = Math.abs(turns.step());
    if (Integer.bitCount(step) == 1) {
      shiftRight(Integer.numberOfTrailingZeros(step));
    } else {
      constant(step);
      out.u8(Opcodes.I32_DIV_U);
    }
  }

  private void bound(CountedLoops.Turns turns) {
    if (turns.boundLocal() >= 0) {
      local(Opcodes.LOCAL_GET, turns.boundLocal());
    } else {
      constant(turns.bound());
    }
  }

  private void multiply() {
    out.u8(Opcodes.I32_MUL);
    trim();
  }

  private CountedLoops.Turns turnsOfLast() {
    return Objects.requireNonNull(costs.turns(numbers.last()));
  }

  /** With the loop's own condition on the operand stack: one that asks for the limit instead. */
  private void untilLimit() {
    out.u8(Opcodes.DROP);
    local(Opcodes.LOCAL_GET, turnsOfLast().local());
    local(Opcodes.LOCAL_GET, scratch);
    out.u8(Opcodes.I32_NE);
  }

  private void endCountedLoop() {
    CountedLoops.Turns turns = turnsOfLast();
    out.u8(Opcodes.END);
    local(Opcodes.LOCAL_GET, turns.local());
    bound(turns);
    out.u8(Opcodes.I32_NE);
    out.u8(Opcodes.BR_IF);
    out.u32(0);
    out.u8(Opcodes.END);
  }

  private void endSurroundedLoop() {
    out.u8(Opcodes.END);
    out.u8(Opcodes.BR);
    out.u32(2);
    out.u8(Opcodes.END);
    settle();
    out.u8(Opcodes.BR);
    out.u32(0);
    out.u8(Opcodes.END);
    out.u8(Opcodes.END);
  }

  private void tryTable() {
    for (int c = 0; c < body.labels.size(); c += 3) {
      int to = body.labels.get(c + 2);
      landings.set(kinds.size() - 1 - to, 1);
      body.labels.set(c + 2, label(to));
    }
    body.write(out, Layout.SHIFT);
    open(Opcodes.TRY_TABLE, 1);
  }

  /** The label by which the output knows one of the open blocks. */
  private int label(int from) {
    return depth - 1 - places.get(kinds.size() - 1 - from);
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
      out.u8(Opcodes.BR);
      out.u32(depth - 1L);
    } else {
      out.u8(Opcodes.RETURN);
    }
  }

  private void meet(int label) {
    int frame = kinds.size() - 1 - label;
    endUnchecked.set(frame, Math.max(endUnchecked.get(frame), unchecked));
  }

  private void end() {
    if (widths.last() == SURROUNDED) {
      endSurroundedLoop();
    } else if (widths.last() == COUNTED) {
      endCountedLoop();
    } else {
      out.u8(Opcodes.END);
    }
    depth -= widths.last();
    int arriving = Math.max(unchecked, endUnchecked.last());
    unchecked = kinds.last() == Opcodes.IF ? Math.max(arriving, startUnchecked.last()) : arriving;
    boolean landing = landings.last() != 0;
    kinds.removeLast();
    endUnchecked.removeLast();
    startUnchecked.removeLast();
    landings.removeLast();
    places.removeLast();
    widths.removeLast();
    numbers.removeLast();
    if (landing && !kinds.isEmpty()) {
      restoreLevel();
    }
  }

  /** An exception may have skipped the returns of callees: their depth is given back here. */
  private void restoreLevel() {
    local(Opcodes.LOCAL_GET, level);
    out.u8(Opcodes.GLOBAL_SET);
    out.u32(layout.stackGlobal());
  }

  /** The operand that says how much is on top: it is charged before the instruction runs. */
  private void chargeBulk() {
    local(Opcodes.LOCAL_TEE, scratch);
    if (fuel == MeterPlan.Fuel.LOCAL) {
      local(Opcodes.LOCAL_GET, counter);
      bulkCost();
      out.u8(Opcodes.I32_ADD);
      check();
    } else {
      bulkCost();
      call(layout.settle());
    }
  }

  private void bulkCost() {
    switch (body.opcode) {
      case Opcodes.MEMORY_GROW -> {
        // Never more than the whole of the memory that it may have.
        local(Opcodes.LOCAL_GET, scratch);
        constant(bounds.memoryPages());
        local(Opcodes.LOCAL_GET, scratch);
        constant(bounds.memoryPages());
        out.u8(Opcodes.I32_LT_U);
        out.u8(Opcodes.SELECT);
        constant(Costs.PAGE);
        out.u8(Opcodes.I32_MUL);
        // An engine may have to move the pages that are there.
        out.u8(Opcodes.MEMORY_SIZE);
        out.u8(0);
        constant(Costs.PAGE_HELD);
        out.u8(Opcodes.I32_MUL);
        out.u8(Opcodes.I32_ADD);
      }
      case Opcodes.TABLE_GROW -> {
        local(Opcodes.LOCAL_GET, scratch);
        shiftRight(Costs.TABLE_SHIFT);
        out.u8(0xFC);
        out.u32(Opcodes.TABLE_SIZE & 0xFF);
        out.u32(body.first);
        shiftRight(Costs.TABLE_SHIFT);
        out.u8(Opcodes.I32_ADD);
      }
      case Opcodes.TABLE_COPY, Opcodes.TABLE_FILL, Opcodes.TABLE_INIT -> {
        local(Opcodes.LOCAL_GET, scratch);
        shiftRight(Costs.TABLE_SHIFT);
      }
      default -> {
        local(Opcodes.LOCAL_GET, scratch);
        shiftRight(Costs.MEMORY_SHIFT);
      }
    }
  }

  /**
   * Chicory's interpreter keeps all 64 bits of a product of i32, and looks at all of them where an
   * if wants to know whether it is zero. This cuts them off, and costs nothing once compiled.
   */
  private void trim() {
    constant(0);
    out.u8(Opcodes.I32_OR);
  }

  private void shiftRight(int by) {
    constant(by);
    out.u8(Opcodes.I32_SHR_U);
  }

  private void constant(int value) {
    out.u8(Opcodes.I32_CONST);
    out.signed(value);
  }

  private void local(int op, int index) {
    out.u8(op);
    out.u32(index);
  }

  private void call(int function) {
    out.u8(Opcodes.CALL);
    out.u32(function);
  }
}
