/**
 * Structured values as CBOR (RFC 8949), in the form that all of Dormouse writes and reads: what
 * `structuredClone` takes, but for blobs, images and the like.
 */
const MOST_DEPTH = 128;
const utf8 = new TextEncoder();
const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

type TypedArray = new (buffer: ArrayBuffer) => ArrayBufferView;

const TYPED_ARRAYS: [number, TypedArray][] = [
  [68, Uint8ClampedArray as TypedArray],
  [69, Uint16Array as TypedArray],
  [70, Uint32Array as TypedArray],
  [71, BigUint64Array as TypedArray],
  [72, Int8Array as TypedArray],
  [77, Int16Array as TypedArray],
  [78, Int32Array as TypedArray],
  [79, BigInt64Array as TypedArray],
  [85, Float32Array as TypedArray],
  [86, Float64Array as TypedArray],
];
const ERRORS: Record<string, ErrorConstructor> = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

function refuse(value: unknown): never {
  const what = typeof value === "function" ? "A function" : typeof value === "symbol" ? "A symbol" : "An object of this kind";
  throw new DOMException(`${what} could not be cloned.`, "DataCloneError");
}

/** Tag 27 `["Hole"]`, which stands for a hole in an array. */
const HOLE = Uint8Array.of(0xd8, 0x1b, 0x81, 0x64, 0x48, 0x6f, 0x6c, 0x65);

class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  /** Objects that are reached more than once: the number that they got, or -1. */
  #shared = new Map<object, number>();
  #numbers = 0;

  constructor(value: unknown) {
    this.#count(value, new Set(), 0);
    this.#write(value);
  }

  result(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Where so many more bytes go. Asked for before `#bytes` is, which it may replace. */
  #room(more: number): number {
    const at = this.#length;
    this.#length += more;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }

  #count(value: unknown, seen: Set<object>, depth: number): void {
    if (typeof value !== "object" || value === null || value instanceof Date || value instanceof RegExp) {
      return;
    }
    if (depth > MOST_DEPTH) {
      throw new DOMException(`The value is nested deeper than ${MOST_DEPTH} levels.`, "DataCloneError");
    }
    if (seen.has(value)) {
      this.#shared.set(value, -1);
      return;
    }
    seen.add(value);
    const inner = (item: unknown): void => this.#count(item, seen, depth + 1);
    if (Array.isArray(value)) {
      value.forEach(inner);
    } else if (value instanceof Map) {
      value.forEach((item, key) => (inner(key), inner(item)));
    } else if (value instanceof Set) {
      value.forEach(inner);
    } else if (value instanceof Error) {
      inner(value.cause);
    } else if (!ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer)) {
      Object.keys(value).forEach((key) => inner((value as Record<string, unknown>)[key]));
    }
  }

  #head(major: number, argument: number | bigint): void {
    const kind = major << 5;
    if (argument < 24) {
      const at = this.#room(1);
      this.#bytes[at] = kind | Number(argument);
    } else if (argument < 0x100) {
      const at = this.#room(2);
      this.#bytes[at] = kind | 24;
      this.#bytes[at + 1] = Number(argument);
    } else if (argument < 0x10000) {
      const at = this.#room(3);
      this.#bytes[at] = kind | 25;
      this.#view.setUint16(at + 1, Number(argument));
    } else if (argument < 0x100000000) {
      const at = this.#room(5);
      this.#bytes[at] = kind | 26;
      this.#view.setUint32(at + 1, Number(argument));
    } else {
      const at = this.#room(9);
      this.#bytes[at] = kind | 27;
      this.#view.setBigUint64(at + 1, BigInt(argument));
    }
  }

  #raw(major: number, bytes: Uint8Array): void {
    this.#head(major, bytes.length);
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  #number(value: number): void {
    if (Number.isInteger(value) && Math.abs(value) <= 2 ** 53 && !Object.is(value, -0)) {
      this.#head(value < 0 ? 1 : 0, value < 0 ? -1 - value : value);
      return;
    }
    const at = this.#room(9);
    this.#bytes[at] = 0xfb;
    this.#view.setFloat64(at + 1, value);
    if (Number.isNaN(value)) {
      this.#view.setUint32(at + 1, 0x7ff80000);
      this.#view.setUint32(at + 5, 0);
    }
  }

  #bigint(value: bigint): void {
    let hex = (value < 0n ? -1n - value : value).toString(16);
    hex = hex === "0" ? "" : hex.length % 2 ? "0" + hex : hex;
    this.#head(6, value < 0n ? 3 : 2);
    this.#raw(2, Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16)));
  }

  #array(items: unknown[]): void {
    this.#head(4, items.length);
    for (let i = 0; i < items.length; i++) {
      if (items[i] !== undefined || i in items) {
        this.#write(items[i]);
      } else {
        this.#bytes.set(HOLE, this.#room(HOLE.length));
      }
    }
  }

  /** A string with lone surrogates cannot be UTF-8. */
  #text(value: string): void {
    if (!/\p{Surrogate}/u.test(value)) {
      this.#raw(3, utf8.encode(value));
      return;
    }
    const units = new DataView(new ArrayBuffer(value.length * 2));
    for (let i = 0; i < value.length; i++) {
      units.setUint16(i * 2, value.charCodeAt(i), true);
    }
    this.#head(6, 27);
    this.#array(["Text", new Uint8Array(units.buffer)]);
  }

  #write(value: unknown): void {
    switch (typeof value) {
      case "number":
        return this.#number(value);
      case "string":
        return this.#text(value);
      case "boolean":
        return this.#head(7, value ? 21 : 20);
      case "undefined":
        return this.#head(7, 23);
      case "bigint":
        return this.#bigint(value);
      case "object":
        return value === null ? this.#head(7, 22) : this.#object(value);
      default:
        refuse(value);
    }
  }

  #object(value: object): void {
    const number = this.#shared.get(value);
    if (number !== undefined && number >= 0) {
      this.#head(6, 29);
      this.#head(0, number);
      return;
    }
    if (number === -1) {
      this.#shared.set(value, this.#numbers++);
      this.#head(6, 28);
    }
    if (Array.isArray(value)) {
      this.#array(value);
    } else if (value instanceof Uint8Array) {
      this.#raw(2, value);
    } else if (value instanceof Date) {
      this.#head(6, 1);
      this.#number(value.getTime() / 1000);
    } else if (value instanceof Map) {
      this.#head(6, 259);
      this.#head(5, value.size);
      value.forEach((item, key) => (this.#write(key), this.#write(item)));
    } else if (value instanceof Set) {
      this.#head(6, 258);
      this.#array([...value]);
    } else if (value instanceof RegExp) {
      this.#head(6, value.flags ? 27 : 35);
      this.#write(value.flags ? ["RegExp", value.source, value.flags] : value.source);
    } else if (value instanceof Error) {
      this.#head(6, 27);
      const name = typeof value.name === "string" && value.name ? value.name : "Error";
      const parts: unknown[] = ["Error", name, String(value.message), typeof value.stack === "string" ? value.stack : null];
      this.#array("cause" in value ? [...parts, value.cause] : parts);
    } else if (value instanceof ArrayBuffer) {
      this.#head(6, 27);
      this.#array(["ArrayBuffer", new Uint8Array(value)]);
    } else if (ArrayBuffer.isView(value)) {
      this.#buffer(value);
    } else if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) {
      refuse(value);
    } else {
      const keys = Object.keys(value);
      this.#head(5, keys.length);
      for (const key of keys) {
        this.#raw(3, utf8.encode(key));
        this.#write((value as Record<string, unknown>)[key]);
      }
    }
  }

  #buffer(view: ArrayBufferView): void {
    const bytes = new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
    if (view instanceof DataView) {
      this.#head(6, 27);
      this.#array(["DataView", bytes]);
      return;
    }
    const found = TYPED_ARRAYS.find(([, type]) => view instanceof type);
    if (!found) {
      refuse(view);
    }
    this.#head(6, found[0]);
    this.#raw(2, bytes);
  }
}

class Reader {
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;
  #shared: unknown[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  whole(): unknown {
    const value = this.#read(0);
    if (this.#at !== this.#bytes.length) {
      throw new TypeError("There is more than one CBOR item");
    }
    return value;
  }

  #fail(): never {
    throw new TypeError(`There is no CBOR item at byte ${this.#at}`);
  }

  #take(length: number): number {
    const at = this.#at;
    if (!(length <= this.#bytes.length - at)) {
      this.#fail();
    }
    this.#at += length;
    return at;
  }

  #argument(info: number): number | bigint {
    switch (info) {
      case 24:
        return this.#bytes[this.#take(1)]!;
      case 25:
        return this.#view.getUint16(this.#take(2));
      case 26:
        return this.#view.getUint32(this.#take(4));
      case 27: {
        const big = this.#view.getBigUint64(this.#take(8));
        return big <= 0x20000000000000n ? Number(big) : big;
      }
      default:
        return info < 24 ? info : this.#fail();
    }
  }

  #size(info: number): number {
    const size = this.#argument(info);
    return typeof size === "number" && size <= this.#bytes.length - this.#at ? size : this.#fail();
  }

  /** Reads an item; `share` is its number where it stands under a tag 28. */
  #read(depth: number, share?: number): unknown {
    if (depth > MOST_DEPTH) {
      throw new TypeError(`The CBOR is nested deeper than ${MOST_DEPTH} levels`);
    }
    const first = this.#bytes[this.#take(1)]!;
    const info = first & 31;
    switch (first >> 5) {
      case 0:
        return this.#argument(info);
      case 1: {
        const argument = this.#argument(info);
        return typeof argument === "number" && argument < 2 ** 53 ? -1 - argument : -1n - BigInt(argument);
      }
      case 2:
        return this.#keep(share, this.#slice(info));
      case 3: {
        const size = this.#size(info);
        const at = this.#take(size);
        return text.decode(this.#bytes.subarray(at, at + size));
      }
      case 4:
        return this.#items(info, depth, this.#keep(share, []));
      case 5: {
        const object = this.#keep(share, {} as Record<string, unknown>);
        this.#entries(info, depth, (key, value) => {
          if (typeof key !== "string") {
            throw new TypeError("The keys of an object are text");
          }
          Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
        });
        return object;
      }
      case 6:
        return this.#tagged(Number(this.#argument(info)), depth + 1, share);
      default:
        return this.#simple(info);
    }
  }

  #keep<T>(share: number | undefined, value: T): T {
    if (share !== undefined) {
      this.#shared[share] = value;
    }
    return value;
  }

  #slice(info: number): Uint8Array {
    const size = this.#size(info);
    const at = this.#take(size);
    return this.#bytes.slice(at, at + size);
  }

  #items(info: number, depth: number, array: unknown[]): unknown[] {
    const count = this.#size(info);
    for (let i = 0; i < count; i++) {
      if (HOLE.every((byte, at) => this.#bytes[this.#at + at] === byte)) {
        this.#take(HOLE.length);
        array.length = i + 1;
      } else {
        array.push(this.#read(depth + 1));
      }
    }
    return array;
  }

  #entries(info: number, depth: number, put: (key: unknown, value: unknown) => void): void {
    const count = this.#size(info);
    for (let i = 0; i < count; i++) {
      const key = this.#read(depth + 1);
      put(key, this.#read(depth + 1));
    }
  }

  #simple(info: number): unknown {
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
        return null;
      case 23:
        return undefined;
      case 25:
        return half(this.#view.getUint16(this.#take(2)));
      case 26:
        return this.#view.getFloat32(this.#take(4));
      case 27:
        return this.#view.getFloat64(this.#take(8));
      default:
        return this.#fail();
    }
  }

  /** The head of a container under a tag. */
  #expect(major: number): number {
    const first = this.#bytes[this.#take(1)]!;
    return first >> 5 === major ? first & 31 : this.#fail();
  }

  #tagged(tag: number, depth: number, share: number | undefined): unknown {
    switch (tag) {
      case 1:
        return this.#keep(share, new Date(Math.round(Number(this.#read(depth)) * 1000)));
      case 2:
      case 3: {
        let value = 0n;
        for (const byte of this.#slice(this.#expect(2))) {
          value = (value << 8n) | BigInt(byte);
        }
        return tag === 2 ? value : -1n - value;
      }
      case 27:
        return this.#named(depth, share);
      case 28: {
        const number = this.#shared.length;
        this.#shared.push(undefined);
        const value = this.#read(depth, number);
        return this.#keep(number, value);
      }
      case 29: {
        const number = this.#read(depth);
        return typeof number === "number" && number in this.#shared ? this.#shared[number] : this.#fail();
      }
      case 35:
        return this.#keep(share, new RegExp(String(this.#read(depth))));
      case 258: {
        const set = this.#keep(share, new Set<unknown>());
        this.#items(this.#expect(4), depth, []).forEach((item) => set.add(item));
        return set;
      }
      case 259: {
        const map = this.#keep(share, new Map<unknown, unknown>());
        this.#entries(this.#expect(5), depth, (key, value) => map.set(key, value));
        return map;
      }
      default: {
        const found = TYPED_ARRAYS.find(([number]) => number === tag);
        if (!found) {
          throw new TypeError(`The CBOR tag ${tag} stands for nothing here`);
        }
        const bytes = this.#slice(this.#expect(2));
        try {
          return this.#keep(share, new found[1](bytes.buffer as ArrayBuffer));
        } catch {
          throw new TypeError("The bytes are no whole number of elements");
        }
      }
    }
  }

  #named(depth: number, share: number | undefined): unknown {
    const count = this.#size(this.#expect(4));
    const kind = count > 0 ? this.#read(depth + 1) : undefined;
    const error = kind === "Error" ? this.#keep(share, new Error()) : undefined;
    const parts: unknown[] = [];
    for (let i = 1; i < count; i++) {
      parts.push(this.#read(depth + 1));
    }
    switch (kind) {
      case "Error":
        return this.#keep(share, this.#error(error!, parts));
      case "RegExp":
        return this.#keep(share, new RegExp(String(parts[0]), String(parts[1])));
      case "Text":
        return textIn(parts[0]);
      case "ArrayBuffer":
        return this.#keep(share, bufferIn(parts[0]));
      case "DataView":
        return this.#keep(share, new DataView(bufferIn(parts[0])));
      default:
        throw new TypeError(`The CBOR names a type "${String(kind)}" that is not known here`);
    }
  }

  #error(blank: Error, [name, message, stack, ...rest]: unknown[]): Error {
    const type = ERRORS[String(name)];
    const error = type && type !== Error ? new type() : blank;
    const hidden = (key: string, value: unknown): void => {
      Object.defineProperty(error, key, { value, writable: true, configurable: true });
    };
    hidden("message", String(message));
    if (error.name !== name) {
      hidden("name", String(name));
    }
    hidden("stack", typeof stack === "string" ? stack : undefined);
    if (rest.length > 0) {
      hidden("cause", rest[0]);
    }
    return error;
  }
}

function textIn(bytes: unknown): string {
  const units = new DataView(bufferIn(bytes));
  let text = "";
  for (let at = 0; at + 1 < units.byteLength; at += 2) {
    text += String.fromCharCode(units.getUint16(at, true));
  }
  return text;
}

function bufferIn(bytes: unknown): ArrayBuffer {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError("A buffer is made of bytes");
  }
  return bytes.buffer as ArrayBuffer;
}

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) {
    return fraction ? NaN : sign * Infinity;
  }
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** @throws DOMException `DataCloneError` for what has no structured form, such as functions */
export function encode(value: unknown): Uint8Array {
  return new Writer(value).result();
}

/** @throws TypeError where the bytes are not one value */
export function decode(bytes: Uint8Array): unknown {
  return new Reader(bytes).whole();
}
