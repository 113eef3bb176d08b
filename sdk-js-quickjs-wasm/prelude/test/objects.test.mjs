import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Server } from "./support/server.mjs";

const HEAD = `import { DurableObject, WorkerEntrypoint, RpcTarget, env as globalEnv } from "cloudflare:workers";\n`;

/** An object whose RPC method \`run\` evaluates code with ctx, env and state in scope, and a gateway to reach it. */
const LAB = HEAD + `
const AsyncFunction = (async () => {}).constructor as any;
export class Lab extends DurableObject<any> {
  state: any = { constructed: Date.now() };
  async fetch(request: Request) {
    const code = await request.text();
    const { ctx, env, state } = this as any;
    try {
      const value = await new AsyncFunction("ctx", "env", "state", "self", code)(ctx, env, state, this);
      return Response.json({ value: value === undefined ? null : value });
    } catch (error: any) {
      return Response.json({ error: error.name + ": " + error.message, code: error.code, remote: error.remote, retryable: error.retryable, overloaded: error.overloaded });
    }
  }
  async add(a: number, b: number) { return a + b; }
  echo(value: unknown) { return value; }
  who() { return this.ctx.id.name; }
  fail() { throw new RangeError("out of range"); }
  failOdd() { throw { odd: true }; }
  fn() { return () => 1; }
  get size() { return 42; }
  alarm() {}
}
export class Other extends DurableObject<any> {
  n = 0;
  bump() { return ++this.n; }
  async fetch(request: Request) { return new Response("other " + this.ctx.id.name + " " + request.method + " " + request.url + " " + (await request.text()), { status: 202, headers: { "x-o": "1" } }); }
}
export class Plain {
  constructor(private state: any, private env: any) {}
  async fetch() { return new Response("plain " + this.state.id.name); }
  method() { return 1; }
}`;
const APP = { classes: ["Lab", "Other", "Plain"], bindings: { LAB: "Lab", OTHER: "Other", PLAIN: { class: "Plain" } }, vars: { LIMITS: { a: 1 } } };

async function lab(name = "x") {
  const server = await Server.start(LAB, APP);
  const actor = server.actor("Lab:" + name);
  const run = async (code) => {
    const answer = await server.fetch(actor, "/", { method: "POST", body: code });
    assert.ok(answer, "no answer: " + server.logged());
    assert.equal(answer.fault, undefined, server.logged());
    const { value, error } = answer.json;
    if (error) throw Object.assign(new Error(error), answer.json);
    return value;
  };
  return { server, actor, run };
}

describe("storage", () => {
  test("gets, puts and deletes one key and several", async () => {
    const { run } = await lab();
    assert.deepEqual(await run(`const s = ctx.storage; await s.put("a", { x: 1n }); await s.put({ b: [1], c: new Date(5) });
      const many = await s.get(["c", "a", "none"]);
      return [typeof (await s.get("a")).x, await s.get("none") === undefined, many instanceof Map, [...many.keys()], await s.delete("a"), await s.delete("a"), await s.delete(["b", "c", "z"])]`),
      ["bigint", true, true, ["a", "c"], true, false, 2]);
  });
  test("lists by prefix, start, startAfter, end, reverse and limit", async () => {
    const { run } = await lab();
    assert.deepEqual(await run(`const s = ctx.storage; await s.put({ a: 1, "u:1": 2, "u:2": 3, "u:3": 4, z: 5 }); const keys = async (o) => [...(await s.list(o)).keys()].join();
      return [await keys(), await keys({ prefix: "u:" }), await keys({ start: "u:2" }), await keys({ startAfter: "u:2" }), await keys({ end: "u:2" }), await keys({ reverse: true, limit: 2 }), await keys({ prefix: "u:", reverse: true, start: "u:2" })]`),
      ["a,u:1,u:2,u:3,z", "u:1,u:2,u:3", "u:2,u:3,z", "u:3,z", "a,u:1", "z,u:3", "u:3,u:2"]);
    await assert.rejects(run(`await ctx.storage.list({ start: "a", startAfter: "b" })`), /TypeError/);
    await assert.rejects(run(`await ctx.storage.list({ limit: 0 })`), /TypeError/);
  });
  test("refuses undefined values, functions, too many keys and keys that are too large", async () => {
    const { run } = await lab();
    await assert.rejects(run(`await ctx.storage.put("a", undefined)`), /TypeError: put\(\) called with undefined/);
    await assert.rejects(run(`await ctx.storage.put("a", () => 1)`), /DataCloneError/);
    await assert.rejects(run(`await ctx.storage.get(Array.from({ length: 129 }, (_, i) => "k" + i))`), /RangeError.*128/);
    await assert.rejects(run(`await ctx.storage.put("k".repeat(2049), 1)`), /RangeError.*key/);
    await assert.rejects(run(`await ctx.storage.put("", 1)`), /RangeError.*key/);
  });
  test("deleteAll takes everything, and the alarm unless told otherwise", async () => {
    const { run } = await lab();
    assert.deepEqual(await run(`const s = ctx.storage; await s.put("a", 1); await s.setAlarm(Date.now() + 1000); await s.deleteAll({ deleteAlarm: false });
      const kept = (await s.getAlarm()) !== null; await s.deleteAll(); return [kept, (await s.list()).size, await s.getAlarm()]`), [true, 0, null]);
  });
  test("a transaction keeps all or nothing", async () => {
    const { run } = await lab();
    assert.deepEqual(await run(`const s = ctx.storage; await s.put({ a: 1, b: 2 });
      const r = await s.transaction(async (t) => { await t.put("a", 10); await t.delete("b"); return [await t.get("a"), await t.get("b") === undefined, [...(await t.list()).keys()].join()]; });
      let caught; try { await s.transaction(async (t) => { await t.put("a", 99); await s.put("c", 3); throw new Error("no"); }); } catch (e) { caught = e.message }
      await s.transaction(async (t) => { await t.put("a", 98); t.rollback(); });
      return [r, caught, Object.fromEntries(await s.list())]`), [[10, true, "a"], "no", { a: 10 }]);
  });
  test("transactionSync keeps all or nothing, nested too", async () => {
    const { run } = await lab();
    assert.deepEqual(await run(`const { kv } = ctx.storage; kv.put("a", 1);
      const r = ctx.storage.transactionSync(() => { kv.put("a", 2); try { ctx.storage.transactionSync(() => { kv.put("a", 3); kv.put("b", 1); throw new Error("inner"); }); } catch {} return kv.get("a"); });
      try { ctx.storage.transactionSync(() => { kv.delete("a"); throw new Error("x"); }); } catch {}
      return [r, [...kv.list()], kv.get("none") === undefined]`), [2, [["a", 2]], true]);
  });
  test("transactions that overlap run one after the other", async () => {
    const { server, actor } = await lab();
    const code = (n) => `return await ctx.storage.transaction(async (t) => { const v = (await t.get("n")) ?? 0; await new Promise((r) => setTimeout(r, 10)); await t.put("n", v + 1); return v + 1; })`;
    const answers = [];
    for (let i = 0; i < 3; i++) actor.fetch("POST", "/", [], new TextEncoder().encode(code(i)), (answer) => answers.push(Buffer.from(answer.bytes).toString()));
    await server.run();
    await server.advance(100);
    assert.deepEqual(answers, ['{"value":1}', '{"value":2}', '{"value":3}']);
  });
  test("sql says that it is not there", async () => {
    const { run } = await lab();
    await assert.rejects(run(`ctx.storage.sql.exec("select 1")`), /ctx\.storage\.sql is not supported/);
  });
  test("keys are listed in the order of their bytes, also inside transactions", async () => {
    const { run } = await lab();
    const sorted = ["A", "a", "é", "\uffff", "\u{10000}"];
    assert.deepEqual(await run(`const s = ctx.storage; await s.put("\\u{10000}", 1); await s.put("a", 1);
      const inside = await s.transaction(async (t) => { await t.put("\\uffff", 1); await t.put("é", 1); await t.put("A", 1); return [...(await t.list()).keys()]; });
      return [inside, [...(await s.list()).keys()]]`), [sorted, sorted]);
  });
});

describe("ids and stubs", () => {
  test("ids from names, strings and nowhere", async () => {
    const { run } = await lab("me");
    assert.deepEqual(await run(`const a = env.OTHER.idFromName("n"); const b = env.OTHER.idFromString(a.toString()); const u = env.OTHER.newUniqueId(); const v = env.OTHER.idFromString(String(u));
      return [ctx.id.name, /^[0-9a-f]{64}$/.test(String(a)), a.equals(b), b.name, u.name === undefined, u.equals(v), a.equals(u), JSON.stringify({ id: a }) === JSON.stringify({ id: String(a) })]`),
      ["me", true, true, "n", true, true, false, true]);
    await assert.rejects(run(`env.OTHER.idFromString("zz")`), /TypeError: Invalid Durable Object ID/);
    await assert.rejects(run(`env.OTHER.idFromString(String(env.LAB.idFromName("n")))`), /TypeError: Durable Object ID is not valid/);
  });
  test("fetch reaches the object with its URL, method, headers and body", async () => {
    const { run } = await lab();
    assert.deepEqual(await run(`const stub = env.OTHER.get(env.OTHER.idFromName("n")); const r = await stub.fetch("https://do.test/p?q=1", { method: "PUT", body: "hi" });
      return [r.status, r.headers.get("x-o"), await r.text(), stub.name, stub.id.name]`), [202, "1", "other n PUT https://do.test/p?q=1 hi", "n", "n"]);
    assert.equal(await run(`return await (await env.PLAIN.getByName("p").fetch("http://x")).text()`), "plain p");
  });
  test("remote methods take and give structured values", async () => {
    const { run } = await lab();
    assert.deepEqual(await run(`const other = env.LAB.getByName("y"); const v = await other.echo(new Map([[1n, new Set([new Date(7)])]]));
      return [await other.add(1, 2), v instanceof Map, [...v.get(1n)][0].getTime(), await other.who(), await other.size, await env.OTHER.getByName("c").bump(), await env.OTHER.getByName("c").bump()]`),
      [3, true, 7, "y", 42, 1, 2]);
  });
  test("an object with a unique id is always the same one", async () => {
    const { run } = await lab();
    assert.deepEqual(await run(`const id = env.OTHER.newUniqueId(); await env.OTHER.get(id).bump(); return [await env.OTHER.get(env.OTHER.idFromString(id.toString())).bump(), await env.LAB.get(env.LAB.newUniqueId()).who() === undefined]`), [2, true]);
  });
  test("what a method throws arrives as that error", async () => {
    const { run, server } = await lab();
    assert.deepEqual(await run(`try { await env.LAB.getByName("y").fail() } catch (e) { return [e instanceof RangeError, e.name, e.message, e.remote] }`), [true, "RangeError", "out of range", true]);
    assert.deepEqual(await run(`try { await env.LAB.getByName("y").failOdd() } catch (e) { return e }`), { odd: true, remote: true });
    assert.match(server.logged(), /RangeError: out of range\n\s+at fail \(.*app\.ts:19:/);
  });
  test("methods that are none are refused with what is wrong", async () => {
    const { run } = await lab();
    await assert.rejects(run(`await env.LAB.getByName("y").nothing()`), /TypeError: The RPC receiver does not implement the method "nothing"/);
    await assert.rejects(run(`await env.LAB.getByName("y").alarm()`), /TypeError.*"alarm"/);
    await assert.rejects(run(`await env.LAB.getByName("y").state`), /TypeError.*"state"/);
    await assert.rejects(run(`await env.LAB.getByName("y").hasOwnProperty("x")`), /TypeError/);
    await assert.rejects(run(`await env.PLAIN.getByName("y").method()`), /TypeError: The receiving Durable Object does not support RPC/);
    await assert.rejects(run(`await env.LAB.getByName("y").echo(new (class Odd {})())`), /DataCloneError: .*Odd/);
    await assert.rejects(run(`await env.LAB.getByName("y").echo(new WeakMap())`), /DataCloneError/);
  });
  test("what fetch throws is thrown by the stub, with the code", async () => {
    const server = await Server.start(HEAD + `
      export class A extends DurableObject<any> { async fetch() { try { await this.env.B.getByName("b").fetch("http://x"); } catch (e: any) { return Response.json([e instanceof TypeError, e.message, e.code, e.remote, e.retryable]); } return new Response("no"); } }
      export class B { async fetch() { throw new TypeError("bad: ü"); } }`, { classes: ["A", "B"], bindings: { B: "B" } });
    assert.deepEqual((await server.fetch(server.actor("A:a"))).json, [true, "bad: ü", "uncaught_exception", true, false]);
  });
  test("a fault of the other actor carries the host's code", async () => {
    const { run, server } = await lab();
    server.actor("Other:c").event = () => (server.actor("Other:c").failures.push("x"), false);
    await assert.rejects(run(`await env.OTHER.getByName("c").bump()`), ({ code, retryable }) => code === "actor_trapped" && retryable === false);
  });
});

describe("life of an object", () => {
  test("events wait for blockConcurrencyWhile of the constructor, in their order", async () => {
    const server = await Server.start(HEAD + `
      export class A extends DurableObject<any> {
        log: string[] = [];
        constructor(ctx: any, env: any) { super(ctx, env); ctx.blockConcurrencyWhile(async () => { await new Promise((r) => setTimeout(r, 50)); this.log.push("ready"); }); }
        async fetch(request: Request) { this.log.push(new URL(request.url).pathname); return Response.json(this.log); }
      }`, { classes: ["A"] });
    const actor = server.actor("A:a");
    const answers = [];
    for (const path of ["/1", "/2"]) actor.fetch("GET", path, [], new Uint8Array(0), (answer) => answers.push(Buffer.from(answer.bytes).toString()));
    await server.run();
    assert.deepEqual(answers, []);
    await server.advance(100);
    assert.deepEqual(answers, ['["ready","/1"]', '["ready","/1","/2"]']);
    assert.equal(actor.timers.size, 0);
  });
  test("no event runs between a storage operation and what awaits it", async () => {
    const server = await Server.start(HEAD + `
      export class A extends DurableObject<any> { async fetch() { const n: any = (await this.ctx.storage.get("n")) ?? 0; await this.ctx.storage.put("n", n + 1); return new Response(String(n + 1)); } }`, { classes: ["A"] });
    const actor = server.actor("A:a");
    const answers = [];
    for (let i = 0; i < 5; i++) actor.fetch("GET", "/", [], new Uint8Array(0), (answer) => answers.push(Buffer.from(answer.bytes).toString()));
    await server.run();
    assert.deepEqual(answers, ["1", "2", "3", "4", "5"]);
  });
  test("a constructor that fails is answered, and tried again for the next event", async () => {
    const server = await Server.start(HEAD + `let tries = 0; export class A extends DurableObject<any> { constructor(c: any, e: any) { super(c, e); if (++tries < 2) throw new Error("not yet"); } fetch() { return new Response("try " + tries); } }`, { classes: ["A"] });
    const actor = server.actor("A:a");
    const first = await server.fetch(actor);
    assert.equal(first.status, 500);
    assert.equal(first.headers["content-type"], "application/problem+json");
    assert.equal(first.json.code, "uncaught_exception");
    assert.equal((await server.fetch(actor)).text, "try 2");
  });
  test("blockConcurrencyWhile that fails resets the object", async () => {
    const server = await Server.start(HEAD + `export class A extends DurableObject<any> { n = 0; async fetch(r: Request) { this.n++; if (r.url.endsWith("/fail")) await this.ctx.blockConcurrencyWhile(async () => { throw new Error("inside") }); return new Response(String(this.n)); } }`, { classes: ["A"] });
    const actor = server.actor("A:a");
    assert.equal((await server.fetch(actor)).text, "1");
    const failed = await server.fetch(actor, "/fail");
    assert.equal(failed.status, 500);
    assert.match(failed.exception, /inside/);
    assert.equal((await server.fetch(actor)).text, "1");
  });
  test("abort resets the object and fails what is under way; what was stored stays", async () => {
    const { server, actor, run } = await lab();
    let pending;
    actor.fetch("POST", "/", [], new TextEncoder().encode(`await new Promise((r) => setTimeout(r, 1000))`), (answer) => (pending = answer));
    await run(`state.seen = true; await ctx.storage.put("k", 1)`);
    const aborted = await server.fetch(actor, "/", { method: "POST", body: `await ctx.storage.put("j", 2); ctx.abort("enough")` });
    assert.equal(aborted.status, 500);
    assert.match(aborted.exception, /enough/);
    await server.run();
    assert.equal(pending.status, 500);
    assert.deepEqual(await run(`return [state.seen === undefined, await ctx.storage.get("k"), await ctx.storage.get("j")]`), [true, 1, 2]);
  });
  test("an uncaught exception is logged with the user's line, answered, and the object lives on", async () => {
    const server = await Server.start(HEAD + `
export class A extends DurableObject<any> {
  n = 0;
  fetch(request: Request): Response {
    this.n++;
    if (request.url.endsWith("/bad")) {
      throw new Error("went wrong");
    }
    if (request.url.endsWith("/later")) Promise.reject(new Error("nobody cares"));
    return new Response(String(this.n));
  }
}`, { classes: ["A"] });
    const actor = server.actor("A:a");
    const bad = await server.fetch(actor, "/bad");
    assert.equal(bad.status, 500);
    assert.deepEqual(bad.json, {
      type: "urn:dormouse:problem:uncaught_exception", title: "Uncaught exception", status: 500,
      detail: "the actor threw an exception; its log says which", code: "uncaught_exception",
    });
    assert.match(server.logged(), /Uncaught Error: went wrong\n\s+at fetch \(.*app\.ts:8:/);
    assert.equal((await server.fetch(actor, "/later")).text, "2");
    assert.match(server.logged(), /Uncaught \(in promise\) Error: nobody cares\n\s+at fetch \(.*app\.ts:10:/);
  });
  test("an error's stack names the user's files wherever it is read, after what the error says", async () => {
    const server = await Server.start(HEAD + `
export class A extends DurableObject<any> {
  fetch(request: Request): Response {
    const caught = (throws: () => unknown): unknown => { try { return throws(); } catch (error: any) { return error.stack; } };
    const own = new Error("mine"); own.stack = "as it was set";
    return Response.json([
      caught(() => { throw Object.assign(new Error("a"), { name: "Odd" }); }),
      caught(() => (request as any).no.where),
      own.stack,
      structuredClone(new Error("c")).stack,
    ]);
  }
}`, { classes: ["A"] });
    const [odd, native, own, cloned] = (await server.fetch(server.actor("A:a"))).json;
    assert.match(odd, /^Odd: a\n    at <anonymous> \(.*app\.ts:8:\d+\)\n    at caught \(.*app\.ts:5:/);
    assert.match(native, /^TypeError: .*\n    at <anonymous> \(.*app\.ts:9:/);
    assert.equal(own, "as it was set");
    assert.match(cloned, /^Error: c\n    at fetch \(.*app\.ts:11:\d+\)$/);
    assert.doesNotMatch([odd, native, cloned].join(), /prelude|bundle\.js/);
  });
  test("an exhausted memory is an error with the user's line, even while it stays full, and the object lives on", async () => {
    const server = await Server.start(HEAD + `
export class A extends DurableObject<any> {
  n = 0;
  all: Uint8Array[] = [];
  fetch(request: Request): Response {
    this.n++;
    if (request.url.endsWith("/free")) this.all = [];
    if (request.url.endsWith("/eat")) for (;;) this.all.push(new Uint8Array(10_000));
    return new Response(String(this.n));
  }
}`, { classes: ["A"] });
    const actor = server.actor("A:a");
    for (let i = 0; i < 2; i++) {
      const bad = await server.fetch(actor, "/eat");
      assert.deepEqual([bad.status, bad.json.code], [500, "uncaught_exception"]);
      assert.match(server.logged(), /Uncaught InternalError: out of memory\n\s+at fetch \(.*app\.ts:9:/);
    }
    assert.equal((await server.fetch(actor, "/free")).text, "3");
  });
  test("waitUntil logs what fails", async () => {
    const { server, run } = await lab();
    await run(`ctx.waitUntil(Promise.reject(new Error("in the background")))`);
    assert.match(server.logged(), /waitUntil.*in the background/);
  });
  test("a module that does not start answers every event with that, and is tried again", async () => {
    const server = await Server.start(`throw new Error("at the top"); export class A {}`, { classes: ["A"] });
    const actor = server.actor("A:a");
    for (let i = 0; i < 2; i++) {
      const answer = await server.fetch(actor);
      assert.equal(answer.status, 500);
      assert.match(answer.exception, /at the top/);
    }
    const missing = await Server.start(`export default {}`, { classes: ["A", "B"] });
    assert.match((await missing.fetch(missing.actor("A:a"))).exception, /does not export the class "A"/);
  });
  test("what an exception says is told to stubs and the log, not to whoever asked", async () => {
    const server = await Server.start(HEAD + `export class A extends DurableObject<any> { fetch(r: Request) { throw new TypeError("a secret") } }`, { classes: ["A"] });
    const answer = await server.fetch(server.actor("A:a"));
    assert.deepEqual([answer.status, answer.json.code, answer.exception], [500, "uncaught_exception", "TypeError: a secret"]);
    assert.doesNotMatch(answer.text, /secret/);
    assert.match(server.logged(), /a secret/);
    const client = await server.connect(server.actor("A:a"));
    assert.equal(client.rejected.status, 500);
    assert.doesNotMatch(client.rejected.message, /secret/);
  });
  test("the server's own errors keep their code where nobody catches them, but not the text that another actor may have written", async () => {
    const source = HEAD + `
      const failing = (code: string, more: object) => { throw Object.assign(new Error("a sentence"), { code, ...more }); };
      export class A extends DurableObject<any> {
        async fetch(r: Request) {
          const path = new URL(r.url).pathname;
          if (path === "/own") failing("timeout", { overloaded: false, retryable: true });
          if (path === "/user") failing("timeout", {});
          return this.env.A.getByName("other").fetch(path.slice(4) || "/");
        }
      }`;
    const server = await Server.start(source, { classes: ["A"], bindings: { A: "A" } });
    const ask = async (path) => (await server.fetch(server.actor("A:a"), path));
    const own = await ask("/own");
    assert.deepEqual([own.status, own.json.code, own.json.detail], [504, "timeout", "a sentence"]);
    assert.deepEqual([(await ask("/user")).status, (await ask("/user")).json.code], [500, "uncaught_exception"]);
    const passed = await ask("/via/own");
    assert.deepEqual([passed.status, passed.json.code], [504, "timeout"]);
    assert.doesNotMatch(passed.text, /a sentence/);
    const client = await server.connect(server.actor("A:a"), "/own");
    assert.equal(client.rejected.status, 504);
  });
  test("an app of Durable Objects has only actors that are called Class:name, however many classes it has", async () => {
    const source = HEAD + `export class A extends DurableObject<any> { fetch() { return new Response(this.ctx.id.name) } }`;
    for (const app of [{ classes: ["A"] }, {}]) {
      const server = await Server.start(source, app);
      assert.equal((await server.fetch(server.actor("A:x:y"))).text, "x:y");
      for (const name of ["what", "B:what"]) {
        const answer = await server.fetch(server.actor(name));
        assert.deepEqual([answer.status, answer.json.code], [404, "actor_not_found"]);
        assert.match(answer.json.detail, /A:name/);
        assert.equal((await server.connect(server.actor(name))).rejected.status, 404);
      }
    }
  });
  test("env has bindings, values and variables, and the module's env is the same", async () => {
    const server = await Server.start(HEAD + `export class A extends DurableObject<any> { fetch() { return Response.json([this.env.GREETING, this.env.V, globalEnv === this.env, Object.keys(this.env).sort()]); } }`, { classes: ["A"], bindings: { A: "A" }, vars: { V: { x: 1 } } });
    assert.deepEqual((await server.fetch(server.actor("A:a"))).json, ["hello", { x: 1 }, true, ["A", "GREETING", "V"]]);
  });
});

describe("alarms", () => {
  const ALARM = HEAD + `export class A extends DurableObject<any> {
    async fetch(r: Request) { const s = this.ctx.storage; const path = new URL(r.url).pathname; if (path === "/set") await s.setAlarm(Date.now() + 5000); if (path === "/date") await s.setAlarm(new Date(Date.now() + 5000)); if (path === "/delete") await s.deleteAlarm(); return Response.json([await s.getAlarm(), await s.get("log") ?? []]); }
    async alarm(info: any) { const s = this.ctx.storage; const log: any[] = (await s.get("log")) ?? []; log.push([info.retryCount, info.isRetry, await s.getAlarm()]); await s.put("log", log);
      const mode = await s.get("mode"); if (log.length < 3) await s.setAlarm(Date.now() + 1000); if (this.env.FAIL) throw new Error("alarm failed"); if (this.env.LATE) { await new Promise((r) => setTimeout(r, 100)); throw new Error("late"); } }
  }`;
  test("are set, read, deleted, and cleared when their handler is done", async () => {
    const server = await Server.start(ALARM, { classes: ["A"] });
    const actor = server.actor("A:a");
    assert.deepEqual((await server.fetch(actor, "/set")).json, [server.now + 5000, []]);
    assert.deepEqual((await server.fetch(actor, "/delete")).json, [null, []]);
    assert.deepEqual((await server.fetch(actor, "/date")).json, [server.now + 5000, []]);
    assert.equal(await actor.fireAlarm(), true);
    assert.equal(actor.alarm, server.now + 1000);
    await actor.fireAlarm();
    await actor.fireAlarm();
    assert.equal(actor.alarm, null);
    assert.deepEqual((await server.fetch(actor, "/")).json[1], [[0, false, null], [0, false, null], [0, false, null]]);
  });
  test("a handler that fails in its turn keeps what it stored, and is tried again", async () => {
    const server = await Server.start(ALARM.replace("if (log.length < 3)", "if (false)"), { classes: ["A"] });
    server.env = { FAIL: "1" };
    const actor = server.actor("A:a");
    await server.fetch(actor, "/set");
    assert.equal(await actor.fireAlarm(), true);
    assert.equal(actor.storage.size, 1);
    assert.equal(actor.alarm, server.now + 2000);
    assert.match(server.logged(), /Error: alarm failed/);
  });
  test("a handler that fails in a later turn is tried again with back-off, and counted", async () => {
    const server = await Server.start(ALARM.replace("if (log.length < 3)", "if (false)"), { classes: ["A"] });
    server.env = { LATE: "1" };
    const actor = server.actor("A:a");
    await server.fetch(actor, "/set");
    assert.equal(await actor.fireAlarm(), true);
    assert.equal(actor.alarm, server.now + 30_000, "a guard stands while the handler runs");
    await server.advance(100);
    assert.equal(actor.alarm, server.now + 2000);
    await actor.fireAlarm();
    await server.advance(100);
    assert.equal(actor.alarm, server.now + 4000);
    assert.deepEqual((await server.fetch(actor, "/")).json[1].map(([count, isRetry]) => [count, isRetry]), [[0, false], [1, true]]);
  });
  test("how often a handler has failed outlasts sleep, and after six retries it is given up", async () => {
    const server = await Server.start(ALARM.replace("if (log.length < 3)", "if (false)"), { classes: ["A"] });
    server.env = { FAIL: "1" };
    const actor = server.actor("A:a");
    const [due] = (await server.fetch(actor, "/set")).json;
    for (let attempt = 0; attempt < 7; attempt++) {
      assert.equal((await server.fetch(actor, "/")).json[0], due, "the time that it was set to");
      await actor.fireAlarm();
      assert.equal(actor.timers.size, 0, "nothing keeps it awake");
      actor.sleep();
    }
    assert.equal(actor.alarm, null);
    assert.match(server.logged(), /failed 7 times and is given up/);
    assert.deepEqual((await server.fetch(actor, "/")).json[1].map(([count]) => count), [0, 1, 2, 3, 4, 5, 6]);
  });
  test("a handler that is lost with its instance counts as failed, and one that goes on is left alone", async () => {
    const source = HEAD + `let runs = 0; export class A extends DurableObject<any> {
      async fetch() { await this.ctx.storage.setAlarm(Date.now() + 1000); return new Response(); }
      async alarm(info: any) { console.log("run " + ++runs + " " + info.retryCount); await new Promise((r) => setTimeout(r, 100_000)); } }`;
    const server = await Server.start(source, { classes: ["A"] });
    const actor = server.actor("A:a");
    await server.fetch(actor);
    await actor.fireAlarm();
    await server.advance(30_000);
    await actor.fireAlarm();
    assert.equal(actor.alarm, server.now + 30_000);
    assert.doesNotMatch(server.logged(), /run 2/);
    actor.sleep();
    await server.advance(30_000);
    await actor.fireAlarm();
    assert.match(server.logged(), /run 1 1/);
    await server.advance(100_000);
    assert.equal(actor.alarm, null);
  });
  test("a class without alarm() cannot set one", async () => {
    const server = await Server.start(HEAD + `export class A extends DurableObject<any> { async fetch() { await this.ctx.storage.setAlarm(1); return new Response(); } }`, { classes: ["A"] });
    assert.match((await server.fetch(server.actor("A:a"))).exception, /must have an alarm\(\) handler/);
  });
});
