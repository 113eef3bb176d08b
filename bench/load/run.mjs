// Load runs against real servers on this machine, ours and the peer in turn: requests a second and
// latency of one actor and of 1,000, in memory, durable and reading; then the latency of a neighbour
// of sixteen actors that loop, and what our server says of itself.
// Needs wrk. DORMOUSE_BENCH_SECONDS (10) is the length of each run, DORMOUSE_BENCH_ROUNDS (3) how
// many of each.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ours, peer, root } from "./servers.mjs";
import { interleave, wrk } from "./wrk.mjs";

const seconds = Number(process.env.DORMOUSE_BENCH_SECONDS ?? 10);
const rounds = Number(process.env.DORMOUSE_BENCH_ROUNDS ?? 3);
const work = mkdtempSync(join(tmpdir(), "dormouse-bench-"));
const thousand = join(root, "bench/load/thousand.lua");
const servers = [];

try {
  servers.push(await ours(work));
  servers.push(await peer(work));
  const [us] = servers;
  console.log(`start of the server: ${us.started.toFixed(0)} ms`);
  for (const server of servers) {
    for (const path of ["memory", "durable"]) await wrk(`${server.url}/bench/warm/${path}`, { seconds });
  }
  heading();
  for (const path of ["memory", "durable", "read"]) {
    await row(`${path}, one actor`, (server) => wrk(`${server.url}/bench/one/${path}`, { seconds }));
  }
  for (const path of ["memory", "durable"]) {
    await row(`${path}, 1,000 actors`,
      (server) => wrk(server.url, { seconds, script: thousand, path: `/${path}` }));
  }
  const [plain] = await interleave([us], rounds, () => wrk(`${us.admin}/healthz`, { seconds }));
  console.log(`the HTTP server alone (/healthz): ${plain.rate.toFixed(0)}/s`);
  for (const server of servers) console.log(`resident, ${server.name}: ${(server.resident() / 1024).toFixed(0)} MiB`);
  await neighbour(us);
  for (const name of ["dormouse_wake_seconds_count", "dormouse_wake_seconds_sum", "dormouse_commits_total",
    "dormouse_fsyncs_total", "dormouse_memory_bytes"]) {
    console.log(`${name} ${await us.metric(name)}`);
  }
  // Last, because the JIT works on QuickJS's interpreter loop for minutes once it has begun.
  await wrk(`${us.url}/bench-js/warm/fib`, { seconds: 6 * seconds, connections: 1 });
  heading();
  for (const [path, connections] of [["memory", 16], ["durable", 16], ["fib", 1], ["json", 1]]) {
    await row(`JavaScript, ${path}, one actor`,
      (server) => wrk(`${server.url}/bench-js/one/${path}`, { seconds, connections }));
  }
} finally {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(work, { recursive: true, force: true });
}

function heading() {
  console.log("| work | dormouse/s | workerd/s | ratio | p50 | p99 | workerd's p50 | p99 |");
  console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
}

async function row(label, measure) {
  const [us, them] = await interleave(servers, rounds, measure);
  const ms = (value) => `${value.toPrecision(2)} ms`;
  console.log(`| ${label} | ${us.rate.toFixed(0)} | ${them.rate.toFixed(0)} | ${(us.rate / them.rate).toFixed(1)}` +
    ` | ${ms(us.p50)} | ${ms(us.p99)} | ${ms(them.p50)} | ${ms(them.p99)} |`);
}

/** One client of one actor, alone and beside sixteen actors that never end their turns. */
async function neighbour(us) {
  const lonely = () => wrk(`${us.url}/bench/neighbour/memory`, { seconds, connections: 1 });
  const alone = await lonely();
  let looping = true;
  const loops = Array.from({ length: 16 }, async (_, i) => {
    while (looping) await fetch(`${us.url}/bench/loop-${i}/loop`).then((answer) => answer.text());
  });
  const beside = await lonely();
  looping = false;
  await Promise.all(loops);
  console.log(`neighbour of sixteen loops: p99 ${alone.p99} ms alone, ${beside.p99} ms beside them;` +
    ` p50 ${alone.p50} and ${beside.p50} ms; ${alone.rate.toFixed(0)} and ${beside.rate.toFixed(0)}/s`);
}
