// A process that runs the work of bench/apps/counter-js in our JavaScript engine, which is QuickJS in
// WebAssembly, on Node's V8. Its parent tells which work and for how long; it answers with latencies.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Host } from "../../sdk-js-quickjs-wasm/engine/test/support/host.mjs";
import { root } from "./place.mjs";
import { percentile } from "./statistics.mjs";

const ENTRY = `import { fib, json, text } from "${join(root, "bench/apps/counter-js/work.js")}";
const work = { fib, json, text };
export default {
  fetch(request) {
    return new Response(String(work[new URL(request.url).pathname.slice(1)]()));
  },
};
`;

async function load(folder) {
  const sdk = join(root, "sdk-js-quickjs-wasm");
  const engine = execFileSync("sh", [join(sdk, "toolchain/js-wasm.sh"), "--engine"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  const { build } = await import(join(sdk, "node_modules/esbuild/lib/main.js"));
  writeFileSync(join(folder, "work-entry.mjs"), ENTRY);
  const { outputFiles } = await build({ entryPoints: [join(folder, "work-entry.mjs")], bundle: true, write: false, format: "esm", logLevel: "silent" });
  return Host.run(readFileSync(engine), outputFiles[0].text);
}

function call(host, work) {
  const began = performance.now();
  const answer = host.fetch("GET", `/${work}`);
  const took = performance.now() - began;
  if (answer?.status !== 200) throw new Error(`${work} is answered ${JSON.stringify(answer)}; ${host.logs.at(-1)}`);
  return took;
}

function measure(host, { work, seconds }) {
  const times = [];
  // V8 optimises the engine while it runs: the first second is not counted.
  for (const end = performance.now() + 1000; performance.now() < end; ) call(host, work);
  for (const end = performance.now() + seconds * 1000; performance.now() < end; ) times.push(call(host, work));
  const spent = times.reduce((sum, time) => sum + time, 0);
  return { rate: (times.length * 1000) / spent, count: times.length, p50: percentile(times, 50), p99: percentile(times, 99), p999: percentile(times, 99.9) };
}

const answering = (make) => Promise.resolve().then(make).catch((error) => ({ error: error.stack })).then((value) => process.send(value));
let host;
process.on("message", (asked) => answering(() => measure(host, asked)));
await answering(async () => {
  host = await load(process.argv[2]);
  return { ready: true };
});
