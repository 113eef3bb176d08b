import { DurableObject, env as importedEnv, exports as importedExports } from "cloudflare:workers";
import { area } from "../harness.js";
import { equal, eventually, fails, ok, same, sleep } from "../check.js";

const blocking = area("blockConcurrencyWhile").gateway;
blocking("block.constructor", "what the constructor does in blockConcurrencyWhile is done before the first event", async ({ get }) => {
  const [ready, log] = await get("GATE").isReady();
  equal(ready, true);
  same(log, ["ready", "called"]);
});
blocking("block.constructor.fetch", "the first request waits for the constructor's blockConcurrencyWhile, too", async ({ get }) => {
  equal(await (await get("GATE").fetch("http://object/")).text(), "true");
});
blocking("block.constructor.queue", "events that come during it are delivered afterwards in order", async ({ get }) => {
  const stub = get("GATE");
  const [first, second] = await Promise.all([stub.isReady(), stub.isReady()]);
  same(first[1], ["ready", "called"]);
  same(second[1], ["ready", "called", "called"]);
});
blocking("block.answers", "blockConcurrencyWhile answers what its callback answers, and storage works within it", async ({ get }) => {
  same(await get("GATE").block(10), ["from the callback", "block"]);
});
blocking("block.holds-events", "no other event gets in until the callback is done", async ({ get }) => {
  const stub = get("GATE");
  await stub.isReady();
  await Promise.all([stub.block(150), stub.touch()]);
  const log = await stub.entries();
  ok(log.indexOf("touch") > log.indexOf("block ends"), log.join(", "));
});
blocking("block.throws", "a callback that throws fails the call and resets the object", async ({ get }) => {
  const born = await get("GATE").birth();
  await fails(() => get("GATE").blockAndFail(), undefined, /the callback failed/);
  const again = await eventually(async () => {
    try {
      return await get("GATE").birth();
    } catch {
      return undefined;
    }
  });
  ok(again !== born, "the object is the old one");
});
blocking("block.catches", "a callback that catches its own errors resets nothing", async ({ get }) => {
  const born = await get("GATE").birth();
  equal(await get("GATE").blockAndCatch(), "caught");
  equal(await get("GATE").birth(), born);
});
blocking("block.calls", "the callback may call another object and get its answer", async ({ get, name }) => {
  equal(await get("GATE").blockAndCall(name), "through the gate");
});

const gates = area("Input and output gates").gateway;
gates("gate.read-write", "a read, an await and a write are not interleaved with other events", async ({ get }) => {
  const stub = get("GATE");
  await Promise.all(Array.from({ length: 50 }, () => stub.readThenWrite()));
  equal(await stub.value(), 50);
});
gates("gate.many-reads", "neither are several reads and a write", async ({ get }) => {
  const stub = get("GATE");
  await Promise.all(Array.from({ length: 20 }, () => stub.manyReads()));
  equal(await stub.value(), 20);
});
gates("gate.requests", "increments from many stubs lose nothing", async ({ get }) => {
  await Promise.all(Array.from({ length: 40 }, () => get("RPC").addSlowly()));
  equal(await get("RPC").read("count"), 40);
});
gates("gate.timers", "while an object waits for a timer, other events get in", async ({ get }) => {
  const stub = get("GATE");
  await stub.isReady();
  const waiting = stub.waits(3000);
  await stub.touch();
  const log = await stub.entries();
  await waiting;
  ok(log.includes("touch") && !log.includes("wait ends"), log.join(", "));
});
gates("gate.written", "an answer that follows a write comes after the write is stored", async ({ get, env }) => {
  await get("RPC").put("k", "stored");
  equal(await get("RPC").read("k"), "stored");
});

const lifecycle = area("Lifecycle: waitUntil, abort, constructors").gateway;
lifecycle("wait-until.goes-on", "work given to waitUntil goes on after the answer", async ({ get }) => {
  equal(await get("RPC").background("done", 1), "answered");
  equal(await eventually(() => get("RPC").read("done")), 1);
});
lifecycle("wait-until.not-awaited", "waitUntil does not hold up the answer", async ({ get }) => {
  await get("RPC").background("later", 1);
  equal(await get("RPC").read("later"), undefined);
});
lifecycle("wait-until.failure", "a failure of work given to waitUntil does not touch the answer or the object", async ({ get }) => {
  const born = await get("RPC").birth();
  equal(await get("RPC").backgroundFailure(), "answered");
  await sleep(20);
  equal(await get("RPC").birth(), born);
});
lifecycle("abort.message", "abort fails the call with the reason given", async ({ get }) => {
  await fails(() => get("RPC").abort("the reason"), undefined, /the reason/);
});
lifecycle("abort.reset", "the error of an abort says durableObjectReset", async ({ get }) => {
  const error = await get("RPC").abort("x").catch((error) => error);
  equal(error.durableObjectReset, true);
});
lifecycle("abort.memory", "after abort the object starts anew, without its memory", async ({ get }) => {
  await get("RPC").increment(7);
  await fails(() => get("RPC").abort("x"));
  equal(await get("RPC").increment(), 1);
});
lifecycle("abort.storage", "what was stored before abort stays", async ({ get }) => {
  await fails(() => get("RPC").putThenAbort("k", "kept"), undefined, /after the write/);
  equal(await get("RPC").read("k"), "kept");
});
lifecycle("abort.others", "abort fails the other calls that are under way", async ({ get }) => {
  const waiting = fails(() => get("RPC").later(1, 3000));
  await get("RPC").birth();
  await fails(() => get("RPC").abort("for all"));
  await waiting;
});
lifecycle("constructor.throws", "an error in the constructor is thrown at the caller", async ({ get }) => {
  await fails(() => get("BROKEN").anything(), "Error", /the constructor failed/);
});
lifecycle("constructor.throws.fetch", "and at the caller of fetch", async ({ get }) => {
  await fails(() => get("BROKEN").fetch("http://object/"), "Error", /the constructor failed/);
});
lifecycle("constructor.throws.again", "each call tries the constructor again", async ({ get }) => {
  for (let at = 0; at < 3; at++) await fails(() => get("BROKEN").anything(), "Error", /the constructor failed/);
});
lifecycle("memory.kept", "an object that is used keeps its instance", async ({ get }) => {
  const born = await get("RPC").birth();
  await sleep(300);
  equal(await get("RPC").birth(), born);
});
lifecycle("memory.separate", "two objects of one class have separate memory", async ({ get }) => {
  await get("RPC", " a").increment(5);
  equal(await get("RPC", " b").increment(), 1);
});

const bindings = area("Bindings and the base class");
bindings.gateway("env.text", "a variable of text is a string in env", async ({ env }) => {
  equal(env.GREETING, "hello");
});
bindings.gateway("env.json", "a variable of JSON is a value in env", async ({ env }) => {
  same(env.SETTINGS, { depth: 3, names: ["a", "b"] });
});
bindings.gateway("env.object", "an object has the same env as the gateway", async ({ get }) => {
  same(await get("RPC").greeting(), ["hello", { depth: 3, names: ["a", "b"] }, "function"]);
});
bindings.gateway("env.imported", "env can be imported from cloudflare:workers", async () => {
  equal(importedEnv.GREETING, "hello");
});
bindings.gateway("env.namespace", "a binding has idFromName, idFromString, newUniqueId, get and getByName", async ({ env }) => {
  for (const method of ["idFromName", "idFromString", "newUniqueId", "get", "getByName"]) equal(typeof env.RPC[method], "function", method);
});
bindings.gateway("exports.object", "ctx.exports has the app's classes as namespaces of their objects", async ({ ctx, name }) => {
  const stub = ctx.exports.Methods.getByName(name);
  await stub.increment(7);
  equal(await stub.total, 7);
});
bindings.gateway("exports.same", "an object of ctx.exports is that of the binding", async ({ ctx, env, name }) => {
  await ctx.exports.Methods.getByName(name).increment(3);
  equal(await env.RPC.getByName(name).total, 3);
});
bindings.gateway("exports.entrypoint", "ctx.exports calls the methods of an entrypoint", async ({ ctx }) => {
  equal(await ctx.exports.Inner.greeting("you"), "hello, you");
});
bindings.gateway("exports.entrypoint.fetch", "ctx.exports sends requests to an entrypoint", async ({ ctx }) => {
  same(await (await ctx.exports.Inner.fetch("http://inner/a?b")).json(), { url: "http://inner/a?b", props: {} });
});
bindings.gateway("exports.entrypoint.props", "an entrypoint of ctx.exports gets the props that it is called with", async ({ ctx }) => {
  const answer = await ctx.exports.Inner({ props: { of: "mine" } }).fetch("http://inner/");
  same((await answer.json()).props, { of: "mine" });
});
bindings.gateway("exports.imported", "exports can be imported from cloudflare:workers", async ({ name }) => {
  equal(await importedExports.Methods.getByName(name).sum(1, 2), 3);
});
bindings.gateway("exports.inside", "an object's ctx has exports, too", async ({ get }) => {
  const names = await get("RPC").exported();
  for (const wanted of ["Methods", "Inner", "default"]) ok(names.includes(wanted), wanted);
});
bindings.object("base.instance", "an object is an instance of DurableObject", async ({ self }) => {
  ok(self instanceof DurableObject);
});
bindings.object("base.fields", "the base class sets ctx and env", async ({ self, ctx, env }) => {
  equal(self.ctx, ctx);
  equal(self.env, env);
});
bindings.object("base.context", "ctx has id, storage, waitUntil, blockConcurrencyWhile and abort", async ({ ctx }) => {
  equal(typeof ctx.id, "object");
  equal(typeof ctx.storage, "object");
  for (const method of ["waitUntil", "blockConcurrencyWhile", "abort", "acceptWebSocket", "getWebSockets", "getTags"]) equal(typeof ctx[method], "function", method);
});
bindings.object("base.wait-until", "ctx.waitUntil answers nothing and takes what is no promise", async ({ ctx }) => {
  equal(ctx.waitUntil(Promise.resolve(1)), undefined);
});
