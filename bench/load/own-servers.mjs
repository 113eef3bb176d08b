// The parts that start servers of their own: how long a start takes, and what actors cost.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./place.mjs";
import { ours, peer } from "./servers.mjs";
import { number } from "./table.mjs";

const sleep = (millis) => new Promise((done) => setTimeout(done, millis));

/** How long the launcher may take to write down, after a build, what the JVM learns from a start. */
const LEARNING_SECONDS = 180;

async function learned(run) {
  const app = join(root, ".cache/app", readFileSync(join(root, ".cache/current"), "utf8").trim());
  for (let waited = 0; waited < LEARNING_SECONDS && !existsSync(join(app, "server.aot")); waited++) {
    if (waited === 0) run.say("waiting for what the launcher learns after a build");
    await sleep(1000);
  }
}

/** From the start of the process to the first answer of an actor that has stored something. */
export async function start(run) {
  await learned(run);
  const found = await run.interleave([
    { name: "dormouse", begin: (round) => ours(run.work, { apps: round === 0 ? [["bench", "rust"]] : [], data: "start" }) },
    { name: "workerd", begin: () => peer(run.work, { data: "start-peer" }) },
  ], "start", async ({ begin }, round) => {
    // The first one deploys and stores what the next ones find.
    if (round === 0) await (await served(await begin(0))).server.stop();
    const { server, millis } = await served(await begin(1));
    await server.stop();
    return { p50: millis };
  });
  return { rows: { start: found } };
}

async function served(server) {
  const answer = await fetch(`${server.url}/bench/one/durable`);
  if (!answer.ok) throw new Error(`the first answer of ${server.name} is ${answer.status}`);
  await answer.text();
  return { server, millis: performance.now() - server.began };
}

/**
 * From a script to the first answer of an actor of it: uploaded to our server, which has the engine
 * compiled and meets each script for the first time; workerd is told of a script when it starts.
 */
export async function upload(run) {
  const us = await ours(run.work, { apps: [], data: "upload" });
  const script = (name) => `export default { fetch() { return new Response(${JSON.stringify(name)}); } };`;
  const uploaded = async (name) => {
    const began = performance.now();
    await us.upload(name, script(name));
    const answer = await (await fetch(`${us.url}/${name}/one/`)).text();
    if (answer !== name) throw new Error(`an actor of an uploaded script answers ${answer}`);
    return performance.now() - began;
  };
  try {
    const first = await uploaded("first");
    const found = await run.interleave([
      { name: "dormouse", measure: (round) => uploaded(`script-${round}`) },
      { name: "workerd", measure: async () => {
        const { server, millis } = await served(await peer(run.work, { data: "upload-peer" }));
        await server.stop();
        return millis;
      } },
    ], "upload", async ({ measure }, round) => ({ p50: await measure(round) }));
    return { rows: { "js-upload": found }, facts: [["the first script that a new server meets, upload to first answer", `${number(first)} ms`]] };
  } finally {
    await us.stop();
  }
}

/** What the servers take of the machine's memory for each actor that they hold, in kilobytes. */
export async function footprint(run) {
  const actors = run.quick ? 200 : 1000;
  const sockets = run.quick ? 200 : 4000;
  const limits = (idleSleep, idleCompact = "1s") => ({ limits: { idleSleep, idleCompact } });
  // "busy" are actors that never rest.
  const config = { namespaces: { bench: limits("1h"), busy: limits("1h", "1h"), js: limits("1h"), "js-busy": limits("1h", "1h"), asleep: limits("1s") } };
  const apps = [["bench", "rust"], ["busy", "rust"], ["asleep", "rust"], ["js", "js"], ["js-busy", "js"]];
  const us = await ours(run.work, { apps, config, data: "footprint" });
  const them = await peer(run.work, { data: "footprint-peer" });
  const rows = {};
  const use = (url, many) => run.generator.ask("once", { url: `${url}-{i}/memory`, actors: many, connections: 8 });
  const useAndRest = async (url, many) => {
    await use(url, many);
    await rest(us);
  };
  try {
    for (const [id, namespace, act, count] of [
      ["footprint-rust", "busy", use, actors],
      ["footprint-rust-rest", "bench", useAndRest, actors],
      ["footprint-js", "js-busy", use, actors],
      ["footprint-js-rest", "js", useAndRest, actors],
      // Last: workerd may not survive that thousands of sleeping connections close at once.
      ["footprint-socket", "asleep", (url, many) => hold(run, `${url}-{i}/socket`, many), sockets],
    ]) {
      rows[id] = {};
      for (const server of [us, them]) {
        await act(`${server.url}/${namespace}/${id}-first`, 50);
        await run.generator.ask("release");
        const before = server.memory();
        await act(`${server.url}/${namespace}/${id}`, count);
        const kilobytes = (server.memory() - before) / count;
        rows[id][server.name] = { kilobytes };
        run.say(`${id} of ${server.name}: ${number(kilobytes)} KB`);
      }
      await run.generator.ask("release");
    }
  } finally {
    await Promise.all([us.stop(), them.stop()]);
  }
  return { rows, facts: [["actors whose memory was measured", number(actors)], ["WebSockets, each to a sleeping actor of its own", number(sockets)]] };
}

/** Waits until no actor has been made compact for a while. */
async function rest(server) {
  for (let before = -1, now = 0; now !== before; ) {
    before = now;
    await sleep(3000);
    now = await server.metric("dormouse_compactions_total");
  }
}

/** WebSockets to actors of their own, until those sleep. */
async function hold(run, url, count) {
  await run.generator.ask("hold", { url, actors: count, connections: count });
  await sleep(run.quick ? 5000 : 15_000);
}
