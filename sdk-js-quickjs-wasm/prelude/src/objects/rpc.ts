import { coded, DOMException, reportError } from "../core/errors";
import { host } from "../core/host";
import { outcome } from "../core/operations";

/**
 * Remote calls. The payload of a call is the array `[method, [argument, …]]`, or `[property]` to read
 * one; its answer is `[0, value]`, or `[1, error]` for what the callee threw.
 */
export type CallPayload = [string, unknown[]] | [string];
type Answer = [0, unknown] | [1, unknown];

/** For objects that would be passed by reference; Dormouse passes values only. */
export class RpcTarget {}

const RESERVED = new Set([
  "constructor",
  "fetch",
  "alarm",
  "connect",
  "webSocketMessage",
  "webSocketClose",
  "webSocketError",
  "dup",
]);

export async function callRemote(namespace: string | null, actor: string, payload: CallPayload): Promise<unknown> {
  payload[1]?.forEach((argument) => requireValue(argument));
  const answer = await outcome<Answer>(host.actorCall(namespace, actor, payload));
  if (!Array.isArray(answer) || answer.length !== 2) {
    throw coded("bad_request", "the actor gave an answer that is no answer of a remote call");
  }
  if (answer[0] === 0) {
    return answer[1];
  }
  const error = answer[1];
  if (error instanceof Error) {
    Object.defineProperty(error, "remote", { value: true, enumerable: true, configurable: true, writable: true });
  }
  throw error;
}

/** Calls the method of the object that a payload names, and answers. */
export function answerCall(
  request: number,
  target: object | null,
  refusal: unknown,
  payload: unknown,
  whileAlive: (handle: () => unknown) => unknown,
): void {
  const fail = (error: unknown): void => {
    reportError(error, "Uncaught (in a remote call)");
    respond(request, [1, portable(error)]);
  };
  let result: unknown;
  try {
    if (target === null) {
      throw refusal;
    }
    result = whileAlive(() => invoke(target, payload));
  } catch (error) {
    fail(error);
    return;
  }
  Promise.resolve(result).then((value) => {
    requireValue(value);
    respond(request, [0, value]);
  }).then(undefined, fail);
}

function invoke(target: object, payload: unknown): unknown {
  if (!Array.isArray(payload) || typeof payload[0] !== "string" || (payload.length > 1 && !Array.isArray(payload[1]))) {
    throw new TypeError("A remote call is an array of the method's name and its arguments");
  }
  const [name, args] = payload as [string, unknown[]?];
  if (RESERVED.has(name) || !(name in target) || Object.hasOwn(target, name) || name in Object.prototype) {
    throw new TypeError(`The RPC receiver does not implement the method "${name}".`);
  }
  const member = (target as any)[name];
  if (!args) {
    if (typeof member === "function") {
      throw new TypeError(`"${name}" is a method: call it. Methods are not passed by reference`);
    }
    return member;
  }
  if (typeof member !== "function") {
    throw new TypeError(`"${name}" is not a function.`);
  }
  return member.apply(target, args);
}

/** Refuses what would be passed by reference, and instances of classes, which would arrive as plain objects. */
function requireValue(value: unknown, above: object[] = []): void {
  if (typeof value === "function" || value instanceof RpcTarget) {
    refuse("functions and RpcTarget objects are not passed by reference");
  }
  if (typeof value !== "object" || value === null || above.includes(value) || above.length > 128) {
    return;
  }
  const within = [...above, value];
  if (Array.isArray(value)) {
    value.forEach((item) => requireValue(item, within));
  } else if (value instanceof Map) {
    value.forEach((item, key) => (requireValue(key, within), requireValue(item, within)));
  } else if (value instanceof Set) {
    value.forEach((item) => requireValue(item, within));
  } else {
    const prototype = Object.getPrototypeOf(value);
    if (prototype === null || prototype === Object.prototype) {
      Object.values(value).forEach((item) => requireValue(item, within));
    } else if (!isBuiltIn(value)) {
      refuse(`an object of the class ${prototype.constructor?.name || "(anonymous)"} is no value`);
    }
  }
}

function isBuiltIn(value: object): boolean {
  return (
    ArrayBuffer.isView(value) ||
    [Date, RegExp, Error, ArrayBuffer, Number, String, Boolean, BigInt].some((type) => value instanceof type)
  );
}

function refuse(why: string): never {
  throw new DOMException("Could not serialize: remote calls pass values, and " + why, "DataCloneError");
}

function respond(request: number, answer: Answer): void {
  const refused = host.rpcRespond(request, true, answer);
  if (refused !== 0 && refused !== 4) {
    host.rpcRespond(request, false, "payload_too_large: the result of the call is larger than the server's limit");
  }
}

/** An error in the form that goes to the caller: without what cannot be encoded. */
function portable(error: unknown): unknown {
  if (error instanceof Error) {
    const copy = new Error(error.message);
    const { name } = error;
    if (name !== "Error") {
      Object.defineProperty(copy, "name", { value: name, configurable: true, writable: true });
    }
    copy.stack = "";
    return copy;
  }
  try {
    requireValue(error);
    host.encode(error);
    return error;
  } catch {
    return new Error(String(error));
  }
}
