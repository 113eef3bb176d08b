import { Liveness } from "./liveness.mjs";
import { head, isFrame, locals, size, targets, walk } from "./text.mjs";

/** Fewer expressions than this are not worth a call. */
const LEAST = 16;

/** A run that writes a local which this share of all runs write leaves through the one place that takes those locals back. */
const SHARED = 1 / 3;

const WAY = "$way";
const LEFT = "$left";
const JOINED = "$joined";

/** What a run of statements reads and writes, whether it returns, and the labels around it that it goes to. */
function uses(statements) {
  const read = new Set(), written = new Set(), inner = new Set(), goals = new Set();
  let returns = false;
  for (const statement of statements) {
    walk(statement, (node) => {
      if (node[0] === "local.get") read.add(node[1]);
      if (node[0] === "local.set" || node[0] === "local.tee") written.add(node[1]);
      if (node[0] === "return") returns = true;
      if (isFrame(node)) inner.add(head(node).label);
      for (const label of targets(node)) goals.add(label);
    });
  }
  return { read, written, returns, goals: [...goals].filter((label) => !inner.has(label)) };
}

/** Whether nothing comes after a statement; false where that is not plain. */
function ends(statement) {
  switch (statement[0]) {
    case "br":
    case "br_table":
    case "unreachable":
      return true;
    case "block": {
      const { label } = head(statement);
      let left = false;
      walk(statement, (node) => (left ||= targets(node).includes(label)));
      return !left && ends(statement.at(-1));
    }
    case "loop":
      return ends(statement.at(-1));
    case "if": {
      const { label, at } = head(statement);
      return label === undefined && statement[at + 2] !== undefined && statement.slice(at + 1).every((arm) => ends(arm.at(-1)));
    }
    default:
      return false;
  }
}

/**
 * Moves runs of statements of a function into functions of their own. A run gets what it reads as parameters, leaves what it
 * wrote and what is needed after it in globals, and answers by a number where to go on.
 */
export class Outliner {
  #fn;
  #types;
  #order;
  #live;
  #cold;
  #goals;
  #inside = new Set();
  #shared = [];
  #codes = new Map();
  #prefix;
  #slots = new Map();
  #valued = new Set();
  #made = [];

  /**
   * @param fn the function
   * @param place the block in it whose statements are looked at; what goes on in it or around it does so from its end
   * @param cold whether a statement may be moved
   * @param prefix what the names of new functions and globals begin with
   */
  constructor(fn, place, cold, prefix) {
    const { types } = locals(fn);
    this.#fn = fn;
    this.#types = types;
    this.#order = [...types.keys()];
    this.#live = new Liveness(fn);
    this.#cold = cold;
    this.#prefix = prefix;
    for (const child of place.slice(head(place).at)) walk(child, (node) => this.#inside.add(node));
    walk(fn, (node) => isFrame(node) && head(node).result && this.#valued.add(head(node).label));
    this.#goals = this.#around(place);
    const found = new Map();
    const runs = this.#runs(place);
    for (const run of runs) for (const local of run.out) found.set(local, (found.get(local) ?? 0) + 1);
    this.#shared = this.#order.filter((local) => found.get(local) > runs.length * SHARED);
    for (const run of runs) this.#replace(run);
    this.#join(place);
  }

  /** The new functions, and the globals that they leave values in. */
  get added() {
    return [...[...this.#slots].map(([name, type]) => ["global", name, ["mut", type], [`${type}.const`, "0"]]), ...this.#made];
  }

  /** The labels that the end of a block may go to without a value. */
  #around(place) {
    const path = (node) => {
      if (node === place) return [node];
      for (const child of node) {
        const rest = typeof child === "string" ? undefined : path(child);
        if (rest) return [node, ...rest];
      }
      return undefined;
    };
    return new Set(path(this.#fn).filter((node) => isFrame(node) && !head(node).result).map((node) => head(node).label));
  }

  /** The runs that are worth a function, none within another. */
  #runs(place) {
    const runs = [];
    const list = (node, first, end) => {
      for (let to = end; to > first; ) {
        let from = to;
        while (from > first && this.#cold(node[from - 1])) from--;
        const run = from < to ? this.#run(node, node.slice(from, to)) : undefined;
        if (run) runs.push(run);
        else for (const statement of node.slice(Math.min(from, to - 1), to)) inside(statement);
        to = Math.min(from, to - 1);
      }
    };
    const inside = (node) => {
      if (typeof node === "string") return;
      if (!isFrame(node)) {
        node.forEach(inside);
        return;
      }
      const { result, at } = head(node);
      const bodies = node[0] === "if" ? node.slice(at + 1).map((arm) => [arm, 1]) : [[node, at]];
      if (node[0] === "if") inside(node[at]);
      for (const [body, first] of bodies) {
        list(body, first, result ? body.length - 1 : body.length);
        if (result) inside(body.at(-1));
      }
    };
    list(place, head(place).at, place.length);
    return runs;
  }

  /** A run of statements of a list; undefined where it is better left where it is. */
  #run(list, statements) {
    const whole = statements.reduce((sum, statement) => sum + size(statement), 0);
    const { read, written, returns, goals } = uses(statements);
    const last = statements.at(-1);
    const falls = !ends(last);
    const joins = !falls && goals.length > 0 && goals.every((label) => this.#goals.has(label));
    if (whole < LEAST || returns || goals.some((label) => this.#valued.has(label))) return undefined;
    if (falls && goals.length > 0) return undefined;
    const needed = (local) => (falls && this.#live.isAfter(last, local)) || goals.some((label) => this.#live.isAt(label, local));
    const out = this.#order.filter((local) => written.has(local) && needed(local));
    const worth = whole > 1.3 * (4 + out.length + this.#order.filter((local) => read.has(local) && this.#live.isBefore(statements[0], local)).length);
    return worth ? { list, statements, read, written, goals, joins, out } : undefined;
  }

  #replace({ list, statements, read, written, goals, joins, out }) {
    const joined = joins && out.every((local) => this.#shared.includes(local));
    const left = joined ? this.#shared : out;
    const used = this.#order.filter((local) => read.has(local) || written.has(local) || left.includes(local));
    const taken = used.filter((local) => (read.has(local) || left.includes(local)) && this.#live.isBefore(statements[0], local));
    const own = used.filter((local) => !taken.includes(local));
    const name = `${this.#prefix}${this.#made.length}`;
    const moved = this.#slotsOf(left);
    const leave = moved.map(([local, slot]) => ["global.set", slot, ["local.get", local]]);
    const call = ["call", name, ...taken.map((local) => ["local.get", local])];
    const signature = (result) => [
      ...taken.map((local) => ["param", local, this.#types.get(local)]), ...(result ? [["result", result]] : []),
      ...own.map((local) => ["local", local, this.#types.get(local)]),
    ];
    let after;
    if (joined || goals.length > 1) {
      const code = (label) => ["i32.const", String(joined ? this.#code(label) : goals.indexOf(label))];
      let body = statements;
      for (const label of goals) body = [["block", label, ...body], ["local.set", WAY, code(label)], ["br", LEFT]];
      this.#made.push(["func", name, ...signature("i32"), ["local", WAY, "i32"], ["block", LEFT, ...body], ...leave, ["local.get", WAY]]);
      after = [["local.set", WAY, call], ...(joined ? [["br", JOINED]] : [...this.#takeBack(moved), ["br_table", ...goals, ["local.get", WAY]]])];
    } else {
      const body = goals.length === 1 ? [["block", goals[0], ...statements]] : statements;
      this.#made.push(["func", name, ...signature(), ...body, ...leave]);
      const ended = ends(statements.at(-1)) ? [goals.length === 1 ? ["br", goals[0]] : ["unreachable"]] : [];
      after = [call, ...this.#takeBack(moved), ...ended];
    }
    list.splice(list.indexOf(statements[0]), statements.length, ...after);
  }

  /** Globals for locals, each of its type; they hold nothing between two runs, so that all runs use the same. */
  #slotsOf(names) {
    const used = {};
    return names.map((local) => {
      const type = this.#types.get(local);
      const slot = `${this.#prefix}left_${type}_${(used[type] = (used[type] ?? 0) + 1)}`;
      this.#slots.set(slot, type);
      return [local, slot];
    });
  }

  #takeBack(moved) {
    return moved.map(([local, slot]) => ["local.set", local, ["global.get", slot]]);
  }

  #code(label) {
    if (!this.#codes.has(label)) this.#codes.set(label, this.#codes.size);
    return this.#codes.get(label);
  }

  /** One place takes back what runs left and goes on where they say: at each call that would be most of the code. */
  #join(place) {
    this.#fn.splice(locals(this.#fn).at, 0, ["local", WAY, "i32"]);
    if (this.#codes.size === 0) return;
    const { label, at } = head(place);
    const body = place.splice(at);
    place.push(
      ["block", JOINED, ...body, ["br", label]], ...this.#takeBack(this.#slotsOf(this.#shared)),
      ["br_table", ...this.#codes.keys(), ["local.get", WAY]],
    );
  }
}
