// Writes what a comparison found: a table, and plots beside it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SAME_WASM } from "./javascript.mjs";
import { PEER, ROWS, judge, ratio } from "./rows.mjs";
import { curves, decades, ratios } from "./svg.mjs";
import { comparison, facts, latencies, number } from "./table.mjs";

/** What the axis of latency counts: nines. */
const NINES = { 50: "p50", 90: "p90", 99: "p99", 99.9: "p99.9", 99.99: "p99.99" };
const nines = (percent) => -Math.log10(1 - percent / 100);

/** Writes all files into the folder, and answers the Markdown. */
export function write(folder, { machine, parts = {} }) {
  const results = {};
  for (const { rows } of Object.values(parts)) for (const [id, found] of Object.entries(rows)) results[id] = { found };
  const subjects = [...new Set(ROWS.flatMap(({ id }) => Object.keys(results[id]?.found ?? {})))].filter((name) => ![PEER, SAME_WASM, "plain handler"].includes(name));
  const plots = [];
  const plot = (name, svg) => {
    writeFileSync(join(folder, name), svg);
    plots.push(name);
  };
  for (const [i, subject] of subjects.entries()) {
    const bars = bounded(results, subject);
    if (bars.length > 0) {
      plot(i === 0 ? "ratios.svg" : `ratios-${subject}.svg`, ratios(`${subject} against ${PEER}`,
        "How many times as good, on a log scale; the tick is the bar that we set ourselves.", bars));
    }
  }
  for (const row of ROWS.filter(({ id }) => id.startsWith("open-") && results[id])) {
    plot(`latency-${row.id.slice(5)}.svg`, latency(row, results[row.id].found));
  }
  if (results["js-warm-up"]) plot("js-warm-up.svg", warmUp(results, subjects[0]));
  const runs = new Map();
  for (const [part, { measured, seconds, rounds }] of Object.entries(parts)) {
    const how = `on ${measured}, ${rounds} of ${seconds} s`;
    runs.set(how, [...(runs.get(how) ?? []), part]);
  }
  const all = [...runs].map(([how, names]) => (runs.size === 1 ? how : `${names.join(", ")} ${how}`));
  const told = Object.values(parts).flatMap((part) => part.facts);
  const text = [
    "# Compared on one machine", "",
    `Machine: ${machine}. Written by \`dormouse bench compare\`; raw figures are in [compare.json](compare.json).`,
    `Medians of interleaved rounds (${all.join("; ")}). A ratio above 1 is in our favour.`, "",
    comparison(results, subjects), "",
    "## Latencies", "",
    "Closed loops of 16 connections, but for those at 70 % of saturation: there requests are sent at even moments, and latency counts from the moment that was meant.", "",
    latencies(results, subjects), "",
    ...(told.length > 0 ? ["## Of the same runs", "", facts(told), ""] : []),
    ...plots.flatMap((name) => [`![${name}](${name})`, ""]),
  ].join("\n");
  writeFileSync(join(folder, "README.md"), text);
  return text;
}

function bounded(results, subject) {
  return ROWS.flatMap((row) => {
    const found = results[row.id]?.found ?? {};
    const value = ratio(row, found, subject);
    if (value === undefined) return [];
    const mark = judge(row, found, subject).find(({ versus }) => versus === PEER)?.bar;
    return [{ label: row.label.replace(" at 70 % of its own saturation", " at 70 % load"), value, mark }];
  });
}

function latency(row, found) {
  const series = Object.entries(found).filter(([, { curve }]) => curve?.length > 0)
    .map(([name, { curve, saturation }]) => ({ name: `${name}, ${number(0.7 * saturation)}/s`, points: curve.map(([percent, millis]) => [nines(percent), millis]) }));
  const ticks = Object.keys(NINES).map((percent) => nines(Number(percent))).sort((a, b) => a - b);
  return curves(`Latency at 70 % of each server's own saturation: ${row.label.split(", p99")[0]}`,
    "Open loop: counted from the moment at which a request was meant to be sent.",
    { label: "percentile", ticks: [0, ...ticks], linear: true, show: (tick) => Object.entries(NINES).find(([percent]) => nines(Number(percent)) === tick)?.[1] ?? "" },
    { label: "milliseconds", ticks: decades(series.flatMap(({ points }) => points.map(([, millis]) => millis))) }, series);
}

function warmUp(results, subject) {
  const { points } = results["js-warm-up"].found[subject];
  const last = Math.max(...points.map(([second]) => second));
  const step = [1, 2, 5, 10, 20, 60, 120, 300].find((each) => last / each <= 8) ?? 600;
  const ticks = Array.from({ length: Math.ceil(last / step) + 1 }, (_, i) => i * step);
  const level = (name) => {
    const p50 = results["js-fib"]?.found[name]?.p50;
    return p50 === undefined ? [] : [{ name: `${name}, warm`, points: [[0, p50], [ticks.at(-1), p50]] }];
  };
  const series = [{ name: subject, points }, ...level(SAME_WASM), ...level(PEER)];
  return curves("fib(24) in JavaScript, from the first call on", "Milliseconds of each call; QuickJS in WebAssembly gets fast as the JIT compiles it.",
    { label: "seconds", ticks, linear: true }, { label: "milliseconds", ticks: decades(series.flatMap((each) => each.points.map(([, millis]) => millis))) }, series);
}
