package dev.dormouse.guest.fuel;

/**
 * Where one function charges how much.
 *
 * <p>A charge covers a segment: the code that is reached from the charge without passing another
 * one. It is the cost of the dearest path through the segment. Code behind a branch stays in the
 * segment of the branch as long as that makes the charge no more than {@link Costs#SLACK} dearer
 * than the cheapest way out; else it starts a segment of its own. Where paths of several segments
 * meet, and at the head of each loop, a new one starts.
 */
final class CostPlan {
  private static final int NONE = -1;

  /** Paths of different segments meet, or arrive from unknown places. */
  private static final int MIXED = -2;

  /** What calling a function costs its caller beyond {@link Costs#CALL}, by function. */
  private final int[] calleeCost;

  private final BodyReader body;

  // Segments: where each starts (before which instruction), what it costs, and the cost up to the
  // first way out of it, or -1.
  final IntList starts = new IntList();
  final IntList costs = new IntList();
  private final IntList loopHeads = new IntList();
  private final IntList ways = new IntList();

  // Open blocks: opcode, the segment that its end is reached from and the dearest path to there,
  // and for an if the segment and path of its else.
  private final IntList kinds = new IntList();
  private final IntList endSegment = new IntList();
  private final IntList endPath = new IntList();
  private final IntList elseSegment = new IntList();
  private final IntList elsePath = new IntList();

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

  boolean isLoopHead(int index) {
    return loopHeads.get(index) != 0;
  }

  private void walk(int function) {
    starts.clear();
    costs.clear();
    loopHeads.clear();
    ways.clear();
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
    elseSegment.add(NONE);
    elsePath.add(0);
  }

  private void step(int i) {
    int op = body.opcode;
    int cost = Opcodes.cost(op);
    if (op == Opcodes.CALL || op == Opcodes.RETURN_CALL) {
      cost += calleeCost[body.first];
    }
    if (reachable) {
      charge(i, cost);
    }
    switch (op) {
      case Opcodes.BLOCK -> open(op);
      case Opcodes.LOOP -> {
        open(op);
        if (reachable) {
          startSegment(i + 1, true);
          charge(i + 1, Costs.ITERATION);
        }
      }
      case Opcodes.IF -> {
        open(op);
        if (reachable) {
          wayOut();
          elseSegment.setLast(segment);
          elsePath.setLast(path);
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
        resume(elseSegment.last(), elsePath.last());
      }
      case Opcodes.END -> end(i);
      case Opcodes.BR_IF, Opcodes.BR_ON_NULL, Opcodes.BR_ON_NON_NULL -> branch(body.first);
      case Opcodes.BR -> branch(body.first);
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

  private void charge(int at, int cost) {
    int way = ways.get(segment);
    boolean dearer = way != NONE && path + cost - way > Costs.SLACK && cost > 0;
    if (!whole && (dearer || path + cost > Costs.UNCHECKED)) {
      startSegment(at, false);
    }
    path += cost;
    if (path > costs.get(segment)) {
      costs.set(segment, path);
    }
  }

  private void branch(int depth) {
    if (reachable) {
      wayOut();
      meet(depth, segment);
    }
  }

  private void wayOut() {
    if (ways.get(segment) == NONE) {
      ways.set(segment, path);
    }
  }

  /** A path of a segment arrives at the end of a block. */
  private void meet(int depth, int from) {
    int frame = kinds.size() - 1 - depth;
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
    if (kind != Opcodes.LOOP) {
      if (reachable) {
        meet(0, segment);
      }
      if (kind == Opcodes.IF && elseSegment.last() != NONE) {
        path = elsePath.last();
        meet(0, elseSegment.last());
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
    elseSegment.removeLast();
    elsePath.removeLast();
  }
}
