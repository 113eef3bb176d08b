// The same actor as bench/apps/counter, as a Durable Object: /NAME/memory, /NAME/durable, /NAME/read.
import { DurableObject } from "cloudflare:workers";

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
