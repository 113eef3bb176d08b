import { area } from "../harness.js";
import { equal, eventually, fails, ok, same, sleep } from "../check.js";

const { gateway, object } = area("Alarms");
const firedOnce = (alarm, count = 1, wait = 8000) => eventually(async () => {
  const fired = await alarm.fired();
  return fired.length >= count && fired;
}, wait);

object("alarm.none", "getAlarm answers null where no alarm is set", async ({ storage }) => {
  equal(await storage.getAlarm(), null);
});
object("alarm.get", "getAlarm answers the time that was set, in milliseconds", async ({ storage }) => {
  const at = Date.now() + 60000;
  equal(await storage.setAlarm(at), undefined);
  equal(await storage.getAlarm(), at);
});
object("alarm.own-writes", "getAlarm sees a setAlarm that nobody waited for", async ({ storage }) => {
  const at = Date.now() + 60000;
  storage.setAlarm(at);
  equal(await storage.getAlarm(), at);
});
object("alarm.overwrite", "an object has one alarm: the last setAlarm counts", async ({ storage }) => {
  const at = Date.now() + 60000;
  await storage.setAlarm(at);
  await storage.setAlarm(at + 5000);
  equal(await storage.getAlarm(), at + 5000);
});
object("alarm.delete", "deleteAlarm unsets the alarm", async ({ storage }) => {
  await storage.setAlarm(Date.now() + 60000);
  equal(await storage.deleteAlarm(), undefined);
  equal(await storage.getAlarm(), null);
});
object("alarm.delete-none", "deleteAlarm without an alarm does nothing", async ({ storage }) => {
  equal(await storage.deleteAlarm(), undefined);
});
object("alarm.not-a-key", "the alarm is not among the keys", async ({ storage }) => {
  await storage.setAlarm(Date.now() + 60000);
  equal((await storage.list()).size, 0);
});
object("alarm.negative", "setAlarm refuses a negative time", async ({ storage }) => {
  await fails(() => storage.setAlarm(-1), "TypeError");
});
object("alarm.not-a-time", "setAlarm refuses what is no time", async ({ storage }) => {
  await fails(() => storage.setAlarm(new Date(NaN)), ["TypeError", "RangeError"]);
});
gateway("alarm.date", "setAlarm takes a Date as well", async ({ get }) => {
  const at = Date.now() + 60000;
  equal(await get("ALARM").setDate(at), at);
});
gateway("alarm.no-handler", "setAlarm is refused where the class has no alarm handler", async ({ get }) => {
  await fails(() => get("OTHER").arm(), undefined, /alarm/i);
});
gateway("alarm.fires", "the alarm handler runs once when the time has come", async ({ get }) => {
  const alarm = get("ALARM");
  const at = await alarm.setIn(300);
  const fired = await firedOnce(alarm);
  ok(fired[0].at >= at - 5, `not before its time: ${fired[0].at - at} ms`);
  await sleep(300);
  equal((await alarm.fired()).length, 1);
});
gateway("alarm.past", "an alarm in the past runs at once", async ({ get }) => {
  const alarm = get("ALARM");
  await alarm.set(Date.now() - 10000);
  await firedOnce(alarm);
});
gateway("alarm.cleared", "once the alarm has run, getAlarm answers null", async ({ get }) => {
  const alarm = get("ALARM");
  await alarm.setIn(20);
  await firedOnce(alarm);
  equal(await alarm.get(), null);
});
gateway("alarm.null-in-handler", "within the handler getAlarm answers null", async ({ get }) => {
  const alarm = get("ALARM");
  await alarm.setIn(20);
  equal((await firedOnce(alarm))[0].alarm, null);
});
gateway("alarm.info", "the handler is told that it is no retry", async ({ get }) => {
  const alarm = get("ALARM");
  await alarm.setIn(20);
  same((await firedOnce(alarm))[0].info, { retryCount: 0, isRetry: false });
});
gateway("alarm.identity", "the handler runs in the object that set the alarm", async ({ get }) => {
  const [first, second] = [get("ALARM", " first"), get("ALARM", " second")];
  await first.setIn(20);
  await firedOnce(first);
  equal((await second.fired()).length, 0);
});
gateway("alarm.again", "the handler can set the next alarm", async ({ get }) => {
  const alarm = get("ALARM");
  await alarm.plan({ again: 3 });
  await alarm.setIn(20);
  const fired = await firedOnce(alarm, 3);
  same(fired.map(({ info }) => info.isRetry), [false, false, false]);
  equal(await alarm.get(), null);
});
gateway("alarm.deleted-does-not-fire", "an alarm that was deleted does not run", async ({ get }) => {
  const alarm = get("ALARM");
  await alarm.get();
  await alarm.setIn(2000);
  await alarm.delete();
  await sleep(2800);
  equal((await alarm.fired()).length, 0);
});
gateway("alarm.earlier", "an alarm set to an earlier time runs then, and only then", async ({ get }) => {
  const alarm = get("ALARM");
  await alarm.get();
  await alarm.setIn(3000);
  await alarm.setIn(50);
  const [fired] = await firedOnce(alarm, 1);
  ok(fired.at < Date.now() + 2000);
  await sleep(3500);
  equal((await alarm.fired()).length, 1);
});
gateway("alarm.later", "an alarm set to a later time does not run at the old one", async ({ get }) => {
  const alarm = get("ALARM");
  await alarm.get();
  await alarm.setIn(2000);
  await alarm.setIn(60000);
  await sleep(2800);
  equal((await alarm.fired()).length, 0);
});
gateway("alarm.retry", "a handler that throws is run again after about 2 seconds, told that it is a retry", async ({ get }) => {
  const alarm = get("ALARM");
  await alarm.plan({ failures: 1 });
  await alarm.setIn(20);
  const fired = await firedOnce(alarm, 2, 30000);
  same(fired[1].info, { retryCount: 1, isRetry: true });
  const delay = fired[1].at - fired[0].at;
  ok(delay >= 900 && delay <= 30000, `${delay} ms`);
});
gateway("alarm.retry-twice", "retries are counted", async ({ get }) => {
  const alarm = get("ALARM");
  await alarm.plan({ failures: 2 });
  await alarm.setIn(20);
  const fired = await firedOnce(alarm, 3, 30000);
  same(fired.map(({ info }) => info.retryCount), [0, 1, 2]);
});
gateway("alarm.success-ends-retries", "after a retry that succeeds the handler does not run again", async ({ get }) => {
  const alarm = get("ALARM");
  await alarm.plan({ failures: 1 });
  await alarm.setIn(20);
  await firedOnce(alarm, 2, 30000);
  await sleep(3000);
  equal((await alarm.fired()).length, 2);
});
gateway("alarm.async", "the handler may take its time", async ({ get }) => {
  const alarm = get("ALARM");
  await alarm.plan({ slow: 400 });
  await alarm.setIn(20);
  const fired = await firedOnce(alarm);
  const finished = await eventually(() => alarm.finished());
  ok(finished - fired[0].at >= 350, `${finished - fired[0].at} ms`);
  equal((await alarm.fired()).length, 1);
});
gateway("alarm.delete-all", "deleteAll removes a pending alarm", async ({ get }) => {
  equal(await get("ALARM").setAndDeleteAll(), null);
});
gateway("alarm.transaction", "setAlarm in a transaction that commits is kept", async ({ get }) => {
  const at = Date.now() + 60000;
  same(await get("ALARM").setInTransaction(at), [at, at]);
});
gateway("alarm.rolled-back", "setAlarm in a transaction that rolls back is not", async ({ get }) => {
  equal(await get("ALARM").setInRolledBack(Date.now() + 60000), null);
});
