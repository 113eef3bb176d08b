// The parts in JavaScript. They come last: the JIT works on QuickJS's interpreter loop for minutes.
import { fork } from "node:child_process";
import { once } from "node:events";
import { wake } from "./parts.mjs";
import { median } from "./statistics.mjs";
import { number } from "./table.mjs";

const WORK = ["fib", "json", "text"];
export const SAME_WASM = "V8, same Wasm";

/** How an engine that starts cold gets fast: seconds since the first call, and milliseconds of each. */
async function warmUp(run, server, seconds) {
  const points = [];
  const began = performance.now();
  while (performance.now() - began < seconds * 1000) {
    const called = performance.now();
    const answer = await fetch(server.of("one/fib"));
    await answer.text();
    if (!answer.ok) throw new Error(`fib on ${server.name} is answered ${answer.status}`);
    points.push([(called - began) / 1000, performance.now() - called]);
  }
  return points;
}

/** At most so many points, each the median of those that follow one another. */
export function thinned(points, most) {
  const size = Math.max(1, Math.ceil(points.length / most));
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const some = points.slice(i * size, (i + 1) * size);
    return [some[some.length >> 1][0], median(some.map(([, millis]) => millis))].map((value) => Number(value.toPrecision(4)));
  });
}

/** Seconds until calls stay within half as much again of what they take at the end. */
export function settled(points) {
  const calls = thinned(points, 200);
  const last = median(calls.slice(-Math.max(1, calls.length >> 2)).map(([, millis]) => millis));
  const slow = calls.findLast(([, millis]) => millis > 1.5 * last);
  return slow === undefined ? 0 : slow[0];
}

async function compute(run) {
  const { generator, seconds } = run;
  const [us] = run.pair;
  run.say(`letting the engine get warm for ${run.warm} s`);
  const points = await warmUp(run, us, run.warm);
  const v8 = await sameWasm(run);
  const rows = { "js-warm-up": { dormouse: { settled: settled(points), points: thinned(points, 120) } } };
  try {
    for (const work of WORK) {
      // Each kind of work is code that the JIT has not seen.
      await generator.ask("http", { url: us.of(`one/${work}`), connections: 1, seconds: run.warm / 10 });
      rows[`js-${work}`] = await run.interleave([...run.pair, v8], `js-${work}`, (server) =>
        server === v8 ? v8.measure(work, seconds) : generator.ask("http", { url: server.of(`one/${work}`), connections: 1, seconds }));
    }
  } finally {
    v8.stop();
  }
  return { rows, facts: [["seconds of fib(24) until QuickJS is as fast as it gets", number(settled(points))]] };
}

/** The engine of our server with the same work, in V8 of Node, in a process of its own. */
async function sameWasm(run) {
  const child = fork(new URL("quickjs-in-v8.mjs", import.meta.url), [run.work]);
  const answer = async () => {
    const [value] = await once(child, "message");
    if (value.error) throw new Error(value.error);
    return value;
  };
  await answer();
  return {
    name: SAME_WASM,
    measure(work, seconds) {
      child.send({ work, seconds });
      return answer();
    },
    stop: () => child.kill(),
  };
}

/** Each path has a time of its own to get warm in, since its code is another part of QuickJS. */
async function counters(run) {
  const rows = {};
  const echo = (seconds) => (server) =>
    run.generator.ask("echo", { url: server.of("echo-{i}/socket"), connections: 16, seconds });
  for (const path of ["memory", "durable"]) {
    for (const server of run.pair) await run.wrk(server.of(`one/${path}`), { seconds: run.warm / 2 });
    rows[`js-${path}-1`] = await run.interleaveUndisturbed(run.pair, `js-${path}-1`, (server) => run.wrk(server.of(`one/${path}`)));
  }
  for (const server of run.pair) await echo(run.warm / 4)(server);
  rows["js-echo-1"] = await run.interleaveUndisturbed(run.pair, "js-echo-1", echo(run.seconds));
  return { rows };
}

/** `js-compute` is first, so that the counters run on an engine that is warm. */
export const JAVASCRIPT = { "js-compute": compute, "js-counters": counters, "js-wake": wake("wake-js") };
