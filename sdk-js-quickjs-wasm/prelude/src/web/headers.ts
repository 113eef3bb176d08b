import { type HeaderList, host } from "../core/host";

export class Headers {
  /** Names in lower case and values by turns, in the order in which they came. */
  #list: string[] = [];
  #immutable = false;

  constructor(init?: unknown) {
    if (init instanceof Headers) {
      this.#list = init.#list.slice();
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
        const names = Object.keys(init);
        for (let i = 0; i < names.length; i++) {
          this.append(names[i], (init as Record<string, unknown>)[names[i]!]);
        }
      }
    }
  }

  static of(list: HeaderList, immutable: boolean): Headers {
    const headers = new Headers();
    headers.#list = typeof list !== "string" ? list : list === "" ? [] : list.split("\0");
    headers.#immutable = immutable;
    return headers;
  }

  static list(headers: Headers): string[] {
    return headers.#list;
  }

  #writable(): void {
    if (this.#immutable) {
      throw new TypeError("These headers cannot be changed; make a new Request or Response from the old one");
    }
  }

  append(name: unknown, value: unknown): void {
    const key = nameOf(name);
    const text = valueOf(value);
    this.#writable();
    this.#list.push(key, text);
  }

  delete(name: unknown): void {
    const key = nameOf(name);
    this.#writable();
    removeFrom(this.#list, key, 0);
  }

  get(name: unknown): string | null {
    const key = nameOf(name);
    const list = this.#list;
    let found: string | null = null;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === key) {
        found = found === null ? list[i + 1]! : found + ", " + list[i + 1]!;
      }
    }
    return found;
  }

  getSetCookie(): string[] {
    const list = this.#list;
    return list.filter((_, i) => i % 2 === 1 && list[i - 1] === "set-cookie");
  }

  getAll(name: unknown): string[] {
    if (nameOf(name) !== "set-cookie") {
      throw new TypeError("getAll is for Set-Cookie alone; use get");
    }
    return this.getSetCookie();
  }

  has(name: unknown): boolean {
    return placeOf(this.#list, nameOf(name)) >= 0;
  }

  set(name: unknown, value: unknown): void {
    const key = nameOf(name);
    const text = valueOf(value);
    this.#writable();
    const at = placeOf(this.#list, key);
    if (at < 0) {
      this.#list.push(key, text);
    } else {
      this.#list[at + 1] = text;
      removeFrom(this.#list, key, at + 2);
    }
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void, self?: unknown): void {
    for (const [name, value] of this) {
      callback.call(self, value, name, this);
    }
  }

  *entries(): IterableIterator<[string, string]> {
    const names = [...new Set(this.#list.filter((_, i) => i % 2 === 0))].sort();
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

/** Where in a list of names and values a name stands first, or -1. */
export function placeOf(list: string[], name: string): number {
  for (let i = 0; i < list.length; i += 2) {
    if (list[i] === name) {
      return i;
    }
  }
  return -1;
}

function removeFrom(list: string[], name: string, from: number): void {
  for (let i = list.length - 2; i >= from; i -= 2) {
    if (list[i] === name) {
      list.splice(i, 2);
    }
  }
}

function nameOf(name: unknown): string {
  const key = host.headerName(name);
  if (key === undefined) {
    throw new TypeError(`"${String(name)}" is no header name`);
  }
  return key;
}

function valueOf(value: unknown): string {
  const text = host.headerValue(value);
  if (text === undefined) {
    throw new TypeError("A header's value has no line breaks and no NUL");
  }
  return text;
}

export const headersOf = Headers.of;
export const listOf = Headers.list;
delete (Headers as any).of;
delete (Headers as any).list;
