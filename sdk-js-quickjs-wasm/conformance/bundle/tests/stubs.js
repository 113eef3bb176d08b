import { area } from "../harness.js";
import { equal, fails, ok, same } from "../check.js";

const { gateway, object } = area("Stubs: fetch");

gateway("fetch.text", "fetch of a URL as text is a GET request to the object", async ({ get }) => {
  const response = await get("RPC").fetch("http://object/echo?q=1");
  ok(response instanceof Response);
  equal(response.status, 200);
  const seen = await response.json();
  equal(seen.method, "GET");
  equal(seen.url, "http://object/echo?q=1");
});
gateway("fetch.url", "fetch takes a URL object", async ({ get }) => {
  equal((await (await get("RPC").fetch(new URL("https://other.example/echo"))).json()).url, "https://other.example/echo");
});
gateway("fetch.request", "fetch takes a Request with its method, headers and body", async ({ get }) => {
  const request = new Request("http://object/echo", { method: "PUT", headers: { "X-Mine": "yes" }, body: "the body" });
  const seen = await (await get("RPC").fetch(request)).json();
  equal(seen.method, "PUT");
  equal(seen.headers["x-mine"], "yes");
  equal(seen.body, "the body");
});
gateway("fetch.init", "fetch takes a URL and what else a request has", async ({ get }) => {
  const seen = await (await get("RPC").fetch("http://object/echo", { method: "POST", body: "abc", headers: [["x-a", "1"]] })).json();
  equal(seen.method, "POST");
  equal(seen.body, "abc");
  equal(seen.headers["x-a"], "1");
});
gateway("fetch.request-init", "fetch of a Request and an init takes the init's method", async ({ get }) => {
  const request = new Request("http://object/echo", { headers: { "x-a": "1" } });
  const seen = await (await get("RPC").fetch(request, { method: "DELETE" })).json();
  equal(seen.method, "DELETE");
});
gateway("fetch.bytes", "bodies arrive byte for byte, both ways", async ({ get }) => {
  const bytes = new Uint8Array(50000).map((_, at) => (at * 31) & 255);
  const answer = await (await get("RPC").fetch("http://object/bytes", { method: "POST", body: bytes })).arrayBuffer();
  same(new Uint8Array(answer), bytes);
});
gateway("fetch.status", "status, status text and headers of the response arrive", async ({ get }) => {
  const response = await get("RPC").fetch("http://object/status?status=418&body=tea");
  equal(response.status, 418);
  equal(response.ok, false);
  equal(response.headers.get("x-answer"), "yes");
  equal(await response.text(), "tea");
});
gateway("fetch.no-content", "a response without a body arrives as one", async ({ get }) => {
  const response = await get("RPC").fetch("http://object/status?status=200");
  equal(await response.text(), "");
});
gateway("fetch.cookies", "several Set-Cookie headers arrive as several", async ({ get }) => {
  const response = await get("RPC").fetch("http://object/cookies");
  same(response.headers.getSetCookie(), ["a=1; Path=/", "b=2"]);
});
gateway("fetch.stream", "a response whose body is a stream arrives whole", async ({ get }) => {
  equal(await (await get("RPC").fetch("http://object/stream")).text(), "part 2;part 1;part 0;");
});
gateway("fetch.request-stream", "a request's stream can be passed on", async ({ get }) => {
  const body = new Response("passed on").body;
  equal((await (await get("RPC").fetch(new Request("http://object/echo", { method: "POST", body }))).json()).body, "passed on");
});
gateway("fetch.throws", "an exception in the object's fetch is thrown at the caller", async ({ get }) => {
  await fails(() => get("RPC").fetch("http://object/throw"), "RangeError", /thrown by fetch/);
});
gateway("fetch.throws.remote", "an exception thrown by the object has remote set", async ({ get }) => {
  equal((await fails(() => get("RPC").fetch("http://object/throw"))).remote, true);
});
gateway("fetch.throws.not-retryable", "an exception of the object's own code is neither retryable nor overloaded", async ({ get }) => {
  const error = await fails(() => get("RPC").fetch("http://object/throw"));
  ok(!error.retryable);
  ok(!error.overloaded);
});
gateway("fetch.throws.usable", "after an exception in its code the object goes on with its memory", async ({ get }) => {
  const born = await get("RPC").birth();
  await fails(() => get("RPC").fetch("http://object/throw"));
  equal(await get("RPC").birth(), born);
});
gateway("fetch.no-response", "a fetch handler that answers no Response fails for the caller", async ({ get }) => {
  await fails(() => get("RPC").fetch("http://object/nothing"), "TypeError");
});
gateway("fetch.no-handler", "an object whose class has no fetch handler refuses fetch", async ({ get }) => {
  await fails(() => get("OTHER").fetch("http://object/"));
});
gateway("fetch.bad-url", "fetch of what is no URL fails", async ({ get }) => {
  await fails(() => get("RPC").fetch("not a url"), "TypeError");
});
gateway("fetch.order", "requests through one stub arrive in the order in which they were made", async ({ get }) => {
  const stub = get("RPC");
  const wanted = Array.from({ length: 20 }, (_, at) => String(at));
  same(await Promise.all(wanted.map(async (n) => (await stub.fetch(`http://object/log?n=${n}`)).text())), wanted);
  same(await stub.notes(), wanted);
});
gateway("fetch.plain-class", "a class that does not extend DurableObject gets state and env, and answers fetch", async ({ get }) => {
  const stub = get("PLAIN");
  same(await (await stub.fetch("http://object/a/b")).json(), { count: 1, greeting: "hello", path: "/a/b" });
  equal((await (await stub.fetch("http://object/")).json()).count, 2);
});
gateway("fetch.plain-class.rpc", "a class that does not extend DurableObject has no methods for RPC", async ({ get }) => {
  await fails(() => get("PLAIN").method(), "TypeError");
});
gateway("fetch.redirect", "a redirect by the object can be had as it is", async ({ get }) => {
  const response = await get("RPC").fetch("http://object/redirect", { redirect: "manual" });
  equal(response.status, 302);
  equal(response.headers.get("location"), "http://object/echo");
});
gateway("fetch.many", "a hundred requests at a time are all answered", async ({ get }) => {
  const stub = get("RPC");
  const answers = await Promise.all(Array.from({ length: 100 }, async (_, at) => (await stub.fetch(`http://object/status?status=200&body=${at}`)).text()));
  same(answers, Array.from({ length: 100 }, (_, at) => String(at)));
});
object("fetch.from-object", "an object can send requests to another", async ({ env, ctx }) => {
  const stub = env.RPC.get(env.RPC.idFromName(ctx.id.toString()));
  equal((await (await stub.fetch("http://object/echo", { method: "POST", body: "hi" })).json()).body, "hi");
});
