package dev.dormouse.guest.fuel;

import java.util.BitSet;

/**
 * Which functions charge the call-depth budget, and how much.
 *
 * <p>Whatever stands on the stack is paid for once. A function in a recursion charges for its own
 * frame; where it may call uncharged functions that lead back into the recursion, also for the
 * longest chain of those, which is kept short. All that can stand on the stack but once, and what
 * is uncharged where calls enter and leave a recursion, is covered by a reserve: the host's stack
 * has {@link Costs#RESERVE_BYTES} for it beside the budget, and where that could be too little,
 * functions charge for it as well.
 */
final class DepthPlan {
  private final Module module;
  private final FunctionFacts[] facts;
  private final CallGraph graph;
  private final Cycles cycles;
  private final BitSet charging = new BitSet();
  private final int[] charge;

  /** Of each node in a recursion, the longest chain from it that leads back and is not charged. */
  private final int[] chain;

  /** Of each part of the graph, the most that can stand on the stack from it on, uncharged. */
  private final int[] uncharged;

  DepthPlan(Module module, FunctionFacts[] facts, CallGraph graph) {
    this.module = module;
    this.facts = facts;
    this.graph = graph;
    this.cycles = new Cycles(graph);
    this.charge = new int[graph.nodes()];
    this.chain = new int[graph.nodes()];
    this.uncharged = new int[cycles.parts()];
    IntList order = graph.order();
    for (int i = 0; i < order.size(); i++) {
      if (cycles.isCyclic(cycles.partOf(order.get(i)))) {
        planCycle(order.get(i));
      }
    }
    planReserve();
  }

  /** Stack bytes that a function charges while it runs, or 0. */
  int charge(int function) {
    return charging.get(function) ? charge[function] : 0;
  }

  private boolean isDefined(int node) {
    return graph.isFunction(node) && !module.isImported(node);
  }

  private int frame(int node) {
    if (graph.isHost(node)) {
      return Costs.HOST_BYTES;
    }
    if (!graph.isFunction(node)) {
      return Costs.DISPATCH_BYTES;
    }
    if (module.isImported(node)) {
      return 0;
    }
    FunctionFacts of = facts[node];
    return Costs.FRAME_BYTES
        + Costs.SLOT_BYTES * (of.frameSlots() + 4)
        + spills(of)
        + (of.instructions() > Costs.LARGE_BODY ? Costs.LARGE_BODY_BYTES : 0);
  }

  private static int spills(FunctionFacts of) {
    if (of.instructions() > Costs.MOST_SPILLING) {
      return 0;
    }
    int first = Math.min(of.instructions(), Costs.SPILLING_MOST);
    int later = of.instructions() - first;
    int usual = (first * Costs.SPILL_BYTES_OF_TEN + later * Costs.LATER_SPILL_BYTES_OF_TEN) / 10;
    return Math.min(Costs.MOST_SPILL_BYTES, Math.max(usual, of.assignedBytes()));
  }

  private void planCycle(int node) {
    int longest = 0;
    for (int i = 0; i < graph.degree(node); i++) {
      int next = graph.successor(node, i);
      if (cycles.partOf(next) == cycles.partOf(node)
          && !graph.breaksCycle(next)
          && !charging.get(next)) {
        longest = Math.max(longest, chain[next]);
      }
    }
    chain[node] = frame(node) + longest;
    if (isDefined(node)
        && (graph.breaksCycle(node)
            || facts[node].hasTry()
            || chain[node] > Costs.UNCHARGED_IN_CYCLE_BYTES)) {
      charging.set(node);
      charge[node] = chain[node];
    }
  }

  /** Callees first: parts are numbered so. */
  private void planReserve() {
    int[][] members = members();
    for (int part = 0; part < members.length; part++) {
      int below = below(part, members[part]);
      if (cycles.isCyclic(part)) {
        planReserve(part, members[part], below);
      } else {
        int node = members[part][0];
        int all = frame(node) + below;
        uncharged[part] = all;
        if (isDefined(node) && (all > Costs.RESERVE_BYTES || facts[node].hasTry())) {
          charging.set(node);
          charge[node] = all;
          uncharged[part] = 0;
        }
      }
    }
  }

  /** Uncharged functions of a recursion may stand where calls enter it, and where they leave it. */
  private void planReserve(int part, int[] members, int below) {
    int most = 0;
    for (int node : members) {
      if (!charging.get(node)) {
        most = Math.max(most, chain[node]);
      }
    }
    int all = 2 * most + below;
    uncharged[part] = all;
    if (all > Costs.RESERVE_BYTES) {
      uncharged[part] = most;
      for (int node : members) {
        if (charging.get(node)) {
          charge[node] += all;
        }
      }
    }
  }

  private int below(int part, int[] members) {
    int most = 0;
    for (int node : members) {
      for (int i = 0; i < graph.degree(node); i++) {
        int next = cycles.partOf(graph.successor(node, i));
        if (next != part) {
          most = Math.max(most, uncharged[next]);
        }
      }
    }
    return most;
  }

  private int[][] members() {
    var sizes = new int[cycles.parts()];
    for (int node = 0; node < graph.nodes(); node++) {
      sizes[cycles.partOf(node)]++;
    }
    var members = new int[sizes.length][];
    for (int node = 0; node < graph.nodes(); node++) {
      int part = cycles.partOf(node);
      if (members[part] == null) {
        members[part] = new int[sizes[part]];
      }
      members[part][--sizes[part]] = node;
    }
    return members;
  }
}
