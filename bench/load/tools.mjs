// What makes the load: wrk, and the generator of this module, which stays warm for a whole run.
import { execFile, execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { root } from "./place.mjs";

const run = promisify(execFile);
const script = join(root, "bench/load/load.lua");
const classPath = [join(root, "bench/target/classes"), join(root, "bench/target/lib/*")].join(":");

/** Ends the run with one line that says what to install. */
export function needTools() {
  const missing = (tool, args, advice) => {
    try {
      execFileSync(tool, args, { stdio: "ignore" });
    } catch (error) {
      if (error.code === "ENOENT") throw new Error(`this needs ${tool}: ${advice}`);
    }
  };
  missing("wrk", ["--version"], "on Debian: apt-get install wrk");
  missing("npm", ["--version"], "it installs workerd; on Debian: apt-get install npm");
  if (!process.env.JAVA_HOME) throw new Error("this needs JAVA_HOME: run it as `dormouse bench`");
}

/** A closed loop of wrk: requests a second, and latencies in milliseconds. */
export async function wrk(url, { seconds, connections = 16, actors = 1 }) {
  const { origin, pathname, search } = new URL(url);
  const { stdout } = await run("wrk", ["-t1", `-c${connections}`, `-d${Math.ceil(seconds)}s`, "--timeout", "10s", "-s", script, origin, "--",
    decodeURI(pathname) + search, String(actors)]);
  const found = JSON.parse(/^result (.*)$/m.exec(stdout)?.[1] ?? "null");
  if (!found?.count) throw new Error(`wrk heard nothing from ${url}:\n${stdout}`);
  if (found.failed > 0) throw new Error(`${found.failed} of ${found.count} requests to ${url} failed`);
  return found;
}

/** A JVM of this module's classes. */
export function java(main, flags, stdio) {
  return spawn(join(process.env.JAVA_HOME, "bin/java"), [...flags, "-cp", classPath, `dev.dormouse.bench.load.${main}`], { stdio });
}

/** The load generator: `ask("http", { url, connections, … })` as its class explains. */
export class Generator {
  #child = java("Generator", ["-Xmx1g", "-XX:+UseSerialGC"], ["pipe", "pipe", "inherit"]);
  #lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();

  async ask(command, options = {}) {
    const words = Object.entries(options).map(([name, value]) => `${name}=${value}`);
    this.#child.stdin.write(`${[command, ...words].join(" ")}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("the load generator ended");
    const answer = JSON.parse(value);
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  stop() {
    this.#child.stdin.end();
  }
}

/** Numbers to five digits, since more of them say nothing, and pairs of them on one line. */
export function json(results) {
  const short = (_, each) => (typeof each === "number" && !Number.isInteger(each) ? Number(each.toPrecision(5)) : each);
  return `${JSON.stringify(results, short, 1).replace(/\[\s+([\d.e+-]+),\s+([\d.e+-]+)\s+\]/g, "[$1, $2]")}\n`;
}
