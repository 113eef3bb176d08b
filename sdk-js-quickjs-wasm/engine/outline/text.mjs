/** WebAssembly text, folded as Binaryen prints it, as nested arrays of words. */

/** The expressions of a text. */
export function parse(text) {
  const open = [[]];
  for (const [word] of text.matchAll(/\(|\)|"(?:[^"\\]|\\.)*"|[^\s()]+/g)) {
    if (word === "(") {
      open.push([]);
    } else if (word === ")") {
      const done = open.pop();
      open.at(-1).push(done);
    } else {
      open.at(-1).push(word);
    }
  }
  return open[0];
}

export function print(node) {
  return typeof node === "string" ? node : `(${node.map(print).join(" ")})`;
}

/** Where the expression ends that starts at a parenthesis. */
export function endOf(source, start) {
  for (let at = start, depth = 0; ; at++) {
    if (source[at] === "(") depth++;
    else if (source[at] === ")" && --depth === 0) return at + 1;
  }
}

/** Calls back for an expression and all in it. */
export function walk(node, visit) {
  if (typeof node === "string") return;
  visit(node);
  for (const child of node) walk(child, visit);
}

export function size(node) {
  let count = 0;
  walk(node, () => count++);
  return count;
}

/** What stands before the body of a block, a loop or an if: its label and result, where it has them, and where the body begins. */
export function head(node) {
  let at = 1, label, result;
  if (typeof node[at] === "string") label = node[at++];
  if (node[at]?.[0] === "result") result = node[at++][1];
  return { label, result, at };
}

export const isFrame = (node) => node[0] === "block" || node[0] === "loop" || node[0] === "if";

/** The labels that a branch may go to; none for what is no branch. */
export function targets(node) {
  switch (node[0]) {
    case "br":
    case "br_if":
      return [node[1]];
    case "br_table":
      return node.slice(1).filter((word) => typeof word === "string");
    default:
      return [];
  }
}

/** A function's parameters and locals by name, with their types, and where its body begins. */
export function locals(fn) {
  const types = new Map();
  let at = 2;
  for (; ["type", "param", "result", "local"].includes(fn[at]?.[0]); at++) {
    if (fn[at][0] === "param" || fn[at][0] === "local") types.set(fn[at][1], fn[at][2]);
  }
  return { types, at };
}

/**
 * Calls back for every list of statements in an expression, outermost first, with where its statements begin and end; the
 * value that ends the list of a frame with a result is no statement.
 */
export function lists(node, visit) {
  if (typeof node === "string") return;
  if (isFrame(node)) {
    const { result, at } = head(node);
    for (const [list, first] of node[0] === "if" ? node.slice(at + 1).map((arm) => [arm, 1]) : [[node, at]]) {
      visit(list, first, result === undefined ? list.length : list.length - 1);
    }
  }
  for (const child of [...node]) lists(child, visit);
}
