import type { HeaderPairs } from "../core/host";
import { AbortController, AbortSignal } from "./abort";
import { Body, type Content, extract, setContent, splitContent, takeContent } from "./body";
import { Headers, headersOf } from "./headers";
import { URL } from "./url";

const INSIDE = Symbol("inside");

interface Inside {
  url: string;
  method: string;
  headers: HeaderPairs;
  content: Content;
}

const NORMALISED = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]);

export class Request extends Body {
  #url: string;
  #method = "GET";
  #headers: Headers;
  #redirect: "follow" | "manual" | "error" = "follow";
  #signal: AbortSignal | undefined;

  constructor(input: unknown, init: any = {}) {
    super();
    if (init?.[INSIDE]) {
      const inside = init[INSIDE] as Inside;
      this.#url = inside.url;
      this.#method = inside.method;
      this.#headers = headersOf(inside.headers, true);
      setContent(this, inside.content);
      return;
    }
    init ??= {};
    const from = input instanceof Request ? input : undefined;
    if (from) {
      this.#url = from.#url;
      this.#method = from.#method;
      this.#redirect = from.#redirect;
      this.#signal = from.#signal;
    } else {
      const url = new URL(input);
      if (url.username || url.password) {
        throw new TypeError("A request's URL has no user name and password; use an Authorization header");
      }
      this.#url = url.href;
    }
    if (init.method !== undefined) {
      const method = String(init.method);
      if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method) || /^(CONNECT|TRACE|TRACK)$/i.test(method)) {
        throw new TypeError(`"${method}" is no method for a request`);
      }
      this.#method = NORMALISED.has(method.toUpperCase()) ? method.toUpperCase() : method;
    }
    if (init.redirect !== undefined) {
      if (!["follow", "manual", "error"].includes(init.redirect)) {
        throw new TypeError(`redirect is "follow", "manual" or "error", not "${String(init.redirect)}"`);
      }
      this.#redirect = init.redirect;
    }
    if (init.signal !== undefined) {
      if (init.signal !== null && !(init.signal instanceof AbortSignal)) {
        throw new TypeError("signal is no AbortSignal");
      }
      this.#signal = init.signal ?? undefined;
    }
    this.#headers = new Headers(init.headers ?? from?.headers);
    if (init.body !== undefined && init.body !== null) {
      if (this.#method === "GET" || this.#method === "HEAD") {
        throw new TypeError(`A ${this.#method} request has no body`);
      }
      const { content, type } = extract(init.body);
      if (type && !this.#headers.has("content-type")) {
        this.#headers.set("content-type", type);
      }
      setContent(this, content);
    } else if (from) {
      setContent(this, takeContent(from));
    }
  }

  get url(): string {
    return this.#url;
  }

  get method(): string {
    return this.#method;
  }

  get headers(): Headers {
    return this.#headers;
  }

  get redirect(): "follow" | "manual" | "error" {
    return this.#redirect;
  }

  get signal(): AbortSignal {
    return (this.#signal ??= new AbortController().signal);
  }

  static signal(request: Request): AbortSignal | undefined {
    return request.#signal;
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
    const clone = new Request(null, {
      [INSIDE]: { url: this.#url, method: this.#method, headers: [], content: splitContent(this) },
    });
    clone.#headers = new Headers(this.#headers);
    clone.#redirect = this.#redirect;
    clone.#signal = this.#signal;
    return clone;
  }
}

/** The signal that the request was given, without making one. */
export const signalOf = Request.signal;
delete (Request as any).signal;

/** A request as it came in: its URL is not parsed, its headers cannot be changed. */
export function incoming(url: string, method: string, headers: HeaderPairs, content: Content): Request {
  return new Request(null, { [INSIDE]: { url, method, headers, content } });
}
