// The same actor as bench/apps/counter, as a Durable Object that runs here and on workerd:
// /NAME/memory, /NAME/durable, /NAME/read, and work for the engine: /NAME/fib, /NAME/json.
import { DurableObject } from "cloudflare:workers";

const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));

/** About 10 KB as text. */
const DOCUMENT = {
  items: Array.from({ length: 100 }, (_, i) => ({
    id: i, name: `item ${i}`, price: i * 1.25, tags: ["a", "b", "c"], stock: { here: i % 7, there: null },
  })),
};

export class Counter extends DurableObject {
  seen = 0;

  async fetch(request) {
    switch (new URL(request.url).pathname.split("/").at(-1)) {
      case "memory":
        return new Response(String(++this.seen));
      case "durable": {
        const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
        await this.ctx.storage.put("count", count);
        return new Response(String(count));
      }
      case "read":
        return new Response(String((await this.ctx.storage.get("count")) ?? 0));
      case "fib":
        return new Response(String(fib(24)));
      case "json":
        return new Response(String(JSON.parse(JSON.stringify(DOCUMENT)).items.length));
      default:
        return new Response("not found", { status: 404 });
    }
  }
}

export default {
  fetch(request, env) {
    const name = new URL(request.url).pathname.split("/").at(-2);
    return env.COUNTER.get(env.COUNTER.idFromName(name)).fetch(request);
  },
};
