import { area } from "../harness.js";
import { equal, fails, ok, same } from "../check.js";

const { gateway, object } = area("Ids and namespaces");

gateway("id.name.same", "idFromName of one name is always the same id", async ({ env }) => {
  ok(env.RPC.idFromName("a").equals(env.RPC.idFromName("a")));
  equal(env.RPC.idFromName("a").toString(), env.RPC.idFromName("a").toString());
});
gateway("id.name.different", "idFromName of two names are two ids", async ({ env }) => {
  ok(!env.RPC.idFromName("a").equals(env.RPC.idFromName("b")));
  ok(!env.RPC.idFromName("a").equals(env.RPC.idFromName("A")));
});
gateway("id.name.classes", "one name is another id in another class", async ({ env }) => {
  ok(env.RPC.idFromName("a").toString() !== env.OTHER.idFromName("a").toString());
});
gateway("id.text", "an id as text is 64 hexadecimal digits", async ({ env }) => {
  ok(/^[0-9a-f]{64}$/.test(env.RPC.idFromName("a").toString()));
  ok(/^[0-9a-f]{64}$/.test(`${env.RPC.newUniqueId()}`));
});
gateway("id.from-text", "idFromString makes the id again from its text", async ({ env }) => {
  for (const id of [env.RPC.idFromName("a"), env.RPC.newUniqueId()]) {
    const again = env.RPC.idFromString(id.toString());
    ok(again.equals(id));
    equal(again.toString(), id.toString());
  }
});
gateway("id.from-text.reaches", "an id made from text leads to the same object", async ({ env, get }) => {
  const stub = get("RPC");
  await stub.increment(3);
  equal(await env.RPC.get(env.RPC.idFromString(stub.id.toString())).increment(1), 4);
});
gateway("id.from-text.short", "idFromString refuses what is no id", async ({ env }) => {
  await fails(() => env.RPC.idFromString("abc"), "TypeError");
  await fails(() => env.RPC.idFromString(""), "TypeError");
});
gateway("id.from-text.not-hex", "idFromString refuses 64 characters that are not hexadecimal", async ({ env }) => {
  await fails(() => env.RPC.idFromString("z".repeat(64)), "TypeError");
});
gateway("id.from-text.other-class", "idFromString refuses an id of another class", async ({ env }) => {
  await fails(() => env.RPC.idFromString(env.OTHER.idFromName("a").toString()), "TypeError");
});
gateway("id.from-text.invented", "idFromString refuses digits that no namespace gave out", async ({ env }) => {
  await fails(() => env.RPC.idFromString("0123456789abcdef".repeat(4)), "TypeError");
});
gateway("id.name", "an id made from a name tells its name", async ({ env }) => {
  equal(env.RPC.idFromName("somebody").name, "somebody");
});
gateway("id.unique", "newUniqueId is a new id each time", async ({ env }) => {
  const ids = new Set(Array.from({ length: 50 }, () => env.RPC.newUniqueId().toString()));
  equal(ids.size, 50);
});
gateway("id.unique.name", "a unique id has no name", async ({ env }) => {
  equal(env.RPC.newUniqueId().name, undefined);
});
gateway("id.unique.object", "a unique id leads to an object of its own, always the same", async ({ env }) => {
  const id = env.RPC.newUniqueId();
  await env.RPC.get(id).increment(5);
  equal(await env.RPC.get(id).increment(), 6);
  equal(await env.RPC.get(env.RPC.newUniqueId()).increment(), 1);
});
gateway("id.equals.kinds", "a unique id equals itself and no other", async ({ env }) => {
  const id = env.RPC.newUniqueId();
  ok(id.equals(id));
  ok(!id.equals(env.RPC.newUniqueId()));
  ok(!id.equals(env.RPC.idFromName("a")));
});
gateway("id.stub", "a stub tells the id that it was made with", async ({ env }) => {
  const id = env.RPC.newUniqueId();
  ok(env.RPC.get(id).id.equals(id));
});
gateway("id.stub.name", "a stub made from a name tells the name, and one made from a unique id none", async ({ env }) => {
  equal(env.RPC.get(env.RPC.idFromName("somebody")).name, "somebody");
  equal(env.RPC.get(env.RPC.newUniqueId()).name, undefined);
});
gateway("id.by-name", "getByName is get of idFromName", async ({ env, name }) => {
  const stub = env.RPC.getByName(name);
  equal(stub.name, name);
  ok(stub.id.equals(env.RPC.idFromName(name)));
  await stub.increment(2);
  equal(await env.RPC.get(env.RPC.idFromName(name)).increment(), 3);
});
gateway("id.get.text", "get wants an id, not its text", async ({ env }) => {
  await fails(() => env.RPC.get(env.RPC.idFromName("a").toString()), "TypeError");
});
gateway("id.inside", "ctx.id inside the object is the id that it was called with", async ({ get }) => {
  const stub = get("RPC");
  equal((await stub.whoAmI()).id, stub.id.toString());
});
gateway("id.inside.name", "ctx.id inside an object called by its name tells the name", async ({ get, name }) => {
  equal((await get("RPC").whoAmI()).name, name);
});
gateway("id.inside.unique", "ctx.id inside an object with a unique id tells no name", async ({ env }) => {
  equal((await env.RPC.get(env.RPC.newUniqueId()).whoAmI()).name, undefined);
});
gateway("id.names", "a name may be any text", async ({ env, name }) => {
  const names = ["a/b", "a:b", "ключ", "😀", "a b", "%2F", "Methods:x", "~x", "x".repeat(400)].map((each) => `${each} ${name}`);
  same(await Promise.all(names.map(async (each) => (await env.RPC.get(env.RPC.idFromName(each)).whoAmI()).name)), names);
});
gateway("id.case", "names that differ by case are different objects", async ({ env, name }) => {
  await env.RPC.get(env.RPC.idFromName(`${name} a`)).increment(5);
  equal(await env.RPC.get(env.RPC.idFromName(`${name} A`)).increment(), 1);
});
gateway("id.lazy", "making an id and a stub does not make the object", async ({ env }) => {
  const stub = env.BROKEN.get(env.BROKEN.idFromName("never called"));
  ok(stub.id);
});
object("id.same-inside", "an object finds the same ids as the gateway", async ({ env, ctx }) => {
  ok(env.LAB.idFromString(ctx.id.toString()).equals(ctx.id));
  ok(env.LAB.idFromName(ctx.id.name).equals(ctx.id));
});
