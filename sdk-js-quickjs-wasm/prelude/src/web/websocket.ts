import { actorError, DOMException, requireOk } from "../core/errors";
import { holdAwake, letSleep } from "../core/awake";
import { host } from "../core/host";
import { begin } from "../core/operations";
import { bytesOf, isBuffer } from "./encoding";
import { CloseEvent, ErrorEvent, Event, EventTarget, handlerAttributes, MessageEvent } from "./events";
import { URL } from "./url";

/** What the host keeps with a connection, less what the prelude adds to it. */
const MOST_ATTACHMENT_BYTES = 16 * 1024 - 64;

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

type Frame = string | Uint8Array | { code: number; reason: string; clean: boolean };

/**
 * One end of a WebSocket. Its words go to a line (a connection of the host) or to the other end of its
 * pair; what comes in waits in `inbox` until somebody has accepted it.
 */
export interface Socket {
  readonly ws: WebSocket;
  state: number;
  accepted: boolean;
  /** Accepted with the hibernation API: events go to the object, not to listeners. */
  hibernates: boolean;
  /** Given to a response: it is nobody's here any more. */
  given: boolean;
  line: number;
  peer: Socket | null;
  inbox: Frame[];
  tags: string[];
  attachment: unknown;
  autoResponseAt: number | null;
  url: string | null;
  protocol: string;
  outbound: boolean;
  closeSent: boolean;
}

/** Who is told of the events of hibernating sockets. */
export interface HibernationEvents {
  message(ws: WebSocket, data: string | ArrayBuffer): void;
  close(ws: WebSocket, code: number, reason: string, clean: boolean): void;
  error(ws: WebSocket, error: Error): void;
  bound(socket: Socket): void;
}

let hibernation: HibernationEvents | undefined;
const lines = new Map<number, Socket>();

export function setHibernation(events: HibernationEvents): void {
  hibernation = events;
}

const NEW = Symbol("new");

export class WebSocket extends EventTarget {
  #socket: Socket;

  constructor(url: unknown, protocols: string | string[] = []) {
    super();
    this.#socket = {
      ws: this,
      state: OPEN,
      accepted: false,
      hibernates: false,
      given: false,
      line: 0,
      peer: null,
      inbox: [],
      tags: [],
      attachment: undefined,
      autoResponseAt: null,
      url: null,
      protocol: "",
      outbound: false,
      closeSent: false,
    };
    if (url !== NEW) {
      dial(this.#socket, url, typeof protocols === "string" ? [protocols] : [...protocols].map(String));
    }
  }

  static socket(ws: WebSocket): Socket {
    return ws.#socket;
  }

  get readyState(): number {
    return this.#socket.state;
  }

  get url(): string | null {
    return this.#socket.url;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get extensions(): string {
    return "";
  }

  get bufferedAmount(): number {
    return 0;
  }

  get binaryType(): string {
    return "arraybuffer";
  }

  set binaryType(type: string) {
    if (type !== "arraybuffer") {
      throw new DOMException('Bytes come as ArrayBuffer: binaryType is "arraybuffer"', "NotSupportedError");
    }
  }

  accept(): void {
    accept(this.#socket);
  }

  send(data: unknown): void {
    const socket = this.#socket;
    if (socket.state === CONNECTING) {
      throw new DOMException("The WebSocket is not open yet", "InvalidStateError");
    }
    if (!socket.accepted && !socket.outbound) {
      throw new TypeError("Call accept() on the WebSocket before send()");
    }
    if (socket.state !== OPEN || socket.closeSent) {
      if (socket.outbound) {
        return;
      }
      throw new TypeError("Can't call WebSocket send() after close().");
    }
    transmit(socket, ArrayBuffer.isView(data) || isBuffer(data) ? bytesOf(data) : String(data).toWellFormed());
  }

  close(code?: number, reason?: string): void {
    const socket = this.#socket;
    if (code !== undefined && !isCloseCode(Number(code))) {
      throw new DOMException(
        `${code} is no code to close with: use 1000 or 3000 to 4999`,
        "InvalidAccessError",
      );
    }
    const why = reason === undefined ? "" : String(reason).toWellFormed();
    if (host.utf8Encode(why).length > 123) {
      throw new DOMException("The reason for closing is longer than 123 bytes", "SyntaxError");
    }
    if (!socket.accepted && !socket.outbound) {
      throw new TypeError("Call accept() on the WebSocket before close()");
    }
    if (socket.closeSent || socket.state === CLOSED) {
      return;
    }
    socket.closeSent = true;
    if (socket.state === OPEN) {
      socket.state = CLOSING;
    }
    transmitClose(socket, code === undefined ? 1005 : Number(code), why);
  }

  serializeAttachment(value: unknown): void {
    const socket = this.#socket;
    const bytes = host.encode(value);
    if (bytes.length > MOST_ATTACHMENT_BYTES) {
      throw new RangeError(`An attachment has at most ${MOST_ATTACHMENT_BYTES} bytes, and this one ${bytes.length}`);
    }
    socket.attachment = host.decode(bytes);
    saveAttachment(socket);
  }

  deserializeAttachment(): unknown {
    const { attachment } = this.#socket;
    return attachment === undefined ? null : host.decode(host.encode(attachment));
  }

  static readonly CONNECTING = CONNECTING;
  static readonly OPEN = OPEN;
  static readonly CLOSING = CLOSING;
  static readonly CLOSED = CLOSED;
  static readonly READY_STATE_CONNECTING = CONNECTING;
  static readonly READY_STATE_OPEN = OPEN;
  static readonly READY_STATE_CLOSING = CLOSING;
  static readonly READY_STATE_CLOSED = CLOSED;
}

export const socketOf = WebSocket.socket;
delete (WebSocket as any).socket;
handlerAttributes(WebSocket.prototype, ["open", "message", "close", "error"]);
for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSING, CLOSED })) {
  Object.defineProperty(WebSocket.prototype, name, { value });
}

/** Two sockets that are each other's peers: `0` is for the client, `1` stays with the server. */
export class WebSocketPair {
  0: WebSocket;
  1: WebSocket;

  constructor() {
    this[0] = new WebSocket(NEW);
    this[1] = new WebSocket(NEW);
    const [a, b] = [socketOf(this[0]), socketOf(this[1])];
    a.peer = b;
    b.peer = a;
  }

  *[Symbol.iterator](): Iterator<WebSocket> {
    yield this[0];
    yield this[1];
  }
}

function isCloseCode(code: number): boolean {
  return Number.isInteger(code) && ((code >= 1000 && code < 1015 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code < 5000));
}

export function accept(socket: Socket, hibernates = false): void {
  if (socket.given) {
    throw new TypeError("The WebSocket was given to a response, so it cannot be accepted here");
  }
  if (socket.hibernates) {
    throw new TypeError("The WebSocket was accepted with acceptWebSocket() already");
  }
  if (hibernates && socket.line !== 0) {
    throw new TypeError("acceptWebSocket() takes an end of a WebSocketPair");
  }
  if (socket.accepted) {
    if (hibernates) {
      throw new TypeError("The WebSocket was accepted with accept() already");
    }
    return;
  }
  socket.accepted = true;
  socket.hibernates = hibernates;
  const waiting = socket.inbox;
  socket.inbox = [];
  if (waiting.length > 0) {
    queueMicrotask(() => waiting.forEach((frame) => deliver(socket, frame)));
  }
}

/** Whether the socket's listeners must not be lost by sleeping. */
function holdsClosures(socket: Socket): boolean {
  return socket.line !== 0 && !socket.hibernates;
}

function transmit(socket: Socket, data: string | Uint8Array): void {
  if (socket.line !== 0) {
    const status =
      typeof data === "string" ? host.sendText(socket.line, data) : host.sendBytes(socket.line, data);
    if (status !== 4) {
      requireOk(status, "WebSocket send()");
    }
  } else if (socket.peer) {
    arrive(socket.peer, typeof data === "string" ? data : data.slice());
  }
}

function transmitClose(socket: Socket, code: number, reason: string): void {
  if (socket.line !== 0) {
    host.close(socket.line, code, reason);
  } else if (socket.peer) {
    arrive(socket.peer, { code, reason, clean: true });
  }
}

/** A frame has come for this socket: from its line, or from the other end of its pair. */
function arrive(socket: Socket, frame: Frame): void {
  if (!socket.accepted && !socket.outbound) {
    socket.inbox.push(frame);
  } else if (socket.line !== 0) {
    deliver(socket, frame);
  } else {
    queueMicrotask(() => deliver(socket, frame));
  }
}

function deliver(socket: Socket, frame: Frame): void {
  if (socket.state === CLOSED) {
    return;
  }
  if (typeof frame === "object" && !(frame instanceof Uint8Array)) {
    const wasOpen = !socket.closeSent;
    socket.state = CLOSED;
    if (socket.hibernates) {
      if (!frame.clean && frame.reason) {
        // The peer did not just go: what it sent was no WebSocket message.
        hibernation!.error(socket.ws, new Error("The WebSocket failed: " + frame.reason));
      } else {
        hibernation!.close(socket.ws, frame.code, frame.reason, frame.clean);
      }
    } else {
      if (!frame.clean && hasLine(socket)) {
        socket.ws.dispatchEvent(new ErrorEvent("error", { message: "The connection was lost" }));
      }
      socket.ws.dispatchEvent(new CloseEvent("close", { code: frame.code, reason: frame.reason, wasClean: frame.clean }));
    }
    if (wasOpen && socket.peer && socket.line === 0 && socket.peer.state !== CLOSED) {
      // The other end of a pair hears that its close has arrived.
      socket.closeSent = true;
      arrive(socket.peer, frame);
    }
    return;
  }
  const data = typeof frame === "string" ? frame : toBuffer(frame);
  if (socket.hibernates) {
    hibernation!.message(socket.ws, data);
  } else {
    socket.ws.dispatchEvent(new MessageEvent("message", { data }));
  }
}

function hasLine(socket: Socket): boolean {
  return socket.line !== 0 && socket.outbound;
}

function toBuffer(bytes: Uint8Array): ArrayBuffer {
  return (bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer) as ArrayBuffer;
}

/** Ties a socket to a connection of the host. */
export function bind(socket: Socket, line: number): void {
  socket.line = line;
  lines.set(line, socket);
  if (holdsClosures(socket)) {
    holdAwake();
  }
}

function unbind(socket: Socket): void {
  if (lines.delete(socket.line) && holdsClosures(socket)) {
    letSleep();
  }
}

/** A socket for a connection that is there already: one that another actor or server answers. */
export function socketOn(line: number, protocol: string | null, url: string | null = null): WebSocket {
  const ws = new WebSocket(NEW);
  const socket = socketOf(ws);
  socket.protocol = protocol ?? "";
  socket.url = url;
  bind(socket, line);
  return ws;
}

/** A hibernating socket as its connection kept it while the actor slept. */
export function revive(line: number, attachment: unknown, tags: string[]): WebSocket {
  const ws = new WebSocket(NEW);
  const socket = socketOf(ws);
  socket.accepted = true;
  socket.hibernates = true;
  socket.tags = tags;
  socket.attachment = attachment;
  socket.line = line;
  lines.set(line, socket);
  return ws;
}

/** Opens a client's deferred connection with the socket that a response carries. */
export function answerWith(ws: WebSocket, connection: number, protocol: string | null): void {
  const socket = socketOf(ws);
  if (socket.given || socket.accepted) {
    throw new TypeError("The response's WebSocket was used here already: return the end that nobody accepted");
  }
  socket.given = true;
  if (socket.line !== 0) {
    unbind(socket);
    const waiting = socket.inbox;
    requireOk(host.accept(connection, protocol ?? (socket.protocol || null)), "WebSocket accept");
    for (const frame of waiting) {
      forward(connection, frame);
    }
    requireOk(host.splice(connection, socket.line), "WebSocket forward");
    return;
  }
  const kept = socket.peer!;
  if (kept.hibernates) {
    host.setTags(connection, kept.tags);
  }
  requireOk(host.accept(connection, protocol), "WebSocket accept");
  kept.protocol = protocol ?? "";
  bind(kept, connection);
  if (kept.hibernates) {
    saveAttachment(kept);
    hibernation!.bound(kept);
  }
  for (const frame of socket.inbox) {
    forward(connection, frame);
  }
  socket.inbox = [];
}

function forward(connection: number, frame: Frame): void {
  if (typeof frame === "string") {
    host.sendText(connection, frame);
  } else if (frame instanceof Uint8Array) {
    host.sendBytes(connection, frame);
  } else if (host.close(connection, frame.code, frame.reason) === 6) {
    // A peer that went without a word: the codes for that are never sent.
    host.close(connection, 1011, "");
  }
}

let wrapAttachment: (socket: Socket) => unknown = (socket) => socket.attachment;

export function setAttachmentForm(form: (socket: Socket) => unknown): void {
  wrapAttachment = form;
}

export function saveAttachment(socket: Socket): void {
  if (socket.line !== 0 && socket.hibernates) {
    requireOk(host.setAttachment(socket.line, wrapAttachment(socket)), "serializeAttachment()");
  }
}

export function socketAt(line: number): Socket | undefined {
  return lines.get(line);
}

export function openSockets(): Iterable<Socket> {
  return lines.values();
}

/** Events of the host for a connection that a socket holds. */
export function lineMessage(socket: Socket, data: string | Uint8Array): void {
  arrive(socket, data);
}

export function lineClosed(socket: Socket, code: number, reason: string): void {
  unbind(socket);
  const frame = { code, reason, clean: code !== 1006 };
  if (!socket.accepted && !socket.outbound) {
    socket.inbox.push(frame);
  } else {
    deliver(socket, frame);
  }
  socket.line = 0;
}

function dial(socket: Socket, given: unknown, protocols: string[]): void {
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    throw new DOMException(`"${String(given)}" is no URL`, "SyntaxError");
  }
  if (url.protocol === "http:" || url.protocol === "https:") {
    url.protocol = url.protocol === "http:" ? "ws:" : "wss:";
  }
  if ((url.protocol !== "ws:" && url.protocol !== "wss:") || url.hash) {
    throw new DOMException("A WebSocket's URL has the scheme ws or wss and no fragment", "SyntaxError");
  }
  socket.url = url.href;
  socket.outbound = true;
  socket.state = CONNECTING;
  connectOut(url.href, protocols, [], (line, protocol) => {
    socket.accepted = true;
    bind(socket, line);
    if (socket.closeSent) {
      transmitClose(socket, 1000, "");
      return;
    }
    socket.state = OPEN;
    socket.protocol = protocol ?? "";
    socket.ws.dispatchEvent(new Event("open"));
  }, (error) => {
    socket.state = CLOSED;
    socket.ws.dispatchEvent(new ErrorEvent("error", { message: error.message, error }));
    socket.ws.dispatchEvent(new CloseEvent("close", { code: 1006, reason: "", wasClean: false }));
  });
}

/** Connects to a server outside. */
export function connectOut(
  url: string,
  protocols: string[],
  headers: string[],
  opened: (line: number, protocol: string | null) => void,
  failed: (error: Error) => void,
): void {
  begin(() => host.webConnect(url, protocols, headers), (ok, value) => {
    if (!ok) {
      failed(actorError(String(value)));
      return;
    }
    const [first, second] = value as [number, string | null];
    if (first < 1000) {
      failed(new Error(`The server answered with status ${first} in place of a WebSocket`));
    } else {
      opened(first, second);
    }
  });
}
