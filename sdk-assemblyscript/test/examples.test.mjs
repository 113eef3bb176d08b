import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "../toolchain/build.mjs";
import { Host } from "./host.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const start = async (example) => Host.start((await build(join(ROOT, "examples/assemblyscript", example))).binary);
const ask = (host, connection, message) => {
  host.send(connection, typeof message === "string" ? message : JSON.stringify(message));
  return host.frames(connection).map((frame) => JSON.parse(frame));
};

/** A new instance over the same storage, as after a sleep. */
const restarted = async (example, host) => {
  const next = new Host();
  next.storage = host.storage;
  next.connections = host.connections;
  next.lastId = host.lastId;
  return Host.start((await build(join(ROOT, "examples/assemblyscript", example))).binary, next);
};

describe("the examples", () => {
  it("counter counts durably", async () => {
    let host = await start("counter");
    assert.equal(host.fetch("GET", "/").text, "0");
    assert.equal(host.fetch("POST", "/increment").text, "1");
    assert.equal(host.fetch("POST", "/increment").text, "2");
    assert.equal(host.fetch("GET", "/increment").status, 405);
    assert.equal(host.fetch("GET", "/other").status, 404);
    host = await restarted("counter", host);
    assert.equal(host.fetch("GET", "/").text, "2");
  });

  it("chat tells everyone, and newcomers the last 20", async () => {
    let host = await start("chat");
    const ada = host.connect("/");
    assert.deepEqual(host.frames(ada), []);
    const timestamp = Number(host.now);
    const said = { type: "message", message: { username: "Ada", text: "grüß 🐭", timestamp } };
    assert.deepEqual(ask(host, ada, { username: "Ada", text: " grüß 🐭 " }), [said]);
    const bob = host.connect("/");
    assert.deepEqual(host.frames(bob).map(JSON.parse), [{ type: "history", messages: [said.message] }]);
    for (let i = 1; i <= 24; i++) ask(host, ada, { username: "Ada", text: `${i}` });
    assert.equal(host.frames(bob).length, 24);
    for (const wrong of ["{", "{}", '{"username":"a"}', '{"username":"a","text":" "}', { username: "a", text: "x".repeat(4097) }]) {
      const [answer] = ask(host, ada, wrong);
      assert.equal(answer.type, "error");
      assert.deepEqual(host.frames(bob), []);
    }
    host = await restarted("chat", host);
    const [history] = host.frames(host.connect("/")).map(JSON.parse);
    assert.deepEqual(history.messages.map((m) => m.text), Array.from({ length: 20 }, (_, i) => `${i + 5}`));
    ask(host, ada, { username: "Ada", text: "last" });
    const [again] = host.frames(host.connect("/")).map(JSON.parse);
    assert.equal(again.messages.at(-1).text, "last");
    const page = host.fetch("GET", "/");
    assert.equal(page.headers["content-type"], "text/html; charset=utf-8");
    assert.equal(page.text, readFileSync(join(ROOT, "examples/rust/chat/web/index.html"), "utf8"));
  });

  it("rate-limiter allows ten hits a minute", async () => {
    let host = await start("rate-limiter");
    const client = host.connect("/");
    const hit = () => ask(host, client, { type: "HIT" })[0].isAllowed;
    for (let i = 0; i < 10; i++) assert.equal(hit(), true);
    assert.equal(hit(), false);
    host = await restarted("rate-limiter", host);
    assert.equal(hit(), false);
    assert.deepEqual(ask(host, client, { type: "RESET" }), [{ isAllowed: true }]);
    assert.equal(hit(), true);
    host.now += 60_000n;
    for (let i = 0; i < 10; i++) assert.equal(hit(), true);
    assert.equal(hit(), false);
    assert.equal(ask(host, client, "nonsense")[0].type, "error");
  });

  it("pubsub tells all", async () => {
    const host = await start("pubsub");
    const [ada, bob] = [host.connect("/"), host.connect("/")];
    const expected = [{ type: "message", data: { n: [1, 2.5, "ü", null] } }];
    assert.deepEqual(ask(host, ada, { type: "publish", data: { n: [1, 2.5, "ü", null] } }), expected);
    assert.deepEqual(host.frames(bob).map(JSON.parse), expected);
    assert.equal(ask(host, ada, { type: "other" })[0].type, "error");
  });

  it("redis-like gets, sets, deletes and lists", async () => {
    const host = await start("redis-like");
    const client = host.connect("/");
    const run = (command, key, value) => ask(host, client, { command, key, value })[0];
    assert.deepEqual(run("GET", "a"), { status: "success", value: null });
    assert.deepEqual(run("SET", "a", { deep: [1] }), { status: "success", value: { deep: [1] } });
    assert.deepEqual(run("SET", "b", "text"), { status: "success", value: "text" });
    assert.deepEqual(run("GET", "a"), { status: "success", value: { deep: [1] } });
    assert.deepEqual(run("KEYS"), { status: "success", keys: ["a", "b"] });
    assert.deepEqual(run("KEYS", "b"), { status: "success", keys: ["b"] });
    assert.deepEqual(run("DEL", "a"), { status: "success", deleted: true });
    assert.deepEqual(run("DEL", "a"), { status: "success", deleted: false });
    for (const wrong of [run("GET"), run("SET", "a"), run("NOPE"), run(), ask(host, client, "x")[0]]) {
      assert.equal(wrong.status, "error");
      assert.ok(wrong.message);
    }
  });

  it("reminder fires its alarm", async () => {
    const host = await start("reminder");
    assert.deepEqual(JSON.parse(host.fetch("GET", "/").text), { fired: 0, alarm: null });
    assert.deepEqual(JSON.parse(host.fetch("POST", "/?in=1500").text), { fired: 0, alarm: Number(host.now) + 1500 });
    host.now += 1500n;
    host.fireAlarm();
    assert.deepEqual(JSON.parse(host.fetch("GET", "/").text), { fired: 1, alarm: null });
    for (const url of ["/", "/?in=", "/?in=-1", "/?in=soon", "/?in=1.5"]) assert.equal(host.fetch("POST", url).status, 400);
  });
});

describe("the template of new apps", () => {
  const directory = mkdtempSync(join(tmpdir(), "dormouse-template-"));
  after(() => rmSync(directory, { recursive: true }));

  it("builds outside of the repository and runs", async () => {
    cpSync(join(ROOT, "runtime/src/main/resources/templates/assemblyscript"), directory, { recursive: true });
    const manifest = join(directory, "dormouse.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replaceAll("{{name}}", "mine"));
    const host = await Host.start((await build(directory)).binary);
    assert.equal(host.fetch("GET", "/").text, "Hello from room, visit 1.\n");
    assert.equal(host.fetch("GET", "/").text, "Hello from room, visit 2.\n");
    const client = host.connect("/");
    assert.deepEqual(ask(host, client, "hi"), [{ said: "hi", at: Number(host.now) }]);
  });
});
