import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Server } from "./support/server.mjs";

/** Two objects and a gateway, each of which runs the code of its requests; \`kept\` is what was passed to \`keep\`. */
const SOURCE = `import { DurableObject, RpcTarget, RpcStub } from "cloudflare:workers";
const AsyncFunction = (async () => {}).constructor as any;
class Tally extends RpcTarget {
  n = 0;
  own = 1;
  add(by: number) { return (this.n += by); }
  get count() { return this.n; }
  child() { return new Tally(); }
  fail() { throw new RangeError("of the target"); }
}
async function run(request: Request, scope: Record<string, unknown>) {
  const all: any = { Tally, RpcTarget, RpcStub, ...scope };
  try {
    const value = await new AsyncFunction(...Object.keys(all), await request.text())(...Object.values(all));
    return Response.json({ value: value === undefined ? null : value });
  } catch (error: any) {
    return Response.json({ error: error.name + ": " + error.message });
  }
}
export class Lab extends DurableObject<any> {
  kept: any = null;
  tallies: Tally[] = [];
  fetch(request: Request) { return run(request, { ctx: this.ctx, env: this.env, self: this }); }
  callBack(f: any, value: unknown) { return f(value); }
  async callTwice(f: any) { return [await f(1), await f(2)]; }
  keep(f: any) { this.kept = f.dup(); }
  forget() { this.kept[Symbol.dispose](); }
  steal(f: any) { this.kept = f; }
  useKept(value: unknown) { return this.kept(value); }
  echo(value: unknown) { return value; }
  made() { return new RpcStub(new Tally()); }
  async write(to: WritableStream) { const w = to.getWriter(); await w.write("a"); await w.write(new Uint8Array([66])); await w.close(); return "written"; }
  async give(to: WritableStream, why: string) { await to.abort(new RangeError(why)); }
  tally() { const tally = new Tally(); this.tallies.push(tally); return tally; }
  nested() { return { deep: { tally: new Tally(), plain: 7 }, list: [(x: number) => x + 1] }; }
  lastCount() { return this.tallies.at(-1)!.n; }
  response() { return new Response("hi", { status: 201, statusText: "Made", headers: { "x-a": "1" } }); }
  async body(request: Request) { return [request.method, request.url, request.headers.get("x-a"), await request.text()]; }
  stream() { return new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode("a")); c.enqueue(new TextEncoder().encode("b")); c.close(); } }); }
  async through(name: string, f: any) { return (await this.env.LAB.getByName(name).callBack(f, 5)) + 1; }
  reset() { this.ctx.abort("away"); }
}
export default { fetch: (request: Request, env: unknown) => run(request, { env }) };`;

async function labs() {
  const server = await Server.start(SOURCE, { classes: ["Lab"], bindings: { LAB: "Lab" }, gateway: true });
  const on = (actor) => async (code) => {
    const { value, error } = (await server.fetch(actor, "/", { method: "POST", body: `const lab = env.LAB.getByName("y"); ${code}` })).json;
    if (error) throw new Error(error);
    return value;
  };
  return { server, object: on(server.actor("Lab:x")), gateway: on(server.gateway()), timers: (name) => server.actor("Lab:" + name).timers.size };
}

describe("functions and targets", () => {
  test("as arguments are called back, in an object and in a gateway", async () => {
    const { object, gateway, server } = await labs();
    for (const run of [object, gateway]) {
      assert.equal(await run(`return lab.callBack((n) => n * 10, 4)`), 40);
      assert.deepEqual(await run(`let n = 0; return lab.callTwice(async (by) => (n += by))`), [1, 3]);
      assert.equal(await run(`try { await lab.callBack(() => { throw new RangeError("mine") }) } catch (e) { return e instanceof RangeError && e.message }`), "mine");
      assert.equal(await run(`return lab.callBack((f) => f, (x) => x + 1).then((f) => f(1))`), 2);
    }
    assert.deepEqual([...server.actors.values(), server.front].map((actor) => actor.timers.size), [0, 0, 0], "all references were given back");
  });
  test("as results are stubs, with methods and getters of the class and nothing else", async () => {
    const { object } = await labs();
    assert.deepEqual(await object(`const t = await lab.tally(); return [await t.add(2), await t.add(3), await t.count, t instanceof RpcStub, await lab.lastCount()]`), [2, 5, 5, true, 5]);
    await assert.rejects(object(`const t = await lab.tally(); await t.own`), /TypeError.*"own"/);
    await assert.rejects(object(`const t = await lab.tally(); await t.nothing()`), /TypeError.*"nothing"/);
    await assert.rejects(object(`const t = await lab.tally(); await t.constructor()`), /./);
    await assert.rejects(object(`const t = await lab.tally(); await t.fail()`), /RangeError: of the target/);
    assert.deepEqual(await object(`const all = await lab.nested(); return [await all.deep.tally.add(4), all.deep.plain, await all.list[0](8)]`), [4, 7, 9]);
  });
  test("of a result that has not arrived can be used", async () => {
    const { object } = await labs();
    assert.equal(await object(`return lab.tally().add(8)`), 8);
    assert.equal(await object(`return lab.tally().child().child().add(1)`), 1);
    assert.equal(await object(`return lab.nested().deep.plain`), 7);
    assert.equal(await object(`return lab.nested().deep.tally.add(3)`), 3);
    assert.deepEqual(await object(`const t = lab.tally(); return [await t.add(1), await t.add(1), await (await t).count]`), [1, 2, 2]);
    assert.equal(await object(`return lab.callBack(lab.nested().list[0], 1)`), 2);
    await assert.rejects(object(`return lab.echo({}).missing.deeper()`), /TypeError.*"missing"/);
  });
  test("are given back when their call is over, disposed of or collected", async () => {
    const { object, timers } = await labs();
    await object(`await lab.tally()`);
    assert.equal(timers("y"), 0, "collected");
    await object(`self.t = await lab.tally(); self.u = self.t.dup()`);
    assert.equal(timers("y"), 1);
    await object(`self.t[Symbol.dispose](); return self.u.add(1)`);
    assert.equal(timers("y"), 1);
    await assert.rejects(object(`return self.t.add(1)`), /disposed/);
    await object(`self.u[Symbol.dispose]()`);
    assert.equal(timers("y"), 0);
    await object(`{ const all = await lab.nested(); all[Symbol.dispose](); self.all = all; }`);
    assert.equal(timers("y"), 0);
  });
  test("are held on to after their call only by dup()", async () => {
    const { object, timers } = await labs();
    await object(`self.calls = 0; await lab.keep((n) => (self.calls += n))`);
    assert.equal(timers("x"), 1);
    assert.equal(await object(`await lab.useKept(2); await lab.useKept(3); return self.calls`), 5);
    await object(`await lab.forget()`);
    assert.equal(timers("x"), 0);
    await object(`await lab.steal((n) => n)`);
    await assert.rejects(object(`return lab.useKept(1)`), /disposed/);
  });
  test("are passed on, and come back", async () => {
    const { object, timers } = await labs();
    assert.equal(await object(`return lab.through("z", (n) => n * 2)`), 11);
    assert.equal(await object(`const f = await lab.echo((n) => n + 1); return f(1)`), 2);
    assert.deepEqual(["x", "y", "z"].map(timers), [0, 0, 0]);
    assert.equal(await object(`const t = await lab.tally(); return env.LAB.getByName("z").callBack(await t.child().then((c) => (n) => c.add(n)), 6)`), 6);
  });
  test("break with the object that they led to, and when nobody uses them for long", async () => {
    const { object, server } = await labs();
    await object(`self.t = await lab.tally()`);
    await server.advance(11 * 60_000);
    await assert.rejects(object(`return self.t.add(1)`), /stub is broken/);
    await object(`self.t = await lab.tally()`);
    await object(`await lab.reset().catch(() => {})`);
    await assert.rejects(object(`return self.t.add(1)`), /stub is broken/);
    await object(`self.t = await lab.tally()`);
    server.actor("Lab:y").sleep();
    await assert.rejects(object(`return self.t.add(1)`), /stub is broken/);
  });
  test("have stubs where they are, which go on to others and are given back", async () => {
    const { object, gateway, server } = await labs();
    for (const run of [object, gateway]) {
      assert.deepEqual(await run(`const t = new RpcStub(new Tally()); const r = [await t.add(2), await t.dup().add(3), await t.count, t instanceof RpcStub]; t[Symbol.dispose](); return r`), [2, 5, 5, true]);
      assert.equal(await run(`using double = new RpcStub((x) => x * 2); return lab.callBack(double, 21)`), 42);
      await assert.rejects(run(`return new RpcStub({})`), /TypeError: A stub is made of/);
    }
    assert.equal(await object(`const made = await lab.made(); return made.add(7)`), 7);
    assert.deepEqual([...server.actors.values(), server.front].map((actor) => actor.timers.size), [0, 0, 0], "all references were given back");
  });
  test("are nobody's but those who got them", async () => {
    const { server } = await labs();
    let answer;
    const { decode, encode } = await import("./support/server.mjs");
    server.actor("Lab:y").call(encode([1, "guessed-1", [], [], null]), (given) => (answer = given));
    await server.run();
    const [failed, error] = decode(answer.bytes);
    assert.equal(failed, 1);
    assert.match(error.message, /stub is broken/);
  });
});

describe("requests, responses and streams", () => {
  test("are passed with their bodies", async () => {
    const { object } = await labs();
    assert.deepEqual(await object(`const r = await lab.response(); return [r instanceof Response, r.status, r.statusText, r.headers.get("x-a"), await r.text()]`), [true, 201, "Made", "1", "hi"]);
    assert.deepEqual(await object(`return lab.body(new Request("http://h/p", { method: "PUT", body: "abc", headers: { "x-a": "2" } }))`), ["PUT", "http://h/p", "2", "abc"]);
    assert.equal(await object(`const s = await lab.stream(); return [s instanceof ReadableStream, await new Response(s).text()].join()`), "true,ab");
    assert.deepEqual(await object(`const r = await lab.echo({ list: [new Response("a"), new Headers({ b: "c" })], when: new Date(5) }); return [await r.list[0].text(), r.list[1].get("b"), r.when.getTime()]`), ["a", "c", 5]);
    assert.equal(await object(`return (await lab.echo(new Request("http://h/"))).method`), "GET");
  });
  test("are written to where they are", async () => {
    const { object, gateway, timers } = await labs();
    for (const run of [object, gateway]) {
      assert.deepEqual(await run(`const got = []; const to = new WritableStream({ write(c) { got.push(typeof c === "string" ? c : [...c]); }, close() { got.push("end"); } });
        return [await lab.write(to), to.locked, ...got]`), ["written", true, "a", [66], "end"]);
      assert.equal(await run(`let why; await lab.give(new WritableStream({ abort(e) { why = e; } }), "no more"); return why instanceof RangeError && why.message`), "no more");
      await assert.rejects(run(`return lab.write(new WritableStream({ write() { throw new RangeError("full"); } }))`), /RangeError: full/);
    }
    await object(`const got = []; await lab.write(new WritableStream())`);
    assert.equal(timers("x"), 0, "all streams were given back");
  });
  test("are refused where they cannot be", async () => {
    const { object } = await labs();
    await assert.rejects(object(`return lab.echo(new Response(null, { status: 101, webSocket: new WebSocketPair()[0] }))`), /DataCloneError/);
    await assert.rejects(object(`const r = new Response("x"); await r.text(); return lab.echo(r)`), /used already/);
    await assert.rejects(object(`return lab.echo([new (class Odd {})(), () => 1])`), /DataCloneError.*Odd/);
  });
  test("leave cycles, shared parts and texts alone", async () => {
    const { object } = await labs();
    assert.deepEqual(await object(`const a = { f: () => 3, map: new Map([["k", new Set([() => 4])]]) }; a.self = a; const b = await lab.echo(a);
      return [b.self === b, await b.f(), await [...b.map.get("k")][0]()]`), [true, 3, 4]);
  });
});
