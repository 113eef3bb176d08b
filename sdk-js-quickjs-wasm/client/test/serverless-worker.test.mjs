import assert from "node:assert/strict";
import { once } from "node:events";
import { afterEach, beforeEach, test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { decode, encode, ServerlessWorker } from "../dist/index.js";

let server;
let base;
let workers;

async function listen(options = {}) {
  server = new WebSocketServer({ host: "127.0.0.1", port: 0, handleProtocols: (offered) => (offered.has("dormouse.cbor") ? "dormouse.cbor" : false), ...options });
  await once(server, "listening");
  base = `http://127.0.0.1:${server.address().port}/app`;
}

beforeEach(async () => {
  workers = [];
  await listen();
});

afterEach(() => {
  for (const worker of workers) worker.terminate();
  for (const client of server.clients) client.terminate();
  server.close();
});

function connect(...args) {
  const last = typeof args.at(-1) === "object" ? args.pop() : {};
  const worker = new ServerlessWorker(base, ...(args.length ? [args[0], { WebSocket, firstDelayMillis: 5, ...last }] : [{ WebSocket, firstDelayMillis: 5, ...last }]));
  workers.push(worker);
  return worker;
}

const next = (port, type) => new Promise((resolve) => port.addEventListener(type, resolve, { once: true }));

test("connects by name and carries structured values in both directions", async () => {
  server.on("connection", (socket, request) => {
    assert.equal(request.url, "/app/room%20one");
    socket.on("message", (data, isBinary) => {
      assert.equal(isBinary, true);
      socket.send(encode({ echo: decode(new Uint8Array(data)) }));
    });
  });
  const worker = connect("room one");
  worker.port.postMessage(new Map([[1n, new Date(5)]]));
  const { data } = await next(worker.port, "message");
  assert.deepEqual(data, { echo: new Map([[1n, new Date(5)]]) });
  assert.equal(worker.port.connected, true);
  assert.match(worker.url, /^ws:/);
});

test("speaks JSON where the server does not know the sub-protocol, or where it is asked to", async () => {
  server.on("connection", (socket, request) => {
    socket.on("message", (data, isBinary) => socket.send(JSON.stringify([isBinary, JSON.parse(data), request.headers["sec-websocket-protocol"] ?? null])));
  });
  const json = connect({ encoding: "json" });
  json.port.postMessage({ a: 1 });
  assert.deepEqual((await next(json.port, "message")).data, [false, { a: 1 }, null]);
});

test("connects again after the connection was lost, and then sends what waited", async () => {
  let connections = 0;
  server.on("connection", (socket) => {
    if (++connections < 3) {
      socket.close(4012, "reconnect");
    } else {
      socket.on("message", (data) => socket.send(data));
    }
  });
  const worker = connect("x");
  const attempts = [];
  worker.port.onreconnecting = ({ detail }) => {
    attempts.push(detail.attempt);
    if (attempts.length === 2) worker.port.postMessage("waited");
  };
  const { data } = await next(worker.port, "message");
  assert.equal(data, "waited");
  assert.equal(connections, 3);
  assert.equal(attempts.length, 2);
});

test("a close that is final is told once, and no connection follows", async () => {
  let connections = 0;
  server.on("connection", (socket) => {
    connections++;
    socket.close(1000, "over");
  });
  const worker = connect("x");
  const { code, reason } = await next(worker.port, "close");
  assert.deepEqual([code, reason, connections, worker.port.closed], [1000, "over", 1, true]);
  assert.throws(() => worker.port.postMessage(1), { name: "InvalidStateError" });
});

test("closing says the code to the server", async () => {
  const closed = new Promise((resolve) => server.on("connection", (socket) => socket.on("close", (code, reason) => resolve([code, String(reason)]))));
  const worker = connect("x");
  await next(worker.port, "open");
  worker.port.close(4001, "enough");
  assert.deepEqual(await closed, [4001, "enough"]);
  const { code } = await next(worker.port, "close");
  assert.equal(code, 4001);
});

test("a server that is not there is tried again with growing delays, until the port is closed", async () => {
  server.close();
  for (const client of server.clients) client.terminate();
  const worker = connect("x");
  const delays = [];
  await new Promise((resolve) => {
    worker.port.onreconnecting = ({ detail }) => {
      delays.push(detail.delayMillis);
      if (delays.length === 4) resolve();
    };
  });
  worker.port.close();
  assert.ok(delays[3] > delays[0], String(delays));
  assert.ok(delays.every((delay, i) => delay <= 5 * 2 ** i), String(delays));
  assert.equal(worker.port.closed, true);
});

test("messages that wait are bounded", () => {
  const worker = connect("x", { mostWaiting: 2 });
  worker.postMessage(1);
  worker.postMessage(2);
  assert.throws(() => worker.postMessage(3), { name: "QuotaExceededError" });
});

test("a frame that is no value is a messageerror", async () => {
  server.on("connection", (socket) => socket.send(Buffer.from([0xff])));
  await next(connect("x").port, "messageerror");
});
