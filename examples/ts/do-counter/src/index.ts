import { DurableObject } from "cloudflare:workers";

interface Env {
  COUNTERS: DurableObjectNamespace<Counter>;
}

/** A durable counter, whose methods are called from elsewhere. */
export class Counter extends DurableObject<Env> {
  async value(): Promise<number> {
    return (await this.ctx.storage.get<number>("value")) ?? 0;
  }

  async increment(by = 1): Promise<number> {
    if (!Number.isSafeInteger(by)) {
      throw new RangeError(`cannot count by ${by}`);
    }
    const value = (await this.value()) + by;
    await this.ctx.storage.put("value", value);
    return value;
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    const [, name, action] = url.pathname.split("/");
    if (!name) {
      return new Response("Name a counter: /alice or /alice/increment?by=2\n", { status: 400 });
    }
    const counter = env.COUNTERS.getByName(decodeURIComponent(name));
    if (action === undefined) {
      return new Response(`${await counter.value()}`);
    }
    if (action !== "increment" || request.method !== "POST") {
      return new Response("Not found\n", { status: 404 });
    }
    try {
      return new Response(`${await counter.increment(Number(url.searchParams.get("by") ?? 1))}`);
    } catch (error) {
      // What the object threw arrives as it was thrown.
      return new Response(`${error instanceof RangeError ? error.message : error}\n`, { status: 400 });
    }
  },
};
