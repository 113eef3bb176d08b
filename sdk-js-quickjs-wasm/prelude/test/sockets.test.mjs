import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Server } from "./support/server.mjs";

const HEAD = `import { DurableObject } from "cloudflare:workers";\n`;

const ROOM = HEAD + `
export class Room extends DurableObject<any> {
  awakeFor = 0;
  async fetch(request: Request) {
    const url = new URL(request.url);
    if (url.pathname === "/state") {
      return Response.json(this.ctx.getWebSockets(url.searchParams.get("tag") ?? undefined).map((ws: any) => [ws.deserializeAttachment(), this.ctx.getTags(ws), ws.readyState]));
    }
    if (request.headers.get("upgrade") !== "websocket") return new Response("upgrade please", { status: 426 });
    const { 0: client, 1: server } = new WebSocketPair();
    if (url.pathname === "/auto") this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    this.ctx.acceptWebSocket(server, url.searchParams.getAll("tag"));
    server.serializeAttachment({ name: url.searchParams.get("name"), at: new Date(5) });
    server.send("welcome");
    return new Response(null, { status: 101, webSocket: client, headers: url.searchParams.has("proto") ? { "sec-websocket-protocol": url.searchParams.get("proto")! } : {} });
  }
  async webSocketMessage(ws: WebSocket, data: string | ArrayBuffer) {
    this.awakeFor++;
    if (data === "bye") return ws.close(4001, "you said bye");
    if (data === "throw") throw new Error("handler broke");
    if (data === "stamp") return ws.send(String(this.ctx.getWebSocketAutoResponseTimestamp(ws)?.getTime() ?? null));
    if (typeof data !== "string") return ws.send(new Uint8Array(data).map((b) => b + 1));
    const { name } = ws.deserializeAttachment() as any;
    for (const other of this.ctx.getWebSockets()) other.send(name + ": " + data + " " + this.awakeFor);
  }
  async webSocketClose(ws: WebSocket, code: number, reason: string, wasClean: boolean) {
    await this.ctx.storage.put("closed", [code, reason, wasClean, this.ctx.getWebSockets().length]);
  }
}`;

describe("hibernating WebSockets", () => {
  test("are accepted with tags and an attachment, and talk", async () => {
    const server = await Server.start(ROOM, { classes: ["Room"] });
    const room = server.actor("Room:r");
    const a = await server.connect(room, "/?name=ann&tag=x&tag=y");
    const b = await server.connect(room, "/?name=bob&tag=y&proto=chat");
    assert.deepEqual([a.opened, a.protocol, b.protocol, a.take(), b.take()], [true, null, "chat", ["welcome"], ["welcome"]]);
    await a.send("hi");
    assert.deepEqual([a.take(), b.take()], [["ann: hi 1"], ["ann: hi 1"]]);
    await b.send(new Uint8Array([1, 2]));
    assert.deepEqual(b.take(), [new Uint8Array([2, 3])]);
    const state = (await server.fetch(room, "/state?tag=x")).json;
    assert.deepEqual(state, [[{ name: "ann", at: "1970-01-01T00:00:00.005Z" }, ["x", "y"], 1]]);
    assert.equal((await server.fetch(room, "/")).status, 426);
    assert.equal(room.timers.size, 0, "nothing keeps the actor awake");
  });

  test("survive sleep with tags and attachments; events wake the object", async () => {
    const server = await Server.start(ROOM, { classes: ["Room"] });
    const room = server.actor("Room:r");
    const a = await server.connect(room, "/?name=ann&tag=x");
    const b = await server.connect(room, "/?name=bob");
    await a.send("one");
    room.sleep();
    await a.send("two");
    assert.deepEqual(b.take(), ["welcome", "ann: one 1", "ann: two 1"]);
    assert.equal((await server.fetch(room, "/state?tag=x")).json.length, 1);
    room.sleep();
    await a.close(1000, "done");
    assert.deepEqual(await (async () => { room.sleep(); return (await server.fetch(room, "/state")).json.length; })(), 1);
  });

  test("hear of the close of their peer, with its code", async () => {
    const server = await Server.start(ROOM.replace('"/state")', '"/closed") return Response.json(await this.ctx.storage.get("closed")); if (url.pathname === "/state")'), { classes: ["Room"] });
    const room = server.actor("Room:r");
    const a = await server.connect(room, "/?name=ann");
    await a.close(4123, "mine");
    assert.deepEqual((await server.fetch(room, "/closed")).json, [4123, "mine", true, 0]);
    const b = await server.connect(room, "/?name=bob");
    await b.close(1006, "");
    assert.deepEqual((await server.fetch(room, "/closed")).json, [1006, "", false, 0]);
  });

  test("hear of what is no close, but a failure, as an error", async () => {
    const server = await Server.start(ROOM.replace("async webSocketClose(", 'webSocketError(ws: any, error: any) { console.log("failed", error instanceof Error, error.message, ws.readyState); }\n  async webSocketClose('), { classes: ["Room"] });
    const a = await server.connect(server.actor("Room:r"), "/?name=ann");
    await a.close(1006, "a reserved bit is set");
    assert.match(server.logged(), /failed true The WebSocket failed: a reserved bit is set 3/);
  });

  test("can be closed by the object, once", async () => {
    const server = await Server.start(ROOM, { classes: ["Room"] });
    const room = server.actor("Room:r");
    const a = await server.connect(room, "/?name=ann");
    await a.send("bye");
    assert.deepEqual(a.closed, { code: 4001, reason: "you said bye" });
    assert.deepEqual((await server.fetch(room, "/state")).json, []);
  });

  test("an error in a handler is logged, and the socket stays open", async () => {
    const server = await Server.start(ROOM, { classes: ["Room"] });
    const a = await server.connect(server.actor("Room:r"), "/?name=ann");
    await a.send("throw");
    await a.send("still");
    assert.match(server.logged(), /webSocketMessage\(\): Error: handler broke/);
    assert.deepEqual(a.take(), ["welcome", "ann: still 2"]);
  });

  test("an automatic response answers without the object, and outlives sleep", async () => {
    const server = await Server.start(ROOM, { classes: ["Room"] });
    const room = server.actor("Room:r");
    const a = await server.connect(room, "/auto?name=ann");
    await a.send("ping");
    room.sleep();
    server.now += 1000;
    await a.send("ping");
    await a.send("stamp");
    assert.deepEqual(a.take(), ["welcome", "pong", "pong", String(server.now)]);
  });
});

const SESSION = HEAD + `
export class Session extends DurableObject<any> {
  n = 0;
  async fetch(request: Request) {
    const url = new URL(request.url);
    if (url.pathname === "/refuse") return new Response("not today", { status: 403, headers: { "x-why": "rain" } });
    if (url.pathname === "/throw") throw new Error("no sockets");
    if (url.pathname === "/wait") await new Promise((r) => setTimeout(r, 50));
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener("message", (event: any) => server.send(typeof event.data + ":" + (event.data.byteLength ?? event.data) + ":" + ++this.n));
    server.addEventListener("close", (event: any) => console.log("closed", event.code, event.reason, event.wasClean));
    return new Response(null, { status: 101, webSocket: client });
  }
}
export default { async fetch(request: Request, env: any) {
  const url = new URL(request.url);
  if (url.pathname.startsWith("/talk")) {
    const r: any = await env.S.getByName("s").fetch("http://do/x", { headers: { upgrade: "websocket" } });
    const ws = r.webSocket; ws.accept(); const got: any[] = [];
    const done = new Promise((resolve) => { ws.onmessage = (e: any) => { got.push(e.data); if (got.length === 2) { ws.close(4002, "thanks"); resolve(got); } }; });
    ws.send("one"); ws.send("two");
    return Response.json(await done);
  }
  return env.S.getByName("s").fetch(request);
} }`;
const SESSION_APP = { classes: ["Session"], bindings: { S: "Session" }, gateway: true };

describe("WebSockets with listeners", () => {
  test("keep their closures, and keep the actor awake while they are open", async () => {
    const server = await Server.start(SESSION, SESSION_APP);
    const actor = server.actor("Session:s");
    const a = await server.connect(actor, "/");
    await a.send("x");
    await a.send(new Uint8Array(3));
    assert.deepEqual(a.take(), ["string:x:1", "object:3:2"]);
    assert.equal(actor.timers.size, 1);
    await a.close(1000, "ok");
    assert.match(server.logged(), /closed 1000 ok true/);
    assert.equal(actor.timers.size, 0);
  });

  test("a connection may be answered later, refused, or fail", async () => {
    const server = await Server.start(SESSION, SESSION_APP);
    const actor = server.actor("Session:s");
    const late = await server.connect(actor, "/wait");
    assert.equal(late.opened, false);
    await server.advance(60);
    assert.equal(late.opened, true);
    assert.deepEqual((await server.connect(actor, "/refuse")).rejected, { status: 403, message: "not today", headers: [["x-why", "rain"], ["content-type", "text/plain;charset=UTF-8"]] });
    assert.equal((await server.connect(actor, "/throw")).rejected.status, 500);
  });

  test("after the instance was lost, the peer is told to come again", async () => {
    const server = await Server.start(SESSION, SESSION_APP);
    const actor = server.actor("Session:s");
    const a = await server.connect(actor, "/");
    actor.sleep();
    await server.fetch(actor, "/refuse");
    assert.deepEqual(a.closed, { code: 4012, reason: "reconnect" });
  });

  test("a gateway forwards a client's WebSocket to an object, and steps aside", async () => {
    const server = await Server.start(SESSION, SESSION_APP);
    const client = await server.connect(server.gateway(), "/x");
    assert.equal(client.opened, true, server.logged());
    await client.send("hello");
    assert.deepEqual(client.take(), ["string:hello:1"]);
    assert.equal(server.gateway().lines.size, 0);
    await client.close(4321, "bye");
    assert.match(server.logged(), /closed 4321 bye true/);
    assert.deepEqual((await server.connect(server.gateway(), "/refuse")).rejected, { status: 403, message: "not today", headers: [["x-why", "rain"], ["content-type", "text/plain;charset=UTF-8"]] });
  });

  test("a gateway talks to an object over a WebSocket of its own", async () => {
    const server = await Server.start(SESSION, SESSION_APP);
    assert.deepEqual((await server.fetch(server.gateway(), "/talk")).json, ["string:one:1", "string:two:2"]);
    assert.match(server.logged(), /closed 4002 thanks true/);
  });

  test("both ends of a pair can be used in one place", async () => {
    const server = await Server.start(`export default { async fetch() { const [a, b] = Object.values(new WebSocketPair()) as any[]; const seen: any[] = [];
      a.accept(); b.accept(); b.onmessage = (e: any) => { seen.push("b " + e.data); b.send("re " + e.data); }; a.onmessage = (e: any) => { seen.push("a " + e.data); a.close(4000, "end"); };
      const closed = new Promise((r) => { b.onclose = (e: any) => r([e.code, e.reason]); }); const back = new Promise((r) => { a.onclose = (e: any) => r(e.code); });
      a.send("hi"); seen.push(await closed, await back); try { a.send("x") } catch (e: any) { seen.push(e.name) } return Response.json(seen); } }`);
    assert.deepEqual((await server.fetch(server.actor("a"))).json, ["b hi", "a re hi", [4000, "end"], 4000, "TypeError"]);
  });

  test("mistakes are told", async () => {
    const server = await Server.start(`export default { async fetch(r: Request) { const out: any[] = []; const attempt = (f: any) => { try { f(); out.push("ok"); } catch (e: any) { out.push(e.name); } };
      const [a, b] = Object.values(new WebSocketPair()) as any[];
      attempt(() => a.send("x")); b.accept(); attempt(() => b.close(999)); attempt(() => b.close(1000, "r".repeat(124))); attempt(() => new Response(null, { status: 200, webSocket: a })); attempt(() => new WebSocket("http")); attempt(() => new WebSocket("ftp://x"));
      return Response.json(out); } }`);
    assert.deepEqual((await server.fetch(server.actor("a"))).json, ["TypeError", "InvalidAccessError", "SyntaxError", "RangeError", "SyntaxError", "SyntaxError"]);
  });
});
