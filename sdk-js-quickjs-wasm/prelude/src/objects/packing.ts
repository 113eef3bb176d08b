import { host } from "../core/host";
import { bytesIn, type Content, headersIn, Part, type Parts, takeContent } from "../web/body";
import { Headers, headersOf, listOf } from "../web/headers";
import { incoming, Request, requestParts } from "../web/request";
import { Response, responseParts } from "../web/response";
import { isStream, isWritable, streamOf, streams } from "../web/streams";
import { type Handle, handleOf, isPlain, lend, type Place, refuse, resultOf, RpcTarget, type Send, stubOf } from "./references";

/**
 * Values of remote calls on their way. Most are sent as they are. Where one has something in it that is
 * not data (a function, a request, a stream), a copy is sent with a text in its place, which begins
 * with a random marker; what it stands for goes beside the value. Bodies and streams are read to their
 * end before they are sent.
 */
type Item =
  | ["reference", ...Place]
  | ["request", string, string, string[], Uint8Array | null, string]
  | ["response", number, string, string[], Uint8Array | null]
  | ["headers", string[]]
  | ["stream", Uint8Array]
  | ["writable", ...Place];
export type Beside = [string, Item[]];

export interface Packed {
  value: unknown;
  beside: Beside | null;
  /** References that lead here, and those that lead elsewhere. */
  lent: string[];
  passed: Handle[];
}

/** Packs a value; a promise where something in it must be read or awaited first. */
export function pack(value: unknown): Packed | Promise<Packed> {
  const look = new Look();
  if (!look.at(value)) {
    return { value, beside: null, lent: [], passed: [] };
  }
  return look.waits.length === 0 ? new Packer(look.arrived).pack(value) : packLater(value, look);
}

async function packLater(value: unknown, look: Look): Promise<Packed> {
  for (const result of look.waits) {
    const arrived = await resultOf(result);
    look.arrived.set(result, arrived);
    look.at(arrived);
  }
  return new Packer(look.arrived).pack(value);
}

// In what follows no closure names itself: such a cycle would keep stubs from being collected at once.

/** Looks for what is not data; refuses what can be neither copied nor passed by reference. */
class Look {
  /** Results of calls that have not arrived, and what they were when they did. */
  readonly waits: object[] = [];
  readonly arrived = new Map<object, unknown>();
  #seen = new Set<unknown>();
  #depth = 0;

  at(value: unknown): boolean {
    if (typeof value === "function") {
      if (resultOf(value) && !this.#seen.has(value)) {
        this.waits.push(value);
      }
      this.#seen.add(value);
      return true;
    }
    if (typeof value !== "object" || value === null || this.#depth > 128) {
      return false;
    }
    if (Array.isArray(value) || value instanceof Map || value instanceof Set || isPlain(value)) {
      if (this.#seen.has(value)) {
        return false;
      }
      this.#seen.add(value);
      this.#depth++;
      let special = false;
      if (value instanceof Map) {
        for (const [key, item] of value) {
          special = this.at(key) || special;
          special = this.at(item) || special;
        }
      } else {
        for (const item of value instanceof Set || Array.isArray(value) ? value : Object.values(value)) {
          if ((typeof item === "object" && item !== null) || typeof item === "function") {
            special = this.at(item) || special;
          }
        }
      }
      this.#depth--;
      return special;
    }
    if (isData(value)) {
      return false;
    }
    if (value instanceof RpcTarget || value instanceof Request || value instanceof Response || value instanceof Headers || isStream(value) || isWritable(value)) {
      return true;
    }
    return refuse(`an object of the class ${value.constructor?.name || "(anonymous)"} is neither data nor an RpcTarget`);
  }
}

const DATA = [Date, RegExp, Error, ArrayBuffer, Number, String, Boolean, BigInt];

function isData(value: object): boolean {
  return ArrayBuffer.isView(value) || DATA.some((type) => value instanceof type);
}

class Packer {
  #marker = (host.randomBytes(16) as any).toHex() + ":";
  #items: Item[] = [];
  #lent: string[] = [];
  #passed: Handle[] = [];
  #copies = new Map<unknown, unknown>();
  #bodies: Promise<void>[] = [];
  #awaited: Map<object, unknown>;

  constructor(awaited: Map<object, unknown>) {
    this.#awaited = awaited;
  }

  pack(whole: unknown): Packed | Promise<Packed> {
    const value = this.#copy(whole);
    const packed: Packed = { value, beside: [this.#marker, this.#items], lent: this.#lent, passed: this.#passed };
    return this.#bodies.length === 0 ? packed : Promise.all(this.#bodies).then(() => packed);
  }

  #copy(value: any): unknown {
    if ((typeof value !== "object" || value === null) && typeof value !== "function") {
      return value;
    }
    if (this.#awaited.has(value)) {
      return this.#copy(this.#awaited.get(value));
    }
    const known = this.#copies.get(value);
    if (known !== undefined) {
      return known;
    }
    if (typeof value === "function" || value instanceof RpcTarget) {
      return this.#reference(value);
    }
    const keep = <T>(copy: T): T => (this.#copies.set(value, copy), copy);
    if (Array.isArray(value)) {
      const copy = keep(new Array(value.length));
      value.forEach((item, at) => (copy[at] = this.#copy(item)));
      return copy;
    }
    if (value instanceof Map) {
      const copy = keep(new Map());
      value.forEach((item, key) => copy.set(this.#copy(key), this.#copy(item)));
      return copy;
    }
    if (value instanceof Set) {
      const copy = keep(new Set());
      value.forEach((item) => copy.add(this.#copy(item)));
      return copy;
    }
    if (isPlain(value)) {
      const copy: Record<string, unknown> = keep({});
      for (const key of Object.keys(value)) {
        Object.defineProperty(copy, key, { value: this.#copy(value[key]), writable: true, enumerable: true, configurable: true });
      }
      return copy;
    }
    return isData(value) ? value : keep(this.#web(value));
  }

  #reference(value: object): string {
    const handle = handleOf(value);
    if (handle) {
      this.#passed.push(handle);
      return this.#put(["reference", ...handle.place]);
    }
    const place = lend(value);
    this.#lent.push(place[2]);
    return this.#put(["reference", ...place]);
  }

  #web(value: Request | Response | Headers | ReadableStream<unknown> | WritableStream<unknown>): string {
    if (isWritable(value)) {
      const place = lend(new WritableEnd(value));
      this.#lent.push(place[2]);
      return this.#put(["writable", ...place]);
    }
    if (value instanceof Headers) {
      return this.#put(["headers", listOf(value)]);
    }
    if (value instanceof Request) {
      const parts = requestParts(value);
      const item: Item = ["request", value.url, value.method, listOf(headersIn(parts)), null, value.redirect];
      this.#body(parts, (bytes) => (item[4] = bytes));
      return this.#put(item);
    }
    if (value instanceof Response) {
      if (value.webSocket) {
        refuse("a response with a webSocket goes through the stub's fetch");
      }
      const parts = responseParts(value);
      const item: Item = ["response", value.status, value.statusText, listOf(headersIn(parts)), null];
      this.#body(parts, (bytes) => (item[4] = bytes));
      return this.#put(item);
    }
    const item: Item = ["stream", new Uint8Array(0)];
    this.#read(value, (bytes) => (item[1] = bytes));
    return this.#put(item);
  }

  #body(parts: Parts, done: (bytes: Uint8Array) => void): void {
    if (parts[Part.Content] !== null) {
      this.#read(takeContent(parts), done);
    }
  }

  #read(content: Content, done: (bytes: Uint8Array) => void): void {
    const bytes = bytesIn(content);
    if (bytes instanceof Uint8Array) {
      done(bytes);
    } else {
      this.#bodies.push(bytes.then(done));
    }
  }

  #put(item: Item): string {
    return this.#marker + (this.#items.push(item) - 1);
  }
}

/** What a stream to write to is to those who write to it from elsewhere. */
class WritableEnd extends RpcTarget {
  #writer: WritableStreamDefaultWriter<unknown>;

  constructor(stream: WritableStream<unknown>) {
    super();
    this.#writer = stream.getWriter();
  }

  write(chunk: unknown): Promise<void> {
    return this.#writer.write(chunk);
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  abort(reason: unknown): Promise<void> {
    return this.#writer.abort(reason);
  }
}

/** A stream whose chunks go to a stream elsewhere, which it holds on to until it ends. */
function writableTo(stub: any): WritableStream<unknown> {
  const ended = (): void => stub[Symbol.dispose]();
  return new (streams().WritableStream)({
    write: async (chunk: unknown) => void (await stub.write(chunk)),
    close: () => Promise.resolve(stub.close()).finally(ended),
    abort: (reason: unknown) => Promise.resolve(stub.abort(reason)).finally(ended),
  }) as unknown as WritableStream<unknown>;
}

/** Puts back what goes beside a value; the stubs in it are noted in `stubs`. */
export function unpack(value: unknown, beside: Beside, sendTo: (place: Place) => Send, lent: boolean, stubs: object[]): unknown {
  const [marker, items] = beside;
  return new Unpacker(marker, items.map((item) => revive(item, sendTo, lent, stubs))).put(value);
}

class Unpacker {
  #marker: string;
  #made: unknown[];
  #seen = new Set<object>();

  constructor(marker: string, made: unknown[]) {
    this.#marker = marker;
    this.#made = made;
  }

  put(part: any): unknown {
    if (typeof part === "string" && part.startsWith(this.#marker)) {
      return this.#made[Number(part.slice(this.#marker.length))];
    }
    if (typeof part !== "object" || part === null || this.#seen.has(part)) {
      return part;
    }
    this.#seen.add(part);
    if (Array.isArray(part)) {
      part.forEach((item, at) => (part[at] = this.put(item)));
    } else if (part instanceof Map) {
      const entries = [...part];
      part.clear();
      entries.forEach(([key, item]) => part.set(this.put(key), this.put(item)));
    } else if (part instanceof Set) {
      const members = [...part];
      part.clear();
      members.forEach((item) => part.add(this.put(item)));
    } else if (isPlain(part)) {
      for (const key of Object.keys(part)) {
        const item = this.put(part[key]);
        if (item !== part[key]) {
          Object.defineProperty(part, key, { value: item, writable: true, enumerable: true, configurable: true });
        }
      }
    }
    return part;
  }
}

function revive(item: Item, sendTo: (place: Place) => Send, lent: boolean, stubs: object[]): unknown {
  switch (item[0]) {
    case "reference": {
      const place: Place = [item[1], item[2], item[3]];
      const stub = stubOf({ place, uses: 0, lent }, sendTo(place));
      stubs.push(stub);
      return stub;
    }
    case "request": {
      const [, url, method, headers, body, redirect] = item;
      return incoming([body, false, headersOf(headers, false), url, method, redirect, undefined]);
    }
    case "response": {
      const [, status, statusText, headers, body] = item;
      return new Response(body, { status, statusText, headers: headersOf(headers, false) });
    }
    case "headers":
      return headersOf(item[1], false);
    case "writable": {
      const place: Place = [item[1], item[2], item[3]];
      const stub = stubOf({ place, uses: 0, lent }, sendTo(place));
      stubs.push(stub);
      return writableTo(stub.dup());
    }
    default: {
      const bytes = item[1];
      return streamOf(() => bytes);
    }
  }
}

