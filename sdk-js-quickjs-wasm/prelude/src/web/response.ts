import { type Body, extract, headersIn, mixBody, Part, type Parts, splitContent } from "./body";
import { Headers } from "./headers";
import { URL } from "./url";
import { WebSocket } from "./websocket";

const INSIDE = Symbol("inside");
const TEXT = "text/plain;charset=UTF-8";

/** What few responses have. */
interface More {
  statusText: string;
  url: string;
  redirected: boolean;
  webSocket: WebSocket | null;
  type: string;
}

const NO_MORE: Readonly<More> = { statusText: "", url: "", redirected: false, webSocket: null, type: "default" };

export interface Response extends Body {}

export class Response {
  #parts: Parts;

  constructor(body?: unknown, init?: any) {
    if (init === undefined && typeof body === "string") {
      this.#parts = [body, false, null, 200, TEXT, null];
      return;
    }
    if (init === INSIDE) {
      this.#parts = body as Parts;
      return;
    }
    const parts: Parts = [null, false, null, 200, null, null];
    this.#parts = parts;
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
      parts[Part.Status] = status;
    }
    if (webSocket && parts[Part.Status] !== 101) {
      throw new RangeError("A response with a webSocket has status 101");
    }
    if (webSocket || init.statusText !== undefined) {
      parts[Part.More] = { ...NO_MORE, webSocket, statusText: init.statusText === undefined ? "" : String(init.statusText) };
    }
    if (init.headers !== undefined) {
      parts[Part.Headers] = new Headers(init.headers);
    }
    if (body !== null && body !== undefined) {
      const status = parts[Part.Status];
      if (status === 204 || status === 304 || status === 101 || status === 205) {
        throw new TypeError(`A response with status ${status} has no body`);
      }
      if (typeof body === "string") {
        parts[Part.Content] = body;
        setType(parts, TEXT);
      } else {
        const { content, type } = extract(body);
        parts[Part.Content] = content;
        if (type) {
          setType(parts, type);
        }
      }
    }
  }

  static parts(response: Response): Parts {
    return response.#parts;
  }

  /** Undefined for what is no response. */
  static partsIn(value: unknown): Parts | undefined {
    return typeof value === "object" && value !== null && #parts in value ? value.#parts : undefined;
  }

  #more(): Readonly<More> {
    return this.#parts[Part.More] ?? NO_MORE;
  }

  get status(): number {
    return this.#parts[Part.Status];
  }

  get statusText(): string {
    return this.#more().statusText;
  }

  get ok(): boolean {
    const status = this.#parts[Part.Status];
    return status >= 200 && status < 300;
  }

  get url(): string {
    return this.#more().url;
  }

  get redirected(): boolean {
    return this.#more().redirected;
  }

  get type(): string {
    return this.#more().type;
  }

  get webSocket(): WebSocket | null {
    return this.#more().webSocket;
  }

  clone(): Response {
    if (this.webSocket) {
      throw new TypeError("A response with a WebSocket cannot be cloned");
    }
    const parts = this.#parts.slice();
    parts[Part.Content] = splitContent(this.#parts);
    if (parts[Part.Headers] !== null) {
      parts[Part.Headers] = new Headers(headersIn(this.#parts));
    }
    return new Response(parts, INSIDE);
  }

  static json(value: unknown, init?: any): Response {
    const text = JSON.stringify(value);
    if (text === undefined) {
      throw new TypeError("The value has no JSON");
    }
    const response = new Response(text, init ?? {});
    const parts = response.#parts;
    if (parts[Part.Headers] === null) {
      parts[Part.Type] = "application/json";
    } else if (!new Headers(init.headers).has("content-type")) {
      headersIn(parts).set("content-type", "application/json");
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
    return received([null, false, "", 0, null, { ...NO_MORE, type: "error" }]);
  }
}

/** Gives the content a type, unless the user has. */
function setType(parts: Parts, type: string): void {
  const headers: Headers | null = parts[Part.Headers];
  if (headers === null) {
    parts[Part.Type] = type;
  } else if (!headers.has("content-type")) {
    headers.set("content-type", type);
  }
}

export const { parts: responseParts, partsIn: partsOfResponse } = Response;
for (const name of ["parts", "partsIn"]) {
  delete (Response as any)[name];
}
mixBody(Response.prototype, responseParts);

/** A response as it came in. */
export function received(parts: Parts): Response {
  return new Response(parts, INSIDE);
}

/** What a response tells of where it came from. */
export function receivedFrom(parts: Parts, url: string, redirected: boolean): Response {
  parts[Part.More] = { ...NO_MORE, url, redirected };
  return received(parts);
}

/** A response that carries a WebSocket. */
export function receivedSocket(webSocket: WebSocket, headers: string): Response {
  return received([null, false, headers, 101, null, { ...NO_MORE, webSocket }]);
}
