import type { Binding } from "../core/app";
import { EXCEPTION_HEADER } from "../core/answers";
import { actorError, coded } from "../core/errors";
import { host } from "../core/host";
import { begin, outcome } from "../core/operations";
import { drainContent, headersIn, isReady, Part, type Parts, takeContent } from "../web/body";
import { headersToSend, onward, upgraded, wantsWebSocket } from "../web/fetch";
import { listOf } from "../web/headers";
import { isRequest, Request, requestParts } from "../web/request";
import { received, type Response } from "../web/response";
import { DurableObjectId, idFromName, idFromString, newUniqueId, targetOf } from "./id";
import { member } from "./references";
import { callRemote } from "./rpc";

type HeaderPairs = [string, string][];
/** How an actor refuses a connection. */
type Refusal = [number, HeaderPairs, Uint8Array];

/** Says to the actor what scheme and authority the URL had that its caller used. */
const ORIGIN_HEADER = "dormouse-origin";

/** Sends a request to an actor of this server, as `fetch` of a stub does. */
export function fetchActor(namespace: string | null, actor: string, input: unknown, init?: unknown): Promise<Response> {
  try {
    const request =
      init === undefined && isRequest(input)
        ? input
        : new Request(typeof input === "string" && input.startsWith("/") ? "http://actor" + input : input, init);
    const parts = requestParts(request);
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

function ask(namespace: string | null, actor: string, parts: Parts, content: string | Uint8Array | null): Promise<Response> {
  const headers = headersToSend(parts);
  const start = (): number => host.actorFetch(namespace, actor, parts[Part.Method], parts[Part.Url], headers, content);
  return new Promise((resolve, reject) => {
    begin(start, (ok, value) => {
      if (!ok) {
        reject(actorError(String(value)));
        return;
      }
      const answer = value as Parts;
      if (answer[Part.Headers].includes(EXCEPTION_HEADER)) {
        const exception = exceptionIn(answer);
        if (exception) {
          reject(exception);
          return;
        }
      }
      resolve(received(answer));
    });
  });
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
  const [status, pairs, body] = answer as Refusal;
  const refusal: Parts = [body, false, pairs.map(([name, value]) => name.toLowerCase() + "\0" + value).join("\0"), status, null, null];
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

export class DurableObjectStub {
  #id: DurableObjectId | undefined;
  /** What was asked of the stub before, by name. */
  #members: Map<string, unknown> | undefined;

  static of(id: DurableObjectId): DurableObjectStub {
    const stub = new DurableObjectStub();
    stub.#id = id;
    return stub;
  }

  static member(stub: DurableObjectStub, key: string): unknown {
    const id = stub.#id!;
    if (key === "id") {
      return id;
    }
    if (key === "name") {
      return id.name;
    }
    const members = (stub.#members ??= new Map());
    let found = members.get(key);
    if (found === undefined) {
      const { actor, namespace } = targetOf(id);
      found =
        key === "fetch"
          ? (input: unknown, init?: unknown) => fetchActor(namespace, actor, input, init)
          : member((path, args) => callRemote(namespace, actor, null, path, args), [key]);
      members.set(key, found);
    }
    return found;
  }

  [Symbol.dispose](): void {}
}

const { of: newStub, member: memberOf } = DurableObjectStub;
for (const name of ["of", "member"]) {
  delete (DurableObjectStub as any)[name];
}

const STUBS: ProxyHandler<DurableObjectStub> = {
  get: (stub, key) =>
    typeof key === "symbol" || key === "then" || key === "constructor" ? Reflect.get(stub, key) : memberOf(stub, key),
  has: (_stub, key) => typeof key === "string",
  set: () => false,
};

/** A stub: `fetch`, and the remote methods of the object under their own names. */
export function stubFor(id: DurableObjectId): object {
  return new Proxy(newStub(id), STUBS);
}

export class DurableObjectNamespace {
  #binding: Binding;

  constructor(binding: Binding) {
    this.#binding = binding;
  }

  idFromName(name: unknown): DurableObjectId {
    return idFromName(this.#binding, name);
  }

  idFromString(text: unknown): DurableObjectId {
    return idFromString(this.#binding, text);
  }

  newUniqueId(): DurableObjectId {
    return newUniqueId(this.#binding);
  }

  get(id: unknown): object {
    if (!(id instanceof DurableObjectId)) {
      throw new TypeError("get() takes an id from idFromName(), idFromString() or newUniqueId()");
    }
    return stubFor(id);
  }

  getByName(name: unknown): object {
    return stubFor(this.idFromName(name));
  }

  /** Jurisdictions are places; this server is in one. */
  jurisdiction(): DurableObjectNamespace {
    return this;
  }
}
