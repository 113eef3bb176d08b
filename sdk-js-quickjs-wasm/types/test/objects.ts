import { DurableObject, RpcStub, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";

interface Env {
  COUNTER: DurableObjectNamespace<Counter>;
  GREETING: string;
}

class Tally extends RpcTarget {
  add(by: number): number {
    return by;
  }
  get count(): number {
    return 0;
  }
}

export class Counter extends DurableObject<Env> {
  #value = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      this.#value = (await ctx.storage.get<number>("value")) ?? 0;
    });
  }

  async increment(by = 1): Promise<number> {
    this.#value += by;
    await this.ctx.storage.put("value", this.#value);
    return this.#value;
  }

  tally(): Tally {
    return new Tally();
  }

  async keep(callback: RpcStub<(n: number) => string>): Promise<string> {
    const kept = callback.dup();
    return kept(1);
  }

  names(): Map<string, Date> {
    return new Map();
  }

  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("upgrade") === "websocket") {
      const { 0: client, 1: server } = new WebSocketPair();
      this.ctx.acceptWebSocket(server, ["tag"]);
      server.serializeAttachment({ at: Date.now() });
      return new Response(null, { status: 101, webSocket: client });
    }
    const all = await this.ctx.storage.list<number>({ prefix: "v", limit: 2 });
    return Response.json([...all], { headers: { "x-a": "1" } });
  }

  override async webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): Promise<void> {
    for (const other of this.ctx.getWebSockets("tag")) {
      other.send(typeof message === "string" ? message : new Uint8Array(message));
    }
    ws.close(1000, "done");
  }

  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    await this.ctx.storage.setAlarm(new Date(Date.now() + 1000 * (info?.retryCount ?? 0)));
  }
}

export class Entry extends WorkerEntrypoint<Env> {
  override fetch(): Response {
    return new Response("x");
  }
}

export default {
  async fetch(request, env, ctx) {
    const stub = env.COUNTER.getByName(new URL(request.url).pathname);
    ctx.waitUntil(stub.increment());
    const value: number = await stub.increment(2);
    const names: Map<string, Date> = await stub.names();
    const sum: number = await stub.tally().add(1);
    const tally = await stub.tally();
    const count: number = sum + (await tally.count);
    tally[Symbol.dispose]();
    const double: number = await new RpcStub((x: number) => x * 2)(4);
    // @ts-expect-error data has no stub
    new RpcStub({ a: 1 });
    const { readable, writable } = new FixedLengthStream(double);
    ctx.waitUntil(readable.pipeTo(new WritableStream()));
    ctx.waitUntil(writable.close());
    // @ts-expect-error an argument of the wrong type
    await tally.add("2");
    // @ts-expect-error the handlers are not remote methods
    stub.alarm;
    // @ts-expect-error an argument of the wrong type
    await stub.increment("2");
    const answer = await stub.fetch(request);
    return answer.ok ? answer : new Response(`${value} ${count} ${names.size} ${env.GREETING}`);
  },
} satisfies ExportedHandler<Env>;
