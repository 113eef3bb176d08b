package dev.dormouse.guest.fuel;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The first look at each function body: is it well formed, how deep does its operand stack get,
 * whom does it call. Operands are counted and not typed; the engine checks types.
 */
final class FunctionScan {
  /** Words of saved frames that the engine's compiler may need for one function. */
  private static final long MOST_FRAME_WORDS = 64_000_000;

  /** Steps that the engine may need to resolve the branches of all functions. */
  private static final long MOST_WORK = 2_000_000_000L;

  private final Module module;
  private final ModuleBounds bounds;
  private final BodyReader body;

  // The control stack: for each open block its opcode, operand height, and arities.
  private final IntList kinds = new IntList();
  private final IntList bases = new IntList();
  private final IntList params = new IntList();
  private final IntList results = new IntList();
  private int unreachableFrom;
  private int height;
  private int highest;

  private final IntList callees = new IntList();
  private final IntList indirect = new IntList();
  private long linearCost;
  private int instructions;
  private int assignedBytes;
  private final BitSet wide = new BitSet();
  private int blocks;
  private int loops;
  private long branches;
  private boolean hasBulk;
  private boolean hasTry;

  private long totalInstructions;
  private long totalWork;

  FunctionScan(Module module, ModuleBounds bounds) {
    this.module = module;
    this.bounds = bounds;
    this.body = new BodyReader(module);
  }

  FunctionFacts scan(int function) {
    reset();
    body.open(function);
    int declaredSlots = declare(function);
    FunctionType type = module.typeOf(function);
    open(Opcodes.BLOCK, 0, type.results().length);
    while (!kinds.isEmpty()) {
      if (!body.hasMore()) {
        throw ByteReader.invalid(body.position(), "a function body ends without END opcode");
      }
      body.next();
      instructions++;
      linearCost += Opcodes.cost(body.opcode);
      step();
      if (height > bounds.operands()) {
        throw ByteReader.invalid(
            body.at,
            "a function has more than " + bounds.operands() + " values on its operand stack");
      }
      highest = Math.max(highest, height);
    }
    if (body.hasMore()) {
      throw ByteReader.invalid(body.position(), "a function body goes on after its END opcode");
    }
    int frameSlots = declaredSlots + 2 * highest;
    countWork(frameSlots);
    return new FunctionFacts(
        frameSlots,
        body.locals(),
        instructions,
        assignedBytes,
        linearCost,
        distinct(callees),
        distinct(indirect),
        loops > 0,
        hasBulk,
        hasTry);
  }

  private void reset() {
    kinds.clear();
    bases.clear();
    params.clear();
    results.clear();
    callees.clear();
    indirect.clear();
    unreachableFrom = -1;
    height = 0;
    highest = 0;
    linearCost = 0;
    instructions = 0;
    assignedBytes = 0;
    blocks = 0;
    loops = 0;
    branches = 0;
    hasBulk = false;
    hasTry = false;
  }

  /** Notes which locals are of two words, and tells the words of all. */
  private int declare(int function) {
    wide.clear();
    int local = 0;
    for (int type : module.typeOf(function).params()) {
      wide.set(local++, ValueType.slots(type) == 2);
    }
    Module.Body code = module.body(function);
    for (int g = 0; g < code.localCounts().length; g++) {
      int end = local + code.localCounts()[g];
      wide.set(local, end, ValueType.slots(code.localTypes()[g]) == 2);
      local = end;
    }
    return local + wide.cardinality();
  }

  /** The engine parses and compiles each function; what that takes is bounded here. */
  private void countWork(int frameSlots) {
    long points = blocks + branches;
    if ((frameSlots + 16L) * points > MOST_FRAME_WORDS) {
      throw ByteReader.invalid(
          body.at, "a function has too many locals for its number of branches to be compiled");
    }
    totalInstructions += instructions;
    totalWork += (long) loops * blocks + (frameSlots + 16L) * points;
    if (totalInstructions > bounds.instructions()) {
      throw ByteReader.invalid(
          body.at,
          "it has too many instructions: " + bounds.instructions() + " in all is the most");
    }
    if (totalWork > MOST_WORK) {
      throw ByteReader.invalid(body.at, "its functions have too many blocks to be compiled");
    }
  }

  private static int[] distinct(IntList list) {
    return Arrays.stream(list.toArray()).sorted().distinct().toArray();
  }

  private void step() {
    int op = body.opcode;
    hasBulk |= Opcodes.isBulk(op);
    if (op == Opcodes.LOCAL_SET || op == Opcodes.LOCAL_TEE) {
      assignedBytes += wide.get(body.first) ? 8 : 4;
    }
    switch (op) {
      case Opcodes.BLOCK, Opcodes.LOOP -> {
        loops += op == Opcodes.LOOP ? 1 : 0;
        openBlock(op);
      }
      case Opcodes.IF -> {
        pop(1);
        openBlock(op);
      }
      case Opcodes.TRY_TABLE -> {
        hasTry = true;
        for (int i = 0; i < body.labels.size(); i += 3) {
          checkLabel(body.labels.get(i + 2));
        }
        openBlock(op);
      }
      case Opcodes.ELSE -> {
        if (kinds.last() != Opcodes.IF) {
          throw ByteReader.invalid(body.at, "an else without if: END opcode expected");
        }
        close();
        kinds.setLast(Opcodes.ELSE);
        height = bases.last() + params.last();
      }
      case Opcodes.END -> {
        close();
        height = bases.last() + results.last();
        kinds.removeLast();
        bases.removeLast();
        params.removeLast();
        results.removeLast();
      }
      case Opcodes.BR -> need(arity(body.first));
      case Opcodes.BR_IF -> {
        pop(1);
        need(arity(body.first));
      }
      case Opcodes.BR_TABLE -> {
        pop(1);
        for (int i = 0; i < body.labels.size(); i++) {
          need(arity(body.labels.get(i)));
        }
        branches += body.labels.size();
      }
      case Opcodes.BR_ON_NULL -> {
        pop(1);
        need(arity(body.first));
        push(1);
      }
      case Opcodes.BR_ON_NON_NULL -> {
        need(arity(body.first));
        pop(1);
      }
      case Opcodes.RETURN -> need(results.get(0));
      case Opcodes.CALL, Opcodes.RETURN_CALL -> {
        callees.add(body.first);
        call(module.typeOf(body.first));
      }
      case Opcodes.CALL_INDIRECT,
          Opcodes.RETURN_CALL_INDIRECT,
          Opcodes.CALL_REF,
          Opcodes.RETURN_CALL_REF -> {
        pop(1);
        indirect.add(body.first);
        call(module.types.get(body.first));
      }
      case Opcodes.THROW -> {
        need(module.types.get(module.tags.get(body.first)).params().length);
      }
      case Opcodes.GLOBAL_SET -> {
        if (body.first == module.stackLeft) {
          throw ByteReader.invalid(
              body.at, "only the meter writes the global of what is left of the call depth");
        }
        pop(1);
      }
      case Opcodes.REF_FUNC -> {
        module.addressTaken.set(body.first);
        push(1);
      }
      default -> {
        pop(Opcodes.pops(op));
        push(Opcodes.pushes(op));
      }
    }
    if (Opcodes.endsPath(op)) {
      height = bases.last();
      if (unreachableFrom < 0) {
        unreachableFrom = kinds.size() - 1;
      }
    }
  }

  private void call(FunctionType type) {
    pop(type.params().length);
    push(type.results().length);
  }

  private void openBlock(int op) {
    pop(body.blockParams());
    open(op, body.blockParams(), body.blockResults());
    push(body.blockParams());
    if (kinds.size() > bounds.nesting()) {
      throw ByteReader.invalid(body.at, "blocks are nested deeper than " + bounds.nesting());
    }
  }

  private void open(int op, int takes, int leaves) {
    blocks++;
    kinds.add(op);
    bases.add(height);
    params.add(takes);
    results.add(leaves);
  }

  private void close() {
    need(results.last());
    if (!isUnreachable() && height != bases.last() + results.last()) {
      throw ByteReader.invalid(body.at, "type mismatch, values remaining on stack at end of block");
    }
    if (unreachableFrom == kinds.size() - 1) {
      unreachableFrom = -1;
    }
  }

  private boolean isUnreachable() {
    return unreachableFrom >= 0;
  }

  private void checkLabel(int depth) {
    if (depth >= kinds.size()) {
      throw ByteReader.invalid(body.at, "unknown label " + depth);
    }
  }

  private int arity(int depth) {
    checkLabel(depth);
    branches++;
    int frame = kinds.size() - 1 - depth;
    return kinds.get(frame) == Opcodes.LOOP ? params.get(frame) : results.get(frame);
  }

  private void need(int count) {
    if (height - count < bases.last() && !isUnreachable()) {
      throw ByteReader.invalid(body.at, "type mismatch, the operand stack holds too few values");
    }
  }

  private void pop(int count) {
    need(count);
    height = Math.max(bases.last(), height - count);
  }

  private void push(int count) {
    height += count;
  }
}
