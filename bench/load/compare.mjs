// Compares our server with workerd on this machine: `dormouse bench compare --help` says how.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { JAVASCRIPT } from "./javascript.mjs";
import { ended, parse } from "./options.mjs";
import { footprint, start, upload } from "./own-servers.mjs";
import { RUST } from "./parts.mjs";
import { root } from "./place.mjs";
import { write } from "./report.mjs";
import { ours, peer, plain } from "./servers.mjs";
import { interleave } from "./statistics.mjs";
import { undisturbed } from "./stolen.mjs";
import { number } from "./table.mjs";
import { Generator, json, needTools, wrk } from "./tools.mjs";

const OWN = { start, upload, footprint };
const PARTS = { ...OWN, ...RUST, ...JAVASCRIPT };
const DEFAULTS = { seconds: 5, rounds: 3, warm: 60, quick: false, out: "", render: false, help: false };
const HELP = `usage: dormouse bench compare [PART…] [--seconds 5] [--rounds 3] [--warm 60] [--quick] [--out DIR] [--render]

Parts: ${Object.keys(PARTS).join(", ")}.
  --seconds N   how long each run takes
  --rounds N    how often the servers take turns; medians are told
  --warm N      seconds that JavaScript runs before it is measured
  --quick       only tries that everything works: one second, one round; written to bench/target/compare
  --out DIR     where table, plots and raw results go: docs/bench
  --render      writes table and plots anew from the raw results that are there
What was not run this time is kept from the raw results.`;

async function main() {
  const { parts, options } = parse(process.argv.slice(2), Object.keys(PARTS), DEFAULTS);
  if (options.help) return console.log(HELP);
  if (options.quick) Object.assign(options, { seconds: 1, rounds: 1, warm: 5 });
  const out = options.out || join(root, options.quick ? "bench/target/compare" : "docs/bench");
  mkdirSync(out, { recursive: true });
  const file = join(out, "compare.json");
  const results = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  if (!options.render) await measure(parts, options, results, () => writeFileSync(file, json(results)));
  console.log(write(out, results));
}

/** Runs the parts and keeps what each of them found as soon as it is there. */
async function measure(parts, options, results, keep) {
  needTools();
  const run = new Run(options);
  results.machine = `${availableParallelism()} processors (${cpus()[0].model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB`;
  results.parts ??= {};
  const began = performance.now();
  try {
    for (const [i, part] of parts.entries()) {
      run.prefix = `[${i + 1}/${parts.length} ${part}, ${((performance.now() - began) / 60_000).toFixed(0)} min]`;
      await run.prepare(part in OWN ? undefined : part in RUST ? "rust" : "js");
      const { rows, facts = [] } = await PARTS[part](run);
      const { seconds, rounds } = options;
      results.parts[part] = { measured: new Date().toISOString().slice(0, 10), seconds, rounds, facts, rows };
      keep();
    }
  } finally {
    await run.end();
  }
}

/** The tools and servers of a run. */
class Run {
  generator = new Generator();
  work = mkdtempSync(join(tmpdir(), "dormouse-bench-"));
  pair = [];
  prefix = "";
  #app;

  constructor({ seconds, rounds, warm, quick }) {
    Object.assign(this, { seconds, rounds, warm, quick });
  }

  say(progress) {
    process.stderr.write(`${this.prefix} ${progress}\n`);
  }

  wrk(url, options = {}) {
    return wrk(url, { seconds: this.seconds, ...options });
  }

  /** The servers with one of the apps, warm. */
  async prepare(app) {
    if (app === this.#app) return;
    await Promise.all([...this.pair, ...(this.plain ? [this.plain] : [])].map((server) => server.stop()));
    this.pair = [];
    this.plain = undefined;
    this.#app = app;
    if (!app) return;
    this.say("starting the servers");
    this.pair.push(await ours(this.work, { apps: [["bench", app]], data: `ours-${app}` }));
    this.pair.push(await peer(this.work, { data: `peer-${app}` }));
    if (app === "rust") this.plain = await plain();
    for (const server of [...this.pair, this.plain]) if (server) server.of = (path) => `${server.url}/bench/${path}`;
    if (app === "js") return;
    this.say("warming them up");
    const seconds = 2 * this.seconds;
    await wrk(this.plain.url, { seconds });
    for (const server of this.pair) {
      for (const path of ["memory", "durable"]) await wrk(server.of(`warm/${path}`), { seconds });
      await this.generator.ask("http", { url: server.of("warm/memory"), seconds: this.seconds });
      await this.generator.ask("echo", { url: server.of("warm/socket"), seconds: this.seconds });
    }
  }

  /** Rounds of a measurement, told as they come: medians by name. */
  interleave(subjects, what, measure) {
    return interleave(subjects, this.rounds, async (subject, round) => {
      const found = await measure(subject, round);
      const robbed = found.stolen > 0.005 ? `, ${(100 * found.stolen).toFixed(0)} % of the processors stolen` : "";
      const told = [["rate", "/s"], ["p50", " ms at p50"], ["p99", " ms at p99"]].filter(([field]) => found[field] !== undefined)
        .map(([field, unit]) => number(found[field]) + unit);
      this.say(`${what}, round ${round + 1} of ${this.rounds}, ${subject.name}: ${told.join(", ")}${robbed}`);
      return found;
    });
  }

  /** The same for loads that can be repeated: a round that the host of the machine disturbs is measured again. */
  interleaveUndisturbed(subjects, what, measure) {
    return this.interleave(subjects, what, (subject, round) => undisturbed(() => measure(subject, round)));
  }

  async end() {
    this.generator.stop();
    await this.prepare(undefined);
    rmSync(this.work, { recursive: true, force: true });
  }
}

await ended(main);
