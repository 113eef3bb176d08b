import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { Server } from "./support/server.mjs";

let server;
const APP = `export default {
  async fetch(request) {
    const AsyncFunction = (async () => {}).constructor;
    try {
      return Response.json({ value: await new AsyncFunction("request", await request.text())(request) });
    } catch (error) {
      return Response.json({ error: error.name + ": " + error.message });
    }
  },
}`;

before(async () => {
  server = await Server.start(APP);
});

/** Runs code in an actor and answers what it returned, through JSON. */
async function run(code) {
  const answer = await server.fetch(server.actor("web"), "/", { method: "POST", body: code });
  assert.ok(answer, "the code did not finish within its turn");
  assert.equal(answer.fault, undefined, server.logged());
  const { value, error } = answer.json;
  if (error) throw new Error(error);
  return value;
}

async function is(code, expected) {
  assert.deepEqual(await run(code.includes("return") ? code : `return ${code}`), expected);
}

const fails = (code, pattern) => assert.rejects(run(/;|return/.test(code) ? code : `return ${code}`), pattern);

describe("URL", () => {
  const parts = (url, base) =>
    `(({ href, origin, protocol, host, hostname, port, pathname, search, hash }) => ({ href, origin, protocol, host, hostname, port, pathname, search, hash }))(new URL(${JSON.stringify(url)}${base ? ", " + JSON.stringify(base) : ""}))`;
  const cases = [
    ["http://example.com"],
    ["https://example.com:443/a/b?c=d#e"],
    ["http://localhost:8787/room/x?y=1"],
    ["http://127.0.0.1:54321/"],
    ["http://EXAMPLE.com/%7Efoo/../bar"],
    ["http://user:pass@example.com:8080/"],
    ["../c?x#y", "http://example.com/a/b/d"],
    ["//other.test/x", "https://example.com"],
    ["?q", "http://example.com/a"],
    ["http://192.168.0.257"],
    ["http://0x7f.1/"],
    ["http://[::1]:3000/x"],
    ["file:///C|/x/../y"],
    ["mailto:a@b.c"],
    ["data:text/plain,hi there"],
    ["http://münchen.example/ä?ö=ü#ß"],
    ["http://日本語.jp/"],
    ["http://faß.example/"],
    ["http://xn--mnchen-3ya.example/"],
    ["http://a b/"],
    ["http://example.com/a b?c d#e f"],
    ["http://example.com/.well-known/x"],
    ["http://example.com/a/./b/..//c"],
    ["http://example.com:99999/"],
    ["https://example.com:0080/x"],
    ["ws://example.com:80/s"],
    ["http://ex%41mple.com/"],
    ["http://example.com/?a='b'"],
    ["blob:https://example.com/uuid"],
    ["nonsense"],
    ["http://"],
    ["http://1.2.3.04/"],
    ["http://999.1.1.1/"],
  ];
  for (const [url, base] of cases) {
    test(`parses ${url}${base ? " against " + base : ""} as Node does`, async () => {
      let expected;
      try {
        const { href, origin, protocol, host, hostname, port, pathname, search, hash } = new URL(url, base);
        expected = { href, origin, protocol, host, hostname, port, pathname, search, hash };
      } catch {
        await fails(parts(url, base), /TypeError: Invalid/);
        return;
      }
      await is(`return ${parts(url, base)}`, expected);
    });
  }

  test("setters change the parts they name, as Node's do", async () => {
    const change = `const u = new URL("http://example.com/a?b#c");
      u.protocol = "https"; u.port = "444"; u.hostname = "other.test"; u.pathname = "x y"; u.search = "q=1 2"; u.hash = "z";
      u.username = "me"; u.password = "s:t"; u.host = "third.test:1";`;
    await is(`${change} return u.href`, new Function(change + " return u.href")());
  });

  test("searchParams and search follow each other", async () => {
    await is(`const u = new URL("http://x/?a=1&b=2"); u.searchParams.append("c", "3 4"); u.searchParams.delete("a");
      const first = u.href; u.search = "?z=9"; return [first, u.searchParams.get("z"), u.searchParams.size]`,
      ["http://x/?b=2&c=3+4", "9", 1]);
  });

  test("canParse and parse tell without throwing", async () => {
    await is(`[URL.canParse("x"), URL.canParse("x", "http://y"), URL.parse("nope"), URL.parse("http://a/").href]`, [false, true, null, "http://a/"]);
  });

  test("URLSearchParams reads and writes forms as Node does", async () => {
    for (const text of ["a=1&a=2&b=%20%2B+x&c", "?q=ü&%FF=1&x=%zz", "=&=x&&y=", "e=%F0%9F%90%AD"]) {
      const p = new URLSearchParams(text);
      await is(`const p = new URLSearchParams(${JSON.stringify(text)}); return [[...p], p.toString()]`, [[...p], p.toString()]);
    }
    await is(`[new URLSearchParams({a: 1, b: "x y*~"}).toString(), new URLSearchParams([["a", "1"], ["a", "2"]]).getAll("a")]`, ["a=1&b=x+y*%7E", ["1", "2"]]);
    await is(`const p = new URLSearchParams("b=1&a=2&b=3"); p.sort(); p.set("b", "x"); return [p.toString(), p.has("a", "2"), p.has("a", "3")]`, ["a=2&b=x", true, false]);
  });

  test("URLPattern matches", async () => {
    await is(`new URLPattern({ pathname: "/room/:name" }).exec("http://x/room/blue").pathname.groups.name`, "blue");
  });
});

describe("Headers", () => {
  test("names are case-insensitive, sorted and combined; Set-Cookie stays apart", async () => {
    await is(`const h = new Headers({ "X-B": "1", accept: "a" }); h.append("x-b", " 2 "); h.append("Set-Cookie", "a=1"); h.append("Set-Cookie", "b=2");
      return [[...h], h.get("X-b"), h.getSetCookie(), h.has("ACCEPT")]`,
      [[["accept", "a"], ["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-b", "1, 2"]], "1, 2", ["a=1", "b=2"], true]);
  });
  test("bad names and values are refused", async () => {
    await fails(`new Headers({ "a b": "1" })`, /TypeError/);
    await fails(`new Headers({ a: "1\\r\\nb: 2" })`, /TypeError/);
    await fails(`new Headers([["a"]])`, /TypeError/);
  });
  test("those of an incoming request cannot be changed, those of a copy can", async () => {
    await fails(`request.headers.set("a", "b");`, /TypeError.*cannot be changed/);
    await is(`const r = new Request("http://x/", { headers: request.headers }); r.headers.set("a", "b"); return r.headers.get("a")`, "b");
  });
});

describe("Request and Response", () => {
  test("a response carries status, headers and body, and gives its body once", async () => {
    await is(`const r = new Response("hé", { status: 201, statusText: "Made", headers: { "x-a": "1" } });
      const first = [r.status, r.ok, r.statusText, r.headers.get("content-type"), r.bodyUsed, await r.text(), r.bodyUsed];
      try { await r.text(); } catch (e) { first.push(e.name) } return first`,
      [201, true, "Made", "text/plain;charset=UTF-8", false, "hé", true, "TypeError"]);
  });
  test("static makers", async () => {
    await is(`const j = Response.json({ a: 1 }, { status: 202 }); const r = Response.redirect("http://x/y", 307);
      return [j.status, j.headers.get("content-type"), await j.json(), r.status, r.headers.get("location"), Response.error().type]`,
      [202, "application/json", { a: 1 }, 307, "http://x/y", "error"]);
    await fails(`Response.redirect("http://x", 200)`, /RangeError/);
    await fails(`new Response("x", { status: 204 })`, /TypeError/);
    await fails(`new Response(null, { status: 99 })`, /RangeError/);
    await fails(`new Response(null, { status: 101 })`, /RangeError.*webSocket/);
  });
  test("bodies of every kind", async () => {
    await is(`const out = [];
      out.push([...new Uint8Array(await new Response(new Uint8Array([1, 2])).arrayBuffer())]);
      out.push(await new Response(new URLSearchParams({ a: "b c" })).text());
      const blob = await new Response(new Blob(["x", new Uint8Array([121])], { type: "text/X" })).blob(); out.push([blob.type, await blob.text()]);
      out.push([...await new Response("é").bytes()]);
      out.push(await new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array([104])); c.enqueue(new Uint8Array([105])); c.close(); } })).text());
      return out`,
      [[1, 2], "a=b+c", ["text/x", "xy"], [195, 169], "hi"]);
  });
  test("a body's stream passes its content on to another message, once", async () => {
    await is(`const r = new Response("hällo"); const s = new Response(r.body, { status: 201 }); const before = [r.bodyUsed, s.bodyUsed];
      const text = await s.text(); return [...before, text, r.bodyUsed, s.bodyUsed, r.body.locked]`, [false, false, "hällo", true, true, true]);
    await is(`const r = new Response(new Uint8Array([1, 2])); r.body.getReader().releaseLock(); return [...await r.bytes()]`, [1, 2]);
    await is(`const r = new Response("x"); const s = new Response(r.body); await r.body.cancel(); return [r.bodyUsed, await s.text()]`, [true, ""]);
    await is(`const r = new Response("x"); const { body } = r; await r.text(); try { new Response(body); } catch (e) { return e.name }`, "TypeError");
    await is(`const r = new Response("abc"); const reader = r.body.getReader(); await reader.read(); reader.releaseLock(); return await new Response(r.body).text()`, "");
  });
  test("a body can be read as a stream, and split by clone", async () => {
    await is(`const r = new Response("stream"); const c = r.clone(); const reader = r.body.getReader(); let n = 0;
      for (;;) { const { done, value } = await reader.read(); if (done) break; n += value.length; }
      return [n, r.bodyUsed, await c.text()]`, [6, true, "stream"]);
  });
  test("forms go through multipart and back", async () => {
    await is(`const f = new FormData(); f.append("a", "1\\n2"); f.append("file", new File(["bytes"], "n\\"ame.txt", { type: "text/plain" })); f.append("a", "3");
      const back = await new Response(f).formData(); const file = back.get("file");
      return [back.getAll("a"), file.name, file.type, await file.text(), file instanceof File]`,
      [["1\r\n2", "3"], 'n"ame.txt', "text/plain", "bytes", true]);
    await is(`[...await new Request("http://x", { method: "POST", body: new URLSearchParams("a=1&b=2") }).formData()]`, [["a", "1"], ["b", "2"]]);
    await fails(`return await new Response("x").formData()`, /TypeError.*form/);
  });
  test("requests take their parts from another request and from init", async () => {
    await is(`const a = new Request("http://x/a?b", { method: "post", body: "hi", headers: { "x-a": "1" } }); const b = new Request(a, { headers: { "x-b": "2" } });
      return [b.url, b.method, [...b.headers], await b.text(), a.bodyUsed]`, ["http://x/a?b", "POST", [["x-b", "2"]], "hi", true]);
    await fails(`new Request("http://x", { body: "x" })`, /TypeError.*GET/);
    await fails(`new Request("/relative")`, /TypeError: Invalid URL/);
  });
});

describe("structuredClone", () => {
  test("clones what has a structured form, cycles and shared references included", async () => {
    await is(`const shared = { x: 1 }; const v = { d: new Date(5), m: new Map([[{ k: 1 }, new Set([1n])]]), r: /a/gi, s1: shared, s2: shared, t: new Float32Array([1.5]), u: undefined, e: new RangeError("no") }; v.self = v;
      const c = structuredClone(v); const [key] = [...c.m.keys()];
      return [c.d.getTime(), key.k, c.m.get(key).has(1n), String(c.r), c.s1 === c.s2, c.s1 !== shared, c.t[0], "u" in c, c.self === c, c.e instanceof RangeError, c.e.message]`,
      [5, 1, true, "/a/gi", true, true, 1.5, true, true, true, "no"]);
  });
  test("refuses functions and symbols", async () => {
    await fails(`structuredClone(() => 1)`, /DataCloneError/);
    await fails(`structuredClone({ a: Symbol() })`, /DataCloneError/);
  });
  test("a transferred buffer is gone where it was", async () => {
    await is(`const b = new ArrayBuffer(4); const c = structuredClone(b, { transfer: [b] }); return [b.byteLength, c.byteLength]`, [0, 4]);
  });
});

describe("encoding", () => {
  test("UTF-8 both ways, lone surrogates replaced", async () => {
    await is(`[[...new TextEncoder().encode("a€\\ud800")], new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff]))]`, [[97, 226, 130, 172, 239, 191, 189], "a\ufffd"]);
    await fails(`new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff]))`, /TypeError/);
    await fails(`new TextDecoder("klingon")`, /RangeError/);
  });
  test("a stream of chunks is decoded across their borders", async () => {
    const bytes = [...Buffer.from("a€🐭é")];
    await is(`const d = new TextDecoder(); let s = ""; for (const b of ${JSON.stringify(bytes)}) s += d.decode(new Uint8Array([b]), { stream: true }); return s + d.decode()`, "a€🐭é");
  });
  test("UTF-16 and Latin-1 are read", async () => {
    await is(`[new TextDecoder("utf-16").decode(new Uint8Array([0x61, 0, 0x3d, 0xd8, 0x2d, 0xdc])), new TextDecoder("latin1").decode(new Uint8Array([0xe9, 0x80]))]`, ["a🐭".normalize(), "é€"].map((s, i) => i ? s : "a\u{1f42d}".replace("\u{1f42d}", "\ud83d\udc2d")));
  });
  test("encodeInto stops before a character that does not fit", async () => {
    await is(`const t = new Uint8Array(4); const r = new TextEncoder().encodeInto("a€é", t); return [r.read, r.written, [...t]]`, [2, 4, [97, 226, 130, 172]]);
  });
  test("base64", async () => {
    await is(`[btoa("\\xff\\x00a"), atob("/wBh") === "\\xff\\x00a"]`, ["/wBh", true]);
    await fails(`btoa("€")`, /InvalidCharacterError/);
    await fails(`atob("a")`, /InvalidCharacterError/);
  });
});

describe("streams", () => {
  test("pipe through a transform, and tee", async () => {
    await is(`const up = new TransformStream({ transform(c, k) { k.enqueue(c.toUpperCase()); } });
      const source = new ReadableStream({ start(c) { c.enqueue("a"); c.enqueue("b"); c.close(); } });
      const [x, y] = source.pipeThrough(up).tee(); const all = async (s) => { let t = ""; for await (const c of s) t += c; return t; };
      return [await all(x), await all(y)]`, ["AB", "AB"]);
  });
  test("text streams", async () => {
    await is(`const s = new Response("h€llo").body.pipeThrough(new TextDecoderStream()); let t = ""; for await (const c of s) t += c; return t`, "h€llo");
    await is(`const s = new ReadableStream({ start(c) { c.enqueue("\\ud83d"); c.enqueue("\\udc2d"); c.close(); } }).pipeThrough(new TextEncoderStream()); return await new Response(s).text()`, "\u{1f42d}".slice(0, 2));
  });
  test("errors pass to the reader", async () => {
    await fails(`const r = new ReadableStream({ pull() { throw new Error("broken"); } }).getReader(); await r.read();`, /Error: broken/);
  });
});

describe("events and abort", () => {
  test("listeners hear in order, once and until removed", async () => {
    await is(`const t = new EventTarget(); const heard = []; const f = () => heard.push("f");
      t.addEventListener("x", f); t.addEventListener("x", f); t.addEventListener("x", () => heard.push("once"), { once: true });
      t.dispatchEvent(new Event("x")); t.removeEventListener("x", f); t.dispatchEvent(new Event("x")); return heard`, ["f", "once"]);
    await is(`const t = new EventTarget(); const e = new Event("x", { cancelable: true }); t.addEventListener("x", (e) => e.preventDefault()); return [t.dispatchEvent(e), e.defaultPrevented, e.target === t, e.currentTarget]`, [false, true, true, null]);
  });
  test("an error in a listener is logged, and the others still hear", async () => {
    await is(`const t = new EventTarget(); let heard = 0; t.addEventListener("x", () => { throw new Error("oops-listener"); }); t.addEventListener("x", () => heard++); t.dispatchEvent(new Event("x")); return heard`, 1);
    assert.match(server.logged(), /Uncaught Error: oops-listener/);
  });
  test("abort tells its reason", async () => {
    await is(`const c = new AbortController(); let n = 0; c.signal.onabort = () => n++; c.abort(); c.abort(); return [n, c.signal.aborted, c.signal.reason.name, AbortSignal.any([c.signal]).aborted]`, [1, true, "AbortError", true]);
    await fails(`AbortSignal.abort(new Error("why")).throwIfAborted();`, /Error: why/);
    await fails(`new AbortSignal()`, /TypeError: Illegal/);
  });
});

describe("timers", () => {
  test("fire in time order, can be cleared, and pass their arguments", async () => {
    const slow = await Server.start(`export default { async fetch() {
      const seen = []; const cleared = setTimeout(() => seen.push("never"), 5); clearTimeout(cleared);
      const i = setInterval(() => seen.push("i"), 10);
      setTimeout((a, b) => seen.push(a + b), 15, "x", "y");
      await new Promise((done) => setTimeout(done, 35)); clearInterval(i); return Response.json(seen); } }`);
    const actor = slow.actor("t");
    let answer;
    actor.fetch("GET", "/", [], new Uint8Array(0), (given) => (answer = given));
    await slow.run();
    assert.equal(answer, undefined);
    await slow.advance(100);
    assert.equal(Buffer.from(answer.bytes).toString(), '["i","xy","i","i"]');
    assert.equal(actor.timers.size, 0);
  });
  test("thousands wait together, each fires in its own time, and those of one time in the order they were set", async () => {
    const many = await Server.start(`let n = 0; export default { async fetch() {
      const seen = []; const times = [30, 10, 20, 10, 1_000_000];
      times.forEach((time, at) => setTimeout(() => { seen.push(at); Promise.resolve().then(() => seen.push(at + "m")); }, time));
      for (let i = 0; i < 5000; i++) setTimeout(() => n++, i % 40);
      await new Promise((done) => setTimeout(done, 50)); return Response.json([...seen, n]); } }`);
    const actor = many.actor("t");
    let answer;
    actor.fetch("GET", "/", [], new Uint8Array(0), (given) => (answer = given));
    await many.run();
    assert.equal(actor.timers.size, 1, "one timer of the server is enough");
    await many.advance(100);
    assert.equal(Buffer.from(answer.bytes).toString(), '[1,"1m",3,"3m",2,"2m",0,"0m",5000]');
    await many.advance(1_000_000);
    assert.equal(actor.timers.size, 0, "the longest one has fired, and nothing keeps the actor awake");
  });
  test("one is set earlier than the first, and the first is cleared", async () => {
    const app = await Server.start(`export default { async fetch() {
      const seen = []; const slow = setTimeout(() => seen.push("slow"), 5000); const none = setInterval(() => seen.push("none"), 1000);
      setTimeout(() => { clearInterval(none); clearTimeout(slow); seen.push("early"); setTimeout(() => seen.push("next"), 10); }, 100);
      await new Promise((done) => setTimeout(done, 6000)); return Response.json(seen); } }`);
    let answer;
    app.actor("t").fetch("GET", "/", [], new Uint8Array(0), (given) => (answer = given));
    await app.run();
    await app.advance(10_000);
    assert.equal(Buffer.from(answer.bytes).toString(), '["early","next"]');
    assert.equal(app.actor("t").timers.size, 0);
  });
  test("are bounded, and room comes back", async () => {
    await is(`const all = []; let why; try { for (;;) all.push(setTimeout(() => {}, 1e6)); } catch (e) { why = e.code + ": " + e.message; }
      all.forEach(clearTimeout); for (let i = 0; i < 20_000; i++) clearTimeout(setTimeout(() => {}, i)); return [all.length, why]`, [10_000, "overloaded: an actor has at most 10000 timers at a time"]);
  });
  test("text is not evaluated", () => fails(`setTimeout("1")`, /TypeError/));
});

describe("streams of bytes", () => {
  const made = (stream, ...texts) => `const s = new ${stream}; const text = new Response(s.readable).text().catch((e) => e.name);
    const w = s.writable.getWriter(); const enc = new TextEncoder(); let failed = "";
    try { for (const t of ${JSON.stringify(texts)}) await w.write(enc.encode(t)); await w.close(); } catch (e) { failed = e.name; } return [await text, failed]`;
  test("let bytes pass, and nothing else", async () => {
    await is(made("IdentityTransformStream()", "as ", "it was"), ["as it was", ""]);
    await is(`const s = new IdentityTransformStream(); new Response(s.readable).text().catch(() => {}); return s.writable.getWriter().write("text").then(() => "written", (e) => e.name)`, "TypeError");
  });
  test("let exactly so many pass", async () => {
    await is(made("FixedLengthStream(4)", "ab", "cd"), ["abcd", ""]);
    await is(made("FixedLengthStream(4n)", "abc", "de"), ["TypeError", "TypeError"]);
    await is(made("FixedLengthStream(4)", "abc"), ["TypeError", "TypeError"]);
    await fails(`new FixedLengthStream(-1)`, /TypeError/);
  });
});

describe("crypto", () => {
  const hex = `const hex = (b) => new Uint8Array(b).toHex(); const enc = (s) => new TextEncoder().encode(s);`;
  test("random values and UUIDs", async () => {
    await is(`const a = crypto.getRandomValues(new Uint32Array(4)); return [a.length, new Set(a).size > 1, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())]`, [4, true, true]);
    await fails(`crypto.getRandomValues(new Float32Array(1))`, /TypeMismatchError/);
    await fails(`crypto.getRandomValues(new Uint8Array(65537))`, /QuotaExceededError/);
  });
  test("digests", () => is(`${hex} return hex(await crypto.subtle.digest("SHA-256", enc("abc")))`, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  test("HMAC signs and verifies, keys go out as raw and JWK", async () => {
    await is(`${hex} const k = await crypto.subtle.importKey("raw", enc("key"), { name: "HMAC", hash: "SHA-256" }, true, ["sign", "verify"]);
      const s = await crypto.subtle.sign("HMAC", k, enc("message")); const jwk = await crypto.subtle.exportKey("jwk", k);
      const again = await crypto.subtle.importKey("jwk", jwk, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
      return [hex(s), await crypto.subtle.verify("HMAC", again, s, enc("message")), await crypto.subtle.verify("HMAC", again, s, enc("other")), jwk.alg, jwk.k]`,
      ["6e9ef29b75fffc5b7abae527d58fdadb2fe42e7219011976917343065f58ed4a", true, false, "HS256", "a2V5"]);
    await fails(`const k = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-1" }, false, ["sign"]); await crypto.subtle.exportKey("raw", k);`, /InvalidAccessError/);
  });
  test("AES-GCM and AES-CBC go both ways, and refuse what was changed", async () => {
    for (const name of ["AES-GCM", "AES-CBC"]) {
      await is(`${hex} const k = await crypto.subtle.generateKey({ name: "${name}", length: 256 }, true, ["encrypt", "decrypt"]);
        const iv = crypto.getRandomValues(new Uint8Array(${name === "AES-GCM" ? 12 : 16})); const c = await crypto.subtle.encrypt({ name: "${name}", iv }, k, enc("secret"));
        const p = await crypto.subtle.decrypt({ name: "${name}", iv }, k, c); return [new TextDecoder().decode(p), c.byteLength]`, ["secret", name === "AES-GCM" ? 22 : 16]);
    }
    await fails(`const k = await crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, true, ["encrypt", "decrypt"]); const iv = new Uint8Array(12);
      const c = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, k, new Uint8Array(3))); c[0] ^= 1; await crypto.subtle.decrypt({ name: "AES-GCM", iv }, k, c);`, /OperationError/);
  });
  test("ECDSA keys in all forms", async () => {
    await is(`${hex} const alg = { name: "ECDSA", namedCurve: "P-256" }; const how = { name: "ECDSA", hash: "SHA-256" };
      const { privateKey, publicKey } = await crypto.subtle.generateKey(alg, true, ["sign", "verify"]);
      const s = await crypto.subtle.sign(how, privateKey, enc("m")); const out = [s.byteLength];
      for (const form of ["raw", "spki", "jwk"]) { const k = await crypto.subtle.importKey(form, await crypto.subtle.exportKey(form, publicKey), alg, true, ["verify"]); out.push(await crypto.subtle.verify(how, k, s, enc("m"))); }
      for (const form of ["pkcs8", "jwk"]) { const k = await crypto.subtle.importKey(form, await crypto.subtle.exportKey(form, privateKey), alg, true, ["sign"]); out.push(await crypto.subtle.verify(how, publicKey, await crypto.subtle.sign(how, k, enc("x")), enc("x"))); }
      return out`, [64, true, true, true, true, true]);
  });
  test("PBKDF2 and HKDF derive", async () => {
    await is(`${hex} const k = await crypto.subtle.importKey("raw", enc("password"), "PBKDF2", false, ["deriveBits"]); return hex(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-1", salt: enc("salt"), iterations: 2 }, k, 160))`, "ea6c014dc72d6f8ffd08b7d8c0f5d1f9a7b8d8cb".slice(0, 0) || await pbkdf());
    await is(`${hex} const k = await crypto.subtle.importKey("raw", enc("ikm"), "HKDF", false, ["deriveKey"]); const d = await crypto.subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: enc("i") }, k, { name: "AES-GCM", length: 128 }, true, ["encrypt"]); return (await crypto.subtle.exportKey("raw", d)).byteLength`, 16);
  });
});

async function pbkdf() {
  const { pbkdf2Sync } = await import("node:crypto");
  return pbkdf2Sync("password", "salt", 2, 20, "sha1").toString("hex");
}

describe("console", () => {
  const logged = async (code) => {
    server.logs.length = 0;
    await run(`${code}; return 1`);
    return server.logs;
  };
  test("formats as Node does", async () => {
    assert.deepEqual(await logged(`console.log("%s is %d%%, %o", "x", 5, { a: [1, "b"] }, "more")`), [[1, "x is 5%, { a: [ 1, 'b' ] } more"]]);
    assert.deepEqual(await logged(`console.warn(new Map([["k", new Set([1])]]), [undefined, null, -0, 1n], class A {}, () => 1)`), [
      [2, "Map(1) { 'k' => Set(1) { 1 } } [ undefined, null, -0, 1n ] [class A] [Function (anonymous)]"],
    ]);
    assert.deepEqual(await logged(`const o = { deep: { a: { b: { c: 1 } } } }; o.self = o; console.error(o)`), [
      [3, "{ deep: { a: { b: [Object] } }, self: [Circular] }"],
    ]);
    assert.deepEqual(await logged(`console.debug(new Uint8Array([1, 2]), new Date(0), /x/g, new (class Foo { x = 1 })())`), [
      [0, "Uint8Array(2) [ 1, 2 ] 1970-01-01T00:00:00.000Z /x/g Foo { x: 1 }"],
    ]);
  });
  test("groups, counts and asserts", async () => {
    assert.deepEqual(await logged(`console.group("g"); console.log("in"); console.groupEnd(); console.count(); console.count(); console.assert(false, "no"); console.assert(true, "yes")`), [
      [1, "g"], [1, "  in"], [1, "default: 1"], [1, "default: 2"], [3, "Assertion failed: no"],
    ]);
  });
});

describe("fetch", () => {
  test("asks the host, and gives its answer", async () => {
    const asked = [];
    server.web = (request) => (asked.push(request), [201, [["x-a", "1"]], new TextEncoder().encode("out"), "http://final.test/"]);
    const answer = await server.fetch(server.actor("web"), "/", { method: "POST", body: `const r = await fetch("http://api.test/x", { method: "PUT", body: "b", headers: { "x-h": "1" }, redirect: "manual" });
      return [r.status, r.url, r.redirected, r.headers.get("x-a"), await r.text()]` });
    assert.deepEqual(answer.json.value, [201, "http://final.test/", true, "1", "out"]);
    assert.deepEqual(asked, [{ method: "PUT", url: "http://api.test/x", headers: [["x-h", "1"], ["content-type", "text/plain;charset=UTF-8"]], body: "b", redirect: 1 }]);
  });
  test("a refusal is a TypeError with the host's code", async () => {
    server.web = () => "forbidden: the origin is not on the list";
    const answer = await server.fetch(server.actor("web"), "/", { method: "POST", body: `try { await fetch("http://no.test/"); } catch (e) { return [e.name, e.message, e.code, e.retryable]; }` });
    assert.deepEqual(answer.json.value, ["TypeError", "the origin is not on the list", "forbidden", false]);
  });
  test("an aborted fetch rejects with the reason", async () => {
    await fails(`await fetch("http://x.test/", { signal: AbortSignal.abort(new Error("enough")) });`, /Error: enough/);
  });
});

test("globals have their names, and nothing of the bridge shows", async () => {
  await is(`[Headers.name, String(new URL("http://x")), Object.prototype.toString.call(new Headers()), typeof host, typeof process, typeof require, Object.keys(globalThis).length]`,
    ["Headers", "http://x/", "[object Headers]", "undefined", "undefined", "undefined", 0]);
});
