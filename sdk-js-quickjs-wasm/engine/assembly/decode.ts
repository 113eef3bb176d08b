/** CBOR into structured values, as host-abi/cbor.md says. */
import { RET } from "./memory";
import { help, Helper } from "./kinds";
import { isUtf8, throwTypeError } from "./text";
import {
  ctx, drop, dup, EXCEPTION, FALSE, free, fromInt, fromNumber, isException, isFloat, floatOf, JS_DefinePropertyValue,
  JS_DefinePropertyValueUint32, JS_DeleteProperty, JS_FreeAtom, JS_NewArray, JS_NewArrayBufferCopy, JS_NewArrayFrom, JS_NewAtomLen,
  JS_NewAtomUInt32, JS_NewBigInt64,
  JS_NewBigUint64, JS_NewDate, JS_NewObject, JS_NewStringLen, JS_NewStringUTF16, JS_NewTypedArray, JS_NewUint8ArrayCopy, JS_ThrowOutOfMemory,
  JS_ToFloat64, malloc, NULL, PROPERTY_C_W_E, realloc, TAG_INT, TAG_STRING, tagOf, TRUE, UNDEFINED, Value, isString, isObject,
} from "./quickjs";

const MAX_DEPTH = 128;

let at: usize = 0;
let end: usize = 0;

// What stands under a tag 28, by number.
let shared: usize = 0;
let sharedCount: u32 = 0;
let sharedCapacity: u32 = 0;

/** A number that no tag 28 waits with: the container about to be made is not shared. */
const UNSHARED: i32 = -1;

/** The value of exactly one item, or an exception. Runs none of the user's code. */
export function decode(from: usize, length: usize): Value {
  at = from;
  end = from + length;
  let value = read(0, UNSHARED);
  if (!isException(value) && at != end) {
    drop(value);
    value = refuse("more than one value");
  }
  for (let i: u32 = 0; i < sharedCount; i++) drop(load<Value>(shared + (i << 3)));
  sharedCount = 0;
  if (shared != 0) free(shared);
  shared = 0;
  sharedCapacity = 0;
  return value;
}

function refuse(why: string): Value {
  throwTypeError("the bytes are not a structured value");
  return EXCEPTION;
}

let major: u32 = 0;
let info: u32 = 0;
let argument: u64 = 0;

/** Reads the head of an item. */
function readHead(): bool {
  if (at >= end) return false;
  const initial = <u32>load<u8>(at++);
  major = initial >> 5;
  info = initial & 31;
  if (info < 24) {
    argument = info;
    return true;
  }
  const left = end - at;
  switch (info) {
    case 24:
      if (left < 1) return false;
      argument = load<u8>(at);
      at += 1;
      return true;
    case 25:
      if (left < 2) return false;
      argument = bswap<u16>(load<u16>(at));
      at += 2;
      return true;
    case 26:
      if (left < 4) return false;
      argument = bswap<u32>(load<u32>(at));
      at += 4;
      return true;
    case 27:
      if (left < 8) return false;
      argument = bswap<u64>(load<u64>(at));
      at += 8;
      return true;
    default:
      return false;
  }
}

const EXACT: u64 = 1 << 53;

function read(depth: i32, number: i32): Value {
  if (!readHead()) return refuse("ends early");
  if (major >= 4 && major <= 6 && depth >= MAX_DEPTH) return refuse("nested too deep");
  switch (major) {
    case 0:
      if (argument <= 0x7fffffff) return fromInt(<i32>argument);
      return argument <= EXACT ? fromNumber(<f64>argument) : JS_NewBigUint64(ctx, argument);
    case 1:
      if (argument < EXACT) return fromNumber(-1 - <f64>argument);
      return argument <= <u64>i64.MAX_VALUE ? JS_NewBigInt64(ctx, ~<i64>argument) : bigInt(argument, true);
    case 2: return readBytes(number);
    case 3: return readText();
    case 4: return readArray(depth + 1, number);
    case 5: return readObject(depth + 1, number);
    case 6: return readTag(depth + 1, number);
    default: return readSimple();
  }
}

/** Notes what stands under a tag 28. */
function keep(value: Value, number: i32): Value {
  if (number >= 0 && !isException(value)) {
    const place = shared + (<usize>number << 3);
    drop(load<Value>(place));
    store<Value>(place, dup(value));
  }
  return value;
}

function readSimple(): Value {
  switch (info) {
    case 20: return FALSE;
    case 21: return TRUE;
    case 22: return NULL;
    case 23: return UNDEFINED;
    case 25: return fromNumber(half(<u32>argument));
    case 26: return fromNumber(<f64>reinterpret<f32>(<u32>argument));
    case 27: return fromNumber(reinterpret<f64>(argument));
    default: return refuse("unknown simple value");
  }
}

function half(bits: u32): f64 {
  const sign: f64 = (bits & 0x8000) != 0 ? -1 : 1;
  const exponent = <i32>(bits >> 10) & 31;
  const fraction = <f64>(bits & 1023);
  if (exponent == 31) return fraction != 0 ? NaN : sign * Infinity;
  if (exponent == 0) return sign * fraction * 5.960464477539063e-8;
  // 2^(exponent - 15), by its bits.
  return sign * (1 + fraction / 1024) * reinterpret<f64>(<u64>(exponent - 15 + 1023) << 52);
}

/** Whether so many bytes are left; the argument may be any 64-bit number. */
// @ts-ignore
@inline function has(bytes: u64): bool {
  return bytes <= <u64>(end - at);
}

function readBytes(number: i32): Value {
  if (!has(argument)) return refuse("ends early");
  const from = at;
  at += <usize>argument;
  return keep(JS_NewUint8ArrayCopy(ctx, from, <usize>argument), number);
}

function readText(): Value {
  if (!has(argument) || !isUtf8(at, <i32>argument)) return refuse("no UTF-8");
  const from = at;
  at += <usize>argument;
  return JS_NewStringLen(ctx, from, <usize>argument);
}

/** The eight bytes of tag 27 `["Hole"]`. */
const HOLE: u64 = 0x656c6f4864811bd8;

/** What stands for a hole in `items`: undefined, but with other bits than any other. */
const HOLE_MARK: Value = UNDEFINED | 1;

// @ts-ignore
@inline function readItem(depth: i32): Value {
  if (end - at >= 8 && load<u64>(at) == HOLE) {
    at += 8;
    return HOLE_MARK;
  }
  return read(depth, UNSHARED);
}

function makeHole(array: Value, index: u32): void {
  const atom = JS_NewAtomUInt32(ctx, index);
  JS_DeleteProperty(ctx, array, atom, 0);
  JS_FreeAtom(ctx, atom);
}

function readArray(depth: i32, number: i32): Value {
  if (!has(argument)) return refuse("ends early");
  const count = <u32>argument;
  if (number >= 0) {
    const array = keep(JS_NewArray(ctx), number);
    if (isException(array)) return array;
    for (let i: u32 = 0; i < count; i++) {
      const item = readItem(depth);
      if (isException(item) || JS_DefinePropertyValueUint32(ctx, array, i, item, PROPERTY_C_W_E) < 0) {
        drop(array);
        return EXCEPTION;
      }
      if (item == HOLE_MARK) makeHole(array, i);
    }
    return array;
  }
  if (count == 0) return JS_NewArray(ctx);
  const items = malloc(<usize>count << 3);
  if (items == 0) return JS_ThrowOutOfMemory(ctx);
  let holes = false;
  for (let i: u32 = 0; i < count; i++) {
    const item = readItem(depth);
    if (isException(item)) {
      for (let j: u32 = 0; j < i; j++) drop(load<Value>(items + (<usize>j << 3)));
      free(items);
      return item;
    }
    if (item == HOLE_MARK) holes = true;
    store<Value>(items + (<usize>i << 3), item);
  }
  const array = JS_NewArrayFrom(ctx, count, items);
  if (holes && !isException(array)) {
    for (let i: u32 = 0; i < count; i++) {
      if (load<Value>(items + (<usize>i << 3)) == HOLE_MARK) makeHole(array, i);
    }
  }
  free(items);
  return array;
}

function readObject(depth: i32, number: i32): Value {
  if (!has(argument) || !has(argument << 1)) return refuse("ends early");
  // A map whose keys are no texts, from a language that does not tell its kinds of map apart.
  if (argument != 0 && at < end && load<u8>(at) >> 5 != 3) return readMap(depth, number);
  const count = <u32>argument;
  const object = keep(JS_NewObject(ctx), number);
  if (isException(object)) return object;
  for (let i: u32 = 0; i < count; i++) {
    if (!readHead() || major != 3 || !has(argument) || !isUtf8(at, <i32>argument)) {
      drop(object);
      return refuse("a key that is no text");
    }
    const from = at;
    at += <usize>argument;
    const atom = JS_NewAtomLen(ctx, from, <usize>argument);
    if (atom == 0) {
      drop(object);
      return EXCEPTION;
    }
    const item = read(depth, UNSHARED);
    const defined = isException(item) ? -1 : JS_DefinePropertyValue(ctx, object, atom, item, PROPERTY_C_W_E);
    JS_FreeAtom(ctx, atom);
    if (defined < 0) {
      drop(object);
      return EXCEPTION;
    }
  }
  return object;
}

/** A Map, of the entries whose number is in `argument`. */
function readMap(depth: i32, number: i32): Value {
  if (!has(argument) || !has(argument << 1)) return refuse("ends early");
  argument <<= 1;
  const map = keep(help(Helper.NewMap, UNDEFINED), number);
  return fill(map, Helper.FillMap, depth);
}

/** Fills a Map or Set with the items whose number is in `argument`. */
function fill(collection: Value, helper: Helper, depth: i32): Value {
  if (isException(collection)) return collection;
  const items = readArray(depth, UNSHARED);
  const filled = isException(items) ? EXCEPTION : help(helper, collection, items);
  drop(items);
  if (isException(filled)) {
    drop(collection);
    return EXCEPTION;
  }
  return collection;
}

function readTag(depth: i32, number: i32): Value {
  const tag = argument;
  if (tag == 28) return readShared(depth);
  if (tag == 29) return readAgain();
  if (tag == 27) return readNamed(depth, number);
  if (!readHead()) return refuse("ends early");
  switch (<i32>min<u64>(tag, 1000)) {
    case 1: return readDate(number);
    case 2: return major == 2 ? readBigInt(false) : refuse("a bigint that is no bytes");
    case 3: return major == 2 ? readBigInt(true) : refuse("a bigint that is no bytes");
    case 35: return readRegExp(number);
    case 258: {
      if (major != 4 || !has(argument) || depth >= MAX_DEPTH) return refuse("a set that is no array");
      const length = argument;
      const set = keep(help(Helper.NewSet, UNDEFINED), number);
      argument = length;
      return fill(set, Helper.FillSet, depth + 1);
    }
    case 259:
      return major == 5 && depth < MAX_DEPTH ? readMap(depth + 1, number) : refuse("a map that is none");
    case 64: return major == 2 ? readBytes(number) : refuse("a typed array that is no bytes");
    case 68: return readTypedArray(0, 1, number);
    case 69: return readTypedArray(4, 2, number);
    case 70: return readTypedArray(6, 4, number);
    case 71: return readTypedArray(8, 8, number);
    case 72: return readTypedArray(1, 1, number);
    case 77: return readTypedArray(3, 2, number);
    case 78: return readTypedArray(5, 4, number);
    case 79: return readTypedArray(7, 8, number);
    case 84: return readTypedArray(9, 2, number);
    case 85: return readTypedArray(10, 4, number);
    case 86: return readTypedArray(11, 8, number);
    default: return refuse("an unknown tag");
  }
}

function readShared(depth: i32): Value {
  if (sharedCount == sharedCapacity) {
    const capacity = max<u32>(sharedCapacity * 2, 16);
    const grown = shared == 0 ? malloc(capacity << 3) : realloc(shared, capacity << 3);
    if (grown == 0) return JS_ThrowOutOfMemory(ctx);
    shared = grown;
    sharedCapacity = capacity;
  }
  const number = sharedCount++;
  store<Value>(shared + (<usize>number << 3), UNDEFINED);
  const value = read(depth, number);
  // What cannot hold itself, a text or a number, was not noted on the way.
  if (!isException(value) && !isObject(value)) keep(value, number);
  return value;
}

function readAgain(): Value {
  if (!readHead() || major != 0 || argument >= sharedCount) return refuse("an unknown reference");
  return dup(load<Value>(shared + (<usize>argument << 3)));
}

function readDate(number: i32): Value {
  let seconds: f64;
  if (major == 0) {
    seconds = <f64>argument;
  } else if (major == 1) {
    seconds = -1 - <f64>argument;
  } else if (major == 7 && info >= 25 && info <= 27) {
    const value = readSimple();
    seconds = tagOf(value) == TAG_INT ? <f64><i32>value : floatOf(value);
  } else {
    return refuse("a date that is no number");
  }
  return keep(JS_NewDate(ctx, Math.floor(seconds * 1000 + 0.5)), number);
}

function readBigInt(negative: bool): Value {
  if (!has(argument)) return refuse("ends early");
  const length = <usize>argument;
  const from = at;
  at += length;
  if (length <= 8) {
    let bits: u64 = 0;
    for (let i: usize = 0; i < length; i++) bits = (bits << 8) | load<u8>(from + i);
    if (!negative) return JS_NewBigUint64(ctx, bits);
    if (bits <= <u64>i64.MAX_VALUE) return JS_NewBigInt64(ctx, ~<i64>bits);
  }
  const hex = malloc((length << 1) + 2);
  if (hex == 0) return JS_ThrowOutOfMemory(ctx);
  store<u16>(hex, 0x7830);
  for (let i: usize = 0; i < length; i++) {
    const byte = load<u8>(from + i);
    store<u8>(hex + 2 + (i << 1), digit(byte >> 4));
    store<u8>(hex + 3 + (i << 1), digit(byte & 15));
  }
  const text = JS_NewStringLen(ctx, hex, (length << 1) + 2);
  free(hex);
  const value = help(Helper.NewBigInt, text, negative ? TRUE : FALSE);
  drop(text);
  return value;
}

function bigInt(magnitude: u64, negative: bool): Value {
  const hex = JS_NewBigUint64(ctx, magnitude);
  const value = help(Helper.NewBigInt, hex, negative ? TRUE : FALSE);
  drop(hex);
  return value;
}

// @ts-ignore
@inline function digit(value: u8): u8 {
  return value < 10 ? 0x30 + value : 0x57 + value;
}

function readRegExp(number: i32): Value {
  if (major != 3) return refuse("a regular expression that is no text");
  const source = readText();
  if (isException(source)) return source;
  const value = keep(help(Helper.NewRegExp, source, UNDEFINED), number);
  drop(source);
  return value;
}

function readTypedArray(type: i32, element: u32, number: i32): Value {
  if (major != 2 || !has(argument) || argument % element != 0) return refuse("a typed array that is no bytes");
  const from = at;
  at += <usize>argument;
  store<Value>(RET, JS_NewArrayBufferCopy(ctx, from, <usize>argument));
  const buffer = load<Value>(RET);
  if (isException(buffer)) return buffer;
  const array = JS_NewTypedArray(ctx, 1, RET, type);
  drop(buffer);
  return keep(array, number);
}

// @ts-ignore
@inline function nameIs(from: usize, length: u64, name: string): bool {
  if (length != name.length) return false;
  for (let i = 0; i < name.length; i++) {
    if (load<u8>(from + i) != name.charCodeAt(i)) return false;
  }
  return true;
}

/** Tag 27: an array that starts with the name of a type. One that is not known here stays an array. */
function readNamed(depth: i32, number: i32): Value {
  if (!readHead() || major != 4 || argument == 0 || !has(argument) || depth >= MAX_DEPTH) return refuse("a named value that is no array");
  const count = argument;
  const back = at;
  if (!readHead() || major != 3 || !has(argument)) return refuse("a named value without a name");
  const name = at;
  const length = argument;
  at += <usize>argument;
  if (nameIs(name, length, "Error") && (count == 4 || count == 5)) return readError(count == 5, depth + 1, number);
  let made: i32 = -1;
  if (count == 2 && nameIs(name, length, "ArrayBuffer")) return readBuffer(number);
  if (count == 2 && nameIs(name, length, "Text")) return readUtf16();
  if (count == 3 && nameIs(name, length, "RegExp")) made = Helper.NewRegExp;
  if (count == 3 && nameIs(name, length, "DOMException")) made = Helper.NewDOMException;
  if (count == 2) {
    if (nameIs(name, length, "DataView")) made = Helper.NewDataView;
    if (nameIs(name, length, "Number") || nameIs(name, length, "String") || nameIs(name, length, "Boolean") ||
        nameIs(name, length, "BigInt")) made = Helper.NewBoxed;
  }
  if (made < 0) {
    at = back;
    argument = count;
    return readArray(depth + 1, number);
  }
  const a = read(depth + 1, UNSHARED);
  if (isException(a)) return a;
  const b = count > 2 ? read(depth + 1, UNSHARED) : UNDEFINED;
  const value = isException(b) ? EXCEPTION : keep(help(<Helper>made, a, b), number);
  drop(a);
  drop(b);
  return value;
}

function readBuffer(number: i32): Value {
  if (!readHead() || major != 2 || !has(argument)) return refuse("a buffer that is no bytes");
  const from = at;
  at += <usize>argument;
  return keep(JS_NewArrayBufferCopy(ctx, from, <usize>argument), number);
}

/** A string with lone surrogates. */
function readUtf16(): Value {
  if (!readHead() || major != 2 || !has(argument) || (argument & 1) != 0) return refuse("a text that is no UTF-16");
  const length = <usize>argument;
  // Its units have even addresses.
  const units = malloc(length + 2);
  if (units == 0) return JS_ThrowOutOfMemory(ctx);
  memory.copy(units, at, length);
  at += length;
  const text = JS_NewStringUTF16(ctx, units, length >> 1);
  free(units);
  return text;
}

function readError(hasCause: bool, depth: i32, number: i32): Value {
  const name = read(depth, UNSHARED);
  if (isException(name)) return name;
  const message = read(depth, UNSHARED);
  const stack = isException(message) ? EXCEPTION : read(depth, UNSHARED);
  let error = isException(stack) ? EXCEPTION : keep(help(Helper.NewError, name, message, stack), number);
  drop(name);
  drop(message);
  drop(stack);
  if (hasCause && !isException(error)) {
    const cause = read(depth, UNSHARED);
    const set = isException(cause) ? EXCEPTION : help(Helper.SetCause, error, cause);
    drop(cause);
    if (isException(set)) {
      drop(error);
      error = EXCEPTION;
    }
  }
  return error;
}
