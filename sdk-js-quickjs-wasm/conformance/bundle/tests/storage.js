import { area } from "../harness.js";
import { equal, fails, ok, same } from "../check.js";

const { object } = area("Storage: single and many keys", undefined, { shared: true });

const fill = (storage, ...keys) => storage.put(Object.fromEntries(keys.map((key) => [key, `value of ${key}`])));
const keysOf = async (listing) => [...(await listing).keys()];
const numbered = (count) => Array.from({ length: count }, (_, at) => `k${String(at).padStart(4, "0")}`);

object("storage.get.absent", "get of a key that is not there answers undefined", async ({ storage }) => {
  equal(await storage.get("absent"), undefined);
});
object("storage.get.present", "get answers what was put under the key", async ({ storage }) => {
  await storage.put("k", { a: 1 });
  same(await storage.get("k"), { a: 1 });
});
object("storage.get.promise", "get, put, delete and list answer promises", async ({ storage }) => {
  const promises = [storage.get("k"), storage.put("k", 1), storage.delete("k"), storage.list(), storage.sync()];
  for (const promise of promises) ok(promise instanceof Promise);
  await Promise.all(promises);
});
object("storage.get.many", "get of several keys answers a Map", async ({ storage }) => {
  await fill(storage, "a", "b");
  const found = await storage.get(["a", "b"]);
  ok(found instanceof Map);
  same([...found], [["a", "value of a"], ["b", "value of b"]]);
});
object("storage.get.many-absent", "get of several keys leaves out those that are not there", async ({ storage }) => {
  await fill(storage, "b");
  same(await keysOf(storage.get(["a", "b", "c"])), ["b"]);
});
object("storage.get.many-sorted", "get of several keys answers them in the order of their UTF-8 bytes", async ({ storage }) => {
  await fill(storage, "b", "a", "é", "Z");
  same(await keysOf(storage.get(["é", "b", "Z", "a"])), ["Z", "a", "b", "é"]);
});
object("storage.get.many-none", "get of no keys answers an empty Map", async ({ storage }) => {
  equal((await storage.get([])).size, 0);
});
object("storage.get.many-128", "get takes 128 keys at a time", async ({ storage }) => {
  await fill(storage, "k0003");
  equal((await storage.get(numbered(128))).size, 1);
});
object("storage.get.copies", "two gets of one key answer two objects", async ({ storage }) => {
  await storage.put("k", { n: 1 });
  const first = await storage.get("k");
  first.n = 2;
  same(await storage.get("k"), { n: 1 });
});
object("storage.put.overwrites", "put replaces what was under the key", async ({ storage }) => {
  await storage.put("k", 1);
  await storage.put("k", "two");
  equal(await storage.get("k"), "two");
});
object("storage.put.answers", "put answers undefined", async ({ storage }) => {
  equal(await storage.put("k", 1), undefined);
});
object("storage.put.many", "put of an object stores each of its fields", async ({ storage }) => {
  await storage.put({ a: 1, b: [2], c: null });
  same([...(await storage.list())], [["a", 1], ["b", [2]], ["c", null]]);
});
object("storage.put.many-128", "put takes 128 pairs at a time", async ({ storage }) => {
  await fill(storage, ...numbered(128));
  equal((await storage.list()).size, 128);
});
object("storage.put.undefined", "put refuses undefined as the value", async ({ storage }) => {
  await fails(() => storage.put("k", undefined), "TypeError");
  equal((await storage.list()).size, 0);
});
object("storage.put.copies", "what is stored is the value at the time of put", async ({ storage }) => {
  const value = { list: [1] };
  const done = storage.put("k", value);
  value.list.push(2);
  await done;
  same(await storage.get("k"), { list: [1] });
});
object("storage.put.own-writes", "a get sees a put that nobody waited for", async ({ storage }) => {
  storage.put("k", "new");
  equal(await storage.get("k"), "new");
});
object("storage.put.number-key", "a number as a key means its decimal text", async ({ storage }) => {
  await storage.put(7, "seven");
  equal(await storage.get("7"), "seven");
});
object("storage.put.long-key", "a key may have 2,048 bytes", async ({ storage }) => {
  const key = "k".repeat(2048);
  await storage.put(key, "long");
  equal(await storage.get(key), "long");
});
object("storage.put.unicode-keys", "keys may have any characters", async ({ storage }) => {
  for (const key of [" ", "a b", "ключ", "😀", "a\u0000b", "a/b", "%41"]) {
    await storage.put(key, key);
    equal(await storage.get(key), key);
  }
});
object("storage.put.megabyte", "a value may have 1 MB", async ({ storage }) => {
  await storage.put("k", new Uint8Array(1000000).fill(7));
  const value = await storage.get("k");
  equal(value.length, 1000000);
  equal(value[999999], 7);
});
object("storage.put.no-arguments", "put without a value is refused", async ({ storage }) => {
  await fails(() => storage.put("k"), "TypeError");
});
object("storage.delete.existed", "delete answers true when the key was there", async ({ storage }) => {
  await storage.put("k", 1);
  equal(await storage.delete("k"), true);
  equal(await storage.get("k"), undefined);
});
object("storage.delete.absent", "delete answers false when the key was not there", async ({ storage }) => {
  equal(await storage.delete("k"), false);
});
object("storage.delete.many", "delete of several keys answers how many there were", async ({ storage }) => {
  await fill(storage, "a", "b", "c");
  equal(await storage.delete(["a", "c", "x"]), 2);
  same(await keysOf(storage.list()), ["b"]);
});
object("storage.delete.many-none", "delete of no keys answers 0", async ({ storage }) => {
  equal(await storage.delete([]), 0);
});
object("storage.delete.then-put", "a deleted key can be put again", async ({ storage }) => {
  await storage.put("k", 1);
  await storage.delete("k");
  await storage.put("k", 2);
  equal(await storage.get("k"), 2);
});
object("storage.delete.unawaited", "a get sees a delete that nobody waited for", async ({ storage }) => {
  await storage.put("k", 1);
  storage.delete("k");
  equal(await storage.get("k"), undefined);
});
object("storage.options", "the options allowConcurrency, allowUnconfirmed and noCache do not change the answers", async ({ storage }) => {
  await storage.put("k", 1, { allowUnconfirmed: true, noCache: true, allowConcurrency: true });
  await storage.put({ l: 2 }, { allowUnconfirmed: true });
  equal(await storage.get("k", { allowConcurrency: true, noCache: true }), 1);
  same([...(await storage.get(["k", "l"], { noCache: true }))], [["k", 1], ["l", 2]]);
  equal(await storage.delete("k", { allowUnconfirmed: true }), true);
  same(await keysOf(storage.list({ allowConcurrency: true, noCache: true })), ["l"]);
});
object("storage.sync", "sync answers when all writes before it are stored", async ({ storage }) => {
  storage.put("k", 1, { allowUnconfirmed: true });
  equal(await storage.sync(), undefined);
  equal(await storage.get("k"), 1);
});
object("storage.delete-all", "deleteAll removes every key", async ({ storage }) => {
  await fill(storage, ...numbered(100));
  equal(await storage.deleteAll(), undefined);
  equal((await storage.list()).size, 0);
});
object("storage.delete-all.put", "after deleteAll the object can store again", async ({ storage }) => {
  await storage.put("a", 1);
  await storage.deleteAll();
  await storage.put("b", 2);
  same(await keysOf(storage.list()), ["b"]);
});
object("storage.delete-all.alarm", "deleteAll removes the alarm too", async ({ storage }) => {
  await storage.setAlarm(Date.now() + 60000);
  await storage.put("a", 1);
  await storage.deleteAll();
  equal(await storage.getAlarm(), null);
});
object("storage.separate", "each object has storage of its own", async ({ storage, env, ctx }) => {
  await storage.put("k", "mine");
  const other = env.RPC.get(env.RPC.idFromName(ctx.id.toString()));
  await other.put("k", "theirs");
  equal(await storage.get("k"), "mine");
  equal(await other.read("k"), "theirs");
});
object("storage.sql", "sql.exec runs a statement of SQL", async ({ storage }) => {
  storage.sql.exec("CREATE TABLE t (n INTEGER)");
  storage.sql.exec("INSERT INTO t VALUES (?), (?)", 1, 2);
  same(storage.sql.exec("SELECT sum(n) AS total FROM t").toArray(), [{ total: 3 }]);
});

const list = area("Storage: list", undefined, { shared: true }).object;
list("storage.list.all", "list answers a Map of everything", async ({ storage }) => {
  await fill(storage, "a", "b");
  const all = await storage.list();
  ok(all instanceof Map);
  same([...all], [["a", "value of a"], ["b", "value of b"]]);
});
list("storage.list.empty", "list of an empty object is an empty Map", async ({ storage }) => {
  equal((await storage.list()).size, 0);
});
list("storage.list.bytes", "list is in the order of the keys' UTF-8 bytes, not of UTF-16", async ({ storage }) => {
  await fill(storage, "😀", "\uFF5E", "é", "z", "Z", "a");
  same(await keysOf(storage.list()), ["Z", "a", "z", "é", "\uFF5E", "😀"]);
});
list("storage.list.numbers", "keys that look like numbers are ordered as text", async ({ storage }) => {
  await fill(storage, "10", "9", "1");
  same(await keysOf(storage.list()), ["1", "10", "9"]);
});
list("storage.list.start", "start is where the list begins, with that key", async ({ storage }) => {
  await fill(storage, "a", "b", "c");
  same(await keysOf(storage.list({ start: "b" })), ["b", "c"]);
});
list("storage.list.start-absent", "start need not be a key", async ({ storage }) => {
  await fill(storage, "a", "c");
  same(await keysOf(storage.list({ start: "b" })), ["c"]);
});
list("storage.list.start-after", "startAfter is where the list begins, without that key", async ({ storage }) => {
  await fill(storage, "a", "b", "ba", "c");
  same(await keysOf(storage.list({ startAfter: "b" })), ["ba", "c"]);
});
list("storage.list.both-starts", "start and startAfter together are refused", async ({ storage }) => {
  await fails(() => storage.list({ start: "a", startAfter: "b" }), "TypeError");
});
list("storage.list.end", "end is where the list ends, without that key", async ({ storage }) => {
  await fill(storage, "a", "b", "c");
  same(await keysOf(storage.list({ end: "c" })), ["a", "b"]);
});
list("storage.list.start-end", "start and end bound the list on both sides", async ({ storage }) => {
  await fill(storage, "a", "b", "c", "d");
  same(await keysOf(storage.list({ start: "b", end: "d" })), ["b", "c"]);
});
list("storage.list.start-beyond-end", "a start at or after the end gives nothing", async ({ storage }) => {
  await fill(storage, "a", "b", "c");
  equal((await storage.list({ start: "c", end: "a" })).size, 0);
  equal((await storage.list({ start: "b", end: "b" })).size, 0);
});
list("storage.list.prefix", "prefix gives the keys that begin so", async ({ storage }) => {
  await fill(storage, "user", "user:1", "user:2", "users", "v");
  same(await keysOf(storage.list({ prefix: "user:" })), ["user:1", "user:2"]);
});
list("storage.list.prefix-unicode", "a prefix may end in any character", async ({ storage }) => {
  await fill(storage, "a\uFFFF", "a\uFFFFb", "a😀", "b");
  same(await keysOf(storage.list({ prefix: "a\uFFFF" })), ["a\uFFFF", "a\uFFFFb"]);
  same(await keysOf(storage.list({ prefix: "a" })), ["a\uFFFF", "a\uFFFFb", "a😀"]);
});
list("storage.list.prefix-empty", "an empty prefix gives everything", async ({ storage }) => {
  await fill(storage, "a", "b");
  equal((await storage.list({ prefix: "" })).size, 2);
});
list("storage.list.prefix-start-end", "prefix, start and end hold together", async ({ storage }) => {
  await fill(storage, "a", "p1", "p2", "p3", "q");
  same(await keysOf(storage.list({ prefix: "p", start: "p2" })), ["p2", "p3"]);
  same(await keysOf(storage.list({ prefix: "p", start: "a", end: "p3" })), ["p1", "p2"]);
  same(await keysOf(storage.list({ prefix: "p", startAfter: "p1", end: "z" })), ["p2", "p3"]);
});
list("storage.list.limit", "limit is the most that comes", async ({ storage }) => {
  await fill(storage, "a", "b", "c");
  same(await keysOf(storage.list({ limit: 2 })), ["a", "b"]);
  equal((await storage.list({ limit: 10 })).size, 3);
});
list("storage.list.limit-zero", "a limit that is not positive is refused", async ({ storage }) => {
  await fails(() => storage.list({ limit: 0 }), "TypeError");
  await fails(() => storage.list({ limit: -1 }), "TypeError");
});
list("storage.list.reverse", "reverse lists downwards", async ({ storage }) => {
  await fill(storage, "a", "b", "c");
  same(await keysOf(storage.list({ reverse: true })), ["c", "b", "a"]);
});
list("storage.list.reverse-limit", "reverse with a limit gives the last ones", async ({ storage }) => {
  await fill(storage, "a", "b", "c");
  same(await keysOf(storage.list({ reverse: true, limit: 2 })), ["c", "b"]);
});
list("storage.list.reverse-bounds", "reverse does not change what start and end mean", async ({ storage }) => {
  await fill(storage, "a", "b", "c", "d");
  same(await keysOf(storage.list({ reverse: true, start: "b", end: "d" })), ["c", "b"]);
  same(await keysOf(storage.list({ reverse: true, startAfter: "b" })), ["d", "c"]);
});
list("storage.list.reverse-prefix", "reverse, prefix and limit hold together", async ({ storage }) => {
  await fill(storage, "o", "p1", "p2", "p3", "q");
  same(await keysOf(storage.list({ reverse: true, prefix: "p", limit: 2 })), ["p3", "p2"]);
});
list("storage.list.own-writes", "list sees puts and deletes that nobody waited for", async ({ storage }) => {
  await fill(storage, "a", "b");
  storage.put("c", 1);
  storage.delete("a");
  same(await keysOf(storage.list()), ["b", "c"]);
});
list("storage.list.values", "list answers values as they were put", async ({ storage }) => {
  await storage.put({ a: new Date(5), b: new Map([[1, 2]]) });
  const all = await storage.list();
  equal(all.get("a").getTime(), 5);
  equal(all.get("b").get(1), 2);
});
list("storage.list.thousand", "list pages through a thousand keys with startAfter and limit", async ({ storage }) => {
  const keys = numbered(1000);
  for (let at = 0; at < 1000; at += 100) fill(storage, ...keys.slice(at, at + 100));
  const seen = [];
  for (let startAfter; ; startAfter = seen.at(-1)) {
    const page = await storage.list(startAfter === undefined ? { limit: 300 } : { startAfter, limit: 300 });
    if (page.size === 0) break;
    seen.push(...page.keys());
  }
  same(seen, keys);
});

const kv = area("Storage: kv, synchronous", undefined, { shared: true }).object;
kv("kv.get-put", "kv.put stores at once and kv.get answers at once", async ({ storage }) => {
  equal(storage.kv.put("k", { a: [1] }), undefined);
  same(storage.kv.get("k"), { a: [1] });
});
kv("kv.get.absent", "kv.get of a key that is not there answers undefined", async ({ storage }) => {
  equal(storage.kv.get("k"), undefined);
});
kv("kv.delete", "kv.delete answers whether the key was there", async ({ storage }) => {
  storage.kv.put("k", 1);
  equal(storage.kv.delete("k"), true);
  equal(storage.kv.delete("k"), false);
  equal(storage.kv.get("k"), undefined);
});
kv("kv.list", "kv.list answers an iterable of keys and values in order", async ({ storage }) => {
  for (const key of ["b", "a", "é"]) storage.kv.put(key, key);
  same([...storage.kv.list()], [["a", "a"], ["b", "b"], ["é", "é"]]);
});
kv("kv.list.options", "kv.list takes start, startAfter, end, prefix, reverse and limit", async ({ storage }) => {
  for (const key of ["a", "p1", "p2", "p3", "q"]) storage.kv.put(key, 1);
  const keys = (options) => Array.from(storage.kv.list(options), ([key]) => key);
  same(keys({ start: "p2" }), ["p2", "p3", "q"]);
  same(keys({ startAfter: "p2" }), ["p3", "q"]);
  same(keys({ end: "p2" }), ["a", "p1"]);
  same(keys({ prefix: "p", reverse: true, limit: 2 }), ["p3", "p2"]);
});
kv("kv.shared", "kv and the methods with promises share the same keys", async ({ storage }) => {
  storage.kv.put("a", 1);
  equal(await storage.get("a"), 1);
  await storage.put("b", 2);
  equal(storage.kv.get("b"), 2);
  await storage.delete("a");
  equal(storage.kv.get("a"), undefined);
});
kv("kv.values", "kv keeps dates, maps and bytes", async ({ storage }) => {
  storage.kv.put("k", { at: new Date(9), map: new Map([["a", 1]]), bytes: new Uint8Array([1]) });
  const value = storage.kv.get("k");
  equal(value.at.getTime(), 9);
  equal(value.map.get("a"), 1);
  same(value.bytes, new Uint8Array([1]));
});
kv("kv.delete-all", "deleteAll removes what kv stored", async ({ storage }) => {
  storage.kv.put("k", 1);
  await storage.deleteAll();
  equal(storage.kv.get("k"), undefined);
});

const transactions = area("Storage: transactions", undefined, { shared: true }).object;
transactions("transaction.commit", "transaction stores what its function put, and answers its result", async ({ storage }) => {
  const answer = await storage.transaction(async (txn) => {
    await txn.put("a", 1);
    await txn.put("b", 2);
    return "done";
  });
  equal(answer, "done");
  same(await keysOf(storage.list()), ["a", "b"]);
});
transactions("transaction.throw", "a transaction whose function throws stores nothing, and throws the same", async ({ storage }) => {
  await storage.put("a", "old");
  await fails(() => storage.transaction(async (txn) => {
    await txn.put("a", "new");
    await txn.put("b", 1);
    throw new RangeError("stop");
  }), "RangeError", /stop/);
  same([...(await storage.list())], [["a", "old"]]);
});
transactions("transaction.rollback", "rollback takes back what the transaction did", async ({ storage }) => {
  await storage.put("a", "old");
  await storage.transaction(async (txn) => {
    await txn.put("a", "new");
    await txn.delete("x");
    equal(txn.rollback(), undefined);
  });
  equal(await storage.get("a"), "old");
});
transactions("transaction.after-rollback", "after rollback the transaction can do nothing more", async ({ storage }) => {
  await storage.transaction(async (txn) => {
    txn.rollback();
    await fails(async () => txn.put("a", 1));
    await fails(async () => txn.get("a"));
  });
  equal((await storage.list()).size, 0);
});
transactions("transaction.reads", "a transaction sees its own writes and what was there", async ({ storage }) => {
  await storage.put({ a: 1, b: 2 });
  await storage.transaction(async (txn) => {
    await txn.put("c", 3);
    equal(await txn.delete("a"), true);
    equal(await txn.get("c"), 3);
    same([...(await txn.get(["a", "b"]))], [["b", 2]]);
    same(await keysOf(txn.list()), ["b", "c"]);
  });
});
transactions("transaction.storage", "what is done on storage itself during a transaction is part of it", async ({ storage }) => {
  await fails(() => storage.transaction(async () => {
    await storage.put("a", 1);
    throw new Error("stop");
  }));
  equal(await storage.get("a"), undefined);
});
transactions("transaction.second", "transactions run one after another", async ({ storage }) => {
  await storage.put("n", 0);
  await Promise.all(Array.from({ length: 5 }, () => storage.transaction(async (txn) => {
    const n = await txn.get("n");
    await txn.put("n", n + 1);
  })));
  equal(await storage.get("n"), 5);
});
transactions("transaction-sync.commit", "transactionSync stores what its function put, and answers its result at once", async ({ storage }) => {
  equal(storage.transactionSync(() => {
    storage.kv.put("a", 1);
    return "done";
  }), "done");
  equal(storage.kv.get("a"), 1);
});
transactions("transaction-sync.throw", "a transactionSync whose function throws stores nothing, and throws the same", async ({ storage }) => {
  storage.kv.put("a", "old");
  const stop = new Error("stop");
  equal(await fails(() => storage.transactionSync(() => {
    storage.kv.put("a", "new");
    storage.kv.put("b", 1);
    storage.kv.delete("a");
    throw stop;
  })), stop);
  same([...storage.kv.list()], [["a", "old"]]);
});
transactions("transaction-sync.nested", "a nested transactionSync that throws takes back only itself", async ({ storage }) => {
  storage.transactionSync(() => {
    storage.kv.put("outer", 1);
    try {
      storage.transactionSync(() => {
        storage.kv.put("inner", 1);
        throw new Error("stop");
      });
    } catch {
      storage.kv.put("caught", 1);
    }
  });
  same(Array.from(storage.kv.list(), ([key]) => key), ["caught", "outer"]);
});
