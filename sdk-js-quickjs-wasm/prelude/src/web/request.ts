import { AbortController, AbortSignal } from "./abort";
import { type Body, extract, headersIn, mixBody, Part, type Parts, splitContent, takeContent } from "./body";
import { Headers } from "./headers";
import { URL } from "./url";

const INSIDE = Symbol("inside");
const NORMALISED = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]);

export interface Request extends Body {}

export class Request {
  #parts: Parts;

  constructor(input: unknown, init?: any) {
    if (init === INSIDE) {
      this.#parts = input as Parts;
      return;
    }
    init ??= {};
    const from = input instanceof Request ? input.#parts : undefined;
    const parts: Parts = from
      ? [null, false, null, from[Part.Url], from[Part.Method], from[Part.Redirect], from[Part.Signal]]
      : [null, false, null, addressOf(input), "GET", undefined, undefined];
    this.#parts = parts;
    if (init.method !== undefined) {
      const method = String(init.method);
      if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method) || /^(CONNECT|TRACE|TRACK)$/i.test(method)) {
        throw new TypeError(`"${method}" is no method for a request`);
      }
      parts[Part.Method] = NORMALISED.has(method.toUpperCase()) ? method.toUpperCase() : method;
    }
    if (init.redirect !== undefined) {
      if (!["follow", "manual", "error"].includes(init.redirect)) {
        throw new TypeError(`redirect is "follow", "manual" or "error", not "${String(init.redirect)}"`);
      }
      parts[Part.Redirect] = init.redirect;
    }
    if (init.signal !== undefined) {
      if (init.signal !== null && !(init.signal instanceof AbortSignal)) {
        throw new TypeError("signal is no AbortSignal");
      }
      parts[Part.Signal] = init.signal ?? undefined;
    }
    const headers = new Headers(init.headers ?? (from && headersIn(from)));
    parts[Part.Headers] = headers;
    if (init.body !== undefined && init.body !== null) {
      if (parts[Part.Method] === "GET" || parts[Part.Method] === "HEAD") {
        throw new TypeError(`A ${parts[Part.Method]} request has no body`);
      }
      const { content, type } = extract(init.body);
      if (type && !headers.has("content-type")) {
        headers.set("content-type", type);
      }
      parts[Part.Content] = content;
    } else if (from) {
      parts[Part.Content] = takeContent(from);
    }
  }

  static parts(request: Request): Parts {
    return request.#parts;
  }

  /** Undefined for what is no request. */
  static partsIn(value: unknown): Parts | undefined {
    return typeof value === "object" && value !== null && #parts in value ? value.#parts : undefined;
  }

  static is(value: unknown): value is Request {
    return typeof value === "object" && value !== null && #parts in value;
  }

  get url(): string {
    return this.#parts[Part.Url];
  }

  get method(): string {
    return this.#parts[Part.Method];
  }

  get redirect(): "follow" | "manual" | "error" {
    return this.#parts[Part.Redirect] ?? "follow";
  }

  get signal(): AbortSignal {
    return (this.#parts[Part.Signal] ??= new AbortController().signal);
  }

  get cache(): string {
    return "default";
  }

  get credentials(): string {
    return "same-origin";
  }

  get mode(): string {
    return "cors";
  }

  get integrity(): string {
    return "";
  }

  get keepalive(): boolean {
    return false;
  }

  get cf(): undefined {
    return undefined;
  }

  clone(): Request {
    const parts = this.#parts.slice();
    parts[Part.Content] = splitContent(this.#parts);
    parts[Part.Headers] = new Headers(headersIn(this.#parts));
    return new Request(parts, INSIDE);
  }
}

function addressOf(input: unknown): string {
  const url = new URL(input);
  if (url.username || url.password) {
    throw new TypeError("A request's URL has no user name and password; use an Authorization header");
  }
  return url.href;
}

export const { parts: requestParts, partsIn: partsOfRequest, is: isRequest } = Request;
for (const name of ["parts", "partsIn", "is"]) {
  delete (Request as any)[name];
}
mixBody(Request.prototype, requestParts);

/** A request as it came in: its URL is not parsed, its headers cannot be changed. */
export function incoming(parts: Parts): Request {
  return new Request(parts, INSIDE);
}
