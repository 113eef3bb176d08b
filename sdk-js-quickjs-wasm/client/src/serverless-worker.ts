import { decode, encode } from "./cbor";

const CBOR_PROTOCOL = "dormouse.cbor";

/** Codes with which a connection ends for good: what went wrong will go wrong again. */
const FINAL_CODES = new Set([1000, 1002, 1003, 1007, 1008, 1009, 1010]);

type WebSocketLike = new (url: string, protocols?: string | string[]) => WebSocket;

export interface Options {
  /** The name of the worker, when the first argument's URL is that of the app. */
  name?: string;
  /**
   * What goes over the wire: `cbor` carries everything that can be cloned, `json` what JSON can say.
   * With `cbor`, a server that does not speak it is spoken to in JSON.
   */
  encoding?: "cbor" | "json";
  /** Whether to connect again when the connection is lost. */
  reconnect?: boolean;
  /** Delay before the first attempt to connect again; each failure doubles it, with jitter. */
  firstDelayMillis?: number;
  mostDelayMillis?: number;
  /** Most messages that wait for a connection; beyond, `postMessage` throws. */
  mostWaiting?: number;
  /** The WebSocket to use where there is no global one (Node before 22). */
  WebSocket?: WebSocketLike;
}

/** The events of a port. */
interface PortEvents<Received> {
  message: MessageEvent<Received>;
  messageerror: MessageEvent;
  /** The connection is there, for the first time or again. */
  open: Event;
  /** The connection was lost, and is looked for again. */
  reconnecting: CustomEvent<{ attempt: number; delayMillis: number }>;
  /** The port is closed for good. */
  close: CloseEventLike;
  error: Event;
}

export interface CloseEventLike extends Event {
  readonly code: number;
  readonly reason: string;
}

type Handler<E> = ((event: E) => void) | null;

/**
 * One's end of the connection to a worker. Messages posted while there is no connection wait for it;
 * those that were on their way when a connection broke may be lost, and none arrives twice.
 */
export class WorkerPort<Sent = unknown, Received = unknown> extends EventTarget {
  onmessage: Handler<MessageEvent<Received>> = null;
  onmessageerror: Handler<MessageEvent> = null;
  onopen: Handler<Event> = null;
  onreconnecting: Handler<CustomEvent<{ attempt: number; delayMillis: number }>> = null;
  onclose: Handler<CloseEventLike> = null;
  onerror: Handler<Event> = null;

  #url: string;
  #options: Required<Omit<Options, "name">>;
  #socket: WebSocket | null = null;
  #waiting: Sent[] = [];
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(url: string, options: Options) {
    super();
    const found = options.WebSocket ?? (globalThis.WebSocket as WebSocketLike | undefined);
    if (!found) {
      throw new TypeError("There is no global WebSocket here: give one in the options");
    }
    this.#url = url;
    this.#options = {
      encoding: options.encoding ?? "cbor",
      reconnect: options.reconnect ?? true,
      firstDelayMillis: options.firstDelayMillis ?? 250,
      mostDelayMillis: options.mostDelayMillis ?? 15_000,
      mostWaiting: options.mostWaiting ?? 1024,
      WebSocket: found,
    };
    this.#connect();
  }

  /** Whether the connection is there at the moment. */
  get connected(): boolean {
    return this.#socket?.readyState === 1;
  }

  get closed(): boolean {
    return this.#closed;
  }

  postMessage(value: Sent): void {
    if (this.#closed) {
      throw new DOMException("The port is closed", "InvalidStateError");
    }
    if (this.connected) {
      this.#send(value);
      return;
    }
    if (this.#waiting.length >= this.#options.mostWaiting) {
      throw new DOMException("Too many messages wait for the connection", "QuotaExceededError");
    }
    this.#waiting.push(copy(value));
  }

  /** Messages are given out from the beginning; this is here because ports have it. */
  start(): void {}

  close(code = 1000, reason = ""): void {
    if (!this.#closed) {
      clearTimeout(this.#timer);
      const socket = this.#socket;
      if (socket && socket.readyState < 2) {
        this.#options = { ...this.#options, reconnect: false };
        socket.close(code, reason);
      } else {
        this.#end(code, reason);
      }
    }
  }

  override addEventListener<T extends keyof PortEvents<Received>>(
    type: T,
    listener: ((event: PortEvents<Received>[T]) => void) | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener as EventListener | null, options);
  }

  #send(value: Sent): void {
    const socket = this.#socket!;
    if (socket.protocol === CBOR_PROTOCOL) {
      socket.send(encode(value) as Uint8Array<ArrayBuffer>);
    } else if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      socket.send(value as ArrayBuffer);
    } else {
      socket.send(JSON.stringify(value));
    }
  }

  #emit(event: Event): void {
    const handler = (this as any)["on" + event.type] as Handler<Event>;
    if (handler) {
      try {
        handler.call(this, event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    this.dispatchEvent(event);
  }

  #connect(): void {
    const { WebSocket, encoding } = this.#options;
    const socket = encoding === "cbor" ? new WebSocket(this.#url, CBOR_PROTOCOL) : new WebSocket(this.#url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => {
      this.#attempt = 0;
      for (const value of this.#waiting.splice(0)) {
        this.#send(value);
      }
      this.#emit(new Event("open"));
    };
    socket.onmessage = ({ data }) => this.#receive(socket, data);
    socket.onerror = () => {};
    socket.onclose = ({ code, reason }) => {
      this.#socket = null;
      if (this.#options.reconnect && !FINAL_CODES.has(code)) {
        this.#retry();
      } else {
        this.#end(code, reason);
      }
    };
  }

  #receive(socket: WebSocket, data: unknown): void {
    let value: unknown;
    try {
      value =
        typeof data === "string"
          ? parse(data)
          : socket.protocol === CBOR_PROTOCOL
            ? decode(new Uint8Array(data as ArrayBuffer))
            : new Uint8Array(data as ArrayBuffer);
    } catch {
      this.#emit(new MessageEvent("messageerror", { data: null }));
      return;
    }
    this.#emit(new MessageEvent("message", { data: value }));
  }

  #retry(): void {
    const { firstDelayMillis, mostDelayMillis } = this.#options;
    const full = Math.min(mostDelayMillis, firstDelayMillis * 2 ** this.#attempt);
    const delayMillis = Math.round(full * (0.5 + Math.random() / 2));
    this.#attempt++;
    this.#timer = setTimeout(() => this.#connect(), delayMillis);
    this.#emit(new CustomEvent("reconnecting", { detail: { attempt: this.#attempt, delayMillis } }));
  }

  #end(code: number, reason: string): void {
    this.#closed = true;
    this.#waiting = [];
    const event = new Event("close");
    Object.defineProperties(event, { code: { value: code }, reason: { value: reason } });
    this.#emit(event);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function copy<T>(value: T): T {
  return typeof value === "object" && value !== null ? (decode(encode(value)) as T) : value;
}

/**
 * A worker on a server, as a page or a program outside sees it.
 *
 * `new ServerlessWorker(url, name)` connects to the worker `name` of the app at `url`
 * (`ws://host/app`, or the same with http); without a name, `url` is that of the worker itself.
 */
export class ServerlessWorker<Sent = unknown, Received = unknown> {
  readonly url: string;
  readonly name: string | undefined;
  readonly port: WorkerPort<Sent, Received>;

  constructor(url: string | URL, nameOrOptions?: string | Options, more: Options = {}) {
    const options = typeof nameOrOptions === "object" ? nameOrOptions : more;
    this.name = typeof nameOrOptions === "string" ? nameOrOptions : options.name;
    const base = (globalThis as { location?: { href: string } }).location?.href;
    const address = new URL(url, base && /^https?:/.test(base) ? base : undefined);
    address.protocol = address.protocol.replace(/^http/, "ws");
    address.hash = "";
    if (this.name !== undefined) {
      address.pathname = address.pathname.replace(/\/$/, "") + "/" + encodeURIComponent(this.name);
    }
    this.url = address.href;
    this.port = new WorkerPort<Sent, Received>(this.url, options);
  }

  postMessage(value: Sent): void {
    this.port.postMessage(value);
  }

  /** Closes the connection; the worker itself lives on. */
  terminate(): void {
    this.port.close();
  }
}
