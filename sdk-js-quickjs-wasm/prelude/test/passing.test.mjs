import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Server } from "./support/server.mjs";

const SOURCE = `import { DurableObject } from "cloudflare:workers";
export class Thing extends DurableObject<any> {
  async fetch(request: Request) {
    const path = new URL(request.url).pathname;
    if (path.endsWith("throw")) throw new RangeError("too far");
    return new Response(request.method + " " + path + " " + (await request.text()), { status: 203, headers: { "x-thing": this.ctx.id.name! } });
  }
}
const kept: any[] = [];
let seen = "nothing";
const HANDLERS: Record<string, (stub: any, request: Request, ctx: any) => unknown> = {
  plain: (stub, request) => stub.fetch(request),
  throw: (stub, request) => stub.fetch(request),
  made: (stub, request) => stub.fetch("https://thing.example/made", { method: "POST", body: "made here" }),
  second: (stub, request) => (stub.fetch("http://thing/first").then((response: any) => (seen = "first " + response.status)), stub.fetch(request)),
  awaited: async (stub, request) => await stub.fetch(request),
  async: async (stub, request) => stub.fetch(request),
  kept: (stub, request) => (kept.push(stub.fetch(request)), kept.at(-1)),
  watched: (stub, request) => {
    const promise = stub.fetch(request);
    promise.then((response: any) => (seen = "watched " + response.status));
    return promise;
  },
  caught: (stub, request) => stub.fetch(request).catch((error: any) => new Response("caught " + error.message)),
  changed: (stub, request) => stub.fetch(request).then((response: any) => new Response(response.body, { status: 207 })),
  other: (stub, request) => (stub.fetch(request), new Response("mine")),
  fails: (stub, request) => {
    stub.fetch(request).then((response: any) => (seen = "fails " + response.status));
    throw new Error("after asking");
  },
  text: async (stub, request) => new Response(seen + " " + (await kept.at(-1)?.then((response: any) => "kept " + response.status))),
};
export default {
  fetch(request: Request, env: any, ctx: any) {
    const name = new URL(request.url).pathname.slice(1);
    return HANDLERS[name]!(env.THING.get(env.THING.idFromName("t")), request, ctx);
  },
};`;

async function started() {
  const server = await Server.start(SOURCE, { classes: ["Thing"], bindings: { THING: "Thing" }, gateway: true });
  return (path, init) => server.fetch(server.gateway(), path, init).then((answer) => Object.assign(answer, { passed: server.passed.size, server }));
}

describe("a gateway that gives an object's answer as its own", () => {
  for (const [path, passed] of [["plain", 1], ["second", 1], ["awaited", 0], ["async", 0], ["kept", 0], ["watched", 0]]) {
    test(`${path}: the client gets all of it, and the gateway is ${passed ? "not " : ""}told`, async () => {
      const ask = await started();
      const answer = await ask("/" + path, { method: "PUT", body: "body", headers: [["x-a", "1"]] });
      assert.equal(answer.status, 203);
      assert.equal(answer.text, `PUT /${path} body`);
      assert.equal(answer.headers["x-thing"], "t");
      assert.equal(answer.passed, passed);
    });
  }

  test("what else waits for an answer gets it", async () => {
    const ask = await started();
    await ask("/watched");
    assert.equal((await ask("/text")).text, "watched 203 undefined");
    await ask("/second");
    assert.equal((await ask("/text")).text, "first 203 undefined");
    await ask("/kept");
    assert.equal((await ask("/text")).text, "first 203 kept 203");
    assert.equal((await ask("/fails")).status, 500);
    assert.equal((await ask("/text")).text, "fails 203 kept 203");
  });

  test("a request that is made in the gateway is passed on, too", async () => {
    const { text, passed } = await (await started())("/made");
    assert.equal(text, "POST /made made here");
    assert.equal(passed, 1);
  });

  test("an answer that is changed, replaced or not given is not passed on", async () => {
    const ask = await started();
    assert.equal((await ask("/changed")).status, 207);
    assert.equal((await ask("/other")).text, "mine");
    assert.equal((await ask("/caught")).passed, 0);
  });

  test("an exception of the object is the gateway's: logged there, and hidden from the public", async () => {
    const answer = await (await started())("/throw");
    assert.equal(answer.passed, 1);
    assert.equal(answer.status, 500);
    assert.equal(answer.json.code, "uncaught_exception");
    assert.doesNotMatch(answer.text, /too far/);
    assert.match(decodeURIComponent(answer.headers["dormouse-exception"]), /RangeError: too far/);
    assert.equal(answer.server.logs.filter((line) => JSON.stringify(line).includes("too far")).length, 2);
  });
});
