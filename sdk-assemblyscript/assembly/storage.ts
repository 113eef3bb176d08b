import { storage } from "./abi/imports";
import {
  RET, freeLowered, lowerStrings, pointerOf, release, takeBytes, takeReturnedBytes, takeString, utf8
} from "./abi/memory";
import { CBOR } from "./cbor";
import { Status, statusText } from "./status";
import { Value } from "./value";

/** A key and the bytes under it. */
export class Entry {
  constructor(readonly key: string, readonly bytes: Uint8Array) {}

  static of<T>(key: string, value: T): Entry {
    return new Entry(key, CBOR.encode(Value.from<T>(value)));
  }

  /** The value under the key. Throws where the bytes are not CBOR. */
  get value(): Value {
    return decoded(this.key, this.bytes);
  }
}

/** Which entries `list` answers. Keys are ordered by their UTF-8 bytes. */
export class ListOptions {
  /** First key to answer, inclusive. */
  start: string | null = null;
  /** Answer only keys after this one; it wins over `start`. */
  startAfter: string | null = null;
  /** Answer only keys before this one. */
  end: string | null = null;
  prefix: string | null = null;
  /** From the last key to the first. */
  reverse: bool = false;
  /** At most so many entries; negative means all. */
  limit: i32 = -1;

  static withPrefix(prefix: string): ListOptions {
    const options = new ListOptions();
    options.prefix = prefix;
    return options;
  }
}

/**
 * This actor's durable key-value storage. A turn sees its own writes; all writes of a turn become
 * durable together or not at all, before anything that the turn said leaves the server.
 *
 * Values are CBOR, so that every language and the server's tools read them; `getRaw` and `putRaw`
 * leave the bytes to you. A write that the host refuses throws, which throws away the turn;
 * `tryPut` and `tryPutRaw` answer the status in its place.
 */
export class Storage {
  get(key: string): Value | null {
    const bytes = this.getRaw(key);
    return bytes === null ? null : decoded(key, bytes);
  }

  /** Numbers, booleans, strings, Uint8Array, Value, arrays of these, and classes with `toValue(): Value`. */
  put<T>(key: string, value: T): void {
    this.putRaw(key, CBOR.encode(Value.from<T>(value)));
  }

  tryPut<T>(key: string, value: T): Status {
    return this.tryPutRaw(key, CBOR.encode(Value.from<T>(value)));
  }

  has(key: string): bool {
    return this.getRaw(key) !== null;
  }

  /** The integer under the key, or `absent` where there is none. Throws where it is something else. */
  getI64(key: string, absent: i64 = 0): i64 {
    const value = this.get(key);
    if (value === null) return absent;
    if (!value.isI64) throw new Error(mismatch(key, "a 64-bit integer"));
    return value.asI64();
  }

  /** The number under the key, or `absent` where there is none. Throws where it is something else. */
  getF64(key: string, absent: f64 = 0): f64 {
    const value = this.get(key);
    if (value === null) return absent;
    if (!value.isNumber) throw new Error(mismatch(key, "a number"));
    return value.asF64();
  }

  getBool(key: string, absent: bool = false): bool {
    const value = this.get(key);
    if (value === null) return absent;
    if (!value.isBool) throw new Error(mismatch(key, "a boolean"));
    return value.asBool();
  }

  /** The text under the key, or null where there is none. Throws where it is something else. */
  getString(key: string): string | null {
    const value = this.get(key);
    if (value === null) return null;
    if (!value.isText) throw new Error(mismatch(key, "a text"));
    return value.asString();
  }

  /** The byte string under the key, or null where there is none. Throws where it is something else. */
  getBytes(key: string): Uint8Array | null {
    const value = this.get(key);
    if (value === null) return null;
    if (!value.isBytes) throw new Error(mismatch(key, "a byte string"));
    return value.asBytes();
  }

  /** The stored bytes as they are. */
  getRaw(key: string): Uint8Array | null {
    const name = utf8(key);
    storage.get(pointerOf(name), name.byteLength, RET);
    return takeReturnedBytes();
  }

  putRaw(key: string, bytes: Uint8Array): void {
    const status = this.tryPutRaw(key, bytes);
    if (status != Status.Ok) {
      throw new Error("storage refused to put '" + key + "': " + statusText(status));
    }
  }

  tryPutRaw(key: string, bytes: Uint8Array): Status {
    const name = utf8(key);
    return <Status>storage.put(pointerOf(name), name.byteLength, bytes.dataStart, bytes.byteLength);
  }

  /** The entries that exist, in the order of their keys. */
  getMany(keys: string[]): Entry[] {
    const table = lowerStrings(keys);
    storage.getMany(table, keys.length, RET);
    freeLowered(table);
    return takeReturnedEntries();
  }

  /** Puts all entries or throws. Make them with `Entry.of`. */
  putMany(entries: Entry[]): void {
    const status = this.tryPutMany(entries);
    if (status != Status.Ok) {
      throw new Error("storage refused to put " + entries.length.toString() + " entries: " + statusText(status));
    }
  }

  /** All entries or, when one is refused, none. */
  tryPutMany(entries: Entry[]): Status {
    const count = entries.length;
    if (count == 0) return Status.Ok;
    const keys = new Array<string>(count);
    for (let i = 0; i < count; i++) keys[i] = entries[i].key;
    const names = lowerStrings(keys);
    const table = heap.alloc(<usize>count << 4);
    for (let i = 0; i < count; i++) {
      const at = table + (<usize>i << 4);
      store<u64>(at, load<u64>(names + (<usize>i << 3)));
      store<usize>(at, entries[i].bytes.dataStart, 8);
      store<i32>(at, entries[i].bytes.byteLength, 12);
    }
    const status = storage.putMany(table, count);
    heap.free(table);
    freeLowered(names);
    return <Status>status;
  }

  /** Whether the key existed. */
  delete(key: string): bool {
    const name = utf8(key);
    return storage.remove(pointerOf(name), name.byteLength) != 0;
  }

  /** How many of the keys existed. */
  deleteMany(keys: string[]): u32 {
    const table = lowerStrings(keys);
    const existed = storage.removeMany(table, keys.length);
    freeLowered(table);
    return existed;
  }

  list(options: ListOptions = new ListOptions()): Entry[] {
    const start = optional(options.start);
    const startAfter = optional(options.startAfter);
    const end = optional(options.end);
    const prefix = optional(options.prefix);
    storage.list(
      i32(start !== null), pointer(start), length(start),
      i32(startAfter !== null), pointer(startAfter), length(startAfter),
      i32(end !== null), pointer(end), length(end),
      i32(prefix !== null), pointer(prefix), length(prefix),
      i32(options.reverse),
      i32(options.limit >= 0), max(options.limit, 0),
      RET
    );
    return takeReturnedEntries();
  }

  /** The keys alone. The values are read all the same, so set a limit where there may be many. */
  keys(options: ListOptions = new ListOptions()): string[] {
    const entries = this.list(options);
    const keys = new Array<string>(entries.length);
    for (let i = 0; i < entries.length; i++) keys[i] = entries[i].key;
    return keys;
  }

  /** Deletes every key. The alarm stays as it is. */
  deleteAll(): void {
    storage.removeAll();
  }
}

function decoded(key: string, bytes: Uint8Array): Value {
  const value = CBOR.decode(bytes);
  if (value === null) throw new Error("what is stored under '" + key + "' is not CBOR; read it with getRaw");
  return value;
}

function mismatch(key: string, wanted: string): string {
  return "what is stored under '" + key + "' is not " + wanted;
}

function optional(text: string | null): ArrayBuffer | null {
  return text === null ? null : utf8(text);
}

function pointer(buffer: ArrayBuffer | null): usize {
  return changetype<usize>(buffer);
}

function length(buffer: ArrayBuffer | null): i32 {
  return buffer === null ? 0 : buffer.byteLength;
}

function takeReturnedEntries(): Entry[] {
  const table = load<usize>(RET);
  const count = load<i32>(RET, 4);
  const entries = new Array<Entry>(count);
  for (let i = 0; i < count; i++) {
    const at = table + (<usize>i << 4);
    const key = takeString(load<usize>(at), load<i32>(at, 4));
    entries[i] = new Entry(key, takeBytes(load<usize>(at, 8), load<i32>(at, 12)));
  }
  if (count != 0) release(table);
  return entries;
}
