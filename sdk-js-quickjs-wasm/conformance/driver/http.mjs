import assert from "node:assert/strict";
import { area } from "./register.mjs";

const test = area("From outside: HTTP");

test("http.echo", "a request goes through the gateway to an object, and the answer back", async ({ path }) => {
  const response = await fetch(`${path("RPC")}/echo?q=%C3%A9`, { method: "PUT", headers: { "x-mine": "yes" }, body: "the body" });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/json");
  const seen = await response.json();
  assert.deepEqual([seen.method, seen.url, seen.headers["x-mine"], seen.body], ["PUT", "http://object/echo?q=%C3%A9", "yes", "the body"]);
});
test("http.bytes", "a megabyte of bytes goes there and back", async ({ path }) => {
  const bytes = new Uint8Array(1000000).map((_, at) => (at * 7) & 255);
  const response = await fetch(`${path("RPC")}/bytes`, { method: "POST", body: bytes });
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes);
});
test("http.status", "status and headers are the object's", async ({ path }) => {
  const response = await fetch(`${path("RPC")}/status?status=418&body=tea`);
  assert.deepEqual([response.status, response.headers.get("x-answer"), await response.text()], [418, "yes", "tea"]);
});
test("http.no-content", "an answer may have no body", async ({ path }) => {
  const response = await fetch(`${path("PLAIN")}/`, { method: "HEAD" });
  assert.deepEqual([response.status, await response.text()], [200, ""]);
});
test("http.cookies", "each Set-Cookie stays a header of its own", async ({ path }) => {
  const response = await fetch(`${path("RPC")}/cookies`);
  assert.deepEqual(response.headers.getSetCookie(), ["a=1; Path=/", "b=2"]);
});
test("http.stream", "a streamed answer arrives whole", async ({ path }) => {
  assert.equal(await (await fetch(`${path("RPC")}/stream`)).text(), "part 2;part 1;part 0;");
});
test("http.redirect", "a redirect by the object is the client's to follow", async ({ path }) => {
  const response = await fetch(`${path("RPC")}/redirect`, { redirect: "manual" });
  assert.deepEqual([response.status, response.headers.get("location")], [302, "http://object/echo"]);
});
test("http.throws", "an exception that nobody catches is a 500", async ({ path }) => {
  assert.equal((await fetch(`${path("RPC")}/throw`)).status, 500);
});
test("http.fifty", "fifty increments at a time are fifty answers, none of them twice", async ({ call }) => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => call("RPC", "addSlowly")));
  assert.equal(new Set(answers).size, 50);
  assert.equal(Math.max(...answers), 50);
});
