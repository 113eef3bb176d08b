// Draws where our server spends its time: `dormouse bench profile --help` says how.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { flames, folded } from "./flame.mjs";
import { ended, parse } from "./options.mjs";
import { root } from "./place.mjs";
import { ours } from "./servers.mjs";
import { number } from "./table.mjs";
import { needTools, wrk } from "./tools.mjs";

const PATHS = {
  memory: { app: "rust", path: "memory", title: "A counter in memory, in Rust" },
  durable: { app: "rust", path: "durable", title: "A durable counter, in Rust" },
  js: { app: "js", path: "memory", title: "A counter in memory, in JavaScript" },
};
const DEFAULTS = { seconds: 20, warm: 15, out: "", help: false };
const HELP = `usage: dormouse bench profile [PATH…] [--seconds 20] [--warm 15] [--out DIR]

Paths: ${Object.keys(PATHS).join(", ")}. Each is loaded by 16 connections; JavaScript gets four times as long to get warm.
  --seconds N   how long samples are taken
  --warm N      how long the server runs before that
  --out DIR     where flame-PATH.svg goes: docs/bench. The stacks go to bench/target/profile`;

const STACKS = join(root, "bench/target/profile");

/** Deep enough for an interpreter inside a guest. */
const STACK_DEPTH = 256;

/** Samples by processor time, native code included; Java's own method sampler misses much of it. */
const EVENT = "jdk.CPUTimeSample";

function tool(name, ...args) {
  return execFileSync(join(process.env.JAVA_HOME, "bin", name), args, { encoding: "utf8", maxBuffer: 2 ** 30, stdio: ["ignore", "pipe", "ignore"] });
}

async function profile(name, { seconds, warm }, work, out) {
  const { app, path, title } = PATHS[name];
  const server = await ours(work, { apps: [["bench", app]], data: name, options: `-XX:FlightRecorderOptions=stackdepth=${STACK_DEPTH}` });
  const recording = join(work, `${name}.jfr`);
  try {
    const url = `${server.url}/bench/one/${path}`;
    process.stderr.write(`${name}: warming it up\n`);
    await wrk(url, { seconds: app === "js" ? 4 * warm : warm });
    tool("jcmd", String(server.pid), "JFR.start", "name=bench", "settings=profile", `${EVENT}#enabled=true`, `${EVENT}#throttle=5ms`);
    const { rate } = await wrk(url, { seconds });
    tool("jcmd", String(server.pid), "JFR.stop", "name=bench", `filename=${recording}`);
    const { events } = JSON.parse(tool("jfr", "print", "--json", "--stack-depth", String(STACK_DEPTH), "--events", EVENT, recording)).recording;
    const stacks = folded(events);
    if (stacks.size === 0) throw new Error(`the recording of ${name} has no samples; ${EVENT} needs Linux and JDK 25`);
    mkdirSync(STACKS, { recursive: true });
    writeFileSync(join(STACKS, `${name}.folded`), [...stacks].map(([stack, count]) => `${stack} ${count}\n`).sort().join(""));
    writeFileSync(join(out, `flame-${name}.svg`), flames(`${title}: ${number(rate)} requests a second`, stacks));
    console.log(`${join(out, `flame-${name}.svg`)}: ${number(rate)}/s, ${[...stacks.values()].reduce((sum, count) => sum + count, 0)} samples`);
  } finally {
    await server.stop();
  }
}

await ended(async () => {
  const { parts, options } = parse(process.argv.slice(2), Object.keys(PATHS), DEFAULTS);
  if (options.help) return console.log(HELP);
  needTools();
  const out = options.out || join(root, "docs/bench");
  mkdirSync(out, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), "dormouse-profile-"));
  try {
    for (const name of parts) await profile(name, options, work, out);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});
