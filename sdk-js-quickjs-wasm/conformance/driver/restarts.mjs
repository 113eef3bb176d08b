import assert from "node:assert/strict";
import { area, eventually, sleep } from "./register.mjs";

const register = area("From outside: kill -9 and restart");
const test = (id, statement, run) => register(id, statement, run, { alone: true });

test("restart.storage", "what an answered call stored is there after the process was killed", async ({ call, restart }) => {
  await call("RPC", "put", "k", { list: [1, "two"] });
  await restart();
  assert.deepEqual(await call("RPC", "read", "k"), { list: [1, "two"] });
});
test("restart.counter", "no answered increment is lost, and none is counted twice", async ({ call, restart }) => {
  const answers = await Promise.all(Array.from({ length: 30 }, () => call("RPC", "addSlowly")));
  assert.deepEqual(answers.toSorted?.((a, b) => a - b) ?? [...answers].sort((a, b) => a - b), Array.from({ length: 30 }, (_, at) => at + 1));
  await restart();
  assert.equal(await call("RPC", "addSlowly"), 31);
});
test("restart.under-way", "of calls that were cut off each is there whole or not at all", async ({ call, restart }) => {
  const calls = Array.from({ length: 40 }, () => call("RPC", "addSlowly").catch(() => null));
  await Promise.race(calls);
  await restart();
  const answered = (await Promise.all(calls)).filter((answer) => answer !== null).length;
  const count = await call("RPC", "read", "count");
  assert.ok(count >= answered && count <= 40, `${answered} were answered, ${count} are stored`);
});
test("restart.memory", "memory is gone after a restart", async ({ call, restart }) => {
  const born = await call("RPC", "birth");
  await restart();
  assert.notEqual(await call("RPC", "birth"), born);
});
test("restart.id", "a name has the same id after a restart", async ({ id, restart }) => {
  const before = await id("RPC");
  await restart();
  assert.equal(await id("RPC"), before);
});
test("restart.alarm", "an alarm is kept and runs after a restart", async ({ call, restart }) => {
  const at = await call("ALARM", "setIn", 10000);
  await restart();
  const kept = await call("ALARM", "get");
  assert.ok(kept === at || Date.now() >= at, `${kept} is set, not ${at}`);
  const [fired] = await eventually(async () => (await call("ALARM", "fired")).length && call("ALARM", "fired"), 25000);
  assert.ok(fired.at >= at - 5, `${fired.at - at} ms after its time`);
});
test("restart.alarm-missed", "an alarm that came due while nothing ran runs after the start", async ({ call, target }) => {
  await call("ALARM", "setIn", 500);
  await target.kill();
  await sleep(1000);
  await target.start();
  await eventually(async () => (await call("ALARM", "fired")).length === 1, 15000);
});
test("restart.clients", "clients are cut off, and can come back", async ({ connect, call, restart }) => {
  const client = await connect("ROOM");
  await client.ask("store");
  await restart();
  assert.equal((await client.closed).code, 1006);
  const again = await connect("ROOM");
  assert.equal(await again.ask("store"), "2");
  assert.equal(await call("ROOM", "count"), 1);
});
