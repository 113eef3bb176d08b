import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { folded, flames } from "../flame.mjs";
import { settled, thinned } from "../javascript.mjs";
import { Usage, parse } from "../options.mjs";
import { write } from "../report.mjs";
import { ROWS, judge, ratio } from "../rows.mjs";
import { interleave, median, medians, percentile } from "../statistics.mjs";
import { share, times, undisturbed } from "../stolen.mjs";
import { curves, decades, escape, ratios } from "../svg.mjs";
import { write as sweep } from "../sweep.mjs";
import { comparison, knee, number, points } from "../table.mjs";

const row = (id) => ROWS.find((each) => each.id === id);

/** Every element of the SVG ends, in order, and it has no number that is none. */
function assertWellFormed(svg) {
  const open = [];
  for (const [tag, name] of svg.matchAll(/<\/?([a-z]+)(?:"[^"]*"|[^">])*>/g)) {
    if (tag.startsWith("</")) assert.equal(open.pop(), name);
    else if (!tag.endsWith("/>")) open.push(name);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
}

test("medians are of each number, and the curve is that of the middle round", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  const round = (rate, p99) => ({ rate, p99, curve: [[50, p99 / 2]], bodies: ["x"] });
  assert.deepEqual(medians([round(10, 9), round(30, 1), round(20, 5)]), { rate: 20, p99: 5, curve: [[50, 2.5]] });
});

test("a round that the host disturbs is measured again, and the least disturbed counts", async () => {
  assert.deepEqual(times("cpu  10 1 5 80 2 0 1 3 0 0\ncpu0 1 1 1 1 1 1 1 1"), { all: 102, stolen: 3 });
  assert.equal(share(times(""), times("")), 0);
  const run = async (parts) => {
    let all = 0, stolen = 0, runs = 0;
    const found = await undisturbed(async () => {
      all += 100;
      stolen += 100 * parts[runs];
      return { run: ++runs };
    }, () => ({ all, stolen }));
    return [found.run, Number(found.stolen.toFixed(3)), runs];
  };
  assert.deepEqual(await run([0.01]), [1, 0.01, 1]);
  assert.deepEqual(await run([0.5, 0]), [2, 0, 2]);
  assert.deepEqual(await run([0.5, 0.1, 0.3, 0]), [2, 0.1, 3]);
});

test("a percentile is a value that was measured", () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.equal(percentile(values, 50), 50);
  assert.equal(percentile(values, 99), 99);
  assert.equal(percentile([7], 99.9), 7);
});

test("rounds take turns", async () => {
  const order = [];
  const found = await interleave([{ name: "a" }, { name: "b" }], 2, async ({ name }, round) => (order.push(name + round), { rate: round }));
  assert.deepEqual(order, ["a0", "b0", "a1", "b1"]);
  assert.deepEqual(found, { a: { rate: 0.5 }, b: { rate: 0.5 } });
});

test("a ratio above one is better, for rates and for times", () => {
  assert.equal(ratio(row("durable-1"), { dormouse: { rate: 50 }, workerd: { rate: 10 } }, "dormouse"), 5);
  assert.equal(ratio(row("alarms"), { dormouse: { max: 10 }, workerd: { max: 50 } }, "dormouse"), 5);
  assert.equal(ratio(row("alarms"), { dormouse: { max: 10 } }, "dormouse"), undefined);
});

test("bars are met from their value on", () => {
  const met = (id, found) => judge(row(id), found, "dormouse").map((each) => each.met);
  assert.deepEqual(met("memory-1", { dormouse: { rate: 60 }, workerd: { rate: 10 }, "plain handler": { rate: 101 } }), [true, false]);
  assert.deepEqual(met("wake-rust", { dormouse: { p50: 2 } }), [true]);
  assert.deepEqual(met("wake-rust", { dormouse: { p50: 2.1 } }), [false]);
  assert.deepEqual(met("js-fib", { dormouse: { p50: 60 }, "V8, same Wasm": { p50: 10 } }), [true]);
});

test("the table has a column for each engine of ours", () => {
  const found = { dormouse: { rate: 17042 }, native: { rate: 170420 }, workerd: { rate: 1688 } };
  assert.equal(comparison({ "durable-1": { found } }, ["dormouse", "native"]).split("\n")[2],
    "| durable, one actor | 17,042/s | 10.1x | 5x: met | 170,420/s | 101x | 5x: met | 1,688/s |");
});

test("numbers have three digits that count", () => {
  assert.deepEqual([0.1234, 9.96, 12.34, 123.4, 12345.6].map(number), ["0.12", "10", "12.3", "123", "12,346"]);
});

test("options are read in any order, and mistakes are told", () => {
  const parts = ["a", "b", "c"];
  const defaults = { seconds: 5, quick: false, out: "" };
  assert.deepEqual(parse(["c", "--seconds", "2", "a", "--quick"], parts, defaults), { parts: ["a", "c"], options: { seconds: 2, quick: true, out: "" } });
  assert.deepEqual(parse([], parts, defaults).parts, parts);
  for (const wrong of [["d"], ["--rounds", "2"], ["--seconds"], ["--seconds", "0"], ["--seconds", "x"], ["--out"]]) {
    assert.throws(() => parse(wrong, parts, defaults), Usage, wrong.join(" "));
  }
});

test("plots are well-formed and the same for the same numbers", () => {
  const bars = () => ratios("a < b", "note", [{ label: "x & y", value: 12, mark: 6 }, { label: "z", value: 0.04 }]);
  assertWellFormed(bars());
  assert.equal(bars(), bars());
  assertWellFormed(curves("t", "n", { label: "x", ticks: decades([1, 900]) }, { label: "y", ticks: [0, 5, 10], linear: true },
    [{ name: "one", points: [[1, 0], [900, 20]] }]));
  assert.deepEqual(decades([3, 120]), [1, 10, 100, 1000]);
  assert.deepEqual(decades([10]), [10, 100]);
  assert.equal(escape('<"&>'), "&lt;&quot;&amp;&gt;");
});

test("a warm-up settles when calls stay near what they take at the end", () => {
  const points = Array.from({ length: 400 }, (_, i) => [i / 10, i < 100 ? 1000 : 50]);
  assert.ok(Math.abs(settled(points) - 10) < 0.5, String(settled(points)));
  assert.equal(thinned(points, 100).length, 100);
});

test("all that was measured gets into the report, and what was not is left out", () => {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  try {
    const curve = [[50, 1], [99, 9]];
    const open = { p50: 1, p99: 9, p999: 9, curve, saturation: 100 };
    const part = (rows) => ({ measured: "2026-01-01", seconds: 5, rounds: 3, facts: [["the disk", "slow"]], rows });
    const text = write(folder, { machine: "2 processors", parts: {
      durable: part({ "durable-1": { dormouse: { rate: 100, p50: 1, p99: 2, p999: 3 }, workerd: { rate: 10, p50: 1, p99: 2, p999: 3 } } }),
      open: part({ "open-durable-1": { dormouse: open, workerd: open } }),
      "js-compute": part({ "js-warm-up": { dormouse: { settled: 1, points: [[0, 900], [3, 40]] } }, "js-fib": { dormouse: { p50: 40 }, "V8, same Wasm": { p50: 9 } } }),
    } });
    assert.match(text, /durable, one actor \| 100\/s \| 10x \| 5x: met \| 10\/s/);
    assert.match(text, /within 6 of V8, same Wasm: met \(4.4\)/);
    assert.doesNotMatch(text, /in memory|undefined|NaN/);
    const plots = readdirSync(folder).filter((name) => name.endsWith(".svg"));
    assert.deepEqual(plots.sort(), ["js-warm-up.svg", "latency-durable-1.svg", "ratios.svg"]);
    for (const plot of plots) assertWellFormed(readFileSync(join(folder, plot), "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("stacks are folded by their frames, and drawn as wide as they are frequent", () => {
  const frame = (type, name) => ({ method: { type: { name: type }, name } });
  const stack = (...frames) => ({ values: { stackTrace: { frames: frames.reverse() } } });
  const events = [stack(frame("a/B", "run"), frame("a/C", "go")), stack(frame("a/B", "run"), frame("a/C", "go")), stack(frame("a/B", "run"))];
  const stacks = folded(events);
  assert.deepEqual([...stacks], [["a.B.run;a.C.go", 2], ["a.B.run", 1]]);
  const svg = flames("t", stacks);
  assertWellFormed(svg);
  assert.match(svg, /<title>a\.C\.go: 2 of 3, 66\.7 %<\/title>/);
});

test("a curve is told by its highest point and where it has fallen to less than half", () => {
  const found = [{ x: 1, rate: 10 }, { x: 10, rate: 100, p50: 1, p99: 2 }, { x: 100, rate: 60 }, { x: 1000, rate: 40 }];
  assert.equal(knee(found, "clients"), "most, 100/s at 10 clients; less than half of that from 1,000 on (40/s)");
  assert.equal(knee(found.slice(0, 3), "clients"), "most, 100/s at 10 clients; never less than half of that beyond");
  assert.equal(points("clients", [{ name: "a", found }, { name: "b", found: [{ x: 10, rate: 5 }] }]).split("\n")[3], "| 10 | 100 | 1 | 2 | 5 |  |  |");
});

test("a sweep draws the curves that it has", () => {
  const folder = mkdtempSync(join(tmpdir(), "sweep-"));
  try {
    const found = [{ x: 1, rate: 10, p50: 1, p99: 2, shared: 1 }, { x: 1000, rate: 1000, p50: 1, p99: 2, shared: 20 }];
    const text = sweep(folder, { writers: { measured: "2026-01-01", seconds: 3, series: { "one actor": found, "as many actors": [] } } });
    assert.match(text, /\| 1,000 \| 1,000 \| 1 \| 2 \| 20 \|/);
    assert.deepEqual(readdirSync(folder).sort(), ["sweep-writers.svg", "sweep.md"]);
    assertWellFormed(readFileSync(join(folder, "sweep-writers.svg"), "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
