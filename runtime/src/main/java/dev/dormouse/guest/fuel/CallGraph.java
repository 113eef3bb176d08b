package dev.dormouse.guest.fuel;

import dev.dormouse.abi.Abi;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;

/**
 * Who calls whom, and which functions break the cycles of it.
 *
 * <p>The nodes are the functions, one node for each type of indirect call (which leads to every
 * function of that type whose address is taken), and one for the host (which may call the guest's
 * allocator back). A depth-first walk marks the target of every edge that closes a cycle. Every
 * cycle then has a marked function on it, so what can stack up without one is bounded.
 */
final class CallGraph {
  private static final byte NEW = 0;
  private static final byte OPEN = 1;
  private static final byte DONE = 2;

  private final Module module;
  private final FunctionFacts[] facts;
  private final int functions;

  /** For each type index, the number of its node among the type nodes. */
  private final int[] typeNode;

  private final List<int[]> typeTargets = new ArrayList<>();
  private final int host;
  private final int[] hostTargets;
  private final BitSet breaking = new BitSet();
  private final byte[] state;
  private final IntList order = new IntList();

  CallGraph(Module module, FunctionFacts[] facts) {
    this.module = module;
    this.facts = facts;
    this.functions = module.functions.size();
    this.typeNode = new int[module.types.size()];
    findTypeTargets();
    this.host = functions + typeTargets.size();
    this.state = new byte[host + 1];
    this.hostTargets =
        module.exports.stream()
            .filter(port -> port.kind() == Module.FUNCTION && port.name().equals(Abi.REALLOC))
            .mapToInt(Module.Port::index)
            .toArray();
    var marked = walk(false);
    resolve(marked);
    walk(true);
  }

  private void findTypeTargets() {
    var nodes = new HashMap<String, Integer>();
    for (int i = 0; i < typeNode.length; i++) {
      typeNode[i] = nodes.computeIfAbsent(module.types.get(i).key(), key -> nodes.size());
    }
    var targets = new ArrayList<IntList>();
    nodes.forEach((key, node) -> targets.add(new IntList()));
    module.addressTaken.stream()
        .forEach(function -> targets.get(typeNode[module.functions.get(function)]).add(function));
    targets.forEach(list -> typeTargets.add(list.toArray()));
  }

  /** All nodes, callees before their callers but for calls of functions that break a cycle. */
  IntList order() {
    return order;
  }

  boolean isFunction(int node) {
    return node < functions;
  }

  boolean isHost(int node) {
    return node == host;
  }

  int nodes() {
    return host + 1;
  }

  /** Whether a function is on a cycle that it breaks. */
  boolean breaksCycle(int node) {
    return breaking.get(node);
  }

  int degree(int node) {
    if (node >= functions) {
      return targets(node).length;
    }
    if (module.isImported(node)) {
      return 1;
    }
    FunctionFacts of = facts[node];
    return of.callees().length + of.indirect().length;
  }

  int successor(int node, int i) {
    if (node >= functions) {
      return targets(node)[i];
    }
    if (module.isImported(node)) {
      return host;
    }
    FunctionFacts of = facts[node];
    int direct = of.callees().length;
    return i < direct ? of.callees()[i] : functions + typeNode[of.indirect()[i - direct]];
  }

  private int[] targets(int node) {
    return node == host ? hostTargets : typeTargets.get(node - functions);
  }

  /** Walks the whole graph; answers the targets of edges that close cycles. */
  private BitSet walk(boolean cutAtBreaking) {
    java.util.Arrays.fill(state, NEW);
    order.clear();
    var closing = new BitSet();
    var path = new IntList();
    var edges = new IntList();
    for (int root = 0; root < functions; root++) {
      if (state[root] != NEW) {
        continue;
      }
      path.add(root);
      edges.add(0);
      state[root] = OPEN;
      while (!path.isEmpty()) {
        int node = path.last();
        int edge = edges.last();
        if (edge == degree(node)) {
          state[node] = DONE;
          order.add(node);
          path.removeLast();
          edges.removeLast();
          continue;
        }
        edges.setLast(edge + 1);
        int next = successor(node, edge);
        if (cutAtBreaking && breaking.get(next)) {
          continue;
        }
        if (state[next] == OPEN) {
          closing.set(next);
        } else if (state[next] == NEW) {
          state[next] = OPEN;
          path.add(next);
          edges.add(0);
        }
      }
    }
    return closing;
  }

  private void resolve(BitSet closing) {
    closing.stream()
        .forEach(
            node -> {
              if (isFunction(node) && !module.isImported(node)) {
                breaking.set(node);
              } else if (isHost(node) || isFunction(node)) {
                for (int target : hostTargets) {
                  breaking.set(target);
                }
              } else {
                resolveType(node);
              }
            });
  }

  /** A cycle closes at an indirect call: those who make it charge, or those who may be meant. */
  private void resolveType(int node) {
    int[] targets = targets(node);
    var callers = new IntList();
    for (int f = module.importedFunctions; f < functions; f++) {
      for (int type : facts[f].indirect()) {
        if (functions + typeNode[type] == node) {
          callers.add(f);
          break;
        }
      }
    }
    boolean importsMeant = targets.length > 0 && module.isImported(targets[0]);
    if (callers.size() <= targets.length || importsMeant) {
      for (int i = 0; i < callers.size(); i++) {
        breaking.set(callers.get(i));
      }
    } else {
      for (int target : targets) {
        breaking.set(target);
      }
    }
  }
}
