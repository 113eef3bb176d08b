// The Durable Object classes that speak WebSocket: one that may sleep, one that may not.
import { DurableObject } from "cloudflare:workers";

/** Hibernating sockets. `?tags=a,b` are a socket's tags, `?attach=JSON` its attachment. */
export class Room extends DurableObject {
  born = crypto.randomUUID();

  async fetch(request) {
    const url = new URL(request.url);
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return new Response("upgrade wanted", { status: 426 });
    if (url.searchParams.has("refuse")) return new Response("refused", { status: 403, headers: { "x-why": "test" } });
    const [client, server] = Object.values(new WebSocketPair());
    const tags = url.searchParams.get("tags");
    if (tags === null) this.ctx.acceptWebSocket(server);
    else this.ctx.acceptWebSocket(server, tags.split(","));
    if (url.searchParams.has("attach")) server.serializeAttachment(JSON.parse(url.searchParams.get("attach")));
    if (url.searchParams.has("greet")) server.send("welcome");
    const headers = {};
    if (url.searchParams.has("protocol")) headers["sec-websocket-protocol"] = url.searchParams.get("protocol");
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  async webSocketMessage(ws, message) {
    if (typeof message !== "string") {
      ws.send(new Uint8Array(message).reverse());
      return;
    }
    const [verb, ...rest] = message.split(":");
    const text = rest.join(":");
    switch (verb) {
      case "kind":
        return ws.send(`${typeof message} ${this instanceof Room} ${ws instanceof WebSocket}`);
      case "born":
        return ws.send(this.born);
      case "tags":
        return ws.send(JSON.stringify(this.ctx.getTags(ws)));
      case "attachment":
        return ws.send(JSON.stringify(ws.deserializeAttachment()));
      case "attach":
        ws.serializeAttachment(JSON.parse(text));
        return ws.send("attached");
      case "everyone":
        for (const each of this.ctx.getWebSockets()) each.send(text);
        return;
      case "tagged":
        for (const each of this.ctx.getWebSockets(rest[0])) each.send(rest[1]);
        return;
      case "count":
        return ws.send(String(this.ctx.getWebSockets(...(text ? [text] : [])).length));
      case "close":
        return ws.close(Number(rest[0]), rest[1]);
      case "bye":
        return ws.close();
      case "attempt":
        try {
          return ws.close(Number(rest[0]));
        } catch (error) {
          return ws.send(error.name);
        }
      case "state":
        return ws.send(String(ws.readyState));
      case "throw":
        throw new Error("thrown by webSocketMessage");
      case "slow":
        await new Promise((wake) => setTimeout(wake, Number(text)));
        return ws.send(`slow:${text}`);
      case "store": {
        const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
        await this.ctx.storage.put("count", count);
        return ws.send(String(count));
      }
      default:
        return ws.send(`echo:${message}`);
    }
  }

  async webSocketClose(ws, code, reason, wasClean) {
    const closes = (await this.ctx.storage.get("closes")) ?? [];
    closes.push({ code, reason, wasClean, born: this.born, attachment: ws.deserializeAttachment() });
    await this.ctx.storage.put("closes", closes);
    if (reason.endsWith("!")) ws.close(code, reason);
  }
  async webSocketError(ws, error) {
    await this.ctx.storage.put("error", String(error));
  }

  birth() {
    return this.born;
  }
  count(tag) {
    return this.ctx.getWebSockets(...(tag === undefined ? [] : [tag])).length;
  }
  async failure() {
    return (await this.ctx.storage.get("error")) ?? null;
  }
  async closes() {
    return (await this.ctx.storage.get("closes")) ?? [];
  }
  announce(text) {
    for (const each of this.ctx.getWebSockets()) each.send(text);
    return this.ctx.getWebSockets().length;
  }
  closeAll(code, reason) {
    for (const each of this.ctx.getWebSockets()) each.close(code, reason);
  }
  tagged() {
    return this.ctx.getWebSockets().map((each) => this.ctx.getTags(each));
  }
  attachments() {
    return this.ctx.getWebSockets().map((each) => each.deserializeAttachment());
  }
  autoRespond(request, response) {
    this.ctx.setWebSocketAutoResponse(request === undefined ? undefined : new WebSocketRequestResponsePair(request, response));
  }
  stopResponding() {
    this.ctx.setWebSocketAutoResponse();
  }
  autoResponse() {
    const pair = this.ctx.getWebSocketAutoResponse();
    return pair && { request: pair.request, response: pair.response };
  }
  timestamps() {
    return this.ctx.getWebSockets().map((each) => this.ctx.getWebSocketAutoResponseTimestamp(each)?.getTime() ?? null);
  }
  abort() {
    this.ctx.abort("the room is reset");
  }
}

/** Sockets with listeners, which keep the object awake. */
export class Talker extends DurableObject {
  born = crypto.randomUUID();
  events = [];
  sockets = new Set();

  fetch(request) {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return new Response("upgrade wanted", { status: 426 });
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    server.binaryType = "arraybuffer";
    this.sockets.add(server);
    server.addEventListener("message", ({ data }) => {
      if (data === "born") server.send(this.born);
      else if (data === "throw") throw new Error("thrown by a listener");
      else if (typeof data === "string" && data.startsWith("close:")) server.close(Number(data.split(":")[1]), data.split(":")[2]);
      else if (typeof data === "string") server.send(`echo:${data}`);
      else server.send(new Uint8Array(data).reverse());
    });
    server.addEventListener("close", ({ code, reason, wasClean }) => {
      this.sockets.delete(server);
      this.events.push({ code, reason, wasClean });
    });
    if (new URL(request.url).searchParams.has("greet")) server.send("welcome");
    return new Response(null, { status: 101, webSocket: client });
  }

  seen() {
    return this.events;
  }
  open() {
    return this.sockets.size;
  }
  say(text) {
    for (const each of this.sockets) each.send(text);
  }
  birth() {
    return this.born;
  }
}
