import { area } from "../harness.js";
import { equal, fails, ok, same, sleep } from "../check.js";

const { gateway } = area("Events, timers, blobs, cryptography", "web");

gateway("events.dispatch", "listeners run in order, each once for an event", async () => {
  const target = new EventTarget();
  const seen = [];
  const listener = ({ type }) => seen.push(`a ${type}`);
  target.addEventListener("x", listener);
  target.addEventListener("x", listener);
  target.addEventListener("x", { handleEvent: ({ type }) => seen.push(`b ${type}`) });
  target.dispatchEvent(new Event("x"));
  same(seen, ["a x", "b x"]);
});
gateway("events.once", "a listener with once runs once, a removed one never", async () => {
  const target = new EventTarget();
  let runs = 0;
  const removed = () => (runs += 100);
  target.addEventListener("x", () => runs++, { once: true });
  target.addEventListener("x", removed);
  target.removeEventListener("x", removed);
  target.dispatchEvent(new Event("x"));
  target.dispatchEvent(new Event("x"));
  equal(runs, 1);
});
gateway("events.cancel", "preventDefault makes dispatchEvent of a cancelable event answer false", async () => {
  const target = new EventTarget();
  target.addEventListener("x", (event) => event.preventDefault());
  equal(target.dispatchEvent(new Event("x", { cancelable: true })), false);
  equal(target.dispatchEvent(new Event("y", { cancelable: true })), true);
});
gateway("events.immediate", "stopImmediatePropagation keeps later listeners from running", async () => {
  const target = new EventTarget();
  let runs = 0;
  target.addEventListener("x", (event) => event.stopImmediatePropagation());
  target.addEventListener("x", () => runs++);
  target.dispatchEvent(new Event("x"));
  equal(runs, 0);
});
gateway("events.custom", "a CustomEvent carries its detail", async () => {
  same(new CustomEvent("x", { detail: { a: 1 } }).detail, { a: 1 });
});
gateway("abort.signal", "abort sets the signal, tells its listeners, and gives the reason", async () => {
  const controller = new AbortController();
  let told = 0;
  controller.signal.addEventListener("abort", () => told++);
  controller.abort(new RangeError("why"));
  controller.abort();
  same([controller.signal.aborted, told, controller.signal.reason.message], [true, 1, "why"]);
  await fails(() => controller.signal.throwIfAborted(), "RangeError");
});
gateway("abort.reason", "without a reason it is an AbortError", async () => {
  const controller = new AbortController();
  controller.abort();
  equal(controller.signal.reason.name, "AbortError");
  ok(controller.signal.reason instanceof DOMException);
});
gateway("abort.timeout", "AbortSignal.timeout aborts with a TimeoutError", async () => {
  const signal = AbortSignal.timeout(10);
  equal(signal.aborted, false);
  await sleep(60);
  equal(signal.reason?.name, "TimeoutError");
});
gateway("abort.any", "AbortSignal.any follows the first of its signals", async () => {
  const [one, two] = [new AbortController(), new AbortController()];
  const any = AbortSignal.any([one.signal, two.signal]);
  two.abort("second");
  same([any.aborted, any.reason], [true, "second"]);
});
gateway("exception.codes", "a DOMException has a name and the code of that name", async () => {
  const error = new DOMException("m", "NotFoundError");
  same([error.name, error.message, error.code, error instanceof Error], ["NotFoundError", "m", 8, true]);
});
gateway("timers.order", "timers run in the order of their times", async () => {
  const seen = [];
  setTimeout(() => seen.push("c"), 400);
  setTimeout(() => seen.push("a"), 1);
  setTimeout((text) => seen.push(text), 200, "b");
  await sleep(900);
  same(seen, ["a", "b", "c"]);
});
gateway("timers.clear", "cleared timers do not run", async () => {
  let runs = 0;
  clearTimeout(setTimeout(() => runs++, 5));
  const interval = setInterval(() => {
    if (++runs === 3) clearInterval(interval);
  }, 5);
  clearTimeout(undefined);
  await sleep(1000);
  equal(runs, 3);
});
gateway("timers.microtasks", "microtasks run before timers", async () => {
  const seen = [];
  setTimeout(() => seen.push("timer"), 0);
  queueMicrotask(() => seen.push("micro"));
  Promise.resolve().then(() => seen.push("promise"));
  await sleep(20);
  same(seen, ["micro", "promise", "timer"]);
});
gateway("scheduler.wait", "scheduler.wait waits", async () => {
  equal(await scheduler.wait(5), undefined);
});
gateway("blob.parts", "a Blob joins its parts", async () => {
  const blob = new Blob(["é", new Uint8Array([97]), new Blob(["b"]), new Uint8Array([99]).buffer], { type: "Text/PLAIN" });
  same([blob.size, blob.type, await blob.text()], [5, "text/plain", "éabc"]);
});
gateway("blob.slice", "slice takes a part, counted from the end too", async () => {
  const blob = new Blob(["abcdef"]);
  same([await blob.slice(1, 3).text(), await blob.slice(-2).text(), blob.slice(0, 1, "a/b").type], ["bc", "ef", "a/b"]);
});
gateway("form-data.fields", "FormData keeps several values of a name, in order", async () => {
  const form = new FormData();
  form.append("a", "1");
  form.append("b", "2");
  form.append("a", 3);
  same([...form], [["a", "1"], ["b", "2"], ["a", "3"]]);
  form.set("a", "4");
  same([...form], [["a", "4"], ["b", "2"]]);
  form.delete("b");
  equal(form.has("b"), false);
  equal(form.get("b"), null);
});
gateway("crypto.random", "getRandomValues fills an array and answers it", async () => {
  const array = new Uint8Array(64);
  equal(crypto.getRandomValues(array), array);
  ok(array.some((byte) => byte !== 0));
  await fails(() => crypto.getRandomValues(new Float64Array(1)), "TypeMismatchError");
  await fails(() => crypto.getRandomValues(new Uint8Array(65537)), "QuotaExceededError");
});
gateway("crypto.uuid", "randomUUID answers UUIDs of version 4", async () => {
  ok(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()));
  ok(crypto.randomUUID() !== crypto.randomUUID());
});
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
gateway("crypto.digest", "digest makes SHA-256 and SHA-1", async () => {
  const data = new TextEncoder().encode("abc");
  equal(hex(await crypto.subtle.digest("SHA-256", data)), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  equal(hex(await crypto.subtle.digest({ name: "sha-1" }, data)), "a9993e364706816aba3e25717850c26c9cd0d89d");
});
gateway("crypto.hmac", "HMAC signs and verifies", async () => {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode("key"), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
  const data = new TextEncoder().encode("The quick brown fox jumps over the lazy dog");
  const signature = await crypto.subtle.sign("HMAC", key, data);
  equal(hex(signature), "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
  equal(await crypto.subtle.verify("HMAC", key, signature, data), true);
  equal(await crypto.subtle.verify("HMAC", key, signature, data.slice(1)), false);
});
gateway("crypto.aes", "AES-GCM opens what it sealed, and nothing else", async () => {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode("secret")));
  equal(sealed.length, 22);
  equal(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed)), "secret");
  sealed[0] ^= 1;
  await fails(() => crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed), "OperationError");
});
gateway("crypto.ecdsa", "ECDSA verifies what it signed", async () => {
  const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const data = new TextEncoder().encode("text");
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, data);
  equal(signature.byteLength, 64);
  equal(await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, publicKey, signature, data), true);
});
gateway("timers.many", "a thousand timers wait at once", async () => {
  let fired = 0;
  await Promise.all(Array.from({ length: 1000 }, (_, at) => sleep(1 + (at % 20)).then(() => fired++)));
  equal(fired, 1000);
});
gateway("error.stack", "the stack of an error begins with what the error says, and goes on with where it was made", async () => {
  const [first, second] = new RangeError("what it says").stack.split("\n");
  equal(first, "RangeError: what it says");
  ok(/^ {4}at /.test(second), second);
});
gateway("performance.now", "performance.now is a number that does not go back", async () => {
  const first = performance.now();
  await sleep(5);
  ok(performance.now() >= first);
});
gateway("global.self", "self and globalThis are the same, and hold the platform", async () => {
  equal(self, globalThis);
  for (const name of ["URL", "Headers", "Request", "Response", "ReadableStream", "TextEncoder", "Blob", "FormData", "crypto", "fetch", "WebSocket", "console", "navigator"]) ok(name in globalThis, name);
});
gateway("global.eval", "text is not run as code", async () => {
  await fails(() => (0, eval)("1 + 1"), "EvalError");
  await fails(() => new Function("return 1"), "EvalError");
});
