import { actorName, app, type Binding, splitName } from "../core/app";
import { host } from "../core/host";

/** The name in the namespace of an object with a unique id begins with this. */
const UNIQUE = "~";
const UNIQUE_CODE = UNIQUE.charCodeAt(0);

/**
 * The actor's name and namespace, and the digits of a unique id; a named one has those that the host gives it. A list,
 * since that is made in half the time of an object.
 */
type Target = [actor: string, namespace: string | null, digits: string | undefined];

export class DurableObjectId {
  // No field of the class, which would be defined before it is set.
  declare readonly name: string | undefined;
  #target: Target;

  constructor(actor: string, name: string | undefined, namespace: string | null, digits?: string) {
    this.name = name;
    this.#target = [actor, namespace, digits];
  }

  static target(id: DurableObjectId): Readonly<Target> {
    return id.#target;
  }

  /** Asked for its text, the host keeps the name in mind, so that idFromString() finds it again. */
  toString(): string {
    const [actor, namespace, digits] = this.#target;
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
      other.#target[0] === this.#target[0] &&
      other.#target[1] === this.#target[1]
    );
  }
}

export const targetOf = DurableObjectId.target;
delete (DurableObjectId as any).target;

/** Where the objects of a binding are: in this namespace where it is null; their names there begin with the prefix. */
export interface Home {
  class: string;
  namespace: string | null;
  prefix: string;
}

export function homeOf(binding: Binding): Home {
  return binding.namespace === undefined
    ? { class: binding.class, namespace: null, prefix: actorName(binding.class, "") }
    : { class: binding.class, namespace: binding.namespace, prefix: binding.class + ":" };
}

export function idFromName(home: Home, name: unknown): DurableObjectId {
  const text = typeof name === "string" ? name : String(name);
  if (text.charCodeAt(0) === UNIQUE_CODE && /^~[0-9a-f]{64}$/.test(text)) {
    throw new TypeError("A name of ~ and 64 hexadecimal digits stands for a unique id; use another name");
  }
  return new DurableObjectId(home.prefix + text, text, home.namespace);
}

/** A unique id ends with a sum over its class and the random digits before, so that invented ones are known. */
const RANDOM_BYTES = 24;

function withSum(home: Home, random: string): string {
  const text = `${home.namespace ?? host.namespace()}/${home.class}/${random}`;
  const sum = host.crypto.digest("SHA-256", host.utf8Encode(text))!;
  return random + (sum.subarray(0, 32 - RANDOM_BYTES) as any).toHex();
}

export function newUniqueId(home: Home): DurableObjectId {
  const hex = withSum(home, (host.randomBytes(RANDOM_BYTES) as any).toHex());
  return new DurableObjectId(home.prefix + UNIQUE + hex, undefined, home.namespace, hex);
}

export function idFromString(home: Home, given: unknown): DurableObjectId {
  const text = String(given).toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new TypeError("Invalid Durable Object ID: must be 64 hex digits");
  }
  if (withSum(home, text.slice(0, RANDOM_BYTES * 2)) === text) {
    return new DurableObjectId(home.prefix + UNIQUE + text, undefined, home.namespace, text);
  }
  const actor = home.namespace === null ? host.nameOf(text) : undefined;
  const own = actor === undefined ? undefined : splitName(actor);
  if (own === undefined || (own.className !== undefined && own.className !== home.class)) {
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
