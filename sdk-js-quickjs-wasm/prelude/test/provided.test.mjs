import assert from "node:assert/strict";
import { test } from "node:test";
import { PROVIDED } from "../../toolchain/provided.mjs";
import { bundle, compile } from "./support/engine.mjs";
import { Server } from "./support/server.mjs";

test("a build knows just the names that the engine provides", async () => {
  const server = await Server.start(`
    import * as workers from "cloudflare:workers";
    import * as dormouse from "dormouse";
    export default { fetch() { return Response.json({ "cloudflare:workers": Object.keys(workers), dormouse: Object.keys(dormouse) }) } };`);
  const sorted = (lists) => Object.fromEntries(Object.entries(lists).map(([module, names]) => [module, [...names].sort()]));
  assert.deepEqual(sorted((await server.fetch(server.actor("a"))).json), sorted(PROVIDED));
});

test("a bundle is compiled when it is built, whatever it imports of the engine and however large it is", async () => {
  const { code } = await bundle(`import { DurableObject } from "cloudflare:workers"; export class A extends DurableObject {}`);
  assert.ok((await compile(code))?.length > 0);
  const large = Array.from({ length: 20_000 }, (_, at) => `export function f${at}(a) { return [a, "${at}", { a }]; }`).join("\n");
  assert.ok((await compile(large))?.length > 0);
});
