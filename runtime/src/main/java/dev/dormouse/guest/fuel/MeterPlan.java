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

  private final DepthPlan depths;
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
    this.depths = new DepthPlan(module, facts, graph);
    this.exceptions = hasExceptions();
    findEntries();
    var costs = new CostPlan(module, calleeCost);
    IntList order = graph.order();
    for (int i = 0; i < order.size(); i++) {
      int node = order.get(i);
      if (graph.isFunction(node)) {
        planCost(node, costs);
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
    if (module.isImported(function)) {
      calleeCost[function] = Costs.HOST_CALL;
      return;
    }
    FunctionFacts of = facts[function];
    if (entries.get(function)
        || graph.breaksCycle(function)
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

  int[] calleeCosts() {
    return calleeCost;
  }

  FunctionFacts facts(int function) {
    return facts[function];
  }

  /** Stack bytes that a function charges while it runs, or 0. */
  int depthCharge(int function) {
    return counting ? depths.charge(function) : 0;
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
