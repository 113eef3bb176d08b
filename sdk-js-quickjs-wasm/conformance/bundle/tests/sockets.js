import { area } from "../harness.js";
import { equal, eventually, fails, ok, same, sleep } from "../check.js";

const upgrade = { headers: { Upgrade: "websocket" } };

/** Opens a socket to an object, and collects what comes. */
async function open(stub, query = "") {
  const response = await stub.fetch(`http://object/${query}`, upgrade);
  equal(response.status, 101);
  const socket = response.webSocket;
  socket.binaryType = "arraybuffer";
  const messages = [];
  const closes = [];
  socket.addEventListener("message", ({ data }) => messages.push(data));
  socket.addEventListener("close", ({ code, reason, wasClean }) => closes.push({ code, reason, wasClean }));
  socket.accept();
  let taken = 0;
  return {
    socket,
    closes,
    send: (data) => socket.send(data),
    next: async () => {
      await eventually(() => messages.length > taken);
      return messages[taken++];
    },
    async ask(text) {
      socket.send(text);
      return this.next();
    },
    closed: () => eventually(() => closes[0]),
    unread: () => messages.length - taken,
  };
}

const pairs = area("WebSockets: pairs and listeners").gateway;
pairs("pair.two", "a WebSocketPair is two WebSockets, 0 and 1", async () => {
  const pair = new WebSocketPair();
  ok(pair[0] instanceof WebSocket);
  ok(pair[1] instanceof WebSocket);
  equal(Object.keys(pair).join(), "0,1");
});
pairs("pair.messages", "what one end sends arrives at the other, in order", async () => {
  const [one, two] = Object.values(new WebSocketPair());
  const got = [];
  two.addEventListener("message", ({ data }) => got.push(data));
  one.accept();
  two.accept();
  one.send("a");
  one.send("b");
  await eventually(() => got.length === 2);
  same(got, ["a", "b"]);
});
pairs("pair.bytes", "bytes arrive as bytes", async () => {
  const [one, two] = Object.values(new WebSocketPair());
  const got = [];
  two.binaryType = "arraybuffer";
  two.addEventListener("message", ({ data }) => got.push(data));
  one.accept();
  two.accept();
  one.send(new Uint8Array([1, 2, 3]).subarray(1));
  one.send(new Uint8Array([9]).buffer);
  await eventually(() => got.length === 2);
  ok(got[0] instanceof ArrayBuffer);
  same(new Uint8Array(got[0]), new Uint8Array([2, 3]));
  same(new Uint8Array(got[1]), new Uint8Array([9]));
});
pairs("pair.close", "close with a code and a reason is a close event at the other end", async () => {
  const [one, two] = Object.values(new WebSocketPair());
  const closes = [];
  two.addEventListener("close", ({ code, reason, wasClean }) => closes.push({ code, reason, wasClean }));
  one.accept();
  two.accept();
  one.close(4001, "enough");
  await eventually(() => closes.length);
  same(closes, [{ code: 4001, reason: "enough", wasClean: true }]);
});
pairs("pair.unaccepted", "send before accept is refused", async () => {
  const [one] = Object.values(new WebSocketPair());
  await fails(() => one.send("x"), "TypeError");
});
pairs("pair.after-close", "send after close is refused", async () => {
  const [one, two] = Object.values(new WebSocketPair());
  one.accept();
  two.accept();
  one.close(1000, "done");
  await fails(() => one.send("x"));
});
pairs("pair.bad-code", "close refuses codes that nobody may send", async () => {
  for (const code of [999, 1004, 1005, 1006, 5000]) {
    const [one, two] = Object.values(new WebSocketPair());
    one.accept();
    two.accept();
    await fails(() => one.close(code, "x"));
  }
});
pairs("pair.long-reason", "close refuses a reason of more than 123 bytes", async () => {
  const [one, two] = Object.values(new WebSocketPair());
  one.accept();
  two.accept();
  await fails(() => one.close(1000, "x".repeat(124)));
});
pairs("pair.ready-state", "readyState is 1 when open", async () => {
  const [one, two] = Object.values(new WebSocketPair());
  one.accept();
  two.accept();
  equal(one.readyState, 1);
  equal(WebSocket.OPEN, 1);
});
pairs("pair.101", "a response with status 101 wants a WebSocket", async () => {
  await fails(() => new Response(null, { status: 101 }), "RangeError");
  const [client] = Object.values(new WebSocketPair());
  const response = new Response(null, { status: 101, webSocket: client });
  equal(response.status, 101);
  ok(response.webSocket instanceof WebSocket);
});
pairs("pair.other-status", "a response with a WebSocket wants status 101", async () => {
  const [client] = Object.values(new WebSocketPair());
  await fails(() => new Response(null, { status: 200, webSocket: client }), ["RangeError", "TypeError"]);
});
pairs("listen.echo", "an object answers through a WebSocket that it accepted", async ({ get }) => {
  const talk = await open(get("TALKER"));
  equal(await talk.ask("hello"), "echo:hello");
  equal(await talk.ask("again"), "echo:again");
});
pairs("listen.greeting", "what the object sends before it answers the request arrives", async ({ get }) => {
  const talk = await open(get("TALKER"), "?greet");
  equal(await talk.next(), "welcome");
});
pairs("listen.bytes", "bytes go there and back", async ({ get }) => {
  const talk = await open(get("TALKER"));
  const answer = await talk.ask(new Uint8Array([1, 2, 3]));
  same(new Uint8Array(answer), new Uint8Array([3, 2, 1]));
});
pairs("listen.closed-by-object", "the object's close arrives with code and reason", async ({ get }) => {
  const talk = await open(get("TALKER"));
  talk.send("close:4002:bye");
  const { code, reason } = await talk.closed();
  same([code, reason], [4002, "bye"]);
});
pairs("listen.closed-by-caller", "the caller's close arrives at the object's listener with code and reason", async ({ get }) => {
  const stub = get("TALKER");
  const talk = await open(stub);
  await talk.ask("x");
  talk.socket.close(4003, "leaving");
  const [event] = await eventually(async () => (await stub.seen()).length && stub.seen());
  same([event.code, event.reason, event.wasClean], [4003, "leaving", true]);
});
pairs("listen.not-hibernating", "WebSockets with listeners are not among getWebSockets", async ({ get }) => {
  const stub = get("TALKER");
  await open(stub);
  equal(await stub.open(), 1);
});
pairs("listen.push", "the object can send at any time", async ({ get }) => {
  const stub = get("TALKER");
  const talk = await open(stub);
  await stub.say("pushed");
  equal(await talk.next(), "pushed");
});
pairs("listen.no-upgrade", "without the Upgrade header the object sees an ordinary request", async ({ get }) => {
  equal((await get("TALKER").fetch("http://object/")).status, 426);
});

const room = area("WebSockets: hibernation").gateway;
room("room.message", "messages of an accepted WebSocket come to webSocketMessage", async ({ get }) => {
  const talk = await open(get("ROOM"));
  equal(await talk.ask("hello"), "echo:hello");
});
room("room.kind", "webSocketMessage gets text as a string, and the WebSocket", async ({ get }) => {
  equal(await (await open(get("ROOM"))).ask("kind"), "string true true");
});
room("room.bytes", "webSocketMessage gets bytes as an ArrayBuffer", async ({ get }) => {
  const answer = await (await open(get("ROOM"))).ask(new Uint8Array([5, 6, 7]));
  same(new Uint8Array(answer), new Uint8Array([7, 6, 5]));
});
room("room.greeting", "after acceptWebSocket the object can send at once", async ({ get }) => {
  equal(await (await open(get("ROOM"), "?greet")).next(), "welcome");
});
room("room.sockets", "getWebSockets answers all accepted WebSockets", async ({ get }) => {
  const stub = get("ROOM");
  equal(await stub.count(), 0);
  await open(stub);
  await open(stub);
  equal(await stub.count(), 2);
});
room("room.broadcast", "a message to all WebSockets arrives at all", async ({ get }) => {
  const stub = get("ROOM");
  const talks = await Promise.all([open(stub), open(stub), open(stub)]);
  talks[0].send("everyone:news");
  same(await Promise.all(talks.map((talk) => talk.next())), ["news", "news", "news"]);
});
room("room.tags", "getTags answers the tags that a WebSocket was accepted with", async ({ get }) => {
  equal(await (await open(get("ROOM"), "?tags=red,blue")).ask("tags"), '["red","blue"]');
});
room("room.no-tags", "a WebSocket accepted without tags has none", async ({ get }) => {
  equal(await (await open(get("ROOM"))).ask("tags"), "[]");
});
room("room.by-tag", "getWebSockets of a tag answers those that have it", async ({ get }) => {
  const stub = get("ROOM");
  await open(stub, "?tags=red");
  await open(stub, "?tags=red,blue");
  await open(stub);
  same([await stub.count("red"), await stub.count("blue"), await stub.count("green"), await stub.count()], [2, 1, 0, 3]);
});
room("room.to-tag", "a message to a tag arrives only there", async ({ get }) => {
  const stub = get("ROOM");
  const red = await open(stub, "?tags=red");
  const blue = await open(stub, "?tags=blue");
  blue.send("tagged:red:hey");
  equal(await red.next(), "hey");
  equal(await blue.ask("x"), "echo:x");
});
room("room.ten-tags", "a WebSocket may have ten tags", async ({ get }) => {
  const tags = Array.from({ length: 10 }, (_, at) => `t${at}`);
  equal(await (await open(get("ROOM"), `?tags=${tags}`)).ask("tags"), JSON.stringify(tags));
});
room("room.attachment", "deserializeAttachment answers what serializeAttachment was given", async ({ get }) => {
  const talk = await open(get("ROOM"));
  equal(await talk.ask('attach:{"user":"ann","n":[1,2]}'), "attached");
  equal(await talk.ask("attachment"), '{"user":"ann","n":[1,2]}');
});
room("room.attachment.none", "deserializeAttachment answers null where there is none", async ({ get }) => {
  equal(await (await open(get("ROOM"))).ask("attachment"), "null");
});
room("room.attachment.last", "the last attachment counts", async ({ get }) => {
  const talk = await open(get("ROOM"), "?attach=1");
  equal(await talk.ask("attachment"), "1");
  await talk.ask("attach:2");
  equal(await talk.ask("attachment"), "2");
});
room("room.attachment.own", "each WebSocket has an attachment of its own", async ({ get }) => {
  const stub = get("ROOM");
  const [one, two] = [await open(stub, "?attach=%22one%22"), await open(stub, "?attach=%22two%22")];
  same([await one.ask("attachment"), await two.ask("attachment")], ['"one"', '"two"']);
});
room("room.close.event", "webSocketClose is told code and reason of the peer's close", async ({ get }) => {
  const stub = get("ROOM");
  const talk = await open(stub, "?attach=%22a%22");
  await talk.ask("x");
  talk.socket.close(4010, "going");
  const [event] = await eventually(async () => (await stub.closes()).length && stub.closes());
  same([event.code, event.reason, event.wasClean, event.attachment], [4010, "going", true, "a"]);
});
room("room.close.gone", "a WebSocket that was closed by its peer is no longer among getWebSockets", async ({ get }) => {
  const stub = get("ROOM");
  const talk = await open(stub);
  await open(stub);
  talk.socket.close(1000, "");
  await eventually(async () => (await stub.count()) === 1);
});
room("room.close.by-object", "the object's close arrives with code and reason", async ({ get }) => {
  const talk = await open(get("ROOM"));
  talk.send("close:4011:out");
  const { code, reason } = await talk.closed();
  same([code, reason], [4011, "out"]);
});
room("room.close.all", "an object can close every WebSocket", async ({ get }) => {
  const stub = get("ROOM");
  const talks = await Promise.all([open(stub), open(stub)]);
  await stub.closeAll(4013, "closing time");
  same((await Promise.all(talks.map((talk) => talk.closed()))).map(({ code }) => code), [4013, 4013]);
});
room("room.order", "a hundred messages are handled in order", async ({ get }) => {
  const talk = await open(get("ROOM"));
  for (let at = 0; at < 100; at++) talk.send(`m${at}`);
  for (let at = 0; at < 100; at++) equal(await talk.next(), `echo:m${at}`);
});
room("room.throws", "an exception in webSocketMessage does not close the WebSocket", async ({ get }) => {
  const talk = await open(get("ROOM"));
  talk.send("throw");
  equal(await talk.ask("still"), "echo:still");
});
room("room.async", "webSocketMessage may be async", async ({ get }) => {
  equal(await (await open(get("ROOM"))).ask("slow:50"), "slow:50");
});
room("room.storage", "webSocketMessage can use storage", async ({ get }) => {
  const talk = await open(get("ROOM"));
  equal(await talk.ask("store"), "1");
  equal(await talk.ask("store"), "2");
});
room("room.from-rpc", "a method call can send to the WebSockets", async ({ get }) => {
  const stub = get("ROOM");
  const talk = await open(stub);
  equal(await stub.announce("attention"), 1);
  equal(await talk.next(), "attention");
});
room("room.refused", "an object can answer the upgrade with another status", async ({ get }) => {
  const response = await get("ROOM").fetch("http://object/?refuse", upgrade);
  equal(response.status, 403);
  equal(response.webSocket, null);
  equal(await response.text(), "refused");
});
room("room.refused.headers", "such an answer has the object's headers", async ({ get }) => {
  equal((await get("ROOM").fetch("http://object/?refuse", upgrade)).headers.get("x-why"), "test");
});
room("room.auto-response", "an automatic response is sent for its request, without webSocketMessage", async ({ get }) => {
  const stub = get("ROOM");
  const talk = await open(stub);
  await stub.autoRespond("ping", "pong");
  equal(await talk.ask("ping"), "pong");
  equal(await talk.ask("other"), "echo:other");
});
room("room.auto-response.exact", "the request has to match as a whole", async ({ get }) => {
  const stub = get("ROOM");
  const talk = await open(stub);
  await stub.autoRespond("ping", "pong");
  equal(await talk.ask("ping "), "echo:ping ");
});
room("room.auto-response.get", "getWebSocketAutoResponse answers the pair that was set, or null", async ({ get }) => {
  const stub = get("ROOM");
  equal(await stub.autoResponse(), null);
  await stub.autoRespond("a", "b");
  same(await stub.autoResponse(), { request: "a", response: "b" });
});
room("room.auto-response.unset", "setWebSocketAutoResponse without a pair ends automatic responses", async ({ get }) => {
  const stub = get("ROOM");
  const talk = await open(stub);
  await stub.autoRespond("ping", "pong");
  await stub.stopResponding();
  equal(await talk.ask("ping"), "echo:ping");
  equal(await stub.autoResponse(), null);
});
room("room.auto-response.timestamp", "getWebSocketAutoResponseTimestamp answers when a WebSocket last got one, or null", async ({ get }) => {
  const stub = get("ROOM");
  const talk = await open(stub);
  same(await stub.timestamps(), [null]);
  await stub.autoRespond("ping", "pong");
  const before = Date.now();
  equal(await talk.ask("ping"), "pong");
  const [at] = await stub.timestamps();
  ok(Math.abs(at - before) < 5000, `${at} against ${before}`);
});
room("room.abort", "abort closes the WebSockets of the object", async ({ get }) => {
  const talk = await open(get("ROOM"));
  await talk.ask("x");
  await fails(() => get("ROOM").abort());
  await talk.closed();
});

const accepting = area("WebSockets: hibernation").object;
const end = () => new WebSocketPair()[1];
accepting("room.eleven-tags", "more than ten tags are refused", async ({ ctx }) => {
  await fails(() => ctx.acceptWebSocket(end(), Array.from({ length: 11 }, (_, at) => `t${at}`)));
});
accepting("room.long-tag", "a tag of more than 256 characters is refused", async ({ ctx }) => {
  await fails(() => ctx.acceptWebSocket(end(), ["t".repeat(257)]));
});
accepting("room.accept-twice", "a WebSocket that was accepted cannot be accepted for hibernation", async ({ ctx }) => {
  const socket = end();
  socket.accept();
  await fails(() => ctx.acceptWebSocket(socket));
});
accepting("room.tags.unknown", "getTags of a WebSocket that was not accepted for hibernation throws", async ({ ctx }) => {
  await fails(() => ctx.getTags(end()));
});
accepting("room.attachment.large", "an attachment larger than the limit is refused", async ({ ctx }) => {
  const socket = end();
  ctx.acceptWebSocket(socket);
  await fails(() => socket.serializeAttachment("x".repeat(40000)));
});
accepting("room.attachment.2048", "an attachment may have 2,000 bytes", async ({ ctx }) => {
  const socket = end();
  ctx.acceptWebSocket(socket);
  socket.serializeAttachment("x".repeat(2000));
  equal(socket.deserializeAttachment().length, 2000);
});
accepting("room.attachment.values", "an attachment keeps dates, maps and bytes", async ({ ctx }) => {
  const socket = end();
  ctx.acceptWebSocket(socket);
  socket.serializeAttachment({ at: new Date(7), map: new Map([["a", 1n]]), bytes: new Uint8Array([1, 2]) });
  const copy = socket.deserializeAttachment();
  equal(copy.at.getTime(), 7);
  equal(copy.map.get("a"), 1n);
  same(copy.bytes, new Uint8Array([1, 2]));
});
accepting("room.attachment.copy", "an attachment is the value at the time of serializeAttachment", async ({ ctx }) => {
  const socket = end();
  ctx.acceptWebSocket(socket);
  const value = { n: 1 };
  socket.serializeAttachment(value);
  value.n = 2;
  same(socket.deserializeAttachment(), { n: 1 });
});
accepting("room.attachment.function", "an attachment cannot be a function", async ({ ctx }) => {
  const socket = end();
  ctx.acceptWebSocket(socket);
  await fails(() => socket.serializeAttachment(() => 1), "DataCloneError");
});
accepting("room.pair", "a WebSocketRequestResponsePair tells its two texts", async () => {
  const pair = new WebSocketRequestResponsePair("q", "a");
  equal(pair.request, "q");
  equal(pair.response, "a");
});
accepting("room.pair.long", "the texts of an automatic response have at most 2,048 characters", async ({ ctx }) => {
  await fails(() => ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("q".repeat(2049), "a")));
  await fails(() => ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("q", "a".repeat(2049))));
});
accepting("room.event-timeout", "the time for an event of a hibernating WebSocket can be set, read and unset", async ({ ctx }) => {
  equal(ctx.getHibernatableWebSocketEventTimeout(), null);
  ctx.setHibernatableWebSocketEventTimeout(5000);
  equal(ctx.getHibernatableWebSocketEventTimeout(), 5000);
  ctx.setHibernatableWebSocketEventTimeout(0);
  equal(ctx.getHibernatableWebSocketEventTimeout(), null);
});
accepting("room.event-timeout.long", "it is at most seven days", async ({ ctx }) => {
  await fails(() => ctx.setHibernatableWebSocketEventTimeout(604800001));
});
