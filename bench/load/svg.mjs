// Plots as plain SVG that are legible on light and on dark pages, and the same for the same numbers.
import { number } from "./table.mjs";

const STYLE = `<style>
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.small { font-size: 11px; fill: #59636e }
.small.frame { fill: #1f2328 }
.page { fill: #ffffff }
.grid { stroke: #d1d9e0; stroke-width: 1 }
.axis { stroke: #818b98; stroke-width: 1 }
.mark { stroke: #1f2328; stroke-width: 2 }
.f0 { fill: #0969da } .f1 { fill: #bc4c00 } .f2 { fill: #1a7f37 } .f3 { fill: #8250df } .f4 { fill: #59636e }
.s0 { stroke: #0969da } .s1 { stroke: #bc4c00 } .s2 { stroke: #1a7f37 } .s3 { stroke: #8250df } .s4 { stroke: #59636e }
.curve { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
text, .small.frame { fill: #f0f6fc } .small { fill: #9198a1 } .page { fill: #0d1117 } .grid { stroke: #3d444d } .mark { stroke: #f0f6fc }
.f0 { fill: #4493f8 } .f1 { fill: #db6d28 } .f2 { fill: #3fb950 } .f3 { fill: #ab7df8 } .f4 { fill: #9198a1 }
.s0 { stroke: #4493f8 } .s1 { stroke: #db6d28 } .s2 { stroke: #3fb950 } .s3 { stroke: #ab7df8 } .s4 { stroke: #9198a1 }
}
</style>`;

export const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const at = (value) => String(Math.round(value * 10) / 10);
export const text = (x, y, content, { anchor = "start", kind = "" } = {}) =>
  `<text x="${at(x)}" y="${at(y)}"${anchor === "start" ? "" : ` text-anchor="${anchor}"`}${kind && ` class="${kind}"`}>${escape(content)}</text>`;
const stroke = (x1, y1, x2, y2, kind) => `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${kind}"/>`;

export function page(width, height, title, parts) {
  return [`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">`,
    STYLE, `<rect class="page" width="${width}" height="${height}"/>`, ...parts, "</svg>", ""].join("\n");
}

/** Powers of ten that hold all of the values. */
export function decades(values) {
  const positive = values.filter((value) => value > 0);
  const from = Math.floor(Math.log10(Math.min(...positive)) + 1e-9);
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...positive)) - 1e-9));
  return Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
}

const log = (ticks, from, to) => (value) => {
  const [low, high] = [Math.log10(ticks[0]), Math.log10(ticks.at(-1))];
  return from + ((Math.log10(value) - low) / (high - low)) * (to - from);
};
const linear = (ticks, from, to) => (value) => from + ((value - ticks[0]) / (ticks.at(-1) - ticks[0])) * (to - from);

/**
 * Bars of ratios on a log axis that starts at 1 in both directions. `rows` have a label, a value, what to
 * write behind it, and `mark`, the bar that was set.
 */
export function ratios(title, note, rows) {
  const [width, left, right, top, step] = [860, 350, 770, 66, 24];
  const ticks = decades([...rows.flatMap(({ value, mark }) => [value, mark ?? value]), 0.5, 2]);
  const x = log(ticks, left, right);
  const bottom = top + rows.length * step;
  const parts = [text(20, 28, title, { kind: "title" }), text(20, 46, note, { kind: "small" })];
  for (const tick of ticks) {
    parts.push(stroke(x(tick), top - 4, x(tick), bottom, tick === 1 ? "axis" : "grid"), text(x(tick), bottom + 16, `${number(tick)}x`, { anchor: "middle", kind: "small" }));
  }
  for (const [i, { label, value, mark, suffix = "" }] of rows.entries()) {
    const y = top + i * step;
    const [from, to] = [Math.min(x(1), x(value)), Math.max(x(1), x(value))];
    parts.push(text(left - 10, y + 14, label, { anchor: "end" }), `<rect x="${at(from)}" y="${y + 3}" width="${at(Math.max(1, to - from))}" height="${step - 9}" class="${value >= 1 ? "f0" : "f1"}"/>`);
    if (mark) parts.push(stroke(x(mark), y, x(mark), y + step - 3, "mark"));
    parts.push(text(right + 8, y + 14, `${number(value)}x${suffix}`));
  }
  return page(width, bottom + 30, title, parts);
}

/**
 * Curves. Each axis has a label, `ticks` (which bound it), `linear` or not, and `show` for its ticks;
 * `series` have a name and points; `fixed` draws it as a level line.
 */
export function curves(title, note, x, y, series) {
  const [width, height, left, right, top, bottom] = [760, 400, 70, 560, 80, 350];
  const toX = (x.linear ? linear : log)(x.ticks, left, right);
  const toY = (y.linear ? linear : log)(y.ticks, bottom, top);
  const parts = [text(20, 28, title, { kind: "title" }), text(20, 46, note, { kind: "small" })];
  for (const tick of x.ticks) {
    parts.push(stroke(toX(tick), top, toX(tick), bottom, "grid"), text(toX(tick), bottom + 16, (x.show ?? number)(tick), { anchor: "middle", kind: "small" }));
  }
  for (const tick of y.ticks) {
    parts.push(stroke(left, toY(tick), right, toY(tick), "grid"), text(left - 6, toY(tick) + 4, (y.show ?? number)(tick), { anchor: "end", kind: "small" }));
  }
  parts.push(stroke(left, bottom, right, bottom, "axis"), stroke(left, top, left, bottom, "axis"));
  parts.push(text((left + right) / 2, bottom + 36, x.label, { anchor: "middle", kind: "small" }), text(left, 72, y.label, { anchor: "middle", kind: "small" }));
  for (const [i, { name, points }] of series.entries()) {
    const clamp = (value, ticks) => Math.min(ticks.at(-1), Math.max(ticks[0], value));
    const path = points.map(([px, py], n) => `${n === 0 ? "M" : "L"}${at(toX(clamp(px, x.ticks)))} ${at(toY(clamp(py, y.ticks)))}`).join("");
    parts.push(`<path d="${path}" class="curve s${i % 5}"/>`);
    if (points.length <= 12) for (const [px, py] of points) parts.push(`<circle cx="${at(toX(px))}" cy="${at(toY(py))}" r="3" class="f${i % 5}"/>`);
    parts.push(`<rect x="${right + 20}" y="${top + i * 20}" width="12" height="12" class="f${i % 5}"/>`, text(right + 38, top + i * 20 + 11, name));
  }
  return page(width, height, title, parts);
}
