import { head, locals, targets } from "./text.mjs";

/** Which locals of a function hold something that is still needed, before and after each expression; sets are bits of a bigint. */
export class Liveness {
  #bits = new Map();
  #before = new Map();
  #after = new Map();
  #labels = new Map();

  constructor(fn) {
    const { types, at } = locals(fn);
    for (const name of types.keys()) this.#bits.set(name, 1n << BigInt(this.#bits.size));
    this.#list(fn, at, 0n);
  }

  isBefore(expression, local) {
    return this.#has(this.#before.get(expression), local);
  }

  isAfter(expression, local) {
    return this.#has(this.#after.get(expression), local);
  }

  /** Whether a branch to a label needs the local. */
  isAt(label, local) {
    return this.#has(this.#labels.get(label), local);
  }

  #has(set, local) {
    return (set & this.#bits.get(local)) !== 0n;
  }

  #visit(node, after) {
    if (typeof node === "string") return after;
    this.#after.set(node, after);
    const before = this.#flow(node, after);
    this.#before.set(node, before);
    return before;
  }

  /** Operands and statements are evaluated in their order, so they are gone through from the last. */
  #list(node, first, after) {
    let live = after;
    for (let i = node.length - 1; i >= first; i--) live = this.#visit(node[i], live);
    return live;
  }

  #flow(node, after) {
    switch (node[0]) {
      case "local.get":
        return after | this.#bits.get(node[1]);
      case "local.set":
      case "local.tee":
        return this.#visit(node[2], after & ~this.#bits.get(node[1]));
      case "br":
      case "br_table":
      case "br_if":
        return this.#list(node, 1, targets(node).reduce((live, label) => live | this.#labels.get(label), node[0] === "br_if" ? after : 0n));
      case "return":
      case "unreachable":
        return this.#list(node, 1, 0n);
      case "block": {
        const { label, at } = head(node);
        this.#labels.set(label, after);
        return this.#list(node, at, after);
      }
      case "loop":
        return this.#loop(node, after);
      case "if": {
        const { label, at } = head(node);
        this.#labels.set(label, after);
        const [condition, then, otherwise] = node.slice(at);
        return this.#visit(condition, this.#list(then, 1, after) | (otherwise ? this.#list(otherwise, 1, after) : after));
      }
      default:
        return this.#list(node, 1, after);
    }
  }

  /** A branch back needs what the loop needs at its begin, which is known when another round adds nothing. */
  #loop(node, after) {
    const { label, at } = head(node);
    for (let before = 0n; ; ) {
      this.#labels.set(label, before);
      const found = this.#list(node, at, after);
      if ((found | before) === before) return before;
      before |= found;
    }
  }
}
