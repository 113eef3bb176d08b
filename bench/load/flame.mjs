// Flame graphs: stacks of a JFR recording as a picture.
import { page, text, escape } from "./svg.mjs";

/** What is drawn narrower than this, in pixels, is left out. */
const NARROWEST = 0.5;

/** Events of `jfr print --json` as stacks, from the outermost frame to the innermost, with how often each was seen. */
export function folded(events) {
  const stacks = new Map();
  for (const { values } of events) {
    if (!values.stackTrace) continue;
    // Lambdas have an address, which differs from run to run.
    const frames = values.stackTrace.frames.map(({ method }) => `${method.type.name.replaceAll("/", ".").replace(/\.?0x[0-9a-f]+/, "")}.${method.name}`);
    const stack = frames.reverse().join(";");
    stacks.set(stack, (stacks.get(stack) ?? 0) + 1);
  }
  return stacks;
}

/** The stacks as a tree: name, count, and children by name. */
function tree(stacks) {
  const top = { name: "all", count: 0, children: new Map() };
  for (const [stack, count] of stacks) {
    let at = top;
    at.count += count;
    for (const name of stack.split(";")) {
      if (!at.children.has(name)) at.children.set(name, { name, count: 0, children: new Map() });
      at = at.children.get(name);
      at.count += count;
    }
  }
  return top;
}

const KINDS = [[/\bModule[0-9a-f]{8}/, "f1"], [/^dev\.dormouse\./, "f0"], [/^(io\.helidon|com\.dylibso)\./, "f3"], [/^(org\.h2|sun\.nio|java\.nio)\./, "f2"], [/^(java|jdk|sun)\./, "f4"]];
const kind = (name) => KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? "f1";

/** Drops the package, since the colour tells it well enough. */
const short = (name) => name.replace(/^(?:[a-z0-9_$]+\.)+(?=[A-Z])/, "");

/** The innermost frames are on top; wider ones take more time. The full name is shown by pointing at a frame. */
export function flames(title, stacks) {
  const [width, left, step] = [1200, 10, 17];
  const all = tree(stacks);
  const scale = (width - 2 * left) / all.count;
  const boxes = [];
  let deepest = 0;
  const place = (node, x, depth) => {
    const wide = node.count * scale;
    if (wide < NARROWEST) return;
    deepest = Math.max(deepest, depth);
    boxes.push({ node, x, wide, depth });
    let next = x;
    for (const child of [...node.children.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      place(child, next, depth + 1);
      next += child.count * scale;
    }
  };
  place(all, left, 0);
  const bottom = 70 + deepest * step;
  const parts = [text(left, 26, title, { kind: "title" }),
    text(left, 44, `${all.count} samples. Blue: Dormouse; violet: Helidon and Chicory; green: files; grey: the JDK; orange: guests and others.`, { kind: "small" })];
  for (const { node, x, wide, depth } of boxes) {
    const y = bottom - depth * step;
    const label = short(node.name);
    const letters = Math.floor((wide - 6) / 6.4);
    const shown = letters < 3 ? "" : label.length <= letters ? label : `${label.slice(0, letters - 1)}…`;
    parts.push(`<g><title>${escape(node.name)}: ${node.count} of ${all.count}, ${((100 * node.count) / all.count).toFixed(1)} %</title>`
      + `<rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.3, wide - 0.5).toFixed(1)}" height="${step - 1}" class="${kind(node.name)}" fill-opacity="0.45"/>`
      + `${shown && text(x + 3, y + 12, shown, { kind: "small frame" })}</g>`);
  }
  return page(width, bottom + step + 10, title, parts);
}
