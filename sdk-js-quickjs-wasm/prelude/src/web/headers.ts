import type { HeaderPairs } from "../core/host";

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[^\0\r\n]*$/;

export class Headers {
  /** Names in lower case, in the order in which they came. */
  #list: HeaderPairs = [];
  #immutable = false;

  constructor(init?: unknown) {
    if (init instanceof Headers) {
      this.#list = init.#list.map(([name, value]) => [name, value]);
    } else if (init !== undefined && init !== null) {
      if (typeof init !== "object") {
        throw new TypeError("Headers are made from Headers, an object or a list of pairs");
      }
      if (typeof (init as any)[Symbol.iterator] === "function") {
        for (const pair of init as Iterable<Iterable<unknown>>) {
          const both = [...pair];
          if (both.length !== 2) {
            throw new TypeError("Each element of a Headers sequence has a name and a value");
          }
          this.append(both[0], both[1]);
        }
      } else {
        for (const name of Object.keys(init)) {
          this.append(name, (init as Record<string, unknown>)[name]);
        }
      }
    }
  }

  static of(list: HeaderPairs, immutable: boolean): Headers {
    const headers = new Headers();
    headers.#list = list.map(([name, value]) => [name.toLowerCase(), value]);
    headers.#immutable = immutable;
    return headers;
  }

  static pairs(headers: Headers): HeaderPairs {
    return headers.#list;
  }

  #writable(): void {
    if (this.#immutable) {
      throw new TypeError("These headers cannot be changed; make a new Request or Response from the old one");
    }
  }

  append(name: unknown, value: unknown): void {
    const entry: [string, string] = [nameOf(name), valueOf(value)];
    this.#writable();
    this.#list.push(entry);
  }

  delete(name: unknown): void {
    const key = nameOf(name);
    this.#writable();
    this.#list = this.#list.filter(([n]) => n !== key);
  }

  get(name: unknown): string | null {
    const key = nameOf(name);
    let found: string | null = null;
    for (const [n, v] of this.#list) {
      if (n === key) {
        found = found === null ? v : found + ", " + v;
      }
    }
    return found;
  }

  getSetCookie(): string[] {
    return this.#list.filter(([n]) => n === "set-cookie").map(([, v]) => v);
  }

  getAll(name: unknown): string[] {
    if (nameOf(name) !== "set-cookie") {
      throw new TypeError("getAll is for Set-Cookie alone; use get");
    }
    return this.getSetCookie();
  }

  has(name: unknown): boolean {
    const key = nameOf(name);
    return this.#list.some(([n]) => n === key);
  }

  set(name: unknown, value: unknown): void {
    const key = nameOf(name);
    const text = valueOf(value);
    this.#writable();
    const at = this.#list.findIndex(([n]) => n === key);
    if (at < 0) {
      this.#list.push([key, text]);
    } else {
      this.#list[at]![1] = text;
      this.#list = this.#list.filter(([n], i) => i <= at || n !== key);
    }
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void, self?: unknown): void {
    for (const [name, value] of this) {
      callback.call(self, value, name, this);
    }
  }

  *entries(): IterableIterator<[string, string]> {
    const names = [...new Set(this.#list.map(([n]) => n))].sort();
    for (const name of names) {
      if (name === "set-cookie") {
        for (const cookie of this.getSetCookie()) {
          yield [name, cookie];
        }
      } else {
        const value = this.get(name);
        if (value !== null) {
          yield [name, value];
        }
      }
    }
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this) {
      yield name;
    }
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this) {
      yield value;
    }
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }
}

function nameOf(name: unknown): string {
  const text = String(name);
  if (!NAME.test(text)) {
    throw new TypeError(`"${text}" is no header name`);
  }
  return text.toLowerCase();
}

function valueOf(value: unknown): string {
  const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  if (!VALUE.test(text)) {
    throw new TypeError("A header's value has no line breaks and no NUL");
  }
  return text;
}

export const headersOf = Headers.of;
export const pairsOf = Headers.pairs;
delete (Headers as any).of;
delete (Headers as any).pairs;
