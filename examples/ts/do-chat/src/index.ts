import { DurableObject } from "cloudflare:workers";

interface Env {
  ROOMS: DurableObjectNamespace<Room>;
}

/** What a connection remembers while the room sleeps. */
interface Member {
  username: string;
}

/**
 * A chat room that sleeps while nobody says anything: its connections stay open, and it finds them
 * again, with their members and tags, when it wakes.
 */
export class Room extends DurableObject<Env> {
  /** How often this room was put into memory. */
  #wakes: Promise<number>;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#wakes = ctx.blockConcurrencyWhile(async () => {
      const wakes = ((await ctx.storage.get<number>("wakes")) ?? 0) + 1;
      await ctx.storage.put("wakes", wakes);
      return wakes;
    });
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (request.headers.get("Upgrade") !== "websocket") {
      const usernames = this.ctx.getWebSockets().map((socket) => this.#member(socket).username);
      return Response.json({ members: usernames.sort(), wakes: await this.#wakes });
    }
    const username = url.searchParams.get("username") ?? "anonymous";
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    this.ctx.acceptWebSocket(server, [`user:${username}`]);
    server.serializeAttachment({ username } satisfies Member);
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const { username } = this.#member(socket);
    const text = typeof message === "string" ? message : `${message.byteLength} bytes`;
    // "@otto hello" is for Otto alone, in all his tabs.
    const [, whom, words] = /^@(\S+) (.*)$/s.exec(text) ?? [];
    const said = JSON.stringify({ username, text: words ?? text, private: whom !== undefined });
    for (const each of this.ctx.getWebSockets(whom && `user:${whom}`)) {
      each.send(said);
    }
  }

  webSocketClose(socket: WebSocket, code: number): void {
    const { username } = this.#member(socket);
    const said = JSON.stringify({ username, left: code });
    for (const each of this.ctx.getWebSockets()) {
      if (each !== socket) each.send(said);
    }
  }

  #member(socket: WebSocket): Member {
    return socket.deserializeAttachment() as Member;
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, room] = new URL(request.url).pathname.split("/");
    if (!room) {
      return new Response("Name a room: /lobby?username=hazel\n", { status: 400 });
    }
    return env.ROOMS.get(env.ROOMS.idFromName(decodeURIComponent(room))).fetch(request);
  },
};
