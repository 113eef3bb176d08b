import { actorName, app, type Binding, splitName } from "../core/app";
import { host } from "../core/host";

/** The name in the namespace of an object with a unique id begins with this. */
const UNIQUE = "~";

interface Target {
  actor: string;
  namespace: string | null;
  /** The digits of a unique id; a named one has those that the host gives it. */
  digits: string | undefined;
}

export class DurableObjectId {
  readonly name: string | undefined;
  #target: Target;

  constructor(actor: string, name: string | undefined, namespace: string | null, digits?: string) {
    this.name = name;
    this.#target = { actor, namespace, digits };
  }

  static target(id: DurableObjectId): Readonly<Target> {
    return id.#target;
  }

  /** Asked for its text, the host keeps the name in mind, so that idFromString() finds it again. */
  toString(): string {
    const { actor, namespace, digits } = this.#target;
    if (digits !== undefined) {
      return digits;
    }
    if (namespace !== null) {
      throw new Error("The id of a named object in another namespace is not known here; use its name");
    }
    return host.idOf(actor);
  }

  toJSON(): string {
    return this.toString();
  }

  equals(other: unknown): boolean {
    return (
      other instanceof DurableObjectId &&
      other.#target.actor === this.#target.actor &&
      other.#target.namespace === this.#target.namespace
    );
  }
}

export const targetOf = DurableObjectId.target;
delete (DurableObjectId as any).target;

function nameIn(binding: Binding, name: string): string {
  return binding.namespace === undefined ? actorName(binding.class, name) : binding.class + ":" + name;
}

export function idFromName(binding: Binding, name: unknown): DurableObjectId {
  const text = String(name);
  if (text.startsWith(UNIQUE) && /^~[0-9a-f]{64}$/.test(text)) {
    throw new TypeError("A name of ~ and 64 hexadecimal digits stands for a unique id; use another name");
  }
  return new DurableObjectId(nameIn(binding, text), text, binding.namespace ?? null);
}

/** A unique id ends with a sum over its class and the random digits before, so that invented ones are known. */
const RANDOM_BYTES = 24;

function withSum(binding: Binding, random: string): string {
  const text = `${binding.namespace ?? host.namespace()}/${binding.class}/${random}`;
  const sum = host.crypto.digest("SHA-256", host.utf8Encode(text))!;
  return random + (sum.subarray(0, 32 - RANDOM_BYTES) as any).toHex();
}

export function newUniqueId(binding: Binding): DurableObjectId {
  const hex = withSum(binding, (host.randomBytes(RANDOM_BYTES) as any).toHex());
  return new DurableObjectId(nameIn(binding, UNIQUE + hex), undefined, binding.namespace ?? null, hex);
}

export function idFromString(binding: Binding, given: unknown): DurableObjectId {
  const text = String(given).toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new TypeError("Invalid Durable Object ID: must be 64 hex digits");
  }
  if (withSum(binding, text.slice(0, RANDOM_BYTES * 2)) === text) {
    return new DurableObjectId(nameIn(binding, UNIQUE + text), undefined, binding.namespace ?? null, text);
  }
  const actor = binding.namespace === undefined ? host.nameOf(text) : undefined;
  const own = actor === undefined ? undefined : splitName(actor);
  if (own === undefined || (own.className !== undefined && own.className !== binding.class)) {
    throw new TypeError("Durable Object ID is not valid for this namespace");
  }
  return new DurableObjectId(actor!, own.name, null);
}

/** The id of the object that runs here, by its own name. */
export function ownId(name: string): DurableObjectId {
  return /^~[0-9a-f]{64}$/.test(name)
    ? new DurableObjectId(host.name(), undefined, null, name.slice(1))
    : new DurableObjectId(host.name(), name, null);
}

export function hasClass(binding: Binding): boolean {
  return binding.namespace !== undefined || (app().classes ?? []).includes(binding.class);
}
