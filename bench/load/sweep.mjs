// Finds where our server stops to scale: `dormouse bench sweep --help` says how.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ended, parse } from "./options.mjs";
import { root } from "./place.mjs";
import { ours } from "./servers.mjs";
import { curves, decades } from "./svg.mjs";
import { knee, number, points } from "./table.mjs";
import { Generator, json, needTools } from "./tools.mjs";

/** Each curve has series, which have a step for each x; a step answers what the load generator found. */
const CURVES = {
  actors: {
    title: "Requests a second by the number of actors that they are spread over",
    label: "actors", xs: [1, 10, 100, 1000, 10_000, 100_000],
    series: Object.fromEntries(["memory", "durable"].map((path) => [path,
      (sweep, actors) => sweep.http({ path: `${path}-{i}/${path}`, actors, connections: 16 })])),
  },
  writers: {
    title: "Durable writes a second by the number of clients, each with one under way",
    label: "clients", xs: [1, 3, 10, 30, 100, 300, 1000],
    series: {
      "as many actors": (sweep, writers) => sweep.commits(() => sweep.http({ path: "writer-{i}/durable", actors: writers, connections: writers })),
      "one actor": (sweep, writers) => sweep.commits(() => sweep.http({ path: "single/durable", actors: 1, connections: writers })),
    },
  },
  values: {
    title: "Values a second by their size, 16 clients of one actor",
    label: "bytes", xs: [10, 100, 1000, 10_000, 100_000, 1_048_576],
    series: {
      "written durably": (sweep, bytes) => sweep.http({ path: `value-${bytes}/value`, actors: 1, connections: 16, bytes }),
      read: (sweep, bytes) => sweep.http({ path: `value-${bytes}/value`, actors: 1, connections: 16 }),
    },
  },
  connections: {
    title: "WebSocket echoes a second by the number of clients, each with one under way",
    label: "connections", xs: [1, 10, 100, 1000, 5000, 10_000, 20_000],
    series: {
      "of one actor": (sweep, connections) => sweep.echo({ path: "room-{i}/socket", actors: 1, connections }),
      "of 1,000 actors": (sweep, connections) => sweep.echo({ path: "rooms-{i}/socket", actors: Math.min(connections, 1000), connections }),
    },
  },
};

/** A room takes a message of each client at the same time. */
const CONFIG = { limits: { mailboxEvents: 65_536 } };

/** The server takes three quarters of what it may open for connections. */
function affordable() {
  const [, files] = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return files === undefined ? Infinity : Math.floor(Number(files) * 0.74);
}

/** What a point takes beside its seconds: warm-up, and opening connections. */
const BESIDE_SECONDS = 3;

const DEFAULTS = { minutes: 10, out: "", render: false, help: false };
const HELP = `usage: dormouse bench sweep [CURVE…] [--minutes 10] [--out DIR] [--render]

Curves: ${Object.keys(CURVES).join(", ")}.
  --minutes N   about how long all of it may take: points get less time, and the largest are left out
  --out DIR     where tables, plots and raw results go: docs/bench
  --render      writes tables and plots anew from the raw results that are there`;

class Sweep {
  generator = new Generator();

  constructor(server, seconds) {
    Object.assign(this, { server, seconds });
  }

  #options({ path, ...options }) {
    return { url: `${this.server.url}/bench/${path}`, seconds: this.seconds, warm: 1, ...options };
  }

  http(options) {
    return this.generator.ask("http", this.#options(options));
  }

  echo(options) {
    return this.generator.ask("echo", this.#options(options));
  }

  /** With how many turns share one write to disk. */
  async commits(measure) {
    const count = async () => Promise.all(["dormouse_commits_total", "dormouse_fsyncs_total"].map((name) => this.server.metric(name)));
    const before = await count();
    const found = await measure();
    const after = await count();
    return { ...found, shared: (after[0] - before[0]) / Math.max(1, after[1] - before[1]) };
  }
}

async function measure(names, minutes, results, keep) {
  needTools();
  const count = names.reduce((sum, name) => sum + CURVES[name].xs.length * Object.keys(CURVES[name].series).length, 0);
  const seconds = Math.min(10, Math.max(1, (minutes * 60) / count - BESIDE_SECONDS));
  const work = mkdtempSync(join(tmpdir(), "dormouse-sweep-"));
  const deadline = (share) => performance.now() + minutes * 60_000 * share;
  let sweep;
  try {
    for (const name of names) {
      const { xs, series } = CURVES[name];
      // Each curve has a server of its own, which the one before has left nothing in.
      const server = await ours(work, { apps: [["bench", "rust"]], data: name, config: CONFIG });
      sweep = new Sweep(server, seconds);
      const ends = deadline((xs.length * Object.keys(series).length) / count);
      results[name] = { measured: new Date().toISOString().slice(0, 10), seconds: Math.round(seconds), series: {} };
      await sweep.http({ path: "warm/durable", connections: 16, seconds: 2 * seconds });
      for (const label of Object.keys(series)) results[name].series[label] = [];
      const most = name === "connections" ? affordable() : Infinity;
      if (xs.at(-1) > most) process.stderr.write(`${name}: at most ${number(most)}, since a process may open no more files: raise it (ulimit -Hn)\n`);
      for (const wanted of xs) {
        const x = Math.min(wanted, most);
        for (const [label, step] of Object.entries(series)) {
          if (performance.now() > ends) {
            process.stderr.write(`${name} ${number(x)}, ${label}: left out, time is up\n`);
            continue;
          }
          try {
            const { rate, p50, p99, p999, shared } = await step(sweep, x);
            results[name].series[label].push({ x, rate, p50, p99, p999, ...(shared ? { shared } : {}) });
            process.stderr.write(`${name} ${number(x)}, ${label}: ${number(rate)}/s, p50 ${number(p50)} ms, p99 ${number(p99)} ms\n`);
          } catch (error) {
            process.stderr.write(`${name} ${number(x)}, ${label}: ${error.message}\n`);
          }
        }
        keep();
      }
      sweep.generator.stop();
      await server.stop();
    }
  } finally {
    sweep?.generator.stop();
    await sweep?.server.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

/** Writes plots and tables into the folder, and answers the Markdown. */
export function write(folder, results) {
  const parts = ["# How far it scales", "", "Written by `dormouse bench sweep`; raw figures are in [sweep.json](sweep.json).", ""];
  for (const [name, { title, label, xs }] of Object.entries(CURVES)) {
    const series = Object.entries(results[name]?.series ?? {}).filter(([, found]) => found.length > 0).map(([key, found]) => ({ name: key, found }));
    if (series.length === 0) continue;
    const { seconds, measured } = results[name];
    const rates = series.flatMap(({ found }) => found.map(({ rate }) => rate));
    writeFileSync(join(folder, `sweep-${name}.svg`), curves(title, `Closed loop, ${seconds} s at each point, on ${measured}.`,
      { label, ticks: decades(xs) }, { label: "a second", ticks: decades(rates) },
      series.map(({ name: key, found }) => ({ name: key, points: found.map(({ x, rate }) => [x, rate]) }))));
    parts.push(`## ${title}`, "", ...series.map(({ name: key, found }) => `- ${key}: ${knee(found, label)}`), "",
      points(label, series), "", `![${title}](sweep-${name}.svg)`, "");
  }
  const text = parts.join("\n");
  writeFileSync(join(folder, "sweep.md"), text);
  return text;
}

async function main() {
  const { parts: names, options } = parse(process.argv.slice(2), Object.keys(CURVES), DEFAULTS);
  if (options.help) return console.log(HELP);
  const out = options.out || join(root, "docs/bench");
  mkdirSync(out, { recursive: true });
  const file = join(out, "sweep.json");
  const results = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  if (!options.render) await measure(names, options.minutes, results, () => writeFileSync(file, json(results)));
  console.log(write(out, results));
}

if (process.argv[1] === new URL(import.meta.url).pathname) await ended(main);
