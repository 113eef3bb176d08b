import { bytesIn, drainContent, headersIn, isReady, Part, type Parts, takeContent } from "../web/body";
import { listOf } from "../web/headers";
import { incoming, type Request } from "../web/request";
import { partsOfResponse } from "../web/response";
import { answerWith } from "../web/websocket";
import { NoSuchActor } from "./app";
import { whenDone } from "./operations";
import { type ActorError, reportError, statusOf } from "./errors";
import { type HeaderList, host } from "./host";

/** Says to a stub that the answer stands for an exception, which it throws again. */
export const EXCEPTION_HEADER = "dormouse-exception";

/**
 * Requests whose handlers wait. At the end of the turn most have their response, and are answered
 * without a reaction of their own to the handler's promise. A few are looked at again at the end of
 * later turns.
 */
interface Waiting {
  request: number;
  given: Promise<unknown>;
  life: Life | undefined;
}

/** The life of the object that answers. Should it end, those who wait are told. */
export interface Life {
  broken: { error: unknown } | undefined;
  waiting: Set<(error: unknown) => void>;
}

let waiting: Waiting[] = [];

/** How many are looked at in each turn. */
const MOST_HELD = 8;

const PENDING = Symbol("pending");

/** A request that was sent to an actor: the promise of its answer, what settles that, and the operation. */
export interface Sent {
  promise: unknown;
  operation: number;
  settle(ok: boolean, value: unknown): void;
}

/**
 * What the handler at work has sent last, which may be what it gives as its own answer. Null while no
 * handler is at work whose request may be passed on.
 */
let sent: Sent | undefined | null = null;

/** Waits for the answer of an actor, unless it turns out that the handler does not. */
export function awaitAnswer(asked: Sent): void {
  if (sent === null) {
    whenDone(asked.operation, asked.settle);
    return;
  }
  const before = sent;
  sent = asked;
  if (before) {
    whenDone(before.operation, before.settle);
  }
}

/** Who holds a promise that a handler gave and did not keep: its two functions, and four variables and arguments here. */
const HOLDERS = 6;

/**
 * A handler that gives what a stub's fetch gave it, and keeps nothing of it, is not told of the answer:
 * the host passes it on. Only exceptions come here, by `answerPassed`.
 */
function passOn(request: number, given: unknown): boolean {
  const { promise, operation, settle } = sent!;
  sent = null;
  if (promise === given && host.isForgotten(promise, HOLDERS) && host.passOn(request, operation, EXCEPTION_HEADER) === 0) {
    return true;
  }
  whenDone(operation, settle);
  return false;
}

/** Has a handler answer a request. */
export function answerFetch(request: number, parts: Parts, handle: (request: Request) => unknown, life?: Life): void {
  let given: unknown;
  try {
    // The end of a life must reach those who wait.
    sent = life ? null : undefined;
    given = handle(incoming(parts));
  } catch (error) {
    if (sent) {
      passOn(request, undefined);
    }
    sent = null;
    sendError(request, error);
    return;
  }
  if (sent && passOn(request, given)) {
    return;
  }
  sent = null;
  answer(request, given, life);
}

/** Answers a request that was passed on in vain: with an error, or with what the other actor gave. */
export function answerPassed(request: number, ok: boolean, value: unknown): void {
  if (ok) {
    send(request, value);
  } else {
    sendError(request, value);
  }
}

/** Answers a request with what the handler gave, now or later. */
function answer(request: number, given: unknown, life?: Life): void {
  if (partsOfResponse(given) !== undefined) {
    send(request, given);
    return;
  }
  const response = host.resultOf(given, PENDING);
  if (response !== PENDING) {
    send(request, response);
  } else if (typeof given === "object" && given !== null) {
    waiting.push({ request, given: Promise.resolve(given), life });
    host.awaitIdle(true);
  } else {
    send(request, given);
  }
}

/** The jobs of this turn have run. */
export function answerWaiting(): void {
  const all = waiting;
  waiting = [];
  for (let i = 0; i < all.length; i++) {
    const { request, given, life } = all[i]!;
    const response = host.resultOf(given, PENDING);
    if (life?.broken) {
      given.catch(() => {});
      sendError(request, life.broken.error);
    } else if (response !== PENDING) {
      send(request, response);
    } else if (waiting.length < MOST_HELD && host.promiseState(given) === 0) {
      waiting.push(all[i]!);
    } else {
      answerLater(request, given, life);
    }
  }
  host.awaitIdle(waiting.length > 0);
}

function answerLater(request: number, given: Promise<unknown>, life: Life | undefined): void {
  let isOver = false;
  const end = (how: (request: number, value: unknown) => void) => (value: unknown): void => {
    if (!isOver) {
      isOver = true;
      life?.waiting.delete(fail);
      how(request, value);
    }
  };
  const fail = end(sendError);
  life?.waiting.add(fail);
  given.then(end(send), fail);
}

function send(request: number, given: unknown): void {
  try {
    sendResponse(request, given);
  } catch (error) {
    sendError(request, error);
  }
}

/** Opens or refuses a connection by the response that the handler gives. */
export function answerConnect(connection: number, handle: () => unknown): void {
  host.defer(connection);
  settle(
    handle,
    (given) => {
      const parts = requireResponse(given);
      const webSocket = parts[Part.More]?.webSocket;
      if (webSocket) {
        answerWith(webSocket, connection, headersIn(parts).get("sec-websocket-protocol"));
        return;
      }
      return Promise.resolve(bytesIn(takeContent(parts))).then((bytes) => {
        const refused = host.refuse(connection, parts[Part.Status], typeToSend(parts), listToSend(parts), bytes);
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
        refuseConnect(connection, error);
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

/** The parts of a response that a handler gave. */
function requireResponse(given: unknown): Parts {
  const parts = partsOfResponse(given);
  if (parts === undefined) {
    throw new TypeError(
      `fetch() must give a Response, but gave ${given === undefined ? "undefined" : typeof given}`,
    );
  }
  return parts;
}

function sendResponse(request: number, given: unknown): void {
  const parts = requireResponse(given);
  if (parts[Part.More] !== null && parts[Part.More].webSocket) {
    throw new TypeError("A response with a webSocket answers only a request with Upgrade: websocket");
  }
  const content = takeContent(parts);
  if (isReady(content)) {
    respond(request, parts, content);
  } else {
    drainContent(content).then((bytes) => respond(request, parts, bytes)).then(undefined, (error) => sendError(request, error));
  }
}

/** The headers as the host takes them, and the type that goes before them. */
function listToSend(parts: Parts): HeaderList | null {
  const headers = parts[Part.Headers];
  return headers === null || typeof headers === "string" ? headers : listOf(headers);
}

function typeToSend(parts: Parts): string | null {
  return parts[Part.Headers] === null ? parts[Part.Type] : null;
}

function respond(request: number, parts: Parts, content: string | Uint8Array | null): void {
  const headers = parts[Part.Headers];
  const refused = host.respond(
    request,
    parts[Part.Status] || 502,
    headers === null ? parts[Part.Type] : null,
    headers === null || typeof headers === "string" ? headers : listOf(headers),
    content,
  );
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
  const code = typeof known?.code === "string" && /^[ -~]*$/.test(known.code) ? ["dormouse-code", known.code.slice(0, 64)] : [];
  const headers = [EXCEPTION_HEADER, base(exception), ...code];
  const own = ownError(error);
  if (own === undefined) {
    problem(request, 500, "uncaught_exception", HIDDEN, headers);
  } else {
    problem(request, own.status, own.code, own.detail, own.status === 503 ? [...headers, "retry-after", "1"] : headers);
  }
}

/** What the public is told of an error of the server's own. One that came by way of another actor may have its text from there. */
function ownError(error: unknown): { status: number; code: string; detail: string } | undefined {
  const status = statusOf(error);
  if (status === undefined) {
    return undefined;
  }
  const { code, message, remote } = error as ActorError & { remote?: boolean };
  return { status, code, detail: remote ? "an actor that was asked for the answer failed; the log says more" : message };
}

/** Answers with a problem document, in the form that the server itself gives them. */
function problem(request: number, status: number, code: string, detail: string, headers: string[]): void {
  const words = code.replaceAll("_", " ");
  const title = words[0]!.toUpperCase() + words.slice(1);
  const body = JSON.stringify({ type: "urn:dormouse:problem:" + code, title, status, detail, code });
  host.respond(request, status, "application/problem+json", headers, body);
}

function base(text: string): string {
  return encodeURIComponent(text.slice(0, 2000).toWellFormed());
}

/** Refuses a connection for an exception, which has been logged. */
export function refuseConnect(connection: number, error: unknown): void {
  const known = ownError(error);
  host.reject(connection, known?.status ?? 500, known ? `${known.code}: ${known.detail}` : "uncaught_exception: " + HIDDEN);
}

/** Answers that the actor takes no more events for now. */
export function refuseFetch(request: number): void {
  problem(request, 503, "overloaded", "too many events wait for the actor to start", ["retry-after", "1"]);
}
