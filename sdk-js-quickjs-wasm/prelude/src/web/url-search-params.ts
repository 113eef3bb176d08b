import { host } from "../core/host";

type Pairs = [string, string][];

/** Names and values of a query or of a form's body (`application/x-www-form-urlencoded`). */
export function parseQuery(text: string): Pairs {
  const pairs: Pairs = [];
  for (const part of text.split("&")) {
    if (part) {
      const at = part.indexOf("=");
      pairs.push(at < 0 ? [unescape(part), ""] : [unescape(part.slice(0, at)), unescape(part.slice(at + 1))]);
    }
  }
  return pairs;
}

export function serializeQuery(pairs: Pairs): string {
  return pairs.map(([name, value]) => escape(name) + "=" + escape(value)).join("&");
}

function unescape(text: string): string {
  const spaced = text.includes("+") ? text.replace(/\+/g, " ") : text;
  if (!spaced.includes("%")) {
    return spaced.toWellFormed();
  }
  // The runs of escapes are decoded as UTF-8; what is no escape stays.
  return spaced
    .replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
      const bytes = new Uint8Array(run.length / 3);
      for (let i = 0; i < bytes.length; i++) {
        bytes[i] = parseInt(run.slice(i * 3 + 1, i * 3 + 3), 16);
      }
      return host.utf8Decode(bytes, false);
    })
    .toWellFormed();
}

function escape(text: string): string {
  if (/^[A-Za-z0-9*._-]*$/.test(text)) {
    return text;
  }
  let out = "";
  for (const byte of host.utf8Encode(text)) {
    const char = String.fromCharCode(byte);
    if (/[A-Za-z0-9*._-]/.test(char)) {
      out += char;
    } else if (byte === 0x20) {
      out += "+";
    } else {
      out += (byte < 16 ? "%0" : "%") + byte.toString(16).toUpperCase();
    }
  }
  return out;
}

export class URLSearchParams {
  #list: Pairs = [];
  #changed: ((query: string) => void) | undefined;

  constructor(init: unknown = "") {
    if (init instanceof URLSearchParams) {
      this.#list = init.#list.map(([name, value]) => [name, value]);
    } else if (typeof init === "object" && init !== null && typeof (init as any)[Symbol.iterator] === "function") {
      for (const pair of init as Iterable<Iterable<unknown>>) {
        const both = [...pair];
        if (both.length !== 2) {
          throw new TypeError("Each element of a URLSearchParams sequence has a name and a value");
        }
        this.#list.push([text(both[0]), text(both[1])]);
      }
    } else if (typeof init === "object" && init !== null) {
      for (const name of Object.keys(init)) {
        this.#list.push([text(name), text((init as Record<string, unknown>)[name])]);
      }
    } else {
      const query = text(init);
      this.#list = parseQuery(query.startsWith("?") ? query.slice(1) : query);
    }
  }

  static attach(
    query: string,
    changed: ((query: string) => void) | undefined,
    params: URLSearchParams = new URLSearchParams(),
  ): URLSearchParams {
    params.#list = parseQuery(query);
    params.#changed = changed ?? params.#changed;
    return params;
  }

  #update(): void {
    this.#changed?.(serializeQuery(this.#list));
  }

  get size(): number {
    return this.#list.length;
  }

  append(name: unknown, value: unknown): void {
    this.#list.push([text(name), text(value)]);
    this.#update();
  }

  delete(name: unknown, value?: unknown): void {
    const key = text(name);
    const only = value === undefined ? undefined : text(value);
    this.#list = this.#list.filter(([n, v]) => n !== key || (only !== undefined && v !== only));
    this.#update();
  }

  get(name: unknown): string | null {
    const key = text(name);
    return this.#list.find(([n]) => n === key)?.[1] ?? null;
  }

  getAll(name: unknown): string[] {
    const key = text(name);
    return this.#list.filter(([n]) => n === key).map(([, v]) => v);
  }

  has(name: unknown, value?: unknown): boolean {
    const key = text(name);
    const only = value === undefined ? undefined : text(value);
    return this.#list.some(([n, v]) => n === key && (only === undefined || v === only));
  }

  set(name: unknown, value: unknown): void {
    const key = text(name);
    const at = this.#list.findIndex(([n]) => n === key);
    if (at < 0) {
      this.#list.push([key, text(value)]);
    } else {
      this.#list[at]![1] = text(value);
      this.#list = this.#list.filter(([n], i) => i <= at || n !== key);
    }
    this.#update();
  }

  sort(): void {
    this.#list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#update();
  }

  forEach(callback: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void {
    for (const [name, value] of this) {
      callback.call(self, value, name, this);
    }
  }

  *entries(): IterableIterator<[string, string]> {
    for (let i = 0; i < this.#list.length; i++) {
      const [name, value] = this.#list[i]!;
      yield [name, value];
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

  toString(): string {
    return serializeQuery(this.#list);
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }
}

function text(value: unknown): string {
  return String(value).toWellFormed();
}

export const attach = URLSearchParams.attach;
delete (URLSearchParams as any).attach;
