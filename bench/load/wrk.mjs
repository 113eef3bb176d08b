// Runs wrk and reads what it says.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const UNITS = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

/**
 * One run: `connections` kept busy for `seconds`. Answers requests a second and latencies in
 * milliseconds.
 */
export async function wrk(url, { seconds, connections = 16, script, path }) {
  const options = ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency"];
  if (script) options.push("-s", script);
  const { stdout } = await run("wrk", [...options, url, ...(script ? ["--", path] : [])]);
  const latency = (percent) => {
    const found = new RegExp(`^ +${percent}% +([\\d.]+)(us|ms|s|m) *$`, "m").exec(stdout);
    if (!found) throw new Error(`wrk heard nothing from ${url}:\n${stdout}`);
    return found[1] * UNITS[found[2]];
  };
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? "0";
  if (refused !== "0") throw new Error(`${refused} answers of ${url} were errors`);
  return {
    rate: Number(/Requests\/sec: +([\d.]+)/.exec(stdout)[1]),
    p50: latency(50),
    p99: latency(99),
  };
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Rounds of several subjects in turn, so that what disturbs the machine disturbs all of them. */
export async function interleave(subjects, rounds, measure) {
  const results = subjects.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, subject] of subjects.entries()) results[i].push(await measure(subject));
  }
  return results.map((all) => ({
    rate: median(all.map((r) => r.rate)),
    p50: median(all.map((r) => r.p50)),
    p99: median(all.map((r) => r.p99)),
  }));
}
