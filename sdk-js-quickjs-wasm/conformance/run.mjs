// Runs every test against one runtime: node run.mjs --target workerd|dormouse [--only TEXT] [--table]
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeBundle } from "./bundle.mjs";
import { outside, runOutside } from "./driver/index.mjs";
import { table } from "./table.mjs";
import { Dormouse, Workerd } from "./targets.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const document = join(here, "../../docs/compatibility.md");
const { values: options } = parseArgs({
  options: {
    target: { type: "string", default: "dormouse" },
    only: { type: "string", multiple: true },
    table: { type: "boolean" },
    keep: { type: "boolean" },
  },
});
const testSeconds = 60;
const atOnce = 4;

const inside = await makeBundle();
const gaps = JSON.parse(readFileSync(join(here, "expected-gaps.json"), "utf8"));
const known = new Set([...inside, ...outside.values()].map(({ id }) => id));
const unknown = Object.keys(gaps).filter((id) => !known.has(id));
if (unknown.length) throw new Error(`expected-gaps.json names tests that do not exist: ${unknown.join(", ")}`);

const written = table([...inside, ...outside.values()], gaps);
if (options.table) {
  writeFileSync(document, written);
  process.exit(0);
}

const work = mkdtempSync(join(tmpdir(), "conformance-"));
const target = { workerd: () => new Workerd("workerd", work), dormouse: () => new Dormouse("dormouse", work) }[options.target]?.();
if (!target) throw new Error(`--target is workerd or dormouse, not ${options.target}`);
const round = Date.now().toString(36);
const totals = { pass: 0, fail: 0, gap: 0, closed: 0 };
const wanted = ({ id }) => !options.only || options.only.some((text) => id.startsWith(text));

function report(test, { ok, detail }, milliseconds) {
  const gap = options.target === "dormouse" ? gaps[test.id] : undefined;
  const result = ok ? (gap ? "closed" : "pass") : gap ? "gap" : "fail";
  totals[result]++;
  const note = { pass: "", fail: detail, gap: gap, closed: "passes, but expected-gaps.json lists it: take it out" }[result];
  console.log(`${result.padEnd(6)} ${test.id} · ${test.statement} (${milliseconds} ms)${note ? `\n         ${note}` : ""}`);
}

async function judge(test, run) {
  const began = Date.now();
  let late;
  const timeout = new Promise((done) => {
    late = setTimeout(() => done({ ok: false, detail: `no answer within ${testSeconds} s` }), testSeconds * 1000);
  });
  const verdict = await Promise.race([run(), timeout]).catch((error) => ({ ok: false, detail: String(error?.stack ?? error) }));
  clearTimeout(late);
  report(test, verdict, Date.now() - began);
}

async function askInside(test) {
  const response = await fetch(`${target.url}/run/${test.id}?round=${round}`);
  const text = await response.text();
  if (response.status !== 200) return { ok: false, detail: `status ${response.status}: ${text.slice(0, 500)}` };
  return JSON.parse(text);
}

async function pool(tasks) {
  const waiting = [...tasks];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (waiting.length) await waiting.shift()();
  }));
}

try {
  await target.start();
  await pool(inside.filter(wanted).map((test) => () => judge(test, () => askInside(test))));
  const chosen = [...outside.values()].filter(wanted);
  await pool(chosen.filter(({ alone, sleeps }) => !alone && !sleeps).map((test) => () => judge(test, () => runOutside(test, target, round))));
  await Promise.all(chosen.filter(({ sleeps }) => sleeps).map((test) => judge(test, () => runOutside(test, target, round))));
  for (const test of chosen.filter(({ alone }) => alone)) await judge(test, () => runOutside(test, target, round));
} finally {
  await target.stop();
  if (options.keep || totals.fail) console.log(`the server's data and log: ${work}`);
  else rmSync(work, { recursive: true, force: true });
}

const stale = options.target === "dormouse" && (!existsSync(document) || readFileSync(document, "utf8") !== written);
if (stale) console.log("docs/compatibility.md is not what `node run.mjs --table` writes: write it again");
const { pass, fail, gap, closed } = totals;
console.log(`${options.target}: ${pass} passed, ${fail + closed} failed, ${gap} gaps`);
process.exit(fail + closed > 0 || stale || pass === 0 ? 1 : 0);
