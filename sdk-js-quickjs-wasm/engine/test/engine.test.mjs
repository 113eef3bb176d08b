import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build } from "../../build.mjs";
import { Host } from "./support/host.mjs";

const GOLDEN = new URL("../../../host-abi/golden/", import.meta.url);
const rows = (file) => readFileSync(new URL(file, GOLDEN), "utf8").split("\n").slice(1).filter(Boolean).map((line) => line.split("\t"));
const hex = (bytes) => Buffer.from(bytes).toString("hex");

let engine;
let folder;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "engine-"));
  await build(folder, new URL("../placeholder.ts", import.meta.url).pathname);
  engine = readFileSync(join(folder, "engine.wasm"));
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** Answers each call with what the bundle's function makes of its payload. */
const echo = (body) => Host.run(engine, `export default (host) => ({
  call(request, payload) {
    try {
      host.rpcRespond(request, true, (${body})(payload, host));
    } catch (error) {
      host.rpcRespond(request, false, error.name + ": " + error.message);
    }
  },
})`);

/** Evaluates an expression in the guest and answers its CBOR as hexadecimal, or the error. */
async function clone(expression) {
  const answer = (await echo(`() => ${expression}`)).call(Uint8Array.of(0xf6));
  return answer.failed ? Buffer.from(answer.bytes).toString() : hex(answer.bytes);
}

/** What JavaScript writes for a value of the vectors: its one type of number writes what is whole as an integer. */
function written(bytes) {
  if (bytes.length === 18 && bytes.startsWith("fb")) {
    const value = Buffer.from(bytes, "hex").readDoubleBE(1);
    if (Number.isInteger(value) && Math.abs(value) <= 2 ** 53 && !Object.is(value, -0)) return integer(BigInt(value));
  }
  if (/^[13]b/.test(bytes)) {
    const argument = BigInt("0x" + bytes.slice(2));
    const negative = bytes[0] === "3";
    if (negative ? argument >= 2n ** 53n : argument > 2n ** 53n) return (negative ? "c348" : "c248") + bytes.slice(2);
  }
  return bytes;
}

function integer(value) {
  const argument = value < 0n ? ~value : value;
  const major = value < 0n ? 0x20 : 0;
  if (argument < 24n) return (major + Number(argument)).toString(16).padStart(2, "0");
  const size = argument < 256n ? 1 : argument < 65536n ? 2 : argument < 2n ** 32n ? 4 : 8;
  return (major + 24 + Math.log2(size)).toString(16).padStart(2, "0") + argument.toString(16).padStart(size * 2, "0");
}

test("what every SDK writes is read and written again", async () => {
  const host = await echo("(value) => value");
  for (const [bytes, what] of rows("cbor.tsv")) {
    const answer = host.call(Buffer.from(bytes, "hex"));
    assert.ok(answer, `${what}: ${bytes} is not answered; ${host.logs}`);
    assert.equal(hex(answer.bytes), written(bytes), what);
  }
});

test("other forms of the same values are read", async () => {
  const host = await echo("(value) => value");
  for (const [read, bytes, what] of rows("cbor-other-forms.tsv")) {
    assert.equal(hex(host.call(Buffer.from(read, "hex")).bytes), written(bytes), what);
  }
});

test("what is no value is refused and leaves the engine well", async () => {
  const host = await echo(`(value, host) => { try { host.decode(value); return "read"; } catch (error) { return error.name; } }`);
  for (const [bytes, why] of rows("cbor-invalid.tsv")) {
    const length = bytes.length / 2;
    const payload = Buffer.concat([Buffer.from([0x5a, 0, 0, length >> 8, length & 255]), Buffer.from(bytes ?? "", "hex")]);
    assert.equal(Buffer.from(host.call(payload).bytes).toString("latin1", 1), "TypeError", why);
  }
});

test("JavaScript's own types have their forms", async () => {
  const cases = {
    "new Uint8Array([1, 2])": "420102",
    "new Uint16Array([1, 2, 3]).subarray(1)": "d8454402000300",
    "new Float16Array([1])": "d85442003c",
    "new DataView(new Uint8Array([9, 1, 2, 9]).buffer, 1, 2)": "d81b826844617461566965774201" + "02",
    "[1, , 3]": "8301d81b8164486f6c6503",
    "-0": "fb8000000000000000",
    "[NaN, Infinity]": "82fb7ff8000000000000fb7ff0000000000000",
    "2 ** 53": "1b0020000000000000",
    "2 ** 53 + 2": "fb4340000000000001",
    "2 ** 31": "1a80000000",
    "-(2 ** 31)": "3a7fffffff",
    "'\\ud800'": "d81b8264546578744200d8",
    "'a\\udc00b\\ud83d\\ude00'": "d81b8264546578744a610000dc62003dd800de",
    "({ ['\\ud800']: 1 })": "a163efbfbd01",
    "'a'.repeat(9000) + 'b'": "792329" + "61".repeat(9000) + "62",
    "(() => { const o = Object.create({ inherited: 1 }); o.own = 2; return o; })()": "a1636f776e02",
    "({ __proto__: null, ['__proto__']: 1 })": "a1695f5f70726f746f5f5f01",
    "({ b: 1, 2: 0, a: 2, 1: 0 })": "a4613100613200616201616102",
    "new (class Point { x = 1; get y() { return 2; } })()": "a1617801",
    "({ get x() { return 1; } })": "a1617801",
    "Object(5)": "d81b82664e756d62657205",
    "Object('s')": "d81b8266537472696e676173",
    "new Date(NaN)": "c1fb7ff8000000000000",
    "new Date(1500)": "c1fb3ff8000000000000",
    "new DOMException('m', 'AbortError')": "d81b836c444f4d457863657074696f6e616d6a41626f72744572726f72",
    "(() => { const e = new RangeError('m'); Object.defineProperty(e, 'stack', { value: undefined }); return e; })()": "d81b84654572726f726a52616e67654572726f72616df6",
    "(() => { const s = new Set(); s.add(s); return s; })()": "d81cd9010281d81d00",
    "(() => { const m = new Map(); m.set(m, m); return m; })()": "d81cd90103a1d81d00d81d00",
    "(() => { const b = new ArrayBuffer(1); return [b, b]; })()": "82d81cd81b826b41727261794275666665724100d81d00",
    "(function () { return arguments; })(1)": "a1613001",
  };
  for (const [expression, bytes] of Object.entries(cases)) assert.equal(await clone(expression), bytes, expression);
});

test("what is no data is refused by name", async () => {
  for (const expression of ["() => 1", "Symbol()", "[{ a: Symbol() }]", "new Proxy({}, {})", "Promise.resolve()", "new WeakMap()", "[class {}]"]) {
    assert.match(await clone(expression), /^DataCloneError: /, expression);
  }
  assert.match(await clone("(() => { let a = []; for (let i = 0; i < 200; i++) a = [a]; return a; })()"), /^DataCloneError: .*128/);
  assert.equal(await clone("({ get x() { throw new TypeError('mine'); } })"), "TypeError: mine");
});

test("values read are the values written", async () => {
  const host = await echo(`() => {
    const shared = { n: 1 };
    const value = {
      date: new Date(1234), bad: new Date(NaN), big: [0n, -1n, 10n ** 40n, -(10n ** 40n), 2n ** 63n], map: new Map([[{ k: 1 }, 2]]),
      set: new Set([1, "a"]), re: /a+b/giu, error: new TypeError("no", { cause: shared }), a: shared, b: shared,
      f64: new Float64Array([1.5]), u8c: new Uint8ClampedArray([300]), buffer: new Uint8Array([1, 2]).buffer, zero: -0, text: "\\ud83d\\ude00é",
      ["__proto__"]: "own", nothing: undefined, none: null, boxed: Object("s"), long: "é".repeat(70000),
    };
    value.self = value;
    const copy = h.decode(h.encode(value));
    const check = (condition, what) => { if (!condition) throw new Error(what); };
    check(copy.date instanceof Date && copy.date.getTime() === 1234 && Number.isNaN(copy.bad.getTime()), "date");
    check(copy.big.every((n, i) => n === value.big[i]), "bigint " + copy.big);
    check(copy.map instanceof Map && [...copy.map][0][0].k === 1 && [...copy.map][0][1] === 2, "map");
    check(copy.set instanceof Set && [...copy.set].join() === "1,a", "set");
    check(copy.re instanceof RegExp && String(copy.re) === "/a+b/giu", "regexp");
    check(copy.error instanceof TypeError && copy.error.message === "no" && copy.error.cause === copy.a && copy.error.stack === value.error.stack, "error");
    check(!Object.keys(copy.error).length, "error's keys");
    check(copy.a === copy.b && copy.a.n === 1, "shared");
    check(copy.f64 instanceof Float64Array && copy.f64[0] === 1.5 && copy.u8c instanceof Uint8ClampedArray && copy.u8c[0] === 255, "typed arrays");
    check(copy.buffer instanceof ArrayBuffer && new Uint8Array(copy.buffer)[1] === 2, "buffer");
    check(Object.is(copy.zero, -0) && copy.text === value.text && copy.long === value.long, "text");
    check(Object.hasOwn(copy, "__proto__") && copy.__proto__ === "own" && Object.getPrototypeOf(copy) === Object.prototype, "__proto__");
    check("nothing" in copy && copy.nothing === undefined && copy.none === null, "nothing");
    check(copy.boxed instanceof String && copy.boxed == "s", "boxed");
    check(copy.self === copy, "self");
    return "well";
  }`.replaceAll("h.", "globalThis.h.").replace("() =>", "(payload, host) => { globalThis.h = host; return (() =>") + ")() }");
  const answer = host.call(Uint8Array.of(0xf6));
  assert.equal(Buffer.from(answer.bytes).toString("utf8", answer.failed ? 0 : 1), "well");
});

test("a value with thousands of objects, many of them shared, is copied", async () => {
  const host = await echo(`(payload, host) => {
    const items = Array.from({ length: 5000 }, (_, i) => ({ i, list: [i] }));
    const copy = host.decode(host.encode({ items, again: items.slice().reverse(), big: "x".repeat(500000) }));
    for (let i = 0; i < 5000; i++) if (copy.again[4999 - i] !== copy.items[i] || copy.items[i].list[0] !== i) throw new Error("item " + i);
    return copy.items.length;
  }`);
  assert.equal(hex(host.call(Uint8Array.of(0xf6)).bytes), "191388");
});

test("a getter may call the host while its object is being written", async () => {
  const host = await echo(`(payload, host) => {
    const a = { x: 1 };
    return { a, get inner() { host.put("k", { deep: [a, a] }); return host.get("k").deep[0] === a ? 0 : 1; }, b: a };
  }`);
  assert.equal(hex(host.call(Uint8Array.of(0xf6)).bytes), "a36161d81ca1617801" + "65696e6e657201" + "6162d81d00");
});

test("the language's functions may be replaced by the user without harm", async () => {
  const answer = (await echo(`() => {
    const values = [new Map([[1, 2]]), new Set([3]), new Date(1000), /x/g];
    Map.prototype.forEach = Set.prototype.add = Array.prototype.push = RegExp.prototype.exec = () => { throw new Error("mine"); };
    Date.prototype.getTime = () => 0;
    Object.defineProperty(Array.prototype, 0, { set() { throw new Error("mine"); }, configurable: true });
    return values;
  }`)).call(Uint8Array.of(0xf6));
  assert.equal(answer.failed ? Buffer.from(answer.bytes).toString() : hex(answer.bytes), "84d90103a10102d9010281" + "03c101d81b83665265674578706178" + "6167");
});

test("holes stay holes, and lone surrogates what they are", async () => {
  assert.equal(await clone("[,]"), "81d81b8164486f6c65");
  assert.equal(await clone("[1, , undefined, [,,2],,]"), "8501d81b8164486f6c65f783d81b8164486f6c65d81b8164486f6c6502d81b8164486f6c65");
  assert.equal(await clone("'\\udc00'"), "d81b8264546578744200dc");
  assert.equal(await clone("'\\ud83d\\ude00'"), "64f09f9880");
  const shape = "(v) => [v.length, ...[0, 1, 2, 3].map((at) => at in v)]";
  for (const wrap of ["v", "[v, v][1]"]) {
    const seen = `(() => { const copy = (v) => host.decode(host.encode(v)); const v = [1, , undefined,,]; const list = copy({ all: ${wrap === "v" ? "[v]" : "[v, v]"} }).all.at(-1); return (${shape})(list); })()`;
    assert.equal(hex((await echo(`(_, host) => ${seen}`)).call(Uint8Array.of(0xf6)).bytes), "8504f5f4f5f4");
  }
  assert.equal(hex((await echo(`(_, host) => host.decode(host.encode(["a\\ud800b", { k: "\\udc00" }])).flatMap((v) => typeof v === "string" ? [v.length, v.charCodeAt(1)] : v.k.charCodeAt(0))`)).call(Uint8Array.of(0xf6)).bytes), "830319d80019dc00");
});

test("bytes that are no UTF-8 become U+FFFD as browsers and Node do it", async () => {
  const host = await echo("(bytes, host) => host.utf8Decode(bytes, false)");
  for (const bytes of ["61", "ff", "61ff62", "c3", "e282", "e28261", "f09f98", "f09f9861", "eda080", "c080", "f4908080", "e1a0c080", "61".repeat(20) + "80" + "62".repeat(20)]) {
    const payload = Buffer.from(bytes, "hex");
    const answer = host.call(Buffer.concat([Buffer.from([0x58, payload.length]), payload])).bytes;
    const text = Buffer.from(new TextDecoder().decode(payload));
    assert.equal(hex(answer).slice(-text.length * 2), text.toString("hex"), bytes);
  }
});

test("the host's functions take and give what the contract says", async () => {
  const host = await Host.run(engine, `export default (host) => ({
    fetch(request, [body, used, headers, url, method]) {
      const answer = (0, eval)("(host) => (" + (typeof body === "string" ? body : host.utf8Decode(body, true)) + ")")(host);
      host.respond(request, 200, null, ["x-method", method], host.encode(answer ?? null));
    },
  })`);
  const ask = (expression) => {
    const answer = host.fetch("POST", "/", expression);
    assert.ok(answer, `${expression}: ${host.logs}`);
    return hex(answer.bytes);
  };
  const same = (expression, expected) => assert.equal(ask(`${expression}`), ask(JSON.stringify(expected)), expression);
  same("host.name()", "room");
  same("host.role()", 0);
  same("host.env().GREETING", "grüß dich");
  same("host.now()", 1700000000000);
  same("[...host.randomBytes(3)]", [7, 7, 7]);
  same("host.put('a', { x: [1] })", 0);
  same("host.get('a')", { x: [1] });
  same("host.put('', 1)", 1);
  same("[host.has('a'), host.has('b'), host.get('b') === undefined]", [true, false, true]);
  same("host.putMany([['b', 2], ['c', 'é'], ['d', []]])", 0);
  same("host.getMany(['c', 'zz', 'a'])", [["a", { x: [1] }], ["c", "é"]]);
  same("host.list({})", [["a", { x: [1] }], ["b", 2], ["c", "é"], ["d", []]]);
  same("host.list({ start: 'b', end: 'd', reverse: true, limit: 1 })", [["c", "é"]]);
  same("host.list({ startAfter: 'b', prefix: undefined })", [["c", "é"], ["d", []]]);
  same("host.list({ prefix: 'c' })", [["c", "é"]]);
  same("[host.delete('a'), host.delete('a'), host.deleteMany(['b', 'x', 'c'])]", [true, false, 2]);
  same("(host.deleteAll(), host.list({}))", []);
  same("[host.alarmGet(), host.alarmSet(5.9), host.alarmGet(), host.alarmDelete(), host.alarmGet()].map((x) => x ?? null)", [null, null, 5, null, null]);
  same("[host.idOf('me'), host.nameOf('known'), host.nameOf('other') === undefined]", ["id of me", "someone", true]);
  same("[...host.crypto.digest('SHA-1', new Uint8Array([1, 2]))]", [2, 1]);
  same("host.crypto.digest('none', new Uint8Array([1, 2])) === undefined", true);
  same("[...host.crypto.aes('GCM', true, new Uint8Array(16), new Uint8Array([9]), new Uint8Array(0), 128, new Uint8Array([3]))]", [9, 128, 3]);
  same("host.crypto.aes('GCM', false, new Uint8Array(16), new Uint8Array([9]), new Uint8Array(0), 128, new Uint8Array([3])) === undefined", true);
  same("host.crypto.generateKeyPair('P-256').map((key) => host.utf8Decode(key, true))", ["private", "public"]);
  same("host.crypto.ecdsaVerify('P-256', 'SHA-256', new Uint8Array(1), new Uint8Array(2), new Uint8Array(3))", true);
  same("[...host.crypto.pbkdf2('SHA-256', new Uint8Array(1), new Uint8Array(2), 9, 2)]", [9, 9]);
  same("[...host.crypto.hkdf('SHA-256', new Uint8Array(1), new Uint8Array(2), new Uint8Array([5]), 2)]", [5]);
  const asked = (expression) => host.operations.get(BigInt(parseInt(ask(expression).replace(/^1[89]/, ""), 16)));
  assert.deepEqual(asked("host.actorFetch(null, 'a', 'PUT', '/x', ['h', 'é', 'i', ''], new Uint8Array([0x62]))"),
    ["fetch", null, "a", "PUT", "/x", [["h", "é"], ["i", ""]], "b"]);
  assert.deepEqual(asked("host.actorFetch('n', 'a', 'GET', 'http://x.test:1?q#f', 'te\\0x\\0h\\0é\\0connection\\0close\\0sec-websocket-key\\0k', 'ü')"),
    ["fetch", "n", "a", "GET", "/?q", [["host", "x.test:1"], ["dormouse-origin", "http://x.test:1"], ["h", "é"]], "ü"]);
  assert.deepEqual(asked("host.actorCall('other', 'b', { k: 1 })"), ["call", "other", "b", "a1616b01"]);
  assert.deepEqual(asked("host.actorConnect(null, 'c', '/y?z', [])"), ["connect", null, "c", "/y?z", []]);
  assert.deepEqual(asked("host.webFetch('GET', 'https://example.com/', ['a', 'b', 'host', 'x'], null, 2)"),
    ["web", "GET", "https://example.com/", [["a", "b"]], "", 2]);
  assert.deepEqual(asked("host.webConnect('wss://example.com/', ['p', 'q'], ['a', 'b'])"), ["socket", "wss://example.com/", ["p", "q"], [["a", "b"]]]);
  same("(() => { try { host.put('k', () => 1); } catch (error) { return error.name; } })()", "DataCloneError");
  same("(() => { try { host.sendText(1, Symbol()); } catch (error) { return error.name; } })()", "TypeError");
});

test("requests come in parts, and answers to one's own requests, too", async () => {
  const host = await Host.run(engine, `export default (host) => ({
    fetch(request, parts) {
      const [content, used, headers, url, method] = parts;
      host.respond(request, 201, "text/x", ["a", "b", "keep-alive", "1"], JSON.stringify([typeof content, used, headers, url, method, content?.length]));
    },
    call(request) { host.actorFetch(null, "a", "GET", "/", null, null); host.rpcRespond(request, true, 1); },
    complete(operation, ok, value) { host.log(1, JSON.stringify(value, (key, item) => item instanceof Uint8Array ? [...item] : item)); },
  })`);
  const parts = (...request) => JSON.parse(host.fetch(...request).text);
  assert.deepEqual(parts("GET", "/x?y", "", [["X-A", "1"], ["Host", "h.test"], ["y", "\0z"]]),
    ["object", false, "x-a\0" + "1\0host\0h.test\0y\0 z", "http://h.test/x?y", "GET", null]);
  assert.deepEqual(parts("BREW", "/", "é", [["dormouse-origin", "https://o.test"]]), ["object", false, "", "https://o.test/", "BREW", 2]);
  assert.deepEqual(parts("POST", "/", "text", [["dormouse-origin", "https://o.test/x"]]), ["string", false, "", "http://localhost/", "POST", 4]);
  const answer = host.fetch("GET", "/");
  assert.deepEqual([answer.status, answer.headers], [201, { "content-type": "text/x", a: "b" }]);
  for (const [cbor, seen] of [
    ["8318c8828261416162826358" + "2d59616342" + "04ff", [[4, 255], false, "a\0b\0x-y\0c", 200, null, null, null]],
    ["8318cc8040", [null, false, "", 204, null, null, null]],
    ["8418c880426869" + "6168", ["hi", false, "", 200, null, null, "h"]],
    ["8201f6", [1, null]],
  ]) {
    host.call(Uint8Array.of(0xf6));
    host.complete(host.lastId, Buffer.from(cbor, "hex"));
    assert.deepEqual(JSON.parse(host.logs.pop()?.[1] ?? "null"), seen, cbor);
  }
});

test("connections, their attachments and tags pass through", async () => {
  const host = await Host.run(engine, `export default (host) => ({
    connect(id, url, upgrade) {
      host.setTags(id, ["a", url]);
      host.setAttachment(id, { url, headers: upgrade[2], whole: upgrade[3] });
      host.sendText(id, "hello " + host.tags(id).join());
    },
    message(id, data) {
      if (typeof data === "string") host.sendText(id, data + JSON.stringify(host.getAttachment(id)) + host.connections("a").length + host.connections(null).length);
      else host.sendBytes(id, data.map((byte) => byte + 1));
      host.broadcastText("none", "x");
      host.broadcastBytes(null, new Uint8Array([8]).buffer);
    },
    close(id, code, reason) { host.log(1, "gone " + code + reason); },
  })`);
  const id = host.connect("/é?x", [["A", "b"], ["Host", "h.test"]]);
  assert.deepEqual(host.frames(id), ["hello a,/é?x"]);
  host.send(id, "héllo");
  assert.deepEqual(host.frames(id), ['héllo{"url":"/é?x","headers":"a\\u0000b\\u0000host\\u0000h.test\\u0000upgrade\\u0000websocket","whole":"http://h.test/é?x"}11', Uint8Array.of(8)]);
  host.send(id, Uint8Array.of(1, 2));
  assert.deepEqual(host.frames(id), [Uint8Array.of(2, 3), Uint8Array.of(8)]);
  host.disconnect(id, 1000, "bye");
  assert.deepEqual(host.logs, [[1, "gone 1000bye"]]);
});

test("promises run within the turn, and rejections that nobody handles are told", async () => {
  const host = await Host.run(engine, `export default (host) => ({
    async fetch(request, [,,, whole]) {
      const url = whole.replace("http://localhost", "");
      if (url === "/throw") throw new Error("thrown");
      if (url === "/late") { const p = Promise.reject(new Error("late")); await null; await p.catch(() => {}); }
      await new Promise((resolve) => { const operation = host.timerStart(5); waiting = resolve; });
      host.respond(request, 200, null, null, null);
    },
    complete(operation, ok, value) { waiting([operation, ok, value]); },
    message() { throw new TypeError("in handler"); },
  });
  let waiting;`);
  host.fetch("GET", "/throw");
  assert.match(host.logs.pop()[1], /^Error: thrown\n    at fetch \(bundle\.js:4:\d+\)/);
  assert.equal(host.fetch("GET", "/late"), undefined);
  host.complete(host.lastId, new Uint8Array(0));
  assert.equal(host.responses.size, 1);
  host.send(1n, "x");
  assert.match(host.logs.pop()[1], /^TypeError: in handler/);
  assert.deepEqual(host.logs, []);
});

test("the bundle imports what was provided and nothing else", async () => {
  const host = await Host.run(engine, `import { x } from "nowhere"; export default () => ({})`);
  assert.match(host.logs[0][1], /bundle all others/);
});

test("Math.random and the clock are the host's, not the snapshot's", async () => {
  const numbers = [];
  for (const seed of [1n, 2n]) {
    const host = new Host();
    host.imports.random.u64 = () => seed * 0x9e3779b97f4a7c15n;
    await Host.run(engine, "export default (host) => ({ fetch(id) { host.respond(id, 200, null, [], Math.random() + ' ' + Date.now()); } })", host);
    const [random, now] = host.fetch("GET", "/").text.split(" ");
    assert.equal(now, "1700000000000");
    numbers.push(random);
  }
  assert.notEqual(numbers[0], numbers[1]);
});

test("JavaScript is not called while the host has no call depth left, and goes on when there is some", async () => {
  const host = new Host();
  await Host.run(engine, `export default (host) => ({
    fetch(request) {
      host.respond(request, 200, null, null, "answered");
    },
  })`, host);
  const left = host.exports["dormouse:stack-left"];
  left.value = 0;
  assert.equal(host.fetch("GET", "/"), undefined);
  left.value = 1 << 30;
  assert.equal(host.fetch("GET", "/").text, "answered");
});

const MIB = 1 << 20;

/** Ways to use up memory, as expressions that end with an exception. */
const EATERS = {
  objects: "(() => { const all = []; for (;;) all.push({ n: all.length }); })()",
  strings: "(() => { const all = []; for (;;) all.push('x' + all.length); })()",
  bytes: "(() => { const all = []; for (;;) all.push(new Uint8Array(100_000)); })()",
  maps: "(() => { let all = new Map(); for (;;) all = new Map([[all, new Map()]]); })()",
  repeat: "'x'.repeat(2 ** 30 - 1)",
  join: "(() => { let s = 'x'; for (;;) s = (s + s).slice(0); })()",
  buffer: "new ArrayBuffer(2 ** 31 - 1)",
  bigint: "(() => { let n = 2n; for (;;) n *= n; })()",
  closures: "(() => { let f = () => 1; for (;;) { const g = f; f = () => g; } })()",
  encoding: "host.encode((() => { const all = []; for (let i = 0; i < 200; i++) all.push(new Uint8Array(1000)); return Array(1000).fill(0).map(() => all.map((b) => b.slice())); })())",
};

for (const [name, eater] of Object.entries(EATERS)) {
  test(`memory that ${name} use up is an InternalError with its stack, again and again, and the actor lives on`, async () => {
    const host = new Host();
    host.memoryLimit = 16 * MIB;
    await Host.run(engine, `export default (host) => ({
      fetch(request) {
        const seen = [];
        for (let i = 0; i < 3; i++) {
          try { ${eater}; } catch (error) { seen.push(error?.name, error?.message, typeof error?.stack === "string" && error.stack.includes("bundle.js:5:")); }
        }
        host.respond(request, 200, null, null, seen.join());
      },
    })`, host);
    for (let turn = 0; turn < 2; turn++) {
      const { text } = host.fetch("GET", "/");
      const once = /^(InternalError,out of memory,true|RangeError,[^,]*,true)$/;
      const seen = text.split(",");
      assert.equal(seen.length, 9, text);
      for (let i = 0; i < 9; i += 3) assert.match(seen.slice(i, i + 3).join(), once);
    }
    // Holes come on top: there a server's own limit holds.
    assert.ok(host.exports.memory.buffer.byteLength <= 24 * MIB, `it took ${host.exports.memory.buffer.byteLength}`);
    assert.deepEqual(host.logs, []);
  });
}

test("an exhausted memory that stays full is told of in the log, and given back memory is used again", async () => {
  const host = new Host();
  host.memoryLimit = 16 * MIB;
  await Host.run(engine, `const all = [];
  export default (host) => ({
    fetch(request, [,,, url]) {
      if (url.endsWith("/free")) all.length = 0;
      if (url.endsWith("/eat")) for (;;) all.push(new Uint8Array(1000));
      host.respond(request, 200, null, null, String(all.length > 0));
    },
  })`, host);
  for (let i = 0; i < 3; i++) {
    assert.equal(host.fetch("GET", "/eat"), undefined);
    assert.match(host.logs.pop()[1], /^InternalError: out of memory\n    at fetch \(bundle\.js:5:\d+\)/);
  }
  assert.equal(host.fetch("GET", "/free").text, "false");
  assert.equal(host.fetch("GET", "/").text, "false");
  assert.ok(host.exports.memory.buffer.byteLength <= 16 * MIB);
});

test("an actor that fills up what is kept back, too, ends with a trap, and not while it can go on", async () => {
  const host = new Host();
  host.memoryLimit = 16 * MIB;
  await Host.run(engine, `const all = [];
  export default (host) => ({
    fetch(request) {
      host.respond(request, 200, null, null, String(all.length));
      for (;;) try { for (;;) all.push(new Uint8Array(1000)); } catch { break; }
    },
  })`, host);
  const lengths = [];
  assert.throws(() => {
    for (let i = 0; i < 20; i++) lengths.push(Number(host.fetch("GET", "/").text));
  }, WebAssembly.RuntimeError);
  assert.ok(lengths.length >= 4 && lengths.every((length, i) => i === 0 || length > lengths[i - 1]), String(lengths));
});

test("cycles that are garbage are collected before the limit, however much is in use", async () => {
  const host = new Host();
  host.memoryLimit = 16 * MIB;
  await Host.run(engine, `const kept = [];
  export default (host) => ({
    fetch(request) {
      while (kept.length < 9_000) kept.push(new Uint8Array(1000));
      for (let i = 0; i < 300_000; i++) { const a = { b: null }; a.b = { a }; }
      host.respond(request, 200, null, null, "done");
    },
  })`, host);
  for (let i = 0; i < 2; i++) assert.equal(host.fetch("GET", "/")?.text, "done", String(host.logs));
});
