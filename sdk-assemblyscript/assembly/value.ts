/** What a value is. */
export enum Kind {
  Undefined, Null, Bool,
  /** An integer from 0 to 2^64 - 1. */
  Unsigned,
  /** An integer from -2^64 to -1. */
  Negative,
  Float, Text, Bytes, Array, Map,
  /** A value with a CBOR tag in front. */
  Tag,
}

/** The tag of objects of other languages: an array of the type's name and what is in them. */
const OBJECT: u64 = 27;
/** That of a Uint8ClampedArray, whose bytes are like any others here. */
const CLAMPED: u64 = 68;

/** Objects with more members than this find them by hash. */
const INDEX_FROM: i32 = 8;

/**
 * A value of CBOR or JSON. What is not there is `Value.UNDEFINED`, so that lookups chain:
 * `doc.get("user").get("name").asString()`.
 */
export class Value {
  static readonly UNDEFINED: Value = new Value(Kind.Undefined);
  static readonly NULL: Value = new Value(Kind.Null);
  static readonly TRUE: Value = new Value(Kind.Bool, 1);
  static readonly FALSE: Value = new Value(Kind.Bool, 0);

  private index: Map<string, i32> | null = null;

  constructor(
    readonly kind: Kind,
    /** The integer, -1 minus it where it is negative, the bits of the float, the tag's number. */
    readonly bits: u64 = 0,
    private text: string | null = null,
    private bytes: Uint8Array | null = null,
    /** The elements of an array, the values of a map, the one value behind a tag. */
    private items: Value[] | null = null,
    /** The keys of a map, in the order of `items`. */
    private names: Value[] | null = null
  ) {}

  /** Numbers, booleans, strings, Uint8Array, Value, arrays of these, and classes with `toValue(): Value`. */
  static from<T>(x: T): Value {
    if (isBoolean<T>()) return x ? Value.TRUE : Value.FALSE;
    if (isFloat<T>()) return Value.float(<f64>x);
    if (isInteger<T>() && !isReference<T>()) {
      if (isSigned<T>()) return Value.integer(<i64>x);
      return new Value(Kind.Unsigned, <u64>x);
    }
    if (isNullable<T>()) {
      if (changetype<usize>(x) == 0) return Value.NULL;
      return Value.from<NonNullable<T>>(changetype<NonNullable<T>>(x));
    }
    if (isString<T>()) return Value.string(changetype<string>(x));
    if (idof<T>() == idof<Value>()) return changetype<Value>(x);
    if (idof<T>() == idof<Uint8Array>()) return new Value(Kind.Bytes, 0, null, changetype<Uint8Array>(x));
    if (isArray<T>()) {
      const array = Value.array();
      for (let i = 0, k = x.length; i < k; i++) array.push<valueof<T>>(x[i]);
      return array;
    }
    if (isDefined(x.toValue)) return x.toValue();
    ERROR("this type is none that Value.from takes: give its class a method toValue(): Value");
    return Value.UNDEFINED;
  }

  static integer(x: i64): Value {
    return x < 0 ? new Value(Kind.Negative, ~x) : new Value(Kind.Unsigned, x);
  }

  static float(x: f64): Value {
    return new Value(Kind.Float, reinterpret<u64>(x));
  }

  static string(x: string): Value {
    return new Value(Kind.Text, 0, x);
  }

  static array(): Value {
    return new Value(Kind.Array, 0, null, null, new Array<Value>());
  }

  static object(): Value {
    return new Value(Kind.Map, 0, null, null, new Array<Value>(), new Array<Value>());
  }

  static tag(number: u64, value: Value): Value {
    return new Value(Kind.Tag, number, null, null, [value]);
  }

  get isUndefined(): bool { return this.kind == Kind.Undefined; }
  get isNull(): bool { return this.kind == Kind.Null; }
  get isBool(): bool { return this.kind == Kind.Bool; }
  get isInteger(): bool { return this.kind == Kind.Unsigned || this.kind == Kind.Negative; }
  /** Whether this is an integer that an i64 holds. */
  get isI64(): bool { return this.isInteger && <i64>this.bits >= 0; }
  get isNumber(): bool { return this.isInteger || this.kind == Kind.Float; }
  get isText(): bool { return this.kind == Kind.Text || this.holds("Text", 1); }
  get isBytes(): bool {
    return this.kind == Kind.Bytes || this.kind == Kind.Tag && this.bytesInside !== null;
  }
  /** Whether this is what an array of JavaScript has where it has nothing. */
  get isHole(): bool { return this.holds("Hole", 0); }
  get isArray(): bool { return this.kind == Kind.Array; }
  get isObject(): bool { return this.kind == Kind.Map; }

  asBool(otherwise: bool = false): bool {
    return this.kind == Kind.Bool ? this.bits != 0 : otherwise;
  }

  /** The integer, also where a float holds a whole number; `otherwise` for what no i64 holds. */
  asI64(otherwise: i64 = 0): i64 {
    if (this.isI64) return this.kind == Kind.Negative ? ~(<i64>this.bits) : <i64>this.bits;
    if (this.kind == Kind.Float) {
      const x = reinterpret<f64>(this.bits);
      if (x >= -9223372036854775808.0 && x < 9223372036854775808.0 && trunc(x) == x) return <i64>x;
    }
    return otherwise;
  }

  asF64(otherwise: f64 = 0): f64 {
    if (this.kind == Kind.Float) return reinterpret<f64>(this.bits);
    if (this.kind == Kind.Unsigned) return <f64>this.bits;
    if (this.kind == Kind.Negative) return -1.0 - <f64>this.bits;
    return otherwise;
  }

  /** The text. One of JavaScript's that has lone surrogates keeps them. */
  asString(otherwise: string = ""): string {
    if (this.kind == Kind.Text) return this.text!;
    if (!this.holds("Text", 1)) return otherwise;
    const units = this.field(0).asBytes();
    return String.UTF16.decodeUnsafe(units.dataStart, units.byteLength & ~1);
  }

  /**
   * The bytes themselves, not a copy, of a byte string, or of an ArrayBuffer, a DataView or clamped bytes
   * of JavaScript; empty for what has none.
   */
  asBytes(): Uint8Array {
    const bytes = this.kind == Kind.Tag ? this.bytesInside : this.bytes;
    return bytes === null ? new Uint8Array(0) : bytes;
  }

  private get bytesInside(): Uint8Array | null {
    if (this.bits == CLAMPED) return this.content.bytes;
    return this.holds("ArrayBuffer", 1) || this.holds("DataView", 1) ? this.field(0).bytes : null;
  }

  /** The type of an object of another language, such as `Error` or `RegExp`; empty for any other value. */
  get typeName(): string {
    if (this.kind != Kind.Tag || this.bits != OBJECT) return "";
    const name = this.content.at(0);
    return name.kind == Kind.Text ? name.text! : "";
  }

  /** What is in such an object: of an `Error`, for example, its name and its message. */
  field(index: i32): Value {
    return index >= 0 && this.typeName.length != 0 ? this.content.at(index + 1) : Value.UNDEFINED;
  }

  private holds(typeName: string, fields: i32): bool {
    return this.kind == Kind.Tag && this.content.length == fields + 1 && this.typeName == typeName;
  }

  /** How many elements an array or members a map has; 0 for anything else. */
  get length(): i32 {
    return this.kind == Kind.Array || this.kind == Kind.Map ? this.items!.length : 0;
  }

  /** The element of an array or the value of a map's member at the index. */
  at(index: i32): Value {
    return index >= 0 && index < this.length ? this.items![index] : Value.UNDEFINED;
  }

  /** The key of a map's member at the index. */
  keyAt(index: i32): Value {
    return this.kind == Kind.Map && index >= 0 && index < this.length ? this.names![index] : Value.UNDEFINED;
  }

  /** The value that the tag stands before. */
  get content(): Value {
    return this.kind == Kind.Tag ? this.items![0] : Value.UNDEFINED;
  }

  /** Adds to an array and answers it. */
  push<T>(x: T): Value {
    if (this.kind != Kind.Array) throw new Error("push needs an array");
    this.items!.push(Value.from<T>(x));
    return this;
  }

  get(key: string): Value {
    const i = this.find(key);
    return i < 0 ? Value.UNDEFINED : this.items![i];
  }

  has(key: string): bool {
    return this.find(key) >= 0;
  }

  /** Sets the member of a map and answers the map. */
  set<T>(key: string, x: T): Value {
    if (this.kind != Kind.Map) throw new Error("set needs an object");
    const value = Value.from<T>(x);
    const i = this.find(key);
    if (i >= 0) {
      this.items![i] = value;
    } else {
      this.insert(Value.string(key), value);
    }
    return this;
  }

  /** Adds a member to a map without a look at those that are there: for decoders and keys of any kind. */
  insert(key: Value, value: Value): void {
    const index = this.index;
    if (index !== null && key.kind == Kind.Text) index.set(key.text!, this.items!.length);
    this.names!.push(key);
    this.items!.push(value);
  }

  /** Whether the map had the member. */
  delete(key: string): bool {
    const i = this.find(key);
    if (i < 0) return false;
    this.names!.splice(i, 1);
    this.items!.splice(i, 1);
    this.index = null;
    return true;
  }

  private find(key: string): i32 {
    if (this.kind != Kind.Map) return -1;
    const names = this.names!;
    const count = names.length;
    if (count <= INDEX_FROM) {
      // From the end, so that of names that a decoder let in twice the last one counts.
      for (let i = count - 1; i >= 0; i--) {
        const name = unchecked(names[i]);
        if (name.kind == Kind.Text && name.text! == key) return i;
      }
      return -1;
    }
    let index = this.index;
    if (index === null) {
      index = new Map<string, i32>();
      for (let i = 0; i < count; i++) {
        const name = unchecked(names[i]);
        if (name.kind == Kind.Text) index.set(name.text!, i);
      }
      this.index = index;
    }
    return index.has(key) ? index.get(key) : -1;
  }
}
