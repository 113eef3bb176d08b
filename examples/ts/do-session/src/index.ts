import { DurableObject } from "cloudflare:workers";

interface Env {
  SESSIONS: DurableObjectNamespace<Session>;
  SESSION_MILLIS: number;
}

/** What someone put into their session, until they have not touched it for a while. */
export class Session extends DurableObject<Env> {
  async read(): Promise<Record<string, unknown>> {
    await this.#touch();
    const entries = await this.ctx.storage.list({ prefix: "data:" });
    return Object.fromEntries([...entries].map(([key, value]) => [key.slice("data:".length), value]));
  }

  async write(values: Record<string, unknown>): Promise<void> {
    await this.#touch();
    await this.ctx.storage.put(
      Object.fromEntries(Object.entries(values).map(([key, value]) => [`data:${key}`, value])),
    );
  }

  /** Ends the session. The alarm was set when it was last touched. */
  async alarm(): Promise<void> {
    console.log("the session is over");
    await this.ctx.storage.deleteAll();
  }

  async #touch(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + this.env.SESSION_MILLIS);
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const id = request.headers.get("cookie")?.match(/(?:^|; )session=([0-9a-f]{64})/)?.[1];
    const session = id ? env.SESSIONS.get(env.SESSIONS.idFromString(id)) : undefined;
    switch (request.method) {
      case "GET":
        return Response.json(session ? await session.read() : {});
      case "PUT": {
        const fresh = session ?? env.SESSIONS.get(env.SESSIONS.newUniqueId());
        await fresh.write(await request.json());
        return new Response(null, {
          status: 204,
          headers: { "set-cookie": `session=${fresh.id}; HttpOnly; SameSite=Lax; Path=/` },
        });
      }
      default:
        return new Response("Use GET or PUT\n", { status: 405, headers: { allow: "GET, PUT" } });
    }
  },
};
