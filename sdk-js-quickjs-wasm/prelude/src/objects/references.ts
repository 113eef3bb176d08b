import { coded, DOMException } from "../core/errors";
import { host } from "../core/host";
import { begin, forget, whenDone } from "../core/operations";

/**
 * What remote calls pass by reference. A function or RpcTarget stays where it is, in a table under an
 * id that nobody can guess; what arrives elsewhere is a stub, which calls it there. The one who got
 * a reference gives it back when the last of its stubs is disposed of or collected. One that nobody
 * has used for so long is taken back, since its holder may have been lost.
 */
const LEASE_MILLIS = 10 * 60_000;
const MOST_REFERENCES = 4096;

/** Extended by objects that are passed by reference. */
export class RpcTarget {}

/** What stubs are instances of. To make one is to have a stub of something that is here. */
export class RpcStub {
  constructor(target: unknown) {
    if (typeof target !== "function" && !(target instanceof RpcTarget)) {
      throw new TypeError("A stub is made of a function or an RpcTarget");
    }
    const place = handleOf(target)?.place;
    if (place) {
      return (target as any).dup();
    }
    const lentPlace = lend(target);
    return stubOf({ place: lentPlace, uses: 0, lent: false }, sendTo(lentPlace));
  }
}

/** How calls are sent to a place: by whoever knows about calls. */
let sendTo: (place: Place) => Send;

export function setSender(sender: (place: Place) => Send): void {
  sendTo = sender;
}

interface Exported {
  target: unknown;
  uses: number;
  usedAt: number;
}

const exported = new Map<string, Exported>();
let nonce = "";
let count = 0;
let sweep = 0;

/** Where a reference leads: namespace, address and id. */
export type Place = [string, string, string];

export function lend(target: unknown): Place {
  if (exported.size >= MOST_REFERENCES) {
    throw coded("overloaded", `this object has passed ${MOST_REFERENCES} functions and RpcTargets that nobody gave back`);
  }
  nonce ||= (host.randomBytes(16) as any).toHex();
  const id = `${nonce}-${++count}`;
  exported.set(id, { target, uses: 1, usedAt: host.now() });
  if (sweep === 0) {
    sweepLater();
  }
  return [host.namespace(), host.address(), id];
}

/** The target of a reference that leads here. */
export function borrowed(id: string): unknown {
  const found = exported.get(id);
  if (!found) {
    throw new Error("The RPC stub is broken: what it led to is gone, or nobody has used it for ten minutes");
  }
  found.usedAt = host.now();
  return found.target;
}

export function changeUses(id: string, by: number): void {
  const found = exported.get(id);
  if (found && (found.uses += by) <= 0) {
    exported.delete(id);
    if (exported.size === 0) {
      stopSweep();
    }
  }
}

/** Breaks all stubs that lead here. */
export function takeAllBack(): void {
  exported.clear();
  stopSweep();
}

/** The timer also keeps the instance awake: a reference must not outlive what it leads to. */
function sweepLater(): void {
  sweep = host.timerStart(LEASE_MILLIS);
  if (sweep !== 0) {
    whenDone(sweep, () => {
      sweep = 0;
      for (const [id, { usedAt }] of exported) {
        if (host.now() - usedAt >= LEASE_MILLIS) {
          exported.delete(id);
        }
      }
      if (exported.size > 0) {
        sweepLater();
      }
    });
  }
}

function stopSweep(): void {
  if (sweep !== 0 && forget(sweep)) {
    host.timerCancel(sweep);
  }
  sweep = 0;
}

// ---- The other end.

/** A reference that this instance holds, for all its stubs. */
export interface Handle {
  place: Place;
  uses: number;
  /** Lent for a call that still runs here: its caller takes it back, unless it is told to leave it. */
  lent: boolean;
}

const DISPOSED = "The RPC stub was disposed of";

interface Holder {
  handle: Handle;
  disposed: boolean;
}

export type Send = (path: string[], args: unknown[] | null) => Promise<unknown>;

const holders = new WeakMap<object, Holder>();
const results = new WeakMap<object, Promise<unknown>>();
const collected = new FinalizationRegistry<Holder>((holder) => disposeOf(holder));

function disposeOf(holder: Holder): void {
  if (!holder.disposed) {
    holder.disposed = true;
    letGo(holder.handle);
  }
}

/** One who held a reference here does so no more. */
export function letGo(handle: Handle): void {
  if (--handle.uses === 0 && !handle.lent) {
    tellUses(handle, -1);
  }
}

const told = new Map<string, [Place, number]>();

/** Tells the owner of a reference how many more hold it; all that is told at a time goes together. */
export function tellUses({ place }: Handle, by: number): void {
  if (told.size === 0) {
    queueMicrotask(() => {
      const owners = new Map<string, [string, string, [string, number][]]>();
      for (const [[namespace, address, id], change] of told.values()) {
        const key = namespace + "/" + address;
        const owner = owners.get(key) ?? [namespace, address, []];
        owner[2].push([id, change]);
        owners.set(key, owner);
      }
      told.clear();
      for (const [namespace, address, changes] of owners.values()) {
        begin(() => host.actorCall(namespace, address, [2, changes]), () => {});
      }
    });
  }
  const before = told.get(place[2])?.[1] ?? 0;
  told.set(place[2], [place, before + by]);
}

/** The handle of a stub; an error where it was disposed of. */
export function handleOf(value: object): Handle | undefined {
  const holder = holders.get(value);
  if (holder?.disposed) {
    throw new Error(DISPOSED);
  }
  return holder?.handle;
}

export function resultOf(value: object): Promise<unknown> | undefined {
  return results.get(value);
}

/** Whether something is remote, so that its members are asked for and not looked up. */
export function isRemote(value: unknown): value is any {
  return typeof value === "function" && (holders.has(value) || results.has(value));
}

/** Disposes of a stub. */
export function dispose(stub: object): void {
  const holder = holders.get(stub);
  if (holder) {
    disposeOf(holder);
  }
}

/** A new stub for a handle. */
export function stubOf(handle: Handle, send: Send): any {
  const holder: Holder = { handle, disposed: false };
  handle.uses++;
  const living = (): void => {
    if (holder.disposed) {
      throw new Error(DISPOSED);
    }
  };
  const own: Record<PropertyKey, unknown> = {
    __proto__: null,
    [Symbol.dispose]: () => disposeOf(holder),
    dup: () => (living(), stubOf(handle, send)),
  };
  const call = (...args: unknown[]): unknown => (living(), result(send([], args)));
  // Nothing here may lead to the stub itself: it goes when the last who has it lets it go.
  const stub: any = new Proxy(Object.setPrototypeOf(call, RpcStub.prototype), {
    get: (target, key, self) =>
      key in own
        ? own[key]
        : typeof key === "symbol" || key === "then" || key === "constructor"
          ? Reflect.get(target, key)
          : member((path, args) => (handleOf(self), send(path, args)), [key]),
    set: () => false,
  });
  holders.set(stub, holder);
  collected.register(stub, holder);
  return stub;
}

/** A member of something remote: to call it calls, to await it reads. */
export function member(send: Send, path: string[]): any {
  return new Proxy((...args: unknown[]) => result(send(path, args)), {
    get(target, key) {
      if (key === "then" || key === "catch" || key === "finally") {
        const read = send(path, null) as any;
        return read[key].bind(read);
      }
      return typeof key === "symbol" || key === "call" || key === "apply" || key === "bind" ? Reflect.get(target, key) : member(send, [...path, key]);
    },
    set: () => false,
  });
}

/**
 * The result of a call before it has arrived. Its members can be used at once: the calls are made when
 * it is there.
 */
export function result(promise: Promise<unknown>): any {
  const later: Send = (path, args) => promise.then((value) => walk(value, path, args));
  const proxy = new Proxy((...args: unknown[]) => result(later([], args)), {
    get(_target, key) {
      if (key === "then" || key === "catch" || key === "finally") {
        return (promise as any)[key].bind(promise);
      }
      if (key === Symbol.dispose) {
        return () => void promise.then((value: any) => value?.[Symbol.dispose]?.(), () => {});
      }
      return typeof key === "symbol" || key === "constructor" ? undefined : member(later, [key]);
    },
    set: () => false,
  });
  results.set(proxy, promise);
  return proxy;
}

/** Reads a member of a value by its path, and calls it if there are arguments. */
export async function walk(value: unknown, path: string[], args: unknown[] | null): Promise<unknown> {
  let self: unknown;
  let at: any = value;
  for (const name of path) {
    self = at;
    at = readMember(at, name);
  }
  if (args === null) {
    return at;
  }
  const name = path[path.length - 1] ?? "the result";
  if (typeof at !== "function") {
    throw new TypeError(`"${name}" is not a function.`);
  }
  return isRemote(self) ? at(...args) : Reflect.apply(at, self, args);
}

const RESERVED = new Set(["constructor", "fetch", "alarm", "connect", "webSocketMessage", "webSocketClose", "webSocketError", "dup"]);

/** A member as others may see it: what the class of a target defines, or what a plain value holds. */
export function readMember(target: any, name: string): unknown {
  if (isRemote(target)) {
    return target[name];
  }
  const isObject = (typeof target === "object" || typeof target === "function") && target !== null;
  const isValue = isObject && (Array.isArray(target) || isPlain(target));
  const found = isValue
    ? Object.hasOwn(target, name)
    : isObject && typeof target !== "function" && !RESERVED.has(name) && name in target && !Object.hasOwn(target, name) && !(name in Object.prototype);
  if (!found) {
    throw new TypeError(`The RPC receiver does not implement the method "${name}".`);
  }
  return target[name];
}

export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

export function refuse(why: string): never {
  throw new DOMException("Could not serialize: " + why, "DataCloneError");
}
