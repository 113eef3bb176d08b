import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Server } from "./support/server.mjs";

const PAGE = 65536;

/** Where what QuickJS was linked with ends: its stack of a megabyte, and its data. */
const LEAST_PAGES = 18;

const SOURCE = `import { DurableObject } from "cloudflare:workers";
const WORK: Record<string, (request: Request) => unknown> = {
  url: () => new URL("../x y?a=1", "https://a.example/b/c/d").href,
  form: async (request) => (await request.formData()).get("field"),
  headers: (request) => [...new Headers(request.headers).keys()].includes("content-type"),
  crypto: async () => (await crypto.subtle.digest("SHA-256", new Uint8Array(3))).byteLength,
  pattern: () => new URLPattern({ pathname: "/a/:b" }).exec("https://a.example/a/c")!.pathname.groups.b,
  streams: async () => await new Response(new Response("streamed").body!.pipeThrough(new TransformStream())).text(),
  names: () => [ReadableStream, TransformStream, URLPattern, CryptoKey, crypto.subtle.constructor, new WritableStream().getWriter().constructor]
    .map((type) => type.name).join(),
  stack: () => {
    try {
      new ReadableStream({ start() { throw new Error("of the app"); } });
    } catch (error) {
      return (error as Error).stack;
    }
  },
};
export class Counter extends DurableObject<any> {
  async fetch(request: Request) {
    const path = new URL(request.url).pathname.split("/").at(-1)!;
    if (WORK[path]) return Response.json(await WORK[path](request));
    const count = ((await this.ctx.storage.get<number>("count")) ?? 0) + 1;
    await this.ctx.storage.put("count", count);
    if (path === "alarm") await this.ctx.storage.setAlarm(Date.now() + 1000);
    return Response.json({ count, name: this.ctx.id.name });
  }
  alarm() {}
  webSocketMessage(socket: WebSocket, message: string) { socket.send(message); }
}`;

describe("memory", async () => {
  const server = await Server.start(SOURCE, { classes: ["Counter", "Other"] });
  const ask = (actor, path, options) => server.fetch(server.actor("Counter:" + actor), "/" + path, options);
  const pages = (actor) => server.actor("Counter:" + actor).host.exports.memory.buffer.byteLength / PAGE;

  test("an object that does what most do keeps to the memory that it starts with", async () => {
    for (let i = 1; i <= 300; i++) {
      assert.equal((await ask("small", i % 7 === 0 ? "alarm" : "count")).json.count, i);
      assert.equal((await ask("small", "url")).json, "https://a.example/b/x%20y?a=1");
      const headers = [["content-type", "application/x-www-form-urlencoded"]];
      assert.equal((await ask("small", "form", { method: "POST", headers, body: "field=value" })).json, "value");
      assert.equal((await ask("small", "headers", { headers })).json, true);
    }
    assert.equal(pages("small"), LEAST_PAGES);
  });

  for (const [part, answer, most] of [["crypto", 32, 19], ["pattern", "c", 19], ["streams", "streamed", 22]]) {
    test(`${part} takes its memory when it is first used, and works again and again`, async () => {
      for (let i = 0; i < 20; i++) assert.equal((await ask(part, part)).json, answer);
      assert.ok(pages(part) <= most, `${pages(part)} pages`);
    });
  }

  test("what is loaded late has its own names, and is not in the stacks of the app's errors", async () => {
    assert.equal((await ask("late", "names")).json, "ReadableStream,TransformStream,URLPattern,CryptoKey,SubtleCrypto,WritableStreamDefaultWriter");
    assert.match((await ask("late", "stack")).json, /^Error: of the app\n    at start \(\S*app\.ts:13:\d+\)\n    at stack \(\S*app\.ts:13:\d+\)$/);
  });
});
