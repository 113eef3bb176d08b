import { coded, DOMException, reportError } from "../core/errors";
import { host } from "../core/host";
import { outcome } from "../core/operations";
import { type Beside, pack, type Packed, unpack } from "./packing";
import { borrowed, changeUses, dispose, type Handle, handleOf, isPlain, letGo, type Place, readMember, type Send, setSender, tellUses, walk } from "./references";

/**
 * Remote calls. A call's payload is `[method, [argument, …]]`, or `[property]` to read one. Where it
 * leads to something passed by reference, or deeper, or has something by reference in it, it is
 * `[1, id or null, [name, …], arguments or null, what goes beside them]`. `[2, [[id, change], …]]`
 * tells how many more hold references.
 *
 * An answer is `[0, value]`, or `[1, error]` for what the callee threw; behind it, what goes beside
 * the value, the ids of those references in the arguments that the callee holds on to, and what an
 * error has besides its name, message and cause.
 */
type Answer = [0 | 1, unknown, (Beside | null)?, string[]?, Record<string, unknown>?];

const NOTHING: Packed = { value: null, beside: null, lent: [], passed: [] };

/** Calls a member of an actor (`id` null), or of what it has passed by reference. */
export async function callRemote(namespace: string | null, actor: string, id: string | null, path: string[], args: unknown[] | null): Promise<unknown> {
  const packing = args ? pack(args) : NOTHING;
  const packed = packing instanceof Promise ? await packing : packing;
  const { value, beside } = packed;
  let payload: unknown =
    id !== null || path.length !== 1 || beside ? [1, id, path, args && value, beside] : args ? [path[0], value] : path;
  // A stub that is disposed of while its call is on the way still arrives.
  packed.passed.forEach((handle) => handle.uses++);
  let answer: Answer;
  try {
    answer = await outcome<Answer>(() => host.actorCall(namespace, actor, payload), undefined, () => {
      // Arguments are copies of what they were when the call was made.
      payload = host.decode(host.encode(payload));
    });
  } catch (error) {
    takeBack(packed, []);
    throw error;
  }
  if (!Array.isArray(answer) || answer.length < 2) {
    throw coded("bad_request", "the actor gave an answer that is no answer of a remote call");
  }
  takeBack(packed, answer[3] ?? []);
  if (answer[0] === 0) {
    const stubs: object[] = [];
    const given = answer[2] ? unpack(answer[1], answer[2], sendTo, false, stubs) : answer[1];
    return typeof given === "object" && given !== null && isPlain(given) ? disposable(given, stubs) : given;
  }
  const error = answer[1];
  if (typeof error === "object" && error !== null) {
    for (const [name, value] of Object.entries({ ...answer[4], remote: true })) {
      Object.defineProperty(error, name, { value, enumerable: true, configurable: true, writable: true });
    }
  }
  throw error;
}

export function sendTo([namespace, address, id]: Place): Send {
  return (path, args) => callRemote(namespace, address, id, path, args);
}

setSender(sendTo);

/** The call is over: what was lent for it comes back, unless the callee holds on to it. */
function takeBack({ lent, passed }: Packed, kept: string[]): void {
  for (const id of lent) {
    if (!kept.includes(id)) {
      changeUses(id, -1);
    }
  }
  for (const handle of passed) {
    if (kept.includes(handle.place[2])) {
      tellUses(handle, 1);
    }
    letGo(handle);
  }
}

function disposable(value: object, stubs: object[]): object {
  return Object.defineProperty(value, Symbol.dispose, { value: () => stubs.forEach(dispose), configurable: true, writable: true });
}

/** Calls the method of the object that a payload names, and answers. */
export function answerCall(
  request: number,
  target: object | null,
  refusal: unknown,
  payload: unknown,
  whileAlive: (handle: () => unknown) => unknown,
): void {
  const stubs: object[] = [];
  let handles: Handle[] = [];
  const fail = (error: unknown): void => {
    reportError(error, "Uncaught (in a remote call)");
    respond(request, [1, portable(error), null, giveBack(handles, stubs), besidesOf(error)]);
  };
  const give = ({ value, beside, passed }: Packed): void => {
    for (const handle of passed) {
      // Whoever gets it holds it from now on, too.
      if (handle.lent) {
        handle.uses++;
      } else {
        tellUses(handle, 1);
      }
    }
    const kept = giveBack(handles, stubs);
    respond(request, beside || kept.length > 0 ? [0, value, beside, kept] : [0, value]);
  };
  let result: unknown;
  try {
    if (target === null) {
      throw refusal;
    }
    result = whileAlive(() => {
      const [name, args] = payload as [unknown, unknown];
      if (name !== 1) {
        return invoke(target, name, args);
      }
      const [, , path, given, beside] = payload as [1, null, string[], unknown[] | null, Beside | null];
      if (!Array.isArray(path) || !path.every((step) => typeof step === "string")) {
        throw new TypeError("A remote call has the path of what it calls");
      }
      const all = beside ? unpack(given, beside, sendTo, true, stubs) : given;
      handles = stubs.map((stub) => handleOf(stub)!);
      return walk(target, path, all as unknown[] | null);
    });
  } catch (error) {
    fail(error);
    return;
  }
  Promise.resolve(result).then(pack).then(give).then(undefined, fail);
}

/** Lets the references in the arguments go; the ids of those that are still held. */
function giveBack(handles: Handle[], stubs: object[]): string[] {
  stubs.forEach(dispose);
  return handles
    .filter((handle) => {
      handle.lent = false;
      return handle.uses > 0;
    })
    .map(({ place }) => place[2]);
}

/** Answers a call of something that was passed by reference from here; false where it is none. */
export function answerReference(request: number, payload: unknown): boolean {
  if (!Array.isArray(payload) || typeof payload[0] !== "number") {
    return false;
  }
  if (payload[0] === 2) {
    for (const [id, change] of payload[1] as [string, number][]) {
      changeUses(id, change);
    }
    host.rpcRespond(request, true, null);
    return true;
  }
  if (typeof payload[1] !== "string") {
    return false;
  }
  let target: unknown = null;
  let refusal: unknown;
  try {
    target = borrowed(payload[1]);
  } catch (error) {
    refusal = error;
  }
  answerCall(request, target as object | null, refusal, payload, (handle) => handle());
  return true;
}

function invoke(target: object, name: unknown, args: unknown): unknown {
  if (typeof name !== "string" || !(args === undefined || Array.isArray(args))) {
    throw new TypeError("A remote call is an array of the method's name and its arguments");
  }
  const found = readMember(target, name);
  if (!args) {
    return found;
  }
  if (typeof found !== "function") {
    throw new TypeError(`"${name}" is not a function.`);
  }
  return found.apply(target, args);
}

function respond(request: number, answer: Answer): void {
  const refused = host.rpcRespond(request, true, answer);
  if (refused !== 0 && refused !== 4) {
    host.rpcRespond(request, false, "payload_too_large: the result of the call is larger than the server's limit");
  }
}

/** How many causes of causes go along. */
const MOST_CAUSES = 8;

/** An error in the form that goes to the caller: without its stack, and without what cannot be encoded. */
function portable(error: unknown, depth = 0): unknown {
  if (error instanceof Error && !(error instanceof DOMException)) {
    const copy = new Error(String(error.message));
    const { name } = error;
    if (name !== "Error") {
      Object.defineProperty(copy, "name", { value: name, configurable: true, writable: true });
    }
    copy.stack = "";
    if (error.cause !== undefined && depth < MOST_CAUSES) {
      copy.cause = portable(error.cause, depth + 1);
    }
    return copy;
  }
  return canBeSent(error) ? error : new Error(String(error));
}

/** What somebody has written on an error, as far as it can be encoded. */
function besidesOf(error: unknown): Record<string, unknown> {
  const besides: Record<string, unknown> = {};
  if (!(error instanceof Error) || error instanceof DOMException) {
    return besides;
  }
  const names = Object.keys(error).filter((name) => !["name", "message", "stack", "cause"].includes(name));
  for (const name of error instanceof AggregateError ? ["errors", ...names] : names) {
    const given = (error as any)[name];
    const value = Array.isArray(given) ? given.map((each) => (each instanceof Error ? portable(each) : each)) : given;
    if (value !== undefined && canBeSent(value)) {
      besides[name] = value;
    }
  }
  return besides;
}

function canBeSent(value: unknown): boolean {
  try {
    host.encode(value);
    return true;
  } catch {
    return false;
  }
}
