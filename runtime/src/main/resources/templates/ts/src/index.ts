import { DurableObject } from "cloudflare:workers";

interface Env {
  GREETERS: DurableObjectNamespace<Greeter>;
}

/** One object runs for each name. What it stores is durable before anyone hears of it. */
export class Greeter extends DurableObject<Env> {
  async greet(): Promise<string> {
    const visits = ((await this.ctx.storage.get<number>("visits")) ?? 0) + 1;
    await this.ctx.storage.put("visits", visits);
    return `Hello from ${this.ctx.id.name}, visit ${visits}.\n`;
  }
}

/** Answers the public in front of the objects, which nobody else reaches. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, name] = new URL(request.url).pathname.split("/");
    if (!name) {
      return new Response("Name a greeter: /lobby\n", { status: 400 });
    }
    return new Response(await env.GREETERS.getByName(decodeURIComponent(name)).greet());
  },
};
