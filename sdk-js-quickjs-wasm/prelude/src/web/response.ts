import type { HeaderPairs } from "../core/host";
import { Body, type Content, extract, peekContent, setContent, splitContent } from "./body";
import { Headers, headersOf } from "./headers";
import { URL } from "./url";
import { WebSocket } from "./websocket";

const INSIDE = Symbol("inside");

interface Inside {
  status: number;
  headers: HeaderPairs;
  content: Content;
  url: string;
  redirected: boolean;
  webSocket: WebSocket | null;
  type: string;
}

export class Response extends Body {
  #status = 200;
  #statusText = "";
  #headers: Headers;
  #url = "";
  #redirected = false;
  #webSocket: WebSocket | null = null;
  #type = "default";

  constructor(body: unknown = null, init: any = {}) {
    super();
    if (init?.[INSIDE]) {
      const inside = init[INSIDE] as Inside;
      this.#status = inside.status;
      this.#headers = headersOf(inside.headers, true);
      this.#url = inside.url;
      this.#redirected = inside.redirected;
      this.#webSocket = inside.webSocket;
      this.#type = inside.type;
      setContent(this, inside.content);
      return;
    }
    init ??= {};
    const webSocket = init.webSocket ?? null;
    if (webSocket !== null && !(webSocket instanceof WebSocket)) {
      throw new TypeError("webSocket is no WebSocket");
    }
    if (init.status !== undefined) {
      const status = Number(init.status);
      if (!(status === 101 && webSocket) && !(status >= 200 && status <= 599 && Number.isInteger(status))) {
        throw new RangeError(
          status === 101
            ? "A response with status 101 has a webSocket"
            : `The status of a response is 200 to 599, not ${String(init.status)}`,
        );
      }
      this.#status = status;
    }
    if (webSocket && this.#status !== 101) {
      throw new RangeError("A response with a webSocket has status 101");
    }
    this.#webSocket = webSocket;
    if (init.statusText !== undefined) {
      this.#statusText = String(init.statusText);
    }
    this.#headers = new Headers(init.headers);
    if (body !== null && body !== undefined) {
      if ([101, 204, 205, 304].includes(this.#status)) {
        throw new TypeError(`A response with status ${this.#status} has no body`);
      }
      const { content, type } = extract(body);
      if (type && !this.#headers.has("content-type")) {
        this.#headers.set("content-type", type);
      }
      setContent(this, content);
    }
  }

  get status(): number {
    return this.#status;
  }

  get statusText(): string {
    return this.#statusText;
  }

  get ok(): boolean {
    return this.#status >= 200 && this.#status < 300;
  }

  get headers(): Headers {
    return this.#headers;
  }

  get url(): string {
    return this.#url;
  }

  get redirected(): boolean {
    return this.#redirected;
  }

  get type(): string {
    return this.#type;
  }

  get webSocket(): WebSocket | null {
    return this.#webSocket;
  }

  clone(): Response {
    if (this.#webSocket) {
      throw new TypeError("A response with a WebSocket cannot be cloned");
    }
    const clone = new Response();
    setContent(clone, splitContent(this));
    clone.#status = this.#status;
    clone.#statusText = this.#statusText;
    clone.#headers = new Headers(this.#headers);
    clone.#url = this.#url;
    clone.#redirected = this.#redirected;
    clone.#type = this.#type;
    return clone;
  }

  static json(value: unknown, init: any = {}): Response {
    const text = JSON.stringify(value);
    if (text === undefined) {
      throw new TypeError("The value has no JSON");
    }
    const response = new Response(text, init);
    if (!new Headers(init?.headers).has("content-type")) {
      response.headers.set("content-type", "application/json");
    }
    return response;
  }

  static redirect(url: unknown, status: unknown = 302): Response {
    const code = Number(status);
    if (![301, 302, 303, 307, 308].includes(code)) {
      throw new RangeError(`${String(status)} is no status of a redirect`);
    }
    return new Response(null, { status: code, headers: { location: new URL(url).href } });
  }

  static error(): Response {
    return received({ status: 0, headers: [], content: null, url: "", redirected: false, webSocket: null, type: "error" });
  }
}

/** A response as it came in. */
export function received(inside: Inside): Response {
  return new Response(null, { [INSIDE]: inside });
}

/** Whether the response's content is at hand without waiting. */
export function isReady(response: Response): boolean {
  const content = peekContent(response);
  return content === null || typeof content === "string" || content instanceof Uint8Array;
}
