/**
 * Makes QuickJS's interpreter small enough for a JIT. It is one loop around a switch with all of the language in it; as a
 * method of the JVM it is too large for the first compiler, takes the second one half a minute, and is interpreted until
 * then. What a workload seldom comes to moves into functions of its own, which are compiled as they are used.
 */
import { Outliner } from "./outline.mjs";
import { endOf, head, lists, parse, print, targets, walk } from "./text.mjs";

/** What is come to less often than at this share of the loop's rounds moves out. */
const SELDOM = 1 / 16;

const NEXT = "$next";
const DONE = "$done";

export class Interpreter {
  #source;
  #from;
  #to;

  /** @param source a module's text, and the name of the interpreter's function in it */
  constructor(source, name) {
    this.#source = source;
    this.#from = source.indexOf(`(func ${name} `);
    this.#to = endOf(source, this.#from);
  }

  #function() {
    const [fn] = parse(this.#source.slice(this.#from, this.#to));
    const statements = [];
    // The first statement of a block that is a statement is come to as often as the block.
    const known = new Set();
    lists(fn, (list, first, end) => {
      for (let i = first; i < end; i++) {
        const same = i === first && list[0] === "block" && known.has(list);
        statements.push({ list, statement: list[i], same });
        known.add(list[i]);
      }
    });
    return { fn, statements };
  }

  /** The module, which calls the import `profile` `tick` with a statement's number when it comes to it. */
  counting() {
    const { fn, statements } = this.#function();
    statements.forEach(({ list, statement, same }, number) => {
      if (!same) list.splice(list.indexOf(statement), 0, ["call", "$tick", ["i32.const", String(number)]]);
    });
    return this.#with(print(fn)).replace("(import ", '(import "profile" "tick" (func $tick (param i32)))\n (import ');
  }

  /** The module with all that is seldom come to in functions of its own. */
  split(ticks) {
    const { fn, statements } = this.#function();
    const counts = new Map();
    statements.forEach(({ list, statement, same }, number) => counts.set(statement, same ? counts.get(list) : (ticks.get(number) ?? 0)));
    const heats = new Map();
    const heat = (node) => {
      if (typeof node === "string") return 0;
      if (!heats.has(node)) heats.set(node, node.reduce((most, child) => Math.max(most, heat(child)), counts.get(node) ?? 0));
      return heats.get(node);
    };
    const rounds = heat(fn);
    const { added } = new Outliner(fn, oneWayBack(fn), (statement) => heat(statement) < rounds * SELDOM, "$part_");
    return this.#with([fn, ...added].map(print).join("\n "));
  }

  #with(text) {
    return this.#source.slice(0, this.#from) + text + this.#source.slice(this.#to);
  }
}

/** Gives the loop with the most ways back one way back: each costs a JIT. Answers the block to look at. */
function oneWayBack(fn) {
  let loop, most = 0;
  walk(fn, (node) => {
    if (node[0] !== "loop") return;
    let ways = 0;
    walk(node, (inner) => (ways += targets(inner).includes(head(node).label) ? 1 : 0));
    if (ways > most) [loop, most] = [node, ways];
  });
  const { label, result, at } = head(loop);
  if (result !== undefined) throw new Error("the loop has a result");
  const body = loop.slice(at);
  for (const statement of body) {
    walk(statement, (node) => {
      if (targets(node).length > 0) node.forEach((word, i) => word === label && (node[i] = NEXT));
    });
  }
  const next = ["block", NEXT, ...body, ["br", DONE]];
  loop.splice(0, loop.length, "block", DONE, ["loop", label, next, ["br", label]]);
  // Where all of it stands in one block, branches to that one's end can be made in there too.
  return body.length === 1 && body[0][0] === "block" ? body[0] : next;
}
