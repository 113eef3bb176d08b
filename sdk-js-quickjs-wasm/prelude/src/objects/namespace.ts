import type { Binding } from "../core/app";
import { answerPassed, awaitAnswer, EXCEPTION_HEADER } from "../core/answers";
import { actorError, coded } from "../core/errors";
import { host } from "../core/host";
import { begin, outcome } from "../core/operations";
import { drainContent, headersIn, isReady, Part, type Parts, takeContent } from "../web/body";
import { headersToSend, onward, upgraded, wantsWebSocket } from "../web/fetch";
import { listOf } from "../web/headers";
import { partsOfRequest, Request, requestParts } from "../web/request";
import { received, type Response } from "../web/response";
import { DurableObjectId, type Home, homeOf, idFromName, idFromString, newUniqueId, targetOf } from "./id";
import { member } from "./references";
import { callRemote } from "./rpc";

type HeaderPairs = [string, string][];
/** How an actor refuses a connection; any other answer looks the same. */
type Refusal = [number, HeaderPairs, Uint8Array];

/** Says to the actor what scheme and authority the URL had that its caller used. */
const ORIGIN_HEADER = "dormouse-origin";

/** Sends a request to an actor of this server, as `fetch` of a stub does. */
export function fetchActor(namespace: string | null, actor: string, input: unknown, init?: unknown): Promise<Response> {
  try {
    const parts =
      (init === undefined ? partsOfRequest(input) : undefined) ??
      requestParts(new Request(typeof input === "string" && input.startsWith("/") ? "http://actor" + input : input, init));
    if (wantsWebSocket(parts)) {
      return connectActor(namespace, actor, parts);
    }
    const content = takeContent(parts);
    if (!isReady(content)) {
      return drainContent(content).then((bytes) => ask(namespace, actor, parts, bytes));
    }
    return ask(namespace, actor, parts, content);
  } catch (error) {
    return Promise.reject(error);
  }
}

type Resolve = (response: Response) => void;
type Reject = (error: unknown) => void;

// The functions of the promise that was made last.
let resolveLast: Resolve | undefined;
let rejectLast: Reject | undefined;
const take = (resolve: Resolve, reject: Reject): void => {
  resolveLast = resolve;
  rejectLast = reject;
};

function ask(namespace: string | null, actor: string, parts: Parts, content: string | Uint8Array | null): Promise<Response> {
  const headers = headersToSend(parts);
  const operation = host.actorFetch(namespace, actor, parts[Part.Method], parts[Part.Url], headers, content);
  const promise = new Promise(take);
  const resolve = resolveLast!;
  const reject = rejectLast!;
  resolveLast = rejectLast = undefined;
  const settle = (ok: boolean, value: unknown): void => {
    if (!ok) {
      reject(actorError(String(value)));
      return;
    }
    const answer = value as Parts;
    const exception = answer[Part.Headers].includes(EXCEPTION_HEADER) ? exceptionIn(answer) : undefined;
    if (exception) {
      reject(exception);
    } else {
      resolve(received(answer));
    }
  };
  if (operation !== 0) {
    awaitAnswer({ promise, operation, settle });
  } else {
    begin(() => host.actorFetch(namespace, actor, parts[Part.Method], parts[Part.Url], headers, content), settle);
  }
  return promise;
}

/** A request that the host was to pass on has failed, or has an answer that stands for an exception. */
export function passedInVain(request: number, ok: boolean, value: unknown): void {
  if (!ok) {
    answerPassed(request, false, actorError(String(value)));
    return;
  }
  const answer = partsOfAnswer(value as Refusal);
  const exception = exceptionIn(answer);
  answerPassed(request, exception === undefined, exception ?? received(answer));
}

/** The parts of an answer as the host has it. */
function partsOfAnswer([status, pairs, body]: Refusal): Parts {
  return [body, false, pairs.map(([name, value]) => name.toLowerCase() + "\0" + value).join("\0"), status, null, null];
}

async function connectActor(namespace: string | null, actor: string, parts: Parts): Promise<Response> {
  const [, origin, rest] = /^([a-z]+:\/\/[^/?#]*)([^#]*)/.exec(parts[Part.Url])!;
  const path = rest!.startsWith("/") ? rest! : "/" + rest;
  const given = headersIn(parts);
  const headers = ["host", origin!.slice(origin!.indexOf("//") + 2), ORIGIN_HEADER, origin!];
  const sent = onward(listOf(given));
  for (let i = 0; i < sent.length; i += 2) {
    if (sent[i] !== ORIGIN_HEADER) {
      headers.push(sent[i]!, sent[i + 1]!);
    }
  }
  const protocols = given.get("sec-websocket-protocol");
  if (protocols !== null) {
    headers.push("sec-websocket-protocol", protocols);
  }
  const answer = await outcome<[number, string | null] | Refusal>(() => host.actorConnect(namespace, actor, path, headers));
  if (answer[0] >= 1000) {
    return upgraded(answer[0], answer[1] as string | null);
  }
  const refusal = partsOfAnswer(answer as Refusal);
  const exception = exceptionIn(refusal);
  if (exception) {
    throw exception;
  }
  return received(refusal);
}

/** The exception that an answer stands for, if it does. */
function exceptionIn(answer: Parts): Error | undefined {
  const headers = headersIn(answer);
  const exception = headers.get(EXCEPTION_HEADER);
  if (exception === null) {
    return undefined;
  }
  const text = decodeURIComponent(exception);
  const [, name, message] = /^([A-Za-z_$][\w$]*): ?([\s\S]*)$/.exec(text) ?? ["", "Error", text];
  const kinds: Record<string, ErrorConstructor> = { TypeError, RangeError, SyntaxError, ReferenceError, URIError, EvalError };
  const error = new (kinds[name!] ?? Error)(message);
  if (error.name !== name) {
    Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  }
  const code = headers.get("dormouse-code") ?? "uncaught_exception";
  const { overloaded, retryable } = coded(code, "");
  return Object.assign(error, { code, overloaded, retryable, remote: true });
}

/** A stub: `fetch`, and the remote methods of the object under their own names. */
export class DurableObjectStub {
  #id: DurableObjectId;
  /** The remote methods that were asked of the stub before, by name. */
  #members: Map<string, unknown> | undefined;

  constructor(id: DurableObjectId) {
    this.#id = id;
  }

  static member(stub: unknown, key: string): unknown {
    if (typeof stub !== "object" || stub === null || !(#id in stub)) {
      return undefined;
    }
    const members = (stub.#members ??= new Map());
    let found = members.get(key);
    if (found === undefined) {
      const target = targetOf(stub.#id);
      found = member((path, args) => callRemote(target[1], target[0], null, path, args), [key]);
      members.set(key, found);
    }
    return found;
  }

  fetch(input: unknown, init?: unknown): Promise<Response> {
    const target = targetOf(this.#id);
    return fetchActor(target[1], target[0], input, init);
  }

  get id(): DurableObjectId {
    return this.#id;
  }

  get name(): string | undefined {
    return this.#id.name;
  }

  [Symbol.dispose](): void {}
}

const memberOf = DurableObjectStub.member;
delete (DurableObjectStub as any).member;
Object.defineProperty(DurableObjectStub.prototype, "fetch", { writable: false });

/** What a stub does not have itself is a remote method: found last, so that what it has costs no more than in other objects. */
Object.setPrototypeOf(
  DurableObjectStub.prototype,
  new Proxy(
    {},
    {
      get: (target, key, stub) => (typeof key === "symbol" || key === "then" ? Reflect.get(target, key, stub) : memberOf(stub, key)),
      has: (_target, key) => typeof key === "string",
      set: () => false,
    },
  ),
);

export class DurableObjectNamespace {
  #home: Home;

  constructor(binding: Binding) {
    this.#home = homeOf(binding);
  }

  idFromName(name: unknown): DurableObjectId {
    return idFromName(this.#home, name);
  }

  idFromString(text: unknown): DurableObjectId {
    return idFromString(this.#home, text);
  }

  newUniqueId(): DurableObjectId {
    return newUniqueId(this.#home);
  }

  get(id: unknown): object {
    if (!(id instanceof DurableObjectId)) {
      throw new TypeError("get() takes an id from idFromName(), idFromString() or newUniqueId()");
    }
    return new DurableObjectStub(id);
  }

  getByName(name: unknown): object {
    return new DurableObjectStub(idFromName(this.#home, name));
  }

  /** Jurisdictions are places; this server is in one. */
  jurisdiction(): DurableObjectNamespace {
    return this;
  }
}
