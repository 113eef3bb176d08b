import { DOMException } from "../../core/errors";

export type Algorithm = { name: string; [parameter: string]: any };
export type KeyType = "secret" | "public" | "private";

const NEW = Symbol("new");

export class CryptoKey {
  readonly type: KeyType;
  readonly extractable: boolean;
  readonly algorithm: Algorithm;
  readonly usages: readonly string[];
  #data: Uint8Array;
  #publicData: Uint8Array | undefined;

  constructor(key: symbol, type: KeyType, extractable: boolean, algorithm: Algorithm, usages: string[], data: Uint8Array, publicData?: Uint8Array) {
    if (key !== NEW) {
      throw new TypeError("Illegal constructor");
    }
    this.type = type;
    this.extractable = extractable;
    this.algorithm = Object.freeze(algorithm);
    this.usages = Object.freeze(usages);
    this.#data = data;
    this.#publicData = publicData;
  }

  static data(key: CryptoKey): Uint8Array {
    return key.#data;
  }

  static publicData(key: CryptoKey): Uint8Array | undefined {
    return key.#publicData;
  }
}

/** The bytes of a secret key; SPKI of a public one; PKCS #8 of a private one. */
export const dataOf = CryptoKey.data;
/** SPKI of the public half of a private key, where it is known. */
export const publicDataOf = CryptoKey.publicData;
delete (CryptoKey as any).data;
delete (CryptoKey as any).publicData;

export function newKey(
  type: KeyType,
  extractable: boolean,
  algorithm: Algorithm,
  usages: Iterable<string>,
  allowed: string[],
  data: Uint8Array,
  publicData?: Uint8Array,
): CryptoKey {
  const list = [...new Set(usages)];
  const wrong = list.find((usage) => !allowed.includes(usage));
  if (wrong !== undefined) {
    throw new DOMException(`A ${type} key for ${algorithm.name} has no usage "${wrong}"`, "SyntaxError");
  }
  if (list.length === 0 && type !== "public") {
    throw new DOMException("A key needs at least one usage", "SyntaxError");
  }
  return new CryptoKey(NEW, type, extractable, algorithm, list, data, publicData);
}

export function requireUsage(key: unknown, name: string, usage: string): asserts key is CryptoKey {
  if (!(key instanceof CryptoKey)) {
    throw new TypeError("The key is no CryptoKey");
  }
  if (key.algorithm.name !== name) {
    throw new DOMException(`The key is for ${key.algorithm.name}, not for ${name}`, "InvalidAccessError");
  }
  if (!key.usages.includes(usage)) {
    throw new DOMException(`The key was not made to ${usage}`, "InvalidAccessError");
  }
}
