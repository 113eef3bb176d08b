// Starts the servers that are measured, each with a data directory of its own.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "./place.mjs";
import { java } from "./tools.mjs";

const token = "bench-token-0123456789";
const dormouse = join(root, "dormouse");

/** Where servers write what goes wrong. */
const errors = process.env.DORMOUSE_DEBUG ? "inherit" : "ignore";

/** What can be deployed on our server. */
const APPS = { rust: "bench/apps/counter", js: "bench/apps/counter-js" };

/** The module of an app, built once. */
export function build(work, app) {
  const module = join(work, `${app}.wasm`);
  if (!existsSync(module)) execFileSync(dormouse, ["build", join(root, APPS[app]), "-o", module], { stdio: ["ignore", "ignore", "inherit"] });
  return module;
}

/**
 * Our server. `apps` are pairs of namespace and app, `config` is its configuration file, `data` the name
 * of its folder, `options` more options of the JVM.
 */
export async function ours(work, { apps, config = {}, data = "ours", options = "" }) {
  const modules = apps.map(([namespace, app]) => [namespace, build(work, app)]);
  const env = { ...process.env, DORMOUSE_TOKEN: token, DORMOUSE_JAVA_OPTS: `${process.env.DORMOUSE_JAVA_OPTS ?? ""} ${options}` };
  const file = join(work, `${data}.json`);
  writeFileSync(file, JSON.stringify(config));
  const began = performance.now();
  const child = watched("dormouse", spawn(dormouse, ["serve", "--config", file, "--port", "0", "--admin-port", "0", "--data", join(work, data)],
    { env, stdio: ["ignore", "pipe", errors] }));
  const [, url, , admin] = (await firstLine(child.stdout)).split(" ");
  for (const [namespace, module] of modules) {
    execFileSync(dormouse, ["deploy", module, "--as", namespace, "--server", admin], { env, stdio: "ignore" });
  }
  return {
    name: "dormouse",
    url,
    admin,
    began,
    pid: child.pid,
    /** The sum of a metric over its labels. */
    async metric(name) {
      const text = await (await fetch(`${admin}/metrics`, { headers: { authorization: `Bearer ${token}` } })).text();
      return text.split("\n").filter((line) => line.startsWith(name) && /[{ ]/.test(line[name.length]))
        .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    },
    /** Deploys a script as it is. */
    async upload(namespace, script) {
      const answer = await fetch(`${admin}/v1/namespaces/${namespace}`,
        { method: "PUT", headers: { authorization: `Bearer ${token}`, "content-type": "text/javascript" }, body: script });
      if (!answer.ok) throw new Error(`the script was refused: ${await answer.text()}`);
    },
    memory: () => live(child.pid),
    stop: () => stop(child),
  };
}

/** Tells when a server ends by itself, since what fails then says less. */
function watched(name, child) {
  child.once("exit", (code, signal) => {
    if (!child.killed) process.stderr.write(`dormouse: ${name} ended by itself, with ${signal ?? code}\n`);
  });
  return child;
}

/** Cloudflare's workerd with the same actor as a Durable Object on local disk. */
export async function peer(work, { data = "peer" } = {}) {
  const folder = join(work, data);
  mkdirSync(folder, { recursive: true });
  const home = join(root, "bench/peer");
  if (!existsSync(join(home, "node_modules/.bin/workerd"))) {
    execFileSync("npm", ["install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"], { cwd: home, stdio: ["ignore", "ignore", "inherit"] });
  }
  const began = performance.now();
  const child = watched("workerd", spawn(join(home, "node_modules/.bin/workerd"), ["serve", "config.capnp",
    `--directory-path=disk=${folder}`, "--control-fd=3"], { cwd: home, stdio: ["ignore", "ignore", errors, "pipe"] }));
  const { port } = JSON.parse(await firstLine(child.stdio[3]));
  return { name: "workerd", url: `http://127.0.0.1:${port}`, began, pid: child.pid, memory: () => resident(child.pid), stop: () => stop(child) };
}

/** The HTTP server that ours is built on, with a handler that does nothing. */
export async function plain() {
  const carriers = `-Djdk.virtualThreadScheduler.parallelism=${2 * availableParallelism()}`;
  const child = java("PlainServer", ["-XX:+UseG1GC", "-XX:+UseCompactObjectHeaders", carriers], ["ignore", "pipe", "ignore"]);
  const port = await firstLine(child.stdout);
  return { name: "plain handler", url: `http://127.0.0.1:${port}`, stop: () => stop(child) };
}

export async function firstLine(stream) {
  for await (const line of createInterface({ input: stream })) {
    stream.resume();
    return line;
  }
  throw new Error("the server ended before it was ready");
}

/** Kilobytes of a process and its children that are in memory. */
export function resident(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  const own = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
  return children.split(" ").filter(Boolean).reduce((sum, child) => sum + resident(child), own);
}

/**
 * Kilobytes of a JVM that are in memory, the free part of its heap left out: a heap grows as far as it
 * may before it is collected. What it held would be all, were it collected now.
 */
export function live(pid) {
  const jcmd = (...command) => execFileSync(join(process.env.JAVA_HOME, "bin/jcmd"), [String(pid), ...command], { encoding: "utf8" });
  jcmd("GC.run");
  jcmd("GC.run");
  const heap = /used (\d+)K \[0x([0-9a-f]+), 0x([0-9a-f]+)\)/.exec(jcmd("GC.heap_info"));
  if (!heap) return resident(pid);
  const [from, to] = [parseInt(heap[2], 16), parseInt(heap[3], 16)];
  let ofHeap = 0;
  let inside = false;
  for (const line of readFileSync(`/proc/${pid}/smaps`, "utf8").split("\n")) {
    const range = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line);
    if (range) inside = parseInt(range[1], 16) >= from && parseInt(range[2], 16) <= to;
    else if (inside && line.startsWith("Rss:")) ofHeap += Number(/\d+/.exec(line)[0]);
  }
  return resident(pid) - ofHeap + Number(heap[1]);
}

function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    child.once("exit", done);
    child.kill();
  });
}
