import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "../toolchain/build.mjs";
import { Host } from "./host.mjs";

const APP = join(dirname(fileURLToPath(import.meta.url)), "../conformance");
let binary;
before(async () => {
  ({ binary } = await build(APP));
});

/** Lets an actor ask for something, and answers what it asked. */
function asks(host, method, url, body) {
  assert.equal(host.fetch(method, url, body), undefined);
  return host.asked.pop();
}

function answered(host) {
  const [[id, answer]] = host.responses;
  host.responses.delete(id);
  return answer;
}

const ascii = (text) => [...Buffer.from(text)];

describe("an actor that asks another", () => {
  it("calls it, and hears its answer", async () => {
    const host = await Host.start(binary);
    const { name, args, operation } = asks(host, "POST", "/call?actor=grün&namespace=b", "hi");
    assert.deepEqual([name, args], ["call", ["b", "grün", "hi"]]);
    host.complete(operation, ascii("ih"));
    assert.equal(answered(host).text, "ih");
  });

  it("tells the code of a failure from its sentence", async () => {
    const host = await Host.start(binary);
    for (const [error, code, message, retryable] of [
      ["timeout: too late", "timeout", "too late", true],
      ["overloaded: full", "overloaded", "full", true],
      ["egress_denied: not listed", "egress_denied", "not listed", false],
      ["No: not that", "", "No: not that", false],
      ["as asked", "", "as asked", false],
    ]) {
      host.complete(asks(host, "POST", "/call?actor=a", "").operation, error);
      const { kind, ...told } = JSON.parse(answered(host).text);
      assert.deepEqual(told, {
        denied: code === "egress_denied", code, message, overloaded: code === "overloaded", retryable,
      });
    }
  });

  it("knows the kinds of all codes of the contract", async () => {
    const contract = readFileSync(join(dirname(fileURLToPath(import.meta.url)), "../../host-abi/ABI.md"), "utf8");
    const section = contract.split("## Error codes")[1].split("\n## ")[0];
    const codes = [...section.matchAll(/^\| `(\w+)` \|/gm)].map((row) => row[1]);
    assert.ok(codes.length >= 18);
    const host = await Host.start(binary);
    for (const [i, code] of [...codes, "unheard_of"].entries()) {
      host.complete(asks(host, "POST", "/call?actor=a", "").operation, `${code}: x`);
      assert.equal(JSON.parse(answered(host).text).kind, i + 1, code);
    }
  });

  it("sends it a request, and reads its response", async () => {
    const host = await Host.start(binary);
    const { name, args, operation } = asks(host, "PUT", "/pass?actor=a", "body");
    assert.deepEqual([name, args], ["fetch", [null, "a", "PUT", "/echo?passed=1", [["x-probe", "passed"]], "body"]]);
    host.complete(operation, [0x83, 0x18, 0xc9, 0x81, 0x82, 0x61, 0x61, 0x61, 0x62, 0x42, ...ascii("hi")]);
    const { status, headers, text } = answered(host);
    assert.deepEqual([status, headers, text], [201, { a: "b" }, "hi"]);
  });

  it("connects to it, and hears what it says or that it refuses", async () => {
    const host = await Host.start(binary);
    const dialed = asks(host, "GET", "/dial?actor=a&url=/x");
    assert.deepEqual([dialed.name, dialed.args], ["connect", [null, "a", "/x", []]]);
    host.complete(dialed.operation, [0x82, 0x19, 0x03, 0xe8, 0xf6]);
    host.connections.set(1000n, { frames: [], tags: [], attachment: null });
    host.send(1000n, "hello");
    assert.equal(answered(host).text, "hello");
    assert.deepEqual(host.frames(1000n), [{ close: 1000, reason: "" }]);
    host.complete(asks(host, "GET", "/dial?actor=a&url=/x").operation, [0x83, 0x19, 0x01, 0x93, 0x80, 0x40]);
    assert.equal(answered(host).status, 403);
  });

  it("joins a client that waits to it, or refuses the client", async () => {
    const host = await Host.start(binary);
    const client = host.connect("/?through=a");
    host.complete(host.asked.pop().operation, [0x82, 0x19, 0x03, 0xe8, 0x64, ...ascii("chat")]);
    assert.deepEqual(host.frames(client), ["deferred", { spliced: 1000n }]);
    const refused = host.connect("/?through=a");
    host.complete(host.asked.pop().operation, "overloaded: full");
    assert.deepEqual(host.frames(refused), ["deferred", { reject: 503, message: "full" }]);
  });

  it("refuses a client in its own words, and has the host answer for it", async () => {
    const host = await Host.start(binary);
    const headers = [["content-type", "text/plain; charset=utf-8"], ["x-price", "7"]];
    assert.deepEqual(host.frames(host.connect("/refuse")), [{ refused: 402, headers, body: "pay first" }]);
    const client = host.connect("/respond?name=a");
    assert.deepEqual(host.connections.get(client).automatic, ["ping", "pong"]);
    host.send(client, "hi");
    host.connections.get(client).answeredAt = 5n;
    host.send(client, "clear");
    assert.deepEqual(host.frames(client), ["welcome a", "hi!", "ping=pong", "clear!!"]);
    assert.equal(host.connections.get(client).automatic, null);
  });

  it("can give up, and knows ids and names", async () => {
    const host = await Host.start(binary);
    assert.equal(host.fetch("GET", "/cancel").text, "true false");
    assert.equal(host.fetch("GET", "/names").text, "room room true");
  });
});

describe("an actor that is called", () => {
  it("answers at once, later, or with an error", async () => {
    const host = await Host.start(binary);
    assert.equal(host.call("abc"), "cba");
    assert.deepEqual(host.call("refuse"), { error: "not_now: come back tomorrow" });
    assert.equal(host.call("later"), undefined);
    const call = host.lastId - 1n;
    host.complete([...host.timers.keys()][0], []);
    assert.equal(host.answers.get(call), "at last");
    assert.throws(() => host.call("fail"), WebAssembly.RuntimeError);
  });
});

describe("an alarm", () => {
  it("is tried again with what its turns did, when its actor asks for that", async () => {
    const host = await Host.start(binary);
    host.fetch("GET", "/patient");
    const due = host.alarm;
    for (const attempt of [0, 1, 2]) {
      host.fireAlarm(attempt);
      if (attempt < 2) assert.deepEqual([host.alarm, host.retry], [due, { at: host.now + 10n, attempt: attempt + 1 }]);
    }
    assert.equal(host.alarm, null);
    assert.equal(host.fetch("GET", "/attempts").text, "[0,1,2]");
  });
});

describe("the outside", () => {
  it("is asked over HTTP and WebSocket", async () => {
    const host = await Host.start(binary);
    const { name, args, operation } = asks(host, "GET", "/web?url=https://x/");
    assert.deepEqual([name, args], ["web fetch", ["GET", "https://x/", [["x-probe", "outward"]], "", 0]]);
    host.complete(operation, [0x84, 0x18, 0xc8, 0x80, 0x42, ...ascii("hi"), 0x69, ...ascii("https://x")]);
    assert.equal(answered(host).text, "hi");
    const dialed = asks(host, "GET", "/web-dial?url=wss://x");
    assert.deepEqual([dialed.name, dialed.args], ["web connect", ["wss://x", ["chat", "talk"], []]]);
  });

  it("gives the module its role, sections and cryptography", async () => {
    const host = await Host.start(binary);
    assert.equal(host.fetch("GET", "/app").text, "true 5");
    assert.equal(host.fetch("GET", "/crypto").text, "right");
  });
});
