import assert from "node:assert/strict";
import { area, eventually, sleep } from "./register.mjs";

const register = area("From outside: sleep");
const test = (id, statement, run) => register(id, statement, run, { sleeps: true });
/** Both runtimes let an object go after ten seconds without an event. */
const nap = 13000;

test("sleep.memory", "an object without events loses its memory while its clients stay connected", async ({ connect }) => {
  const client = await connect("ROOM");
  const born = await client.ask("born");
  await sleep(nap);
  assert.notEqual(await client.ask("born"), born);
});
test("sleep.wakes", "a message wakes the object and is handled", async ({ connect }) => {
  const client = await connect("ROOM");
  await client.ask("x");
  await sleep(nap);
  assert.equal(await client.ask("morning"), "echo:morning");
});
test("sleep.tags", "tags outlast sleep", async ({ connect, call }) => {
  const client = await connect("ROOM", "?tags=red,blue");
  await connect("ROOM", "?tags=green");
  await sleep(nap);
  assert.equal(await client.ask("tags"), '["red","blue"]');
  assert.equal(await client.ask("count:red"), "1");
  assert.equal(await call("ROOM", "count", "green"), 1);
});
test("sleep.attachment", "attachments outlast sleep", async ({ connect }) => {
  const client = await connect("ROOM");
  await client.ask('attach:{"user":"ann","since":7}');
  await sleep(nap);
  assert.equal(await client.ask("attachment"), '{"user":"ann","since":7}');
});
test("sleep.sockets", "getWebSockets after sleep answers every client that is connected", async ({ connect, call }) => {
  const clients = await Promise.all([connect("ROOM"), connect("ROOM"), connect("ROOM")]);
  await clients[0].ask("x");
  await sleep(nap);
  assert.equal(await call("ROOM", "announce", "good morning"), 3);
  assert.deepEqual(await Promise.all(clients.map((client) => client.next())), Array(3).fill("good morning"));
});
test("sleep.close", "a client that leaves wakes the object for webSocketClose", async ({ connect, call }) => {
  const client = await connect("ROOM", "?attach=%22ann%22");
  const born = await client.ask("born");
  await sleep(nap);
  client.socket.close(4200, "gone");
  const [event] = await eventually(async () => (await call("ROOM", "closes")).length && call("ROOM", "closes"));
  assert.deepEqual([event.code, event.reason, event.attachment], [4200, "gone", "ann"]);
  assert.notEqual(event.born, born);
});
test("sleep.auto-response", "automatic responses are sent during sleep and do not end it", async ({ connect, call }) => {
  const client = await connect("ROOM");
  await call("ROOM", "autoRespond", "ping", "pong");
  const born = await client.ask("born");
  for (let second = 0; second < nap; second += 1000) {
    await sleep(1000);
    assert.equal(await client.ask("ping"), "pong");
  }
  assert.notEqual(await client.ask("born"), born);
  assert.equal(await client.ask("ping"), "pong");
});
test("sleep.auto-response.again", "an object that wakes knows its automatic response and when it was last sent", async ({ connect, call }) => {
  const client = await connect("ROOM");
  await call("ROOM", "autoRespond", "ping", "pong");
  await sleep(nap);
  const before = Date.now();
  assert.equal(await client.ask("ping"), "pong");
  const after = Date.now();
  assert.deepEqual(await call("ROOM", "autoResponse"), { request: "ping", response: "pong" });
  const [at] = await call("ROOM", "timestamps");
  assert.ok(at >= before - 1 && at <= after + 1, `${at - before} ms`);
  await call("ROOM", "stopResponding");
  assert.equal(await client.ask("ping"), "echo:ping");
});
test("sleep.listeners", "a WebSocket with listeners keeps its object awake", async ({ connect }) => {
  const client = await connect("TALKER");
  const born = await client.ask("born");
  await sleep(nap);
  assert.equal(await client.ask("born"), born);
});
test("sleep.storage", "an idle object without clients loses its memory and keeps its storage", async ({ call }) => {
  await call("RPC", "put", "k", { kept: true });
  const born = await call("RPC", "birth");
  await sleep(nap);
  assert.notEqual(await call("RPC", "birth"), born);
  assert.deepEqual(await call("RPC", "read", "k"), { kept: true });
});
test("sleep.alarm", "an alarm wakes a sleeping object", async ({ call }) => {
  const at = await call("ALARM", "setIn", nap + 1000);
  await sleep(nap);
  const [fired] = await eventually(async () => (await call("ALARM", "fired")).length && call("ALARM", "fired"));
  assert.ok(fired.at >= at - 5 && fired.at < at + 5000, `${fired.at - at} ms after its time`);
});
test("sleep.id", "a sleeping object wakes with its id and its name", async ({ call, name }) => {
  const before = await call("RPC", "whoAmI");
  await sleep(nap);
  const after = await call("RPC", "whoAmI");
  assert.deepEqual(after, before);
  assert.equal(after.name, name);
});
