// The same actor as bench/apps/counter, as a Durable Object that runs here and on workerd, under
// /NAME/…: memory, durable, read, wake, value, remind, fired, and WebSockets at socket. Beside it work
// for the engine: fib, json, text.
import { DurableObject } from "cloudflare:workers";
import { fib, json, text } from "./work.js";

const TO_ALL = "all:";

export class Counter extends DurableObject {
  seen = 0;

  async fetch(request) {
    const url = new URL(request.url);
    const { storage } = this.ctx;
    switch (url.pathname.split("/").at(-1)) {
      case "memory":
        return new Response(String(++this.seen));
      case "durable": {
        const count = ((await storage.get("count")) ?? 0) + 1;
        await storage.put("count", count);
        return new Response(String(count));
      }
      case "read":
        return new Response(String((await storage.get("count")) ?? 0));
      case "wake":
        return new Response(`${++this.seen} ${(await storage.get("count")) ?? 0}`);
      case "value": {
        if (request.method !== "POST") return new Response((await storage.get("value")) ?? "");
        const value = await request.arrayBuffer();
        await storage.put("value", value);
        return new Response(String(value.byteLength));
      }
      case "remind":
        await storage.setAlarm(Number(url.searchParams.get("at")));
        return new Response("");
      case "fired":
        return new Response(String((await storage.get("fired")) ?? 0));
      case "socket": {
        const [client, server] = Object.values(new WebSocketPair());
        this.ctx.acceptWebSocket(server);
        return new Response(null, { status: 101, webSocket: client });
      }
      case "fib":
        return new Response(String(fib()));
      case "json":
        return new Response(String(json()));
      case "text":
        return new Response(String(text()));
      default:
        return new Response("not found", { status: 404 });
    }
  }

  webSocketMessage(socket, message) {
    if (typeof message === "string" && message.startsWith(TO_ALL)) {
      for (const each of this.ctx.getWebSockets()) each.send(message);
    } else {
      socket.send(message);
    }
  }

  async alarm() {
    await this.ctx.storage.put("fired", Date.now());
  }
}

export default {
  fetch(request, env) {
    const name = new URL(request.url).pathname.split("/").at(-2);
    return env.COUNTER.get(env.COUNTER.idFromName(name)).fetch(request);
  },
};
