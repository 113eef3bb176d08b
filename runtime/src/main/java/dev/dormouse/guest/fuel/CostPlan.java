package dev.dormouse.guest.fuel;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Where one function charges how much.
 *
 * <p>A charge covers a segment: the code that is reached from the charge without passing another
 * one. It is the cost of the dearest path through the segment. Code behind a branch stays in the
 * segment of the branch as long as that makes the charge no more than {@link Costs#SLACK} dearer
 * than the cheapest way out; else it starts a segment of its own. Where paths of several segments
 * meet a new one starts.
 *
 * <p>The first turn of a loop belongs to the segment that reaches it; each branch back to the head
 * is charged what a further turn may cost. A loop with conditional or many branches back starts a
 * segment at its head instead, which is then charged in every turn, or, where the loop is one
 * segment and knows how often it turns, for many turns at once.
 */
final class CostPlan {
  private static final int NONE = -1;

  /** Paths of different segments meet, or arrive from unknown places. */
  private static final int MIXED = -2;

  /** What calling a function costs its caller beyond {@link Costs#CALL}, by function. */
  private final int[] calleeCost;

  private final BodyReader body;

  // Segments: where each starts (before which instruction), what it costs, whether it starts at the
  // head of a loop, and the cost up to the first way out of it, or NONE.
  final IntList starts = new IntList();
  final IntList costs = new IntList();
  private final IntList loopHeads = new IntList();
  private final IntList ways = new IntList();

  private final Loops loops = new Loops();

  /** Of each loop, what a branch back to it is charged, or 0 where its head is charged. */
  private final IntList branchCosts = new IntList();

  // Open blocks: the opcode; the segment that the end is reached from, and the dearest path there;
  // for an if the segment and path of its else, and for a loop those of its head.
  private final IntList kinds = new IntList();
  private final IntList endSegment = new IntList();
  private final IntList endPath = new IntList();
  private final IntList headSegment = new IntList();
  private final IntList headPath = new IntList();

  // Open loops whose branches back are charged: number, place among the open blocks, and the
  // dearest path in it that lies in the segment of its head.
  private final IntList chargedLoops = new IntList();
  private final IntList chargedFrames = new IntList();
  private final IntList insidePaths = new IntList();

  /** Loops that are charged for many turns at once. */
  private final BitSet counted = new BitSet();

  // The innermost open loop that counts its turns, or NONE; its place among the open blocks.
  private int countedLoop;
  private int countedFrame;

  private boolean whole;
  private int segment;
  private int path;
  private boolean reachable;

  CostPlan(Module module, int[] calleeCost) {
    this.body = new BodyReader(module);
    this.calleeCost = calleeCost;
  }

  /** Cost of setting up a frame with so many parameters and locals. */
  static int entryCost(int locals) {
    return 1 + locals / Costs.LOCALS_PER_UNIT;
  }

  /** Cost of the dearest path through a function without loops. */
  int dearestPath(int function) {
    whole = true;
    walk(function);
    return costs.get(0);
  }

  void plan(int function) {
    whole = false;
    walk(function);
  }

  /** Whether a segment starts at the head of a loop. */
  boolean isLoopHead(int index) {
    return loopHeads.get(index) != 0;
  }

  /** What a branch back to a loop is charged, or 0 where its head is charged. */
  int branchCost(int loop) {
    return branchCosts.get(loop);
  }

  /** Whether a loop should have no call of the meter's in it. */
  boolean keepsCallsOut(int loop) {
    return loops.keepsCallsOut(loop);
  }

  /**
   * How a loop counts its turns, or null where it is not to be charged for many at once. Such a
   * loop has one cost, that of the segment at its head.
   */
  CountedLoops.@Nullable Turns turns(int loop) {
    return counted.get(loop) ? loops.turns(loop) : null;
  }

  private void walk(int function) {
    starts.clear();
    costs.clear();
    loopHeads.clear();
    ways.clear();
    branchCosts.clear();
    counted.clear();
    countedLoop = NONE;
    loops.find(body, function);
    body.open(function);
    reachable = true;
    startSegment(0, false);
    path = entryCost(body.locals());
    costs.set(0, path);
    open(Opcodes.BLOCK);
    for (int i = 0; !kinds.isEmpty(); i++) {
      body.next();
      step(i);
    }
  }

  private void startSegment(int at, boolean loopHead) {
    segment = starts.size();
    starts.add(at);
    costs.add(0);
    ways.add(NONE);
    loopHeads.add(loopHead ? 1 : 0);
    path = 0;
  }

  private void open(int kind) {
    kinds.add(kind);
    endSegment.add(NONE);
    endPath.add(0);
    headSegment.add(NONE);
    headPath.add(0);
  }

  private void step(int i) {
    int op = body.opcode;
    if (reachable) {
      charge(i, cost(op));
    }
    switch (op) {
      case Opcodes.BLOCK -> open(op);
      case Opcodes.LOOP -> openLoop(i);
      case Opcodes.IF -> {
        open(op);
        if (reachable) {
          wayOut();
          headSegment.setLast(segment);
          headPath.setLast(path);
        }
      }
      case Opcodes.TRY_TABLE -> {
        for (int c = 0; c < body.labels.size(); c += 3) {
          meet(body.labels.get(c + 2), MIXED);
        }
        open(op);
      }
      case Opcodes.ELSE -> {
        if (reachable) {
          meet(0, segment);
        }
        kinds.setLast(Opcodes.ELSE);
        resume(headSegment.last(), headPath.last());
      }
      case Opcodes.END -> end(i);
      case Opcodes.BR, Opcodes.BR_IF, Opcodes.BR_ON_NULL, Opcodes.BR_ON_NON_NULL ->
          branch(body.first);
      case Opcodes.BR_TABLE -> {
        for (int t = 0; t < body.labels.size(); t++) {
          branch(body.labels.get(t));
        }
      }
      default -> {}
    }
    if (Opcodes.endsPath(op)) {
      reachable = false;
    }
  }

  private int cost(int op) {
    int cost = Opcodes.cost(op);
    if (op == Opcodes.CALL || op == Opcodes.RETURN_CALL) {
      return cost + calleeCost[body.first];
    }
    if (op == Opcodes.LOOP && loops.chargesBranches(branchCosts.size())) {
      return cost + Costs.ITERATION;
    }
    return cost;
  }

  private void openLoop(int i) {
    int loop = branchCosts.size();
    branchCosts.add(0);
    open(Opcodes.LOOP);
    if (!reachable) {
      return;
    }
    if (loops.chargesBranches(loop)) {
      headSegment.setLast(segment);
      headPath.setLast(path - Costs.ITERATION);
      chargedLoops.add(loop);
      chargedFrames.add(kinds.size() - 1);
      insidePaths.add(path);
    } else {
      startSegment(i + 1, true);
      charge(i + 1, Costs.ITERATION);
      countedLoop = loops.turns(loop) != null ? loop : NONE;
      countedFrame = kinds.size() - 1;
    }
  }

  private void closeLoop(int i) {
    if (countedLoop != NONE && countedFrame == kinds.size() - 1) {
      // All of it belongs to the segment that begins at its head.
      if (segment == starts.size() - 1 && path <= Costs.MOST_OF_COUNTED_TURN) {
        counted.set(countedLoop);
        startSegment(i + 1, false);
      }
      countedLoop = NONE;
    }
    if (chargedFrames.isEmpty() || chargedFrames.last() != kinds.size() - 1) {
      return;
    }
    int inside = insidePaths.removeLast();
    chargedFrames.removeLast();
    branchCosts.set(chargedLoops.removeLast(), inside - headPath.last());
    noteInside(headSegment.last(), inside);
  }

  /**
   * The innermost of the loops that charge their branches learns of a path in it. A segment that
   * does not reach its head does not reach those around it from here either.
   */
  private void noteInside(int in, int at) {
    if (!chargedFrames.isEmpty()
        && headSegment.get(chargedFrames.last()) == in
        && at > insidePaths.last()) {
      insidePaths.setLast(at);
    }
  }

  private void charge(int at, int cost) {
    int way = ways.get(segment);
    // In front of a loop rather than in it, where each turn would meet the charge.
    boolean beforeLoop = body.opcode == Opcodes.LOOP;
    boolean dearer = way != NONE && cost > 0 && (beforeLoop || path + cost - way > Costs.SLACK);
    if (!whole && (dearer || path + cost > Costs.UNCHECKED)) {
      startSegment(at, false);
    }
    path += cost;
    if (path > costs.get(segment)) {
      costs.set(segment, path);
    }
    noteInside(segment, path);
  }

  private void branch(int label) {
    if (reachable) {
      wayOut();
      meet(label, segment);
    }
  }

  private void wayOut() {
    if (ways.get(segment) == NONE) {
      ways.set(segment, path);
    }
  }

  /** A path of a segment arrives at the end of a block. */
  private void meet(int label, int from) {
    int frame = kinds.size() - 1 - label;
    if (kinds.get(frame) == Opcodes.LOOP) {
      return;
    }
    int before = endSegment.get(frame);
    endSegment.set(frame, before == NONE || before == from ? from : MIXED);
    endPath.set(frame, Math.max(endPath.get(frame), path));
  }

  private void resume(int from, int at) {
    reachable = from != NONE;
    if (reachable) {
      segment = from;
      path = at;
    }
  }

  private void end(int i) {
    int kind = kinds.last();
    if (kind == Opcodes.LOOP) {
      closeLoop(i);
    } else {
      if (reachable) {
        meet(0, segment);
      }
      if (kind == Opcodes.IF && headSegment.last() != NONE) {
        path = headPath.last();
        meet(0, headSegment.last());
      }
      int from = endSegment.last();
      if (from == MIXED) {
        reachable = true;
        if (kinds.size() > 1) {
          startSegment(i + 1, false);
        }
      } else {
        resume(from, endPath.last());
      }
    }
    kinds.removeLast();
    endSegment.removeLast();
    endPath.removeLast();
    headSegment.removeLast();
    headPath.removeLast();
  }
}
