import { holdAwake, letSleep } from "../core/awake";
import { requireOk } from "../core/errors";
import { host } from "../core/host";
import { CloseEvent, Event, EventTarget, handlerAttributes, MessageEvent } from "../web/events";
import type { Parts } from "../web/body";
import { incoming, type Request } from "../web/request";
import { fromFrame, toFrame } from "./wire";

type Incoming = { frame: string | Uint8Array } | { code: number; reason: string };

interface Line {
  connection: number;
  cbor: boolean;
  started: boolean;
  closed: boolean;
  inbox: Incoming[];
  /** What was posted before there was a connection. */
  outbox: unknown[];
}

const NEW = Symbol("new");
const ports = new Map<number, MessagePort>();

/** One end of a connection that carries structured values. */
export class MessagePort extends EventTarget {
  #line: Line = { connection: 0, cbor: false, started: false, closed: false, inbox: [], outbox: [] };

  constructor(key?: symbol) {
    if (key !== NEW) {
      throw new TypeError("Illegal constructor");
    }
    super();
  }

  static line(port: MessagePort): Line {
    return port.#line;
  }

  postMessage(value: unknown): void {
    const line = this.#line;
    if (line.closed) {
      return;
    }
    if (line.connection === 0) {
      line.outbox.push(host.decode(host.encode(value)));
      return;
    }
    send(line, value);
  }

  start(): void {
    const line = this.#line;
    if (!line.started) {
      line.started = true;
      if (line.inbox.length > 0) {
        queueMicrotask(() => {
          for (const incoming of line.inbox.splice(0)) {
            deliver(this, incoming);
          }
        });
      }
    }
  }

  /** Closes the connection; what the other end still sends is dropped. */
  close(code = 1000, reason = ""): void {
    const line = this.#line;
    if (!line.closed) {
      line.closed = true;
      if (line.connection !== 0) {
        const status = host.close(line.connection, Number(code), String(reason));
        release(line);
        if (status !== 4) {
          requireOk(status, "close()");
        }
      }
    }
  }
}

const lineOf = MessagePort.line;
delete (MessagePort as any).line;
handlerAttributes(MessagePort.prototype, ["message", "messageerror", "close", "error"], (port: MessagePort, type) => {
  if (type === "message") {
    port.start();
  }
});

/** The port has no connection any more. */
function release(line: Line): void {
  if (ports.delete(line.connection)) {
    letSleep();
  }
}

function send(line: Line, value: unknown): void {
  const frame = toFrame(value, line.cbor);
  const status =
    typeof frame === "string" ? host.sendText(line.connection, frame) : host.sendBytes(line.connection, frame);
  if (status !== 4) {
    requireOk(status, "postMessage()");
  }
}

function deliver(port: MessagePort, incoming: Incoming): void {
  if ("code" in incoming) {
    const { code, reason } = incoming;
    port.dispatchEvent(new CloseEvent("close", { code, reason, wasClean: code !== 1006 }));
    return;
  }
  let data: unknown;
  try {
    data = fromFrame(incoming.frame, lineOf(port).cbor);
  } catch {
    port.dispatchEvent(new MessageEvent("messageerror", { data: null }));
    return;
  }
  port.dispatchEvent(new MessageEvent("message", { data }));
}

function receive(port: MessagePort, incoming: Incoming): void {
  const line = lineOf(port);
  // A close needs no start(): nobody waits for the messages before it who has not asked for them.
  if (line.started || ("code" in incoming && line.inbox.length === 0)) {
    deliver(port, incoming);
  } else {
    line.inbox.push(incoming);
  }
}

/** A port that has no connection yet. */
export function newPort(): MessagePort {
  return new MessagePort(NEW);
}

/** Gives a port its connection. */
export function attachPort(port: MessagePort, connection: number, cbor: boolean): void {
  const line = lineOf(port);
  line.connection = connection;
  line.cbor = cbor;
  ports.set(connection, port);
  holdAwake();
  for (const value of line.outbox.splice(0)) {
    send(line, value);
  }
  if (line.closed) {
    host.close(connection, 1000, "");
  }
}

export function portAt(connection: number): MessagePort | undefined {
  return ports.get(connection);
}

export function allPorts(): MessagePort[] {
  return [...ports.values()];
}

export function portMessage(port: MessagePort, frame: string | Uint8Array): void {
  receive(port, { frame });
}

export function portClosed(port: MessagePort, code: number, reason: string): void {
  const line = lineOf(port);
  release(line);
  line.closed = true;
  receive(port, { code, reason });
}

/** A port that could not be connected. */
export function portFailed(port: MessagePort, error: Error): void {
  const line = lineOf(port);
  line.closed = true;
  const event = new Event("error");
  Object.defineProperties(event, { error: { value: error }, message: { value: error.message } });
  port.dispatchEvent(event);
  receive(port, { code: 1006, reason: error.message });
}

/**
 * What `connect` gets. It has the port in `ports[0]`, as connect events of shared workers do, and is
 * itself as good as the port.
 */
export class ConnectEvent extends Event {
  readonly ports: readonly MessagePort[];
  readonly url: string;
  #upgrade: Parts;
  #request: Request | undefined;

  constructor(port: MessagePort, url: string, upgrade: Parts) {
    super("connect");
    this.ports = Object.freeze([port]);
    this.url = url;
    this.#upgrade = upgrade;
  }

  get source(): MessagePort {
    return this.ports[0]!;
  }

  get data(): string {
    return "";
  }

  /** The request that asked for the connection. */
  get request(): Request {
    return (this.#request ??= incoming(this.#upgrade));
  }
}

for (const name of ["postMessage", "start", "close", "addEventListener", "removeEventListener"] as const) {
  Object.defineProperty(ConnectEvent.prototype, name, {
    value(this: ConnectEvent, ...args: unknown[]) {
      return (this.ports[0] as any)[name](...args);
    },
    configurable: true,
    writable: true,
  });
}
for (const type of ["message", "messageerror", "close", "error"]) {
  Object.defineProperty(ConnectEvent.prototype, "on" + type, {
    get(this: ConnectEvent) {
      return (this.ports[0] as any)["on" + type];
    },
    set(this: ConnectEvent, callback: unknown) {
      (this.ports[0] as any)["on" + type] = callback;
    },
    configurable: true,
  });
}
