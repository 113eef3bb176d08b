import type { Life } from "../core/answers";
import { reopen, shut } from "../core/gate";
import { reportError } from "../core/errors";
import { host } from "../core/host";
import { clearTimer, setTimer } from "../web/timers";
import { accept, openSockets, revive, type Socket, socketAt, socketOf, WebSocket } from "../web/websocket";
import { exported } from "./exports";
import type { DurableObjectId } from "./id";
import { DurableObjectStorage } from "./storage";

const BLOCK_LIMIT_MILLIS = 30_000;

export class WebSocketRequestResponsePair {
  readonly request: string;
  readonly response: string;

  constructor(request: unknown, response: unknown) {
    this.request = String(request);
    this.response = String(response);
    if ([this.request, this.response].some((text) => host.utf8Encode(text).length > 2048)) {
      throw new RangeError("The request and response of an automatic response have at most 2048 bytes each");
    }
  }
}

/** What the prelude itself keeps of an object that its user holds as `ctx`. */
export interface Inside extends Life {
  onBroken: (error: unknown) => void;
  hasAlarm: () => boolean;
}

const accepted = new Set<Socket>();
/** Undefined until the first connection that is still open has been asked. */
let autoResponse: WebSocketRequestResponsePair | null | undefined;

/** What a hibernating connection keeps with it: the mark, and the attachment. */
export function attachmentForm(socket: Socket): unknown {
  return ["hibernates", socket.attachment ?? null];
}

/** The socket of a connection that stayed open while the actor slept; undefined where it does not hibernate. */
export function reviveSocket(connection: number): Socket | undefined {
  const form = host.getAttachment(connection);
  if (!Array.isArray(form) || form[0] !== "hibernates") {
    return undefined;
  }
  const socket = socketOf(revive(connection, form[1], host.tags(connection)));
  if (autoResponse === undefined) {
    // All have the same one.
    const pair = host.getAutoResponse(connection);
    const text = (at: 0 | 1): string => host.utf8Decode(pair![at], false);
    autoResponse = pair ? new WebSocketRequestResponsePair(text(0), text(1)) : null;
  }
  return socket;
}

/**
 * Answers a message by itself where the object asked for that. The host does so as soon as the turn of
 * the asking is over; this is for messages that waited for that turn.
 */
export function respondAutomatically(socket: Socket, data: string | Uint8Array): boolean {
  if (!autoResponse || !socket.hibernates || data !== autoResponse.request) {
    return false;
  }
  host.sendText(socket.line, autoResponse.response);
  socket.autoResponseAt = host.now();
  return true;
}

function haveHostRespond(socket: Socket): void {
  host.setAutoResponse(socket.line, autoResponse?.request ?? null, autoResponse?.response ?? "");
}

/** A hibernating socket has its connection now. */
export function socketBound(socket: Socket): void {
  accepted.delete(socket);
  if (autoResponse) {
    haveHostRespond(socket);
  }
}

export class DurableObjectState {
  readonly id: DurableObjectId;
  readonly storage: DurableObjectStorage;
  readonly props = {};
  #inside: Inside;
  #blocks: Promise<unknown> = Promise.resolve();

  constructor(id: DurableObjectId, inside: Inside) {
    this.id = id;
    this.#inside = inside;
    this.storage = new DurableObjectStorage(
      () => {
        if (inside.broken) {
          throw inside.broken.error;
        }
      },
      (task) => this.#exclusively(task),
      inside.hasAlarm,
    );
  }

  get exports(): object {
    return exported;
  }

  waitUntil(promise: unknown): void {
    Promise.resolve(promise).catch((error) => reportError(error, "Uncaught (in waitUntil)"));
  }

  blockConcurrencyWhile<T>(callback: () => Promise<T>): Promise<T> {
    const result = this.#shutWhile(callback);
    result.catch((error) => this.#inside.onBroken(error));
    return result;
  }

  async #shutWhile<T>(callback: () => T | Promise<T>): Promise<T> {
    shut();
    let isShut = true;
    const open = (): void => {
      if (isShut) {
        isShut = false;
        reopen();
      }
    };
    const limit = setTimer(() => {
      this.#inside.onBroken(new Error("A call to blockConcurrencyWhile() waited for too long. The object was reset."));
      open();
    }, BLOCK_LIMIT_MILLIS);
    try {
      return await callback();
    } finally {
      clearTimer(limit);
      // After the microtasks that the result sets free.
      Promise.resolve().then(() => Promise.resolve()).then(open);
    }
  }

  /** One task after the other, and no event meanwhile. */
  #exclusively<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#blocks.then(() => this.#shutWhile(task));
    this.#blocks = result.catch(() => {});
    return result;
  }

  abort(reason?: unknown): never {
    const error =
      reason instanceof Error ? reason : new Error(reason === undefined ? "Application called abort() to reset Durable Object." : String(reason));
    this.#inside.onBroken(error);
    throw error;
  }

  acceptWebSocket(ws: unknown, tags: unknown[] = []): void {
    if (!(ws instanceof WebSocket)) {
      throw new TypeError("acceptWebSocket() takes a WebSocket");
    }
    const list = [...new Set(tags.map(String))];
    if (list.length > 10) {
      throw new RangeError("a Hibernatable WebSocket cannot have more than 10 tags");
    }
    for (const tag of list) {
      if (tag.length === 0 || host.utf8Encode(tag).length > 256) {
        throw new RangeError(`"${tag.slice(0, 40)}" is no tag: tags have 1 to 256 bytes`);
      }
    }
    const socket = socketOf(ws);
    accept(socket, true);
    socket.tags = list;
    accepted.add(socket);
  }

  getWebSockets(tag?: unknown): WebSocket[] {
    const wanted = tag === undefined ? null : String(tag);
    const sockets: WebSocket[] = [];
    for (const connection of host.connections(wanted)) {
      const socket = socketAt(connection) ?? reviveSocket(connection);
      if (socket?.hibernates && !socket.closeSent) {
        sockets.push(socket.ws);
      }
    }
    for (const socket of accepted) {
      if (socket.state === 1 && (wanted === null || socket.tags.includes(wanted))) {
        sockets.push(socket.ws);
      }
    }
    return sockets;
  }

  getTags(ws: WebSocket): string[] {
    const socket = socketOf(ws);
    if (!socket.hibernates) {
      throw new Error("only hibernatable websockets can have tags");
    }
    return [...socket.tags];
  }

  setWebSocketAutoResponse(pair?: WebSocketRequestResponsePair): void {
    if (pair !== undefined && !(pair instanceof WebSocketRequestResponsePair)) {
      throw new TypeError("setWebSocketAutoResponse() takes a WebSocketRequestResponsePair");
    }
    autoResponse = pair ?? null;
    for (const ws of this.getWebSockets()) {
      const socket = socketOf(ws);
      if (socket.line !== 0) {
        haveHostRespond(socket);
      }
    }
  }

  getWebSocketAutoResponse(): WebSocketRequestResponsePair | null {
    return autoResponse ?? null;
  }

  getWebSocketAutoResponseTimestamp(ws: WebSocket): Date | null {
    const { line, autoResponseAt } = socketOf(ws);
    const at = Math.max((line === 0 ? null : host.autoResponseAt(line)) ?? 0, autoResponseAt ?? 0);
    return at === 0 ? null : new Date(at);
  }

  #eventTimeout: number | null = null;

  /** Kept for those who set it; turns have the server's own bound. */
  setHibernatableWebSocketEventTimeout(millis?: number | null): void {
    if (Number(millis) > 7 * 24 * 3600_000 || Number(millis) < 0) {
      throw new RangeError("The time for an event of a hibernating WebSocket is 0 to 7 days");
    }
    this.#eventTimeout = millis ? Math.trunc(millis) : null;
  }

  getHibernatableWebSocketEventTimeout(): number | null {
    return this.#eventTimeout;
  }
}

/** Ends all connections of an object that is reset; their peers may come again. */
export function dropConnections(): void {
  const held = [...openSockets()].filter((socket) => !socket.outbound).map((socket) => socket.line);
  for (const connection of new Set([...held, ...host.connections(null)])) {
    host.close(connection, 4012, "reconnect");
  }
}
