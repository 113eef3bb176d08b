import type { Binding } from "../core/app";
import { EXCEPTION_HEADER, ORIGIN_HEADER } from "../core/answers";
import { coded } from "../core/errors";
import { type HeaderPairs, host } from "../core/host";
import { outcome } from "../core/operations";
import { bytesIn, takeContent } from "../web/body";
import { onward, responseFrom, upgraded, wantsWebSocket } from "../web/fetch";
import { pairsOf } from "../web/headers";
import { Request } from "../web/request";
import type { Response } from "../web/response";
import { DurableObjectId, idFromName, idFromString, newUniqueId, targetOf } from "./id";
import { member, type Send } from "./references";
import { callRemote } from "./rpc";

type Answer = [number, HeaderPairs, Uint8Array];

/** Sends a request to an actor of this server, as `fetch` of a stub does. */
export async function fetchActor(namespace: string | null, actor: string, input: unknown, init?: unknown): Promise<Response> {
  const request =
    input instanceof Request && init === undefined
      ? input
      : new Request(typeof input === "string" && input.startsWith("/") ? "http://actor" + input : input, init);
  const [, origin, rest] = /^([a-z]+:\/\/[^/?#]*)([^#]*)/.exec(request.url)!;
  const path = rest!.startsWith("/") ? rest! : "/" + rest;
  const pairs = pairsOf(request.headers);
  const headers: HeaderPairs = [
    ["host", origin!.slice(origin!.indexOf("//") + 2)],
    [ORIGIN_HEADER, origin!],
    ...onward(pairs).filter(([name]) => name !== ORIGIN_HEADER),
  ];
  if (wantsWebSocket(pairs)) {
    const protocols = pairs.filter(([name]) => name === "sec-websocket-protocol");
    const answer = await outcome<[number, string | null] | Answer>(
      host.actorConnect(namespace, actor, path, [...headers, ...protocols]),
    );
    return answer[0] >= 1000 ? upgraded(answer[0], answer[1] as string | null) : fromActor(answer as Answer);
  }
  const body = await bytesIn(takeContent(request));
  return fromActor(await outcome<Answer>(host.actorFetch(namespace, actor, request.method, path, headers, body)));
}

function fromActor(answer: Answer): Response {
  const exception = answer[1].find(([name]) => name.toLowerCase() === EXCEPTION_HEADER);
  if (!exception) {
    return responseFrom(answer);
  }
  const text = decodeURIComponent(exception[1]);
  const [, name, message] = /^([A-Za-z_$][\w$]*): ?([\s\S]*)$/.exec(text) ?? ["", "Error", text];
  const kinds: Record<string, ErrorConstructor> = { TypeError, RangeError, SyntaxError, ReferenceError, URIError, EvalError };
  const error = new (kinds[name!] ?? Error)(message);
  if (error.name !== name) {
    Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  }
  const code = answer[1].find(([header]) => header.toLowerCase() === "dormouse-code")?.[1] ?? "uncaught_exception";
  const { overloaded, retryable } = coded(code, "");
  throw Object.assign(error, { code, overloaded, retryable, remote: true });
}

/** A stub: `fetch`, and the remote methods of the object under their own names. */
export function stubFor(id: DurableObjectId): object {
  const { actor, namespace } = targetOf(id);
  const methods = new Map<string, unknown>();
  const send: Send = (path, args) => callRemote(namespace, actor, null, path, args);
  const own: Record<string, unknown> = {
    __proto__: null,
    id,
    name: id.name,
    fetch: (input: unknown, init?: unknown) => fetchActor(namespace, actor, input, init),
  };
  return new Proxy(Object.create(DurableObjectStub.prototype), {
    get(target, key) {
      if (typeof key === "symbol" || key === "then" || key === "constructor") {
        return Reflect.get(target, key);
      }
      if (key in own) {
        return own[key];
      }
      let method = methods.get(key);
      if (!method) {
        method = member(send, [key]);
        methods.set(key, method);
      }
      return method;
    },
    has: (_target, key) => typeof key === "string",
    set: () => false,
  });
}

export class DurableObjectStub {
  [Symbol.dispose](): void {}
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
