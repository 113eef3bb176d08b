package dev.dormouse.guest.fuel;

import java.util.BitSet;

/** What each function has to do for fuel and for call depth. */
final class MeterPlan {
  /** Who counts the fuel of a function. */
  enum Fuel {
    /** Its callers, before they call it. */
    CALLER,
    /** It has one cost, charged on entry. */
    ENTRY,
    /** It counts in a local and settles with the global now and then, and when it returns. */
    LOCAL,
    /** It charges the global at once, because an exception may skip its return. */
    GLOBAL
  }

  private final Module module;
  private final FunctionFacts[] facts;
  private final CallGraph graph;

  /** What calling a function costs its caller beyond {@link Costs#CALL}. */
  private final int[] calleeCost;

  private final int[] depth;
  private final BitSet paidByCaller = new BitSet();
  private final BitSet entries = new BitSet();
  private final boolean exceptions;
  private final boolean counting;

  /**
   * @param counting false for a plan in which nothing charges anything, which is for measuring only
   */
  MeterPlan(Module module, FunctionFacts[] facts, boolean counting) {
    this.module = module;
    this.counting = counting;
    this.facts = facts;
    this.graph = new CallGraph(module, facts);
    this.calleeCost = new int[module.functions.size()];
    this.depth = new int[graph.nodes()];
    this.exceptions = hasExceptions();
    findEntries();
    var costs = new CostPlan(module, calleeCost);
    IntList order = graph.order();
    for (int i = 0; i < order.size(); i++) {
      int node = order.get(i);
      if (!graph.isFunction(node) || module.isImported(node)) {
        depth[node] = depthOfOther(node);
      } else {
        planCost(node, costs);
        planDepth(node);
      }
    }
  }

  private boolean hasExceptions() {
    if (!module.tags.isEmpty()) {
      return true;
    }
    for (FunctionFacts of : facts) {
      if (of != null && of.hasTry()) {
        return true;
      }
    }
    return false;
  }

  /** Functions that someone other than a direct caller may enter. */
  private void findEntries() {
    entries.or(module.addressTaken);
    for (Module.Port port : module.exports) {
      if (port.kind() == Module.FUNCTION) {
        entries.set(port.index());
      }
    }
    if (module.start >= 0) {
      entries.set(module.start);
    }
  }

  private void planCost(int function, CostPlan costs) {
    FunctionFacts of = facts[function];
    if (entries.get(function)
        || graph.charges(function)
        || of.hasLoop()
        || of.hasBulk()
        || of.hasTry()
        || of.linearCost() > 16L * Costs.PAID_BY_CALLER) {
      return;
    }
    int cost = costs.dearestPath(function);
    if (cost <= Costs.PAID_BY_CALLER) {
      paidByCaller.set(function);
      calleeCost[function] = cost;
    }
  }

  private int depthOfOther(int node) {
    int most = mostBelow(node);
    if (graph.isHost(node)) {
      return most + Costs.HOST_BYTES;
    }
    if (graph.isFunction(node)) {
      calleeCost[node] = Costs.HOST_CALL;
      return most;
    }
    return most + Costs.DISPATCH_BYTES;
  }

  private int mostBelow(int node) {
    int most = 0;
    for (int i = 0; i < graph.degree(node); i++) {
      int next = graph.successor(node, i);
      if (!graph.isFunction(next) || !graph.charges(next)) {
        most = Math.max(most, depth[next]);
      }
    }
    return most;
  }

  private void planDepth(int function) {
    FunctionFacts of = facts[function];
    int frame =
        Costs.FRAME_BYTES
            + Costs.SLOT_BYTES * (of.frameSlots() + 4)
            + (of.instructions() > Costs.LARGE_BODY ? Costs.LARGE_BODY_BYTES : 0);
    depth[function] = frame + mostBelow(function);
    if (depth[function] > Costs.UNCHARGED_DEPTH_BYTES || of.hasTry()) {
      graph.addCharging(function);
    }
  }

  int[] calleeCosts() {
    return calleeCost;
  }

  FunctionFacts facts(int function) {
    return facts[function];
  }

  /** Stack bytes that a function charges while it runs, or 0. */
  int depthCharge(int function) {
    return counting && graph.charges(function) ? depth[function] : 0;
  }

  /** Given where a function would charge, how it does. */
  Fuel fuel(int function, CostPlan costs) {
    if (!counting || paidByCaller.get(function)) {
      return Fuel.CALLER;
    }
    if (exceptions) {
      return Fuel.GLOBAL;
    }
    FunctionFacts of = facts[function];
    if (of.hasLoop() || of.hasBulk()) {
      return Fuel.LOCAL;
    }
    for (int i = 1; i < costs.starts.size(); i++) {
      if (costs.costs.get(i) > 0) {
        return Fuel.LOCAL;
      }
    }
    return Fuel.ENTRY;
  }
}
