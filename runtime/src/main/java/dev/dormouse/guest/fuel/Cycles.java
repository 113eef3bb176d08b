package dev.dormouse.guest.fuel;

import java.util.BitSet;

/**
 * The strongly connected parts of a call graph: which nodes can be on one cycle. Parts are numbered
 * so that every call out of a part leads to one with a smaller number.
 */
final class Cycles {
  private static final int NONE = -1;

  private final CallGraph graph;
  private final int[] part;
  private final int[] number;
  private final int[] lowest;
  private final BitSet callsItself = new BitSet();
  private final BitSet cyclic = new BitSet();
  private final IntList waiting = new IntList();
  private final IntList path = new IntList();
  private final IntList edges = new IntList();
  private int numbered;
  private int parts;

  Cycles(CallGraph graph) {
    this.graph = graph;
    int nodes = graph.nodes();
    part = new int[nodes];
    number = new int[nodes];
    lowest = new int[nodes];
    java.util.Arrays.fill(part, NONE);
    for (int node = 0; node < nodes; node++) {
      if (number[node] == 0) {
        walk(node);
      }
    }
  }

  int parts() {
    return parts;
  }

  int partOf(int node) {
    return part[node];
  }

  /** Whether the nodes of a part can be on the stack more than once. */
  boolean isCyclic(int ofPart) {
    return cyclic.get(ofPart);
  }

  /** Tarjan's walk, with the stack in lists: a module may chain very many functions. */
  private void walk(int root) {
    open(root);
    while (!path.isEmpty()) {
      int node = path.last();
      int edge = edges.last();
      if (edge == graph.degree(node)) {
        path.removeLast();
        edges.removeLast();
        close(node);
        if (!path.isEmpty()) {
          int caller = path.last();
          lowest[caller] = Math.min(lowest[caller], lowest[node]);
        }
        continue;
      }
      edges.setLast(edge + 1);
      int next = graph.successor(node, edge);
      if (number[next] == 0) {
        open(next);
      } else if (part[next] == NONE) {
        lowest[node] = Math.min(lowest[node], number[next]);
        if (next == node) {
          callsItself.set(node);
        }
      }
    }
  }

  private void open(int node) {
    numbered++;
    number[node] = numbered;
    lowest[node] = numbered;
    waiting.add(node);
    path.add(node);
    edges.add(0);
  }

  private void close(int node) {
    if (lowest[node] != number[node]) {
      return;
    }
    if (waiting.last() != node || callsItself.get(node)) {
      cyclic.set(parts);
    }
    int member;
    do {
      member = waiting.last();
      waiting.removeLast();
      part[member] = parts;
    } while (member != node);
    parts++;
  }
}
