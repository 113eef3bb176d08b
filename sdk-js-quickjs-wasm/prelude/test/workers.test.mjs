import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compile } from "./support/engine.mjs";
import { decode, encode, Server } from "./support/server.mjs";

const CBOR = [["sec-websocket-protocol", "dormouse.cbor"]];

const COUNTER = `
let count: number = (await storage.get("count")) || 0;
const ports = new Set<any>();
export default {
  connect(event: any) {
    const port = event.ports[0];
    ports.add(port);
    port.postMessage({ type: "count", count, name: self.name });
    port.onmessage = async (event: any) => {
      if (event.data === "fail") throw new Error("in a handler");
      count += event.data.by ?? 1;
      await storage.put("count", count);
      for (const other of ports) other.postMessage({ type: "count", count });
    };
    port.onclose = () => { ports.delete(port); console.log("left", ports.size); };
  },
  async fetch(request: Request) { return new Response("count " + count); },
  async alarm() { count = 0; await storage.put("count", 0); for (const p of ports) p.postMessage({ type: "reset" }); },
};`;

describe("worker modules", () => {
  test("start with top-level await, speak JSON with plain clients, and remember", async () => {
    const server = await Server.start(COUNTER);
    const actor = server.actor("c1");
    const a = await server.connect(actor);
    const b = await server.connect(actor);
    assert.deepEqual(a.takeJson(), [{ type: "count", count: 0, name: "c1" }]);
    await a.sendJson({ by: 5 });
    await b.sendJson({});
    assert.deepEqual(b.takeJson().map((m) => m.count), [0, 5, 6]);
    assert.equal((await server.fetch(actor)).text, "count 6");
    await a.close();
    assert.match(server.logged(), /left 1/);
    assert.equal(actor.timers.size, 1);
    await b.close();
    assert.equal(actor.timers.size, 0);
    actor.sleep();
    assert.equal((await server.fetch(actor)).text, "count 6");
  });

  test("speak CBOR where the client offers it", async () => {
    const server = await Server.start(`export default { connect(conn: any) { conn.onmessage = (e: any) => conn.postMessage({ got: e.data, map: new Map([[1, new Date(5)]]) }); } }`);
    const client = await server.connect(server.actor("c"), "/", CBOR);
    assert.equal(client.protocol, "dormouse.cbor");
    await client.send(encode(new Set([1n])));
    const [reply] = client.take().map(decode);
    assert.deepEqual(reply, { got: new Set([1n]), map: new Map([[1, new Date(5)]]) });
  });

  test("text that is no JSON arrives as text, bytes as bytes, and both go out again", async () => {
    const server = await Server.start(`export default { connect(conn: any) { conn.onmessage = (e: any) => conn.postMessage(e.data); } }`);
    const client = await server.connect(server.actor("c"));
    await client.send("plain text");
    await client.send(new Uint8Array([1, 2]));
    assert.deepEqual(client.take(), ['"plain text"', new Uint8Array([1, 2])]);
  });

  test("messages wait until the port is started", async () => {
    const server = await Server.start(`export default { async connect(event: any) { const port = event.ports[0]; await new Promise((r) => setTimeout(r, 10)); port.addEventListener("message", (e: any) => port.postMessage(["late", e.data])); port.start(); } }`);
    const client = await server.connect(server.actor("c"));
    await client.sendJson(1);
    await client.sendJson(2);
    assert.deepEqual(client.take(), []);
    await server.advance(20);
    assert.deepEqual(client.takeJson(), [["late", 1], ["late", 2]]);
  });

  test("events wait for a top-level await that takes turns", async () => {
    const server = await Server.start(`await new Promise((r) => setTimeout(r, 30)); let n = 0; export default { fetch() { return new Response(String(++n)); }, connect(c: any) { c.postMessage(++n); } }`);
    const actor = server.actor("c");
    let answer;
    actor.fetch("GET", "/", [], new Uint8Array(0), (given) => (answer = Buffer.from(given.bytes).toString()));
    const client = await server.connect(actor);
    assert.deepEqual([answer, client.opened], [undefined, false]);
    await server.advance(50);
    assert.deepEqual([answer, client.opened, client.takeJson()], ["1", true, [2]]);
  });

  test("set alarms by time, by date and by delay", async () => {
    const server = await Server.start(`export default { async fetch(r: Request) { const p = new URL(r.url).pathname; if (p === "/delay") await setAlarm(5000); if (p === "/time") await setAlarm(Date.now() + 6000); if (p === "/date") await setAlarm(new Date(Date.now() + 7000)); if (p === "/delete") await deleteAlarm(); return Response.json(await getAlarm()); },
      async alarm() { await storage.put("fired", ((await storage.get("fired")) as any ?? 0) + 1); } }`);
    const actor = server.actor("c");
    for (const [path, at] of [["/delay", 5000], ["/time", 6000], ["/date", 7000]]) assert.equal((await server.fetch(actor, path)).json, server.now + at);
    await actor.fireAlarm();
    assert.equal(actor.alarm, null);
    assert.deepEqual([...actor.storage.keys()], ["fired"]);
    await server.fetch(actor, "/delay");
    assert.equal((await server.fetch(actor, "/delete")).json, null);
  });

  test("an error in a handler is logged, and the worker lives on", async () => {
    const server = await Server.start(COUNTER);
    const client = await server.connect(server.actor("c"));
    await client.sendJson("fail");
    await client.sendJson({});
    assert.match(server.logged(), /Error: in a handler\n\s+at .*app\.ts:10:/);
    assert.deepEqual(client.takeJson().map((m) => m.count), [0, 1]);
  });

  test("a connect that throws closes the connection", async () => {
    const server = await Server.start(`export default { connect() { throw new Error("nobody in"); } }`);
    const client = await server.connect(server.actor("c"));
    assert.deepEqual(client.closed, { code: 4500, reason: "uncaught_exception" });
    const silent = await Server.start(`export default { fetch() {} }`);
    assert.equal((await silent.connect(silent.actor("x"))).rejected.status, 501);
  });

  test("terminate ends the worker: connections close, timers are no more, and the next event finds a new one", async () => {
    const server = await Server.start(`let n = 0; export default { connect(c: any) { c.postMessage("hi"); setInterval(() => {}, 10); }, fetch(r: Request) { if (r.url.endsWith("/end")) self.terminate(); return new Response(String(++n)); } }`);
    const actor = server.actor("c");
    const client = await server.connect(actor);
    assert.equal((await server.fetch(actor)).text, "1");
    assert.equal((await server.fetch(actor, "/end")).text, "2");
    assert.deepEqual(client.closed, { code: 1000, reason: "" });
    assert.equal(actor.timers.size, 0);
    assert.equal((await server.fetch(actor)).text, "1");
  });

  test("connections of an instance that was lost are told to come again", async () => {
    const server = await Server.start(COUNTER);
    const actor = server.actor("c");
    const client = await server.connect(actor);
    actor.sleep();
    await client.sendJson({});
    assert.deepEqual(client.closed, { code: 4012, reason: "reconnect" });
  });

  test("storage of workers has the batch forms and lists", async () => {
    const server = await Server.start(`export default { async fetch() { await storage.put({ a: 1, b: 2 }); await storage.delete("a"); const all = await storage.list(); await storage.deleteAll(); return Response.json([[...all], (await storage.list()).size]); } }`);
    assert.deepEqual((await server.fetch(server.actor("c"))).json, [[["b", 2]], 0]);
  });
});

describe("gateways", () => {
  const WORKER = `export default { connect(event: any) { const port = event.ports[0]; port.onmessage = (e: any) => port.postMessage({ worker: self.name, echo: e.data }); }, fetch(r: Request) { return new Response("worker " + self.name + " " + r.url); } }`;
  const GATEWAY = `export default { async fetch(request: Request) {
    const url = new URL(request.url);
    if (url.pathname.startsWith("/ws/")) return new ServerlessWorker("./worker.js", url.pathname.slice(4)).fetch(request);
    if (url.pathname === "/pass") return new ServerlessWorker("./worker.js", "p").fetch(request);
    const names = url.searchParams.getAll("name");
    const ask = (worker: any) => new Promise((resolve, reject) => { worker.port.onmessage = (e: any) => { resolve(e.data); worker.port.close(); }; worker.port.onerror = (e: any) => reject(e.error); worker.port.postMessage(new Map([["n", worker.name]])); });
    try {
      const answers: any[] = await Promise.all((names.length ? names : [undefined]).map((name) => ask(new ServerlessWorker("./worker.js", name))));
      return Response.json(answers.map((a) => [a.worker, [...a.echo]]));
    } catch (e: any) { return Response.json({ code: e.code, overloaded: e.overloaded, retryable: e.retryable, message: e.message }, { status: 503 }); }
  } }`;
  const start = (more = {}) =>
    Server.start({ "dormouse:bundle": GATEWAY, "dormouse:bundle/worker": WORKER }, { gateway: true, classes: ["worker"], workers: { "./worker.js": "worker" }, bundles: { worker: "dormouse:bundle/worker" }, ...more });

  test("talk to several workers at once, and to the default one", async () => {
    const server = await start();
    assert.deepEqual((await server.fetch(server.gateway(), "/?name=a&name=b")).json, [["a", [["n", "a"]]], ["b", [["n", "b"]]]]);
    assert.deepEqual((await server.fetch(server.gateway(), "/")).json, [["default", [["n", "default"]]]]);
    assert.equal(server.gateway().timers.size, 0);
  });

  test("forward requests and WebSockets", async () => {
    const server = await start();
    assert.equal((await server.fetch(server.gateway(), "/pass?x=1")).text, "worker p http://example.test/pass?x=1");
    const client = await server.connect(server.gateway(), "/ws/room", CBOR);
    assert.deepEqual([client.opened, client.protocol], [true, "dormouse.cbor"]);
    await client.send(encode(7n));
    assert.deepEqual(client.take().map(decode), [{ worker: "room", echo: 7n }]);
  });

  test("an error of the server reaches them with its code", async () => {
    const server = await start();
    server.refuseConnects = "overloaded: try later";
    const answer = await server.fetch(server.gateway(), "/");
    assert.deepEqual(answer.json, { code: "overloaded", overloaded: true, retryable: true, message: "try later" });
  });

  test("several worker modules have actors of their own", async () => {
    const server = await start({ classes: ["worker", "other"], workers: { "./worker.js": "worker", "./other.js": "other" } });
    await server.fetch(server.gateway(), "/pass");
    assert.deepEqual([...server.actors.keys()], ["worker:p"]);
    assert.equal((await server.fetch(server.actor("worker:q"))).text, "worker q http://example.test/");
  });
});

describe("compiled bundles", () => {
  const SOURCE = `
    export default {
      fetch(request: Request) { return new Response("of the source"); },
    };`;

  test("run in the place of the source, with the lines of the user's files", async () => {
    const server = await Server.start(`
      const fail = (): never => { throw new RangeError("on line 2"); };
      export default {
        fetch(request: Request) { return request.url.endsWith("/fail") ? fail() : new Response(String(fail)); },
      };`);
    const { "dormouse:bundle": source } = server.sections;
    server.sections["dormouse:bytecode"] = await compile(source);
    server.sections["dormouse:bundle"] = (await Server.start(SOURCE)).sections["dormouse:bundle"];
    assert.match((await server.fetch(server.actor("a"))).text, /throw new RangeError/, "functions know their source");
    assert.equal((await server.fetch(server.actor("a"), "/fail")).status, 500);
    assert.match(server.logged(), /RangeError: on line 2\n    at fail \(\S*app\.ts:2:\d+\)/);
  });

  test("are left alone where they are for another engine, or damaged from the start", async () => {
    const server = await Server.start(SOURCE);
    const code = await compile("export default { fetch() { return new Response('of the code'); } }");
    server.sections["dormouse:bytecode"] = code;
    assert.equal((await server.fetch(server.actor("a"))).text, "of the code");
    for (const other of [Buffer.concat([Buffer.of(code[0] ^ 1), code.subarray(1)]), code.subarray(0, 7), Buffer.of()]) {
      server.sections["dormouse:bytecode"] = other;
      assert.equal((await server.fetch(server.actor("b" + other.length))).text, "of the source");
    }
  });

  test("are not made of what does not compile: the start tells of that", async () => {
    assert.equal(await compile("export default {"), undefined);
  });
});
