import { Kind, Value } from "./value";

/** Deepest nesting of arrays, maps and tags that is written or read. */
const MAX_DEPTH: i32 = 128;

/** The bits of the one NaN that is written. */
const NAN: u64 = 0x7ff8000000000000;

/**
 * Values as CBOR (RFC 8949): the shortest form of every length and integer, definite lengths, floats
 * in 64 bits, one NaN, map members in the order that they were set. Simple values without a meaning and
 * items of indefinite length, which no writer of Dormouse makes, are refused.
 */
export namespace CBOR {
  /** Throws where the nesting is deeper than 128. */
  export function encode(value: Value): Uint8Array {
    const writer = new Writer();
    writer.value(value, 0);
    return Uint8Array.wrap(writer.buffer, 0, <i32>writer.length);
  }

  /** The value, or null where the bytes are not exactly one well-formed item of at most 128 levels. */
  export function decode(bytes: Uint8Array): Value | null {
    const reader = new Reader(bytes, bytes.dataStart, bytes.dataStart + bytes.byteLength);
    const value = reader.value(0);
    return reader.failed || reader.at != reader.end ? null : value;
  }
}

class Writer {
  buffer: ArrayBuffer = new ArrayBuffer(64);
  length: usize = 0;

  value(value: Value, depth: i32): void {
    if (depth > MAX_DEPTH) throw new Error("a value is nested deeper than 128 levels");
    switch (value.kind) {
      case Kind.Undefined: this.byte(0xf7); break;
      case Kind.Null: this.byte(0xf6); break;
      case Kind.Bool: this.byte(value.bits != 0 ? 0xf5 : 0xf4); break;
      case Kind.Unsigned: this.head(0, value.bits); break;
      case Kind.Negative: this.head(1, value.bits); break;
      case Kind.Float: {
        const at = this.reserve(9);
        store<u8>(at, 0xfb);
        const x = value.asF64();
        store<u64>(at, bswap<u64>(isNaN(x) ? NAN : value.bits), 1);
        break;
      }
      case Kind.Text: {
        const text = value.asString();
        const size = String.UTF8.byteLength(text);
        this.head(3, size);
        String.UTF8.encodeUnsafe(
          changetype<usize>(text), text.length, this.reserve(size), false, String.UTF8.ErrorMode.REPLACE
        );
        break;
      }
      case Kind.Bytes: {
        const bytes = value.asBytes();
        this.head(2, bytes.byteLength);
        memory.copy(this.reserve(bytes.byteLength), bytes.dataStart, bytes.byteLength);
        break;
      }
      case Kind.Array: {
        const count = value.length;
        this.head(4, count);
        for (let i = 0; i < count; i++) this.value(value.at(i), depth + 1);
        break;
      }
      case Kind.Map: {
        const count = value.length;
        this.head(5, count);
        for (let i = 0; i < count; i++) {
          this.value(value.keyAt(i), depth + 1);
          this.value(value.at(i), depth + 1);
        }
        break;
      }
      case Kind.Tag:
        this.head(6, value.bits);
        this.value(value.content, depth + 1);
        break;
    }
  }

  private byte(byte: u8): void {
    store<u8>(this.reserve(1), byte);
  }

  private head(major: u8, argument: u64): void {
    const top = <u8>(major << 5);
    if (argument < 24) {
      this.byte(top | <u8>argument);
    } else if (argument <= 0xff) {
      const at = this.reserve(2);
      store<u8>(at, top | 24);
      store<u8>(at, <u8>argument, 1);
    } else if (argument <= 0xffff) {
      const at = this.reserve(3);
      store<u8>(at, top | 25);
      store<u16>(at, bswap<u16>(<u16>argument), 1);
    } else if (argument <= 0xffffffff) {
      const at = this.reserve(5);
      store<u8>(at, top | 26);
      store<u32>(at, bswap<u32>(<u32>argument), 1);
    } else {
      const at = this.reserve(9);
      store<u8>(at, top | 27);
      store<u64>(at, bswap<u64>(argument), 1);
    }
  }

  /** Where the next so many bytes go. */
  private reserve(size: usize): usize {
    const length = this.length;
    const needed = length + size;
    const capacity = <usize>this.buffer.byteLength;
    if (needed > capacity) {
      const grown = new ArrayBuffer(<i32>max(needed, capacity << 1));
      memory.copy(changetype<usize>(grown), changetype<usize>(this.buffer), length);
      this.buffer = grown;
    }
    this.length = needed;
    return changetype<usize>(this.buffer) + length;
  }
}

class Reader {
  failed: bool = false;

  constructor(readonly source: Uint8Array, public at: usize, readonly end: usize) {}

  value(depth: i32): Value {
    if (depth > MAX_DEPTH || this.at >= this.end) return this.fail();
    const initial = load<u8>(this.at++);
    const major = initial >> 5;
    const info = initial & 31;
    if (major == 7) return this.simple(info);
    const argument = this.argument(info);
    if (this.failed) return Value.UNDEFINED;
    switch (major) {
      case 0: return new Value(Kind.Unsigned, argument);
      case 1: return new Value(Kind.Negative, argument);
      case 2: {
        if (argument > this.left) return this.fail();
        const bytes = new Uint8Array(<i32>argument);
        memory.copy(bytes.dataStart, this.at, <usize>argument);
        this.at += <usize>argument;
        return new Value(Kind.Bytes, 0, null, bytes);
      }
      case 3: {
        if (argument > this.left || !isUtf8(this.at, this.at + <usize>argument)) return this.fail();
        const text = String.UTF8.decodeUnsafe(this.at, <usize>argument);
        this.at += <usize>argument;
        return Value.string(text);
      }
      case 4: {
        // Each element takes a byte at least, which bounds what a false length can make us do.
        if (argument > this.left) return this.fail();
        const array = Value.array();
        for (let i: u64 = 0; i < argument && !this.failed; i++) array.push<Value>(this.value(depth + 1));
        return array;
      }
      case 5: {
        if (argument > this.left >> 1) return this.fail();
        const map = Value.object();
        for (let i: u64 = 0; i < argument && !this.failed; i++) {
          const key = this.value(depth + 1);
          map.insert(key, this.value(depth + 1));
        }
        return map;
      }
      default: return Value.tag(argument, this.value(depth + 1));
    }
  }

  private simple(info: u8): Value {
    switch (info) {
      case 20: return Value.FALSE;
      case 21: return Value.TRUE;
      case 22: return Value.NULL;
      case 23: return Value.UNDEFINED;
      case 25: {
        const bits = this.argument(info);
        return this.failed ? Value.UNDEFINED : Value.float(halfToF64(<u32>bits));
      }
      case 26: return Value.float(<f64>reinterpret<f32>(<u32>this.argument(info)));
      case 27: return new Value(Kind.Float, this.argument(info));
      default: return this.fail();
    }
  }

  private argument(info: u8): u64 {
    if (info < 24) return info;
    const size: u64 = info > 27 ? u64.MAX_VALUE : 1 << (info - 24);
    if (size > this.left) {
      this.failed = true;
      return 0;
    }
    const at = this.at;
    this.at += <usize>size;
    switch (info) {
      case 24: return load<u8>(at);
      case 25: return bswap<u16>(load<u16>(at));
      case 26: return bswap<u32>(load<u32>(at));
      default: return bswap<u64>(load<u64>(at));
    }
  }

  private get left(): u64 {
    return <u64>(this.end - this.at);
  }

  private fail(): Value {
    this.failed = true;
    return Value.UNDEFINED;
  }
}

function halfToF64(bits: u32): f64 {
  const exponent = (bits >> 10) & 31;
  const mantissa = <f64>(bits & 1023);
  let x: f64;
  if (exponent == 0) {
    x = mantissa * (1.0 / 16777216.0);
  } else if (exponent == 31) {
    x = mantissa == 0 ? Infinity : NaN;
  } else {
    x = (1024.0 + mantissa) * reinterpret<f64>((<u64>exponent + 998) << 52);
  }
  return bits & 0x8000 ? -x : x;
}

/** Whether the bytes are UTF-8 as RFC 3629 has it: no overlong forms, no surrogates. */
function isUtf8(at: usize, end: usize): bool {
  while (at < end) {
    const byte = load<u8>(at++);
    if (byte < 0x80) continue;
    let more: i32;
    let low: u8 = 0x80;
    let high: u8 = 0xbf;
    if (byte >= 0xc2 && byte <= 0xdf) {
      more = 1;
    } else if ((byte & 0xf0) == 0xe0) {
      more = 2;
      if (byte == 0xe0) low = 0xa0;
      if (byte == 0xed) high = 0x9f;
    } else if (byte >= 0xf0 && byte <= 0xf4) {
      more = 3;
      if (byte == 0xf0) low = 0x90;
      if (byte == 0xf4) high = 0x8f;
    } else {
      return false;
    }
    if (at + more > end) return false;
    const second = load<u8>(at++);
    if (second < low || second > high) return false;
    while (--more > 0) {
      if ((load<u8>(at++) & 0xc0) != 0x80) return false;
    }
  }
  return true;
}
