import assert from "node:assert/strict";
import { area, eventually } from "./register.mjs";

const test = area("From outside: sockets");

test("out.echo", "a client's text comes back from the object", async ({ connect }) => {
  const client = await connect("ROOM");
  assert.equal(await client.ask("hé😀"), "echo:hé😀");
});
test("out.bytes", "a client's bytes arrive as bytes and come back as bytes", async ({ connect }) => {
  const client = await connect("ROOM");
  assert.deepEqual(await client.ask(new Uint8Array([1, 2, 255])), new Uint8Array([255, 2, 1]));
});
test("out.empty", "an empty message is a message", async ({ connect }) => {
  assert.equal(await (await connect("ROOM")).ask(""), "echo:");
});
test("out.large", "half a megabyte in one message goes there and back", async ({ connect }) => {
  const bytes = new Uint8Array(500000).map((_, at) => at % 251);
  assert.deepEqual(await (await connect("ROOM")).ask(bytes), bytes.toReversed?.() ?? Uint8Array.from(bytes).reverse());
});
test("out.order", "two hundred messages are answered in order", async ({ connect }) => {
  const client = await connect("ROOM");
  for (let at = 0; at < 200; at++) client.send(`m${at}`);
  for (let at = 0; at < 200; at++) assert.equal(await client.next(), `echo:m${at}`);
});
test("out.greeting", "what the object sends while it accepts is the first message", async ({ connect }) => {
  assert.equal(await (await connect("ROOM", "?greet")).next(), "welcome");
});
test("out.ping", "the system answers a ping of the protocol", async ({ connect }) => {
  const client = await connect("ROOM");
  const pong = new Promise((got) => client.socket.once("pong", (data) => got(String(data))));
  client.socket.ping("are you there");
  assert.equal(await pong, "are you there");
});
test("out.protocol", "the object chooses the sub-protocol by the header of its response", async ({ connect }) => {
  assert.equal((await connect("ROOM", "?protocol=two", ["one", "two"])).socket.protocol, "two");
});
test("out.refused", "another status than 101 is what the client gets", async ({ connect }) => {
  await assert.rejects(connect("ROOM", "?refuse"), { status: 403 });
});
test("out.refused.whole", "headers and body of such an answer reach the client", async ({ connect }) => {
  const error = await connect("ROOM", "?refuse").catch((error) => error);
  assert.deepEqual([error.status, error.headers["x-why"], error.body], [403, "test", "refused"]);
});
test("out.broadcast", "a message to all arrives at twenty clients", async ({ connect }) => {
  const clients = await Promise.all(Array.from({ length: 20 }, () => connect("ROOM")));
  clients[3].send("everyone:news");
  assert.deepEqual(await Promise.all(clients.map((client) => client.next())), Array(20).fill("news"));
});
test("out.tags", "tags reach some clients and not others", async ({ connect }) => {
  const red = await connect("ROOM", "?tags=red");
  const blue = await connect("ROOM", "?tags=blue,dark");
  red.send("tagged:dark:psst");
  assert.equal(await blue.next(), "psst");
  assert.equal(await red.ask("tags"), '["red"]');
});
test("out.close.answer", "a handler may answer the client's close with a close of its own", async ({ connect }) => {
  const client = await connect("ROOM");
  await client.ask("x");
  client.socket.close(4099, "leaving!");
  assert.equal((await client.closed).code, 4099);
});
test("out.close.client", "the handler is told code and reason of the client's close", async ({ connect, call }) => {
  const client = await connect("ROOM");
  await client.ask("x");
  client.socket.close(4100, "leaving");
  const [event] = await eventually(async () => (await call("ROOM", "closes")).length && call("ROOM", "closes"));
  assert.deepEqual([event.code, event.reason, event.wasClean], [4100, "leaving", true]);
});
test("out.close.no-code", "a close without a code is 1005 to the handler", async ({ connect, call }) => {
  const client = await connect("ROOM");
  await client.ask("x");
  client.socket.close();
  const [event] = await eventually(async () => (await call("ROOM", "closes")).length && call("ROOM", "closes"));
  assert.deepEqual([event.code, event.reason], [1005, ""]);
});
test("out.close.cut", "a connection that breaks off is a close that is not clean", async ({ connect, call }) => {
  const client = await connect("ROOM");
  await client.ask("x");
  client.socket.terminate();
  const [event] = await eventually(async () => (await call("ROOM", "closes")).length && call("ROOM", "closes"));
  assert.deepEqual([event.code, event.wasClean], [1006, false]);
});
test("out.close.broken", "bytes that are no WebSocket frame are an error to the handler", async ({ connect, call }) => {
  const client = await connect("ROOM");
  await client.ask("x");
  client.socket._socket.write(Buffer.from([0xff, 0x80, 0, 0, 0, 0]));
  assert.match(await eventually(() => call("ROOM", "failure")), /^Error: /);
  assert.deepEqual(await call("ROOM", "closes"), []);
});
test("out.close.object", "the object's close arrives with code and reason", async ({ connect }) => {
  const client = await connect("ROOM");
  client.send("close:4101:out you go");
  assert.deepEqual(await client.closed, { code: 4101, reason: "out you go" });
});
test("out.close.codes", "codes of the protocol and of the application arrive as they were given", async ({ connect }) => {
  const codes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
  const clients = await Promise.all(codes.map(() => connect("ROOM")));
  clients.forEach((client, at) => client.send(`close:${codes[at]}:why`));
  const closes = await Promise.all(clients.map((client) => client.closed));
  assert.deepEqual(closes, codes.map((code) => ({ code, reason: "why" })));
});
test("out.close.none", "the object's close without a code arrives without one", async ({ connect }) => {
  const client = await connect("ROOM");
  client.send("bye");
  assert.deepEqual(await client.closed, { code: 1005, reason: "" });
});
for (const code of [0, 999, 1004, 1005, 1006, 1015, 5000]) test(`out.close.refused.${code}`, `the object cannot close with ${code}`, async ({ connect }) => {
  const client = await connect("ROOM");
  assert.equal(await client.ask(`attempt:${code}`), "InvalidAccessError");
});
test("out.close.all", "an object closes all its clients", async ({ connect, call }) => {
  const clients = await Promise.all([connect("ROOM"), connect("ROOM"), connect("ROOM")]);
  await call("ROOM", "closeAll", 4102, "closing time");
  for (const client of clients) assert.deepEqual(await client.closed, { code: 4102, reason: "closing time" });
});
test("out.close.gone", "a client that left is no longer among getWebSockets", async ({ connect, call }) => {
  const client = await connect("ROOM");
  await connect("ROOM");
  client.socket.close(1000);
  await client.closed;
  await eventually(async () => (await call("ROOM", "count")) === 1);
});
test("out.abort", "abort cuts the clients off", async ({ connect, call }) => {
  const client = await connect("ROOM");
  await client.ask("x");
  await assert.rejects(call("ROOM", "abort"));
  await client.closed;
});
test("out.throws", "an exception in webSocketMessage leaves the client connected", async ({ connect }) => {
  const client = await connect("ROOM");
  client.send("throw");
  assert.equal(await client.ask("still"), "echo:still");
});
test("out.auto-response", "an automatic response is sent for its request alone", async ({ connect, call }) => {
  const client = await connect("ROOM");
  await call("ROOM", "autoRespond", "ping", "pong");
  assert.equal(await client.ask("ping"), "pong");
  assert.equal(await client.ask("pin"), "echo:pin");
});
test("out.stored", "an answer over a socket comes after the write that it tells of", async ({ connect }) => {
  const client = await connect("ROOM");
  for (let at = 1; at <= 20; at++) assert.equal(await client.ask("store"), String(at));
});
test("out.listener.echo", "a WebSocket with listeners serves a client", async ({ connect }) => {
  const client = await connect("TALKER");
  assert.equal(await client.ask("hello"), "echo:hello");
  assert.deepEqual(await client.ask(new Uint8Array([1, 2])), new Uint8Array([2, 1]));
});
test("out.listener.close.client", "its close listener is told of the client's close", async ({ connect, call }) => {
  const client = await connect("TALKER");
  await client.ask("x");
  client.socket.close(4103, "bye");
  assert.equal((await client.closed).code, 4103);
  const [event] = await eventually(async () => (await call("TALKER", "seen")).length && call("TALKER", "seen"));
  assert.deepEqual([event.code, event.reason], [4103, "bye"]);
});
test("out.listener.close.object", "it closes a client with code and reason", async ({ connect }) => {
  const client = await connect("TALKER");
  client.send("close:4104:done");
  assert.deepEqual(await client.closed, { code: 4104, reason: "done" });
});
test("out.listener.push", "it sends whenever it wants", async ({ connect, call }) => {
  const client = await connect("TALKER", "?greet");
  assert.equal(await client.next(), "welcome");
  await call("TALKER", "say", "later");
  assert.equal(await client.next(), "later");
});
