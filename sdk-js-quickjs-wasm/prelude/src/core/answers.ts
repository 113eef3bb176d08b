import { bytesIn, takeContent } from "../web/body";
import { pairsOf } from "../web/headers";
import { incoming, type Request } from "../web/request";
import { Response } from "../web/response";
import { answerWith } from "../web/websocket";
import { NoSuchActor } from "./app";
import { type ActorError, reportError } from "./errors";
import { type HeaderPairs, host } from "./host";

/** Says to a stub that the answer stands for an exception, which it throws again. */
export const EXCEPTION_HEADER = "dormouse-exception";
/** Scheme and authority of the URL that a caller inside the server used. */
export const ORIGIN_HEADER = "dormouse-origin";

/** A request as handlers see it, from an event of the host. */
export function requestOf(method: string, url: string, headers: HeaderPairs, body: Uint8Array | null): Request {
  let origin = "";
  let authority = "localhost";
  let kept = headers;
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (lower === ORIGIN_HEADER) {
      origin = /^https?:\/\/[^/?#]+$/.test(value) ? value : origin;
      kept = headers.filter(([other]) => other.toLowerCase() !== ORIGIN_HEADER);
    } else if (lower === "host" && value) {
      authority = value;
    }
  }
  const whole = url.startsWith("/") ? (origin || "http://" + authority) + url : url;
  return incoming(whole, method, kept, body && body.length > 0 ? body : null);
}

/** The request that asked for a connection. */
export function upgradeRequest(url: string, headers: HeaderPairs): Request {
  const asks = headers.some(([name]) => name.toLowerCase() === "upgrade");
  return requestOf("GET", url, asks ? headers : [...headers, ["upgrade", "websocket"]], null);
}

/** Answers a request with what the handler gives, now or later. */
export function answerFetch(request: number, handle: () => unknown): void {
  settle(handle, (response) => sendResponse(request, response), (error) => sendError(request, error));
}

/** Opens or refuses a connection by the response that the handler gives. */
export function answerConnect(connection: number, handle: () => unknown): void {
  host.defer(connection);
  settle(
    handle,
    (given) => {
      const response = requireResponse(given);
      if (response.webSocket) {
        answerWith(response.webSocket, connection, response.headers.get("sec-websocket-protocol"));
        return;
      }
      return Promise.resolve(bytesIn(takeContent(response))).then((bytes) => {
        const refused = host.refuse(connection, response.status, sendable(pairsOf(response.headers)), bytes);
        if (refused !== 0 && refused !== 4) {
          host.reject(connection, 502, "the app refused the WebSocket with a response that HTTP does not allow");
        }
      });
    },
    (error) => {
      reportError(error);
      if (error instanceof NoSuchActor) {
        host.reject(connection, 404, error.message);
      } else {
        host.reject(connection, 500, "uncaught_exception: " + HIDDEN);
      }
    },
  );
}

function settle(handle: () => unknown, done: (value: unknown) => unknown, failed: (error: unknown) => void): void {
  let result: unknown;
  try {
    result = handle();
    if (!isThenable(result)) {
      result = done(result);
      if (!isThenable(result)) {
        return;
      }
      (result as Promise<unknown>).then(undefined, failed);
      return;
    }
  } catch (error) {
    failed(error);
    return;
  }
  (result as Promise<unknown>).then(done).then(undefined, failed);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as any).then === "function";
}

function requireResponse(given: unknown): Response {
  if (!(given instanceof Response)) {
    throw new TypeError(
      `fetch() must give a Response, but gave ${given === undefined ? "undefined" : typeof given}`,
    );
  }
  return given;
}

function sendResponse(request: number, given: unknown): unknown {
  const response = requireResponse(given);
  if (response.webSocket) {
    throw new TypeError("A response with a webSocket answers only a request with Upgrade: websocket");
  }
  const bytes = bytesIn(takeContent(response));
  const headers = pairsOf(response.headers);
  if (bytes instanceof Uint8Array) {
    respond(request, response.status, headers, bytes);
    return;
  }
  return bytes.then((all) => respond(request, response.status, headers, all));
}

function respond(request: number, status: number, headers: HeaderPairs, body: Uint8Array): void {
  const refused = host.respond(request, status || 502, sendable(headers), body);
  if (refused !== 0 && refused !== 4) {
    problem(
      request,
      500,
      refused === 2 ? "payload_too_large" : "bad_response",
      refused === 2 ? "the response is larger than the server's limit" : "the response has a header or status that HTTP does not allow",
      [],
    );
  }
}

function sendable(headers: HeaderPairs): HeaderPairs {
  return headers.some(([name]) => OWN_TO_THE_HOST.test(name)) ? headers.filter(([name]) => !OWN_TO_THE_HOST.test(name)) : headers;
}

const OWN_TO_THE_HOST = /^(content-length|transfer-encoding|connection|keep-alive|upgrade)$/;

/** What the public is told of an exception: its text may name what is nobody else's business. */
const HIDDEN = "the actor threw an exception; its log says which";

/**
 * Logs an exception and answers the request with it. Its text goes in a header, to be thrown again by a
 * stub; the server takes such headers out of what leaves it.
 */
export function sendError(request: number, error: unknown): void {
  if (error instanceof NoSuchActor) {
    problem(request, 404, "actor_not_found", error.message, []);
    return;
  }
  reportError(error);
  const known = error as Partial<ActorError> | null | undefined;
  const exception = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  problem(request, 500, "uncaught_exception", HIDDEN, [
    [EXCEPTION_HEADER, base(exception)],
    ...(typeof known?.code === "string" ? ([["dormouse-code", known.code.slice(0, 64)]] as HeaderPairs) : []),
  ]);
}

const TITLES: Record<number, string> = { 404: "Not Found", 500: "Internal Server Error", 503: "Service Unavailable" };

function problem(request: number, status: number, code: string, detail: string, headers: HeaderPairs): void {
  const body = JSON.stringify({ type: "about:blank", title: TITLES[status], status, code, detail });
  host.respond(request, status, [["content-type", "application/problem+json"], ...headers.filter(([, v]) => /^[ -~]*$/.test(v))], host.utf8Encode(body));
}

function base(text: string): string {
  return encodeURIComponent(text.slice(0, 2000).toWellFormed());
}

/** Answers that the actor takes no more events for now. */
export function refuseFetch(request: number): void {
  problem(request, 503, "overloaded", "too many events wait for the actor to start", [["retry-after", "1"]]);
}
