import { utf8 } from "./abi/memory";
import { parseDecimal } from "./decimal";
import { Kind, Value } from "./value";

/** Deepest nesting of arrays and objects that is read or written. */
const MAX_DEPTH: i32 = 128;

/** JSON (RFC 8259) to and from values. */
export namespace JSON {
  /**
   * The value, or null where the text is not JSON or is nested deeper than 128 levels. Numbers
   * without fraction and exponent that a 64-bit integer holds become integers, others floats. Of
   * members with the same name the last one counts. An escaped lone surrogate becomes U+FFFD.
   */
  export function parse(text: string): Value | null {
    const start = changetype<usize>(text);
    const parser = new Parser(text, start, start + (<usize>text.length << 1));
    parser.skipSpace();
    const value = parser.value(0);
    parser.skipSpace();
    return parser.failed || parser.at != parser.end ? null : value;
  }

  /**
   * The value as JSON. What JSON has no word for becomes: undefined and numbers that are not finite
   * null, bytes base64, a tagged value the value, a member's name that is no text its own JSON.
   * Throws where the nesting is deeper than 128 levels.
   */
  export function stringify(value: Value): string {
    const writer = new Writer();
    writer.value(value, 0);
    return writer.toString();
  }
}

class Parser {
  failed: bool = false;

  constructor(readonly source: string, public at: usize, readonly end: usize) {}

  skipSpace(): void {
    while (this.at < this.end) {
      const c = load<u16>(this.at);
      if (c != 0x20 && c != 0x0a && c != 0x0d && c != 0x09) return;
      this.at += 2;
    }
  }

  value(depth: i32): Value {
    if (this.at >= this.end) return this.fail();
    switch (load<u16>(this.at)) {
      case 0x7b: return this.object(depth + 1);
      case 0x5b: return this.array(depth + 1);
      case 0x22: return Value.string(this.string());
      case 0x74: return this.word("true", Value.TRUE);
      case 0x66: return this.word("false", Value.FALSE);
      case 0x6e: return this.word("null", Value.NULL);
      default: return this.number();
    }
  }

  private object(depth: i32): Value {
    const object = Value.object();
    if (depth > MAX_DEPTH) return this.fail();
    this.at += 2;
    this.skipSpace();
    if (this.take(0x7d)) return object;
    while (!this.failed) {
      if (this.peek() != 0x22) return this.fail();
      const name = this.string();
      this.skipSpace();
      if (!this.take(0x3a)) return this.fail();
      this.skipSpace();
      object.set<Value>(name, this.value(depth));
      this.skipSpace();
      if (this.take(0x7d)) return object;
      if (!this.take(0x2c)) return this.fail();
      this.skipSpace();
    }
    return object;
  }

  private array(depth: i32): Value {
    const array = Value.array();
    if (depth > MAX_DEPTH) return this.fail();
    this.at += 2;
    this.skipSpace();
    if (this.take(0x5d)) return array;
    while (!this.failed) {
      array.push<Value>(this.value(depth));
      this.skipSpace();
      if (this.take(0x5d)) return array;
      if (!this.take(0x2c)) return this.fail();
      this.skipSpace();
    }
    return array;
  }

  private string(): string {
    this.at += 2;
    let text = "";
    let surrogates = false;
    let from = this.at;
    while (this.at < this.end) {
      const c = load<u16>(this.at);
      if (c == 0x22) {
        text = concatenated(text, from, this.at);
        this.at += 2;
        return surrogates ? String.UTF8.decode(utf8(text)) : text;
      }
      if (c < 0x20) break;
      if (c == 0x5c) {
        text = concatenated(text, from, this.at);
        this.at += 2;
        const unit = this.escape();
        if (this.failed) return "";
        text += String.fromCharCode(unit);
        surrogates = surrogates || (unit & 0xf800) == 0xd800;
        from = this.at;
      } else {
        this.at += 2;
      }
    }
    this.failed = true;
    return "";
  }

  /** The code unit of the escape after a backslash. A surrogate pair is two escapes. */
  private escape(): i32 {
    const c = this.peek();
    this.at += 2;
    switch (c) {
      case 0x22: case 0x5c: case 0x2f: return c;
      case 0x62: return 8;
      case 0x66: return 12;
      case 0x6e: return 10;
      case 0x72: return 13;
      case 0x74: return 9;
      case 0x75: {
        let unit = 0;
        for (let i = 0; i < 4; i++) {
          const digit = this.peek();
          const lower = digit | 0x20;
          if (digit >= 0x30 && digit <= 0x39) {
            unit = (unit << 4) | (digit - 0x30);
          } else if (lower >= 0x61 && lower <= 0x66) {
            unit = (unit << 4) | (lower - 0x57);
          } else {
            this.failed = true;
            return 0;
          }
          this.at += 2;
        }
        return unit;
      }
    }
    this.failed = true;
    return 0;
  }

  private number(): Value {
    const from = this.at;
    const negative = this.take(0x2d);
    const digits = this.at;
    let whole: u64 = 0;
    let fits = true;
    while (isDigit(this.peek())) {
      const digit = <u64>(this.peek() - 0x30);
      if (whole > (u64.MAX_VALUE - digit) / 10) fits = false;
      whole = whole * 10 + digit;
      this.at += 2;
    }
    const count = this.at - digits;
    if (count == 0 || (count > 2 && load<u16>(digits) == 0x30)) return this.fail();
    let integral = true;
    if (this.take(0x2e)) {
      integral = false;
      if (!this.skipDigits()) return this.fail();
    }
    if ((this.peek() | 0x20) == 0x65) {
      this.at += 2;
      integral = false;
      if (!this.take(0x2b)) this.take(0x2d);
      if (!this.skipDigits()) return this.fail();
    }
    if (integral && fits && whole <= <u64>i64.MAX_VALUE + u64(negative) && !(negative && whole == 0)) {
      return Value.integer(negative ? -(<i64>whole) : <i64>whole);
    }
    return Value.float(parseDecimal(from, this.at));
  }

  /** Whether there was at least one digit. */
  private skipDigits(): bool {
    const from = this.at;
    while (isDigit(this.peek())) this.at += 2;
    return this.at != from;
  }

  private word(word: string, value: Value): Value {
    const size = <usize>word.length << 1;
    if (this.end - this.at < size || memory.compare(this.at, changetype<usize>(word), size) != 0) {
      return this.fail();
    }
    this.at += size;
    return value;
  }

  private peek(): i32 {
    return this.at < this.end ? <i32>load<u16>(this.at) : -1;
  }

  private take(c: i32): bool {
    if (this.peek() != c) return false;
    this.at += 2;
    return true;
  }

  private fail(): Value {
    this.failed = true;
    return Value.UNDEFINED;
  }
}

@inline
function isDigit(c: i32): bool {
  return <u32>(c - 0x30) < 10;
}

function slice(from: usize, to: usize): string {
  return String.UTF16.decodeUnsafe(from, to - from);
}

function concatenated(text: string, from: usize, to: usize): string {
  if (from == to) return text;
  const rest = slice(from, to);
  return text.length == 0 ? rest : text + rest;
}

/** Collects UTF-16 code units. */
class Writer {
  private buffer: ArrayBuffer = new ArrayBuffer(256);
  private length: usize = 0;

  toString(): string {
    return String.UTF16.decodeUnsafe(changetype<usize>(this.buffer), this.length);
  }

  value(value: Value, depth: i32): void {
    if (depth > MAX_DEPTH) throw new Error("a value is nested deeper than 128 levels");
    switch (value.kind) {
      case Kind.Bool: this.text(value.asBool() ? "true" : "false"); break;
      case Kind.Unsigned: this.text(value.bits.toString()); break;
      case Kind.Negative: this.negative(value.bits); break;
      case Kind.Float: this.text(float(value.asF64())); break;
      case Kind.Text: this.quoted(value.asString()); break;
      case Kind.Bytes: this.base64(value.asBytes()); break;
      case Kind.Array: {
        this.unit(0x5b);
        for (let i = 0, k = value.length; i < k; i++) {
          if (i != 0) this.unit(0x2c);
          this.value(value.at(i), depth + 1);
        }
        this.unit(0x5d);
        break;
      }
      case Kind.Map: {
        this.unit(0x7b);
        for (let i = 0, k = value.length; i < k; i++) {
          if (i != 0) this.unit(0x2c);
          const key = value.keyAt(i);
          this.quoted(key.isText ? key.asString() : JSON.stringify(key));
          this.unit(0x3a);
          this.value(value.at(i), depth + 1);
        }
        this.unit(0x7d);
        break;
      }
      case Kind.Tag: this.tagged(value, depth); break;
      default: this.text("null");
    }
  }

  /** What JavaScript has and CBOR has not, as JavaScript writes it; of other tags what is behind them. */
  private tagged(value: Value, depth: i32): void {
    if (value.isHole) {
      this.text("null");
    } else if (value.isText) {
      this.quoted(value.asString());
    } else {
      this.value(value.content, depth + 1);
    }
  }

  private negative(bits: u64): void {
    this.unit(0x2d);
    // -2^64 is the one negative integer whose magnitude no u64 holds.
    this.text(bits == u64.MAX_VALUE ? "18446744073709551616" : (bits + 1).toString());
  }

  private quoted(text: string): void {
    this.unit(0x22);
    const end = changetype<usize>(text) + (<usize>text.length << 1);
    let from = changetype<usize>(text);
    for (let at = from; at < end; at += 2) {
      const c = load<u16>(at);
      if (c >= 0x20 && c != 0x22 && c != 0x5c && (c & 0xf800) != 0xd800) continue;
      if ((c & 0xfc00) == 0xd800 && at + 2 < end && (load<u16>(at, 2) & 0xfc00) == 0xdc00) {
        at += 2;
        continue;
      }
      this.units(from, at - from);
      from = at + 2;
      this.escaped(c);
    }
    this.units(from, end - from);
    this.unit(0x22);
  }

  /** A quote, a backslash, a control character or a lone surrogate, which UTF-8 has no form for. */
  private escaped(c: u16): void {
    this.unit(0x5c);
    switch (c) {
      case 0x22: case 0x5c: this.unit(c); break;
      case 8: this.unit(0x62); break;
      case 12: this.unit(0x66); break;
      case 10: this.unit(0x6e); break;
      case 13: this.unit(0x72); break;
      case 9: this.unit(0x74); break;
      default:
        this.unit(0x75);
        for (let shift: i32 = 12; shift >= 0; shift -= 4) {
          const digit = <u16>((c >> <u16>shift) & 15);
          this.unit(digit < 10 ? 0x30 + digit : 0x57 + digit);
        }
    }
  }

  private base64(bytes: Uint8Array): void {
    this.unit(0x22);
    const count = bytes.length;
    for (let i = 0; i < count; i += 3) {
      const left = count - i;
      const group = (<u32>bytes[i] << 16) |
        (left > 1 ? <u32>bytes[i + 1] << 8 : 0) | (left > 2 ? <u32>bytes[i + 2] : 0);
      this.unit(base64Digit(group >> 18));
      this.unit(base64Digit((group >> 12) & 63));
      this.unit(left > 1 ? base64Digit((group >> 6) & 63) : 0x3d);
      this.unit(left > 2 ? base64Digit(group & 63) : 0x3d);
    }
    this.unit(0x22);
  }

  private text(text: string): void {
    this.units(changetype<usize>(text), <usize>text.length << 1);
  }

  private unit(unit: u16): void {
    store<u16>(this.reserve(2), unit);
  }

  private units(from: usize, size: usize): void {
    memory.copy(this.reserve(size), from, size);
  }

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

/** As JavaScript writes it: no fraction where there is none. */
function float(x: f64): string {
  if (!isFinite<f64>(x)) return "null";
  if (x == 0) return "0";
  const text = x.toString();
  return text.endsWith(".0") ? text.substring(0, text.length - 2) : text;
}

function base64Digit(x: u32): u16 {
  if (x < 26) return <u16>(0x41 + x);
  if (x < 52) return <u16>(0x47 + x);
  if (x < 62) return <u16>(x - 4);
  return x == 62 ? 0x2b : 0x2f;
}
