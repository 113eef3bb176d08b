// The parts of a comparison. Each is given the run (its servers, tools and settings) and answers what it
// found: rows by id, and sentences about what is no row.
import { percentile } from "./statistics.mjs";
import { number } from "./table.mjs";

/** Both runtimes let an actor sleep after ten seconds without an event. */
const NAP_MILLIS = 14_000;

const sleep = (millis) => new Promise((done) => setTimeout(done, millis));

/** The HTTP server alone, the load generator against it, and the disk. */
async function ceilings(run) {
  const { generator, plain, seconds, work } = run;
  const rows = await run.interleave([plain], "plain handler, wrk", (server) => run.wrk(server.url));
  const own = await run.interleave([plain], "plain handler, own generator",
    ({ url }) => generator.ask("http", { url: `${url}/`, connections: 16, seconds }));
  const disk = await run.interleave([{ name: "disk" }], "forcing the disk", () => generator.ask("force", { folder: work, seconds }));
  return {
    rows: { ceiling: { ...rows, generator: own[plain.name], disk: disk.disk } },
    facts: [
      ["Helidon's plain handler", `${number(rows[plain.name].rate)}/s with wrk (16 connections), p99 ${number(rows[plain.name].p99)} ms`],
      ["the same with the load generator of the open loop", `${number(own[plain.name].rate)}/s, p99 ${number(own[plain.name].p99)} ms`],
      ["the disk", `${number(disk.disk.rate)} times 4 KB appended and forced in a second, p50 ${number(disk.disk.p50)} ms, p99 ${number(disk.disk.p99)} ms`],
    ],
  };
}

/** Closed loops of 16 connections. `also` are further subjects of single rows, by id. */
function counters(rows, also = () => ({})) {
  return async (run) => {
    const found = {};
    for (const [id, path, actors] of rows) {
      const subjects = [...run.pair, ...(also(run)[id] ?? [])];
      found[id] = await run.interleaveUndisturbed(subjects, id, (server) => {
        const url = server.of(actors === 1 ? `one/${path}` : `${path}-{i}/${path}`);
        return run.wrk(url, { actors });
      });
    }
    return { rows: found };
  };
}

const memory = counters([["memory-1", "memory", 1], ["memory-1000", "memory", 1000], ["memory-20000", "memory", 20_000]],
  (run) => ({ "memory-1": [run.plain] }));
const durable = counters([["durable-1", "durable", 1], ["durable-1000", "durable", 1000]]);
const read = counters([["read-1", "read", 1]]);

async function sockets(run) {
  const { generator, seconds } = run;
  const echo = (actors) => (server) =>
    generator.ask("echo", { url: server.of(`${actors}-echo-{i}/socket`), actors, connections: 16, seconds });
  const clients = run.quick ? 100 : 1000;
  let room = 0;
  return {
    rows: {
      "echo-1": await run.interleaveUndisturbed(run.pair, "echo-1", echo(1)),
      "echo-16": await run.interleaveUndisturbed(run.pair, "echo-16", echo(16)),
      fanout: await run.interleaveUndisturbed(run.pair, "fanout",
        (server) => generator.ask("fanout", { url: server.of(`room-${room++}/socket`), connections: clients, seconds })),
    },
  };
}

/** Many actors ask for an alarm at the same moment. What they note is when it fired, by their own clock. */
async function alarms(run) {
  const { generator } = run;
  const actors = run.quick ? 200 : 2000;
  const found = await run.interleave(run.pair, "alarms", async (server, round) => {
    const ask = (path, options) => generator.ask("once", { url: server.of(`alarm-${round}-{i}/${path}`), actors, connections: 16, ...options });
    const before = await ask("read");
    const due = Date.now() + 3000 + Math.ceil((4 * actors * 1000) / before.rate) + actors * 10;
    run.say(`alarms: ${server.name} sets ${number(actors)} that are due in ${number((due - Date.now()) / 1000)} s`);
    await ask(`remind?at=${due}`);
    if (Date.now() > due) throw new Error(`${server.name} took too long to set ${actors} alarms`);
    await sleep(due - Date.now() + 1000);
    for (let tries = 0; ; tries++) {
      const { bodies } = await ask("fired", { bodies: true });
      const late = bodies.map((fired) => Number(fired) - due).filter((millis) => millis > -due);
      if (late.length === actors) {
        return { count: actors, p50: percentile(late, 50), p99: percentile(late, 99), p999: percentile(late, 99.9), max: Math.max(...late) };
      }
      if (tries > 60) throw new Error(`${actors - late.length} of ${actors} alarms of ${server.name} never fired`);
      await sleep(1000);
    }
  });
  return { rows: { alarms: found }, facts: [["alarms that were due at the same moment", actors]] };
}

/** First requests to actors that sleep, one after another. Their answer says whether they did. */
export function wake(id) {
  return async (run) => {
    const { generator } = run;
    const actors = run.quick ? 50 : 300;
    const found = await run.interleave(run.pair, id, async (server, round) => {
      const url = (path) => server.of(`wake-${round}-{i}/${path}`);
      await generator.ask("once", { url: url("durable"), actors, connections: 8 });
      await sleep(NAP_MILLIS);
      const answer = await generator.ask("once", { url: url("wake"), actors, connections: 1, bodies: true });
      const awake = answer.bodies.filter((body) => body !== "1 1").length;
      if (awake > 0) throw new Error(`${awake} of ${actors} actors of ${server.name} did not sleep: the first says ${answer.bodies[0]}`);
      return answer;
    });
    return { rows: { [id]: found } };
  };
}

/** An open loop at 70 % of what each server can do with the same load generator in a closed loop. */
async function open(run) {
  const { generator } = run;
  const found = {};
  const facts = [];
  for (const [id, path, actors] of [["open-memory-1", "memory", 1], ["open-durable-1", "durable", 1], ["open-durable-1000", "durable", 1000]]) {
    // The plain handler is the control: what it shows is the machine's and the load generator's.
    const subjects = path === "memory" ? [...run.pair, run.plain] : run.pair;
    const load = (server, seconds, options) =>
      generator.ask("http", { url: server.of(`open-${actors}-{i}/${path}`), actors, connections: 64, seconds, ...options });
    const saturation = await run.interleaveUndisturbed(subjects, `${id}, saturation`, (server) => load(server, run.seconds));
    found[id] = await run.interleaveUndisturbed(subjects, id,
      (server) => load(server, 2 * run.seconds, { rate: Math.max(1, 0.7 * saturation[server.name].rate), warm: 2 }));
    const of = `${path}, ${actors === 1 ? "one actor" : `${number(actors)} actors`}`;
    for (const { name } of subjects) {
      found[id][name].saturation = saturation[name].rate;
      facts.push([`saturation of ${name}, ${of}, 64 connections`,
        `${number(saturation[name].rate)}/s`]);
    }
    facts.push([`processor time that the machine's host kept in the rounds of the open loop, ${of}`,
      subjects.map(({ name }) => `${name} ${(100 * found[id][name].stolen).toFixed(1)} %`).join(", ")]);
  }
  return { rows: found, facts };
}

/**
 * One client of one actor, alone and beside sixteen actors that never end their turns. Ours only. The
 * loops run once before, since the JIT compiles them in their first seconds on the same processors.
 */
async function neighbour(run) {
  const [us] = run.pair;
  const lonely = () => run.wrk(us.of("neighbour/memory"), { connections: 1 });
  const besideLoops = async () => {
    let looping = true;
    const loops = Array.from({ length: 16 }, async (_, i) => {
      while (looping) await fetch(us.of(`loop-${i}/loop`)).then((answer) => answer.text());
    });
    const found = await lonely();
    looping = false;
    await Promise.all(loops);
    return found;
  };
  await lonely();
  await besideLoops();
  const kinds = [{ name: "alone", measure: lonely }, { name: "beside", measure: besideLoops }];
  const found = await run.interleave(kinds, "neighbour", ({ measure }) => measure());
  const told = ({ rate, p50, p99 }) => `${number(rate)}/s, p50 ${number(p50)} ms, p99 ${number(p99)} ms`;
  return {
    rows: { neighbour: found },
    facts: [["one client of one actor, alone", told(found.alone)], ["the same beside sixteen actors that loop forever", told(found.beside)]],
  };
}

export const RUST = { ceilings, memory, durable, read, sockets, alarms, open, wake: wake("wake-rust"), neighbour };
