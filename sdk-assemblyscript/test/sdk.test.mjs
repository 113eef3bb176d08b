import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { compile } from "../toolchain/build.mjs";
import { Host } from "./host.mjs";

const MODULES = join(dirname(fileURLToPath(import.meta.url)), "modules");
let binary;
before(async () => {
  ({ binary } = await compile(MODULES, "probe.ts"));
});

describe("a module", () => {
  it("imports nothing but the host's interfaces", async () => {
    const imports = WebAssembly.Module.imports(await WebAssembly.compile(binary));
    assert.ok(imports.length > 20);
    assert.deepEqual([...new Set(imports.map((i) => i.module.replace(/\w+@0\.1\.0$/, "")))], ["dormouse:host/"]);
  });

  it("has an alignment-sized pointer for nothing", async () => {
    const { exports } = await Host.start(binary);
    assert.equal(exports.cabi_realloc(0, 0, 4, 0), 4);
    const block = exports.cabi_realloc(0, 0, 8, 100);
    assert.equal(block % 8, 0);
    new Uint8Array(exports.memory.buffer)[block + 99] = 77;
    const moved = exports.cabi_realloc(block, 100, 8, 1_000_000);
    assert.equal(new Uint8Array(exports.memory.buffer)[moved + 99], 77);
  });
});

describe("fetch", () => {
  it("hands over method, url, headers and body, and takes status, headers and body", async () => {
    const host = await Host.start(binary);
    const answer = host.fetch("PUT", "/echo?a=1&q=caf%C3%A9+%zz", "böse", [["X-KIND", "ä"]]);
    assert.equal(answer.status, 200);
    assert.equal(answer.text, "böse");
    assert.deepEqual(answer.headers, { "content-type": "x/y", "x-kind": "ä", "x-query": "café %zz", "x-method": "PUT" });
    assert.equal(host.fetch("GET", "/nowhere").status, 404);
  });

  it("takes more headers than fit the arena of small blocks", async () => {
    const host = await Host.start(binary);
    const headers = Array.from({ length: 300 }, (_, i) => [`x-${i}`, `${i}`.repeat(i % 250)]);
    for (let round = 0; round < 100; round++) {
      const kind = `${round}`.repeat(round + 1);
      const answer = host.fetch("GET", "/echo", "", [...headers, ["x-kind", kind]]);
      assert.equal(answer.headers["x-kind"], kind);
    }
    const settled = host.memoryBytes;
    for (let round = 0; round < 200; round++) host.fetch("GET", "/echo", "", headers);
    assert.equal(host.memoryBytes, settled);
  });

  it("may answer in a later turn", async () => {
    const host = await Host.start(binary);
    assert.equal(host.fetch("GET", "/later"), undefined);
    const [id] = host.timers.keys();
    host.exports.complete(id, 0, ...host.bytes(new Uint8Array(0)));
    assert.equal([...host.responses.values()][0].text, "done");
  });

  it("gives a failed operation its reason", async () => {
    const host = await Host.start(binary);
    host.fetch("GET", "/later");
    host.exports.complete(1n, 1, ...host.text("unreachable"));
    assert.equal([...host.responses.values()][0].text, "unreachable");
  });
});

describe("connections", () => {
  it("carry text, bytes, attachments and tags", async () => {
    const host = await Host.start(binary);
    const ada = host.connect("/?badge=ada");
    const bob = host.connect("/?badge=b%20b");
    host.send(ada, "who");
    assert.deepEqual(host.frames(ada), ["ada all,badge:ada of 2"]);
    host.send(bob, "hello 🐭");
    assert.deepEqual([host.frames(ada), host.frames(bob)], [["hello 🐭"], ["hello 🐭"]]);
    host.send(bob, new Uint8Array([0, 255, 1]));
    assert.deepEqual(host.frames(bob), [new Uint8Array([0, 255, 1])]);
    host.send(bob, "bye");
    assert.deepEqual(host.frames(bob), [{ close: 3001, reason: "enough" }]);
    host.disconnect(bob, 3001, "enough");
    assert.deepEqual([...host.storage.get("left")], [0x82, 0x19, 0x0b, 0xb9, 0x66, ...Buffer.from("enough")]);
  });

  it("can be refused", async () => {
    const host = await Host.start(binary);
    assert.deepEqual(host.frames(host.connect()), [{ reject: 403, message: "no badge" }]);
  });
});

describe("storage", () => {
  it("reads back what it wrote, of every type", async () => {
    const host = await Host.start(binary);
    assert.deepEqual(JSON.parse(host.fetch("GET", "/store").text), [
      "k:3", false, "k:2", 2, "k:1", "k:3", 1, true, false, -5, 42, 1.5, -5, true, "grün 🐭", null, "cmF3", true,
    ]);
    const hex = (key) => Buffer.from(host.storage.get(key)).toString("hex");
    assert.equal(hex("int"), "24");
    assert.equal(hex("big"), "1bffffffffffffffff");
    assert.equal(hex("float"), "fb3ff8000000000000");
    assert.equal(hex("bytes"), "43726177");
    assert.equal(hex("list"), "83010203");
    assert.equal(hex("point"), "a261780361" + "79fb3fd0000000000000");
  });

  it("throws where a value has another type than asked for", async () => {
    const host = await Host.start(binary);
    host.fetch("GET", "/store");
    assert.throws(() => host.fetch("GET", "/wrong-type"), WebAssembly.RuntimeError);
    assert.match(host.logs.at(-1)[1], /stored under 'text' is not a 64-bit integer at .*storage\.ts:\d+:\d+$/);
  });

  it("never hands over a lone surrogate", async () => {
    const host = await Host.start(binary);
    assert.equal(host.fetch("GET", "/surrogate").text, "a\ufffdb");
    assert.equal(Buffer.from(host.storage.get("lone")).toString("hex"), "65" + "61efbfbd62");
  });
});

describe("the surroundings", () => {
  it("are the host's", async () => {
    const host = await Host.start(binary);
    assert.deepEqual(host.logs, [[1, "started room"]]);
    assert.equal(host.fetch("GET", "/identity").text, `room ${"ab".repeat(32)} test 3 1700000000000 1700000000000`);
    assert.equal(host.fetch("GET", "/env").text, "grüß dich!1");
    assert.equal(host.fetch("GET", "/random").text, `7,7,7 ${0x1234_5678_9abc_def0n} true`);
  });

  it("have an alarm", async () => {
    const host = await Host.start(binary);
    host.alarm = 5n;
    host.fireAlarm(0);
    assert.equal(host.alarm, host.now + 1000n);
    host.fireAlarm(1);
    assert.equal(host.alarm, null);
    assert.deepEqual(host.logs.slice(1), [[2, "alarm 0 5"], [2, `alarm 1 ${host.now + 1000n}`]]);
  });
});

describe("a failure", () => {
  for (const [path, line] of [
    ["/throw", /^broken ⚡ on purpose at probe\.ts:\d+:\d+$/],
    ["/index", /^Index out of range at ~lib\/array\.ts:\d+:\d+$/],
    ["/null", /^.* at probe\.ts:\d+:\d+$/],
  ]) {
    it(`traps and says what and where: ${path}`, async () => {
      const host = await Host.start(binary);
      assert.throws(() => host.fetch("GET", path, "abcdef"), WebAssembly.RuntimeError);
      const [level, text] = host.logs.at(-1);
      assert.equal(level, 3);
      assert.match(text, line);
    });
  }

  it("of the shadow stack is a trap too", async () => {
    const host = await Host.start(binary);
    assert.throws(() => host.fetch("GET", "/recurse"));
  });
});

describe("memory", () => {
  it("stays flat over 100,000 turns", async () => {
    const host = await Host.start(binary);
    const ada = host.connect("/?badge=ada");
    const turns = (count) => {
      for (let i = 0; i < count; i++) {
        host.send(ada, `message ${i} `.repeat(1 + (i % 20)));
        host.frames(ada);
        if (i % 10 === 0) {
          host.fetch("POST", "/json", '{"a":[1,2,{"b":"ü"}],"c":null}', [["x-kind", "y"]]);
          host.responses.clear();
        }
      }
    };
    turns(10_000);
    const settled = host.memoryBytes;
    turns(100_000);
    assert.equal(host.memoryBytes, settled);
    assert.ok(settled <= 4 * 65_536, `${settled} bytes`);
  });

  it("comes back after large messages", async () => {
    const host = await Host.start(binary);
    const ada = host.connect("/?badge=ada");
    const large = new Uint8Array(1 << 20);
    for (let i = 0; i < 50; i++) host.send(ada, large);
    const settled = host.memoryBytes;
    for (let i = 0; i < 500; i++) {
      host.send(ada, large);
      host.frames(ada);
    }
    assert.ok(host.memoryBytes <= settled, `${settled} grew to ${host.memoryBytes}`);
  });
});
