/**
 * Structured values into CBOR, as host-abi/cbor.md says. A value is written in one pass as if it
 * were a tree. Each object's place is noted; where one is reached again nothing is written but a
 * note, and the tags 28 and 29 are put in afterwards, which costs values without such objects
 * nothing.
 */
import { outAt, outBase, outMove, outPos, RET, room } from "./memory";
import { help, Helper, Kind, kindOf, lengthOf } from "./kinds";
import { freeUtf8, throwCloneError, throwRangeError, utf8, utf8Length, utf8Lossy, utf8OfAtom } from "./text";
import {
  ctx, drop, dup, floatOf, free, fromInt, isException, isFloat, JS_FreeAtom, JS_FreeCStringUTF16, JS_FreePropertyEnum, JS_GetArrayBuffer, JS_GetOwnProperty, JS_GetOwnPropertyNames,
  JS_GetProperty, JS_GetPropertyUint32, JS_GetTypedArrayBuffer, JS_GetTypedArrayType, JS_NewAtomUInt32, JS_ThrowOutOfMemory, JS_ToCStringLenUTF16,
  JS_ToFloat64, malloc,
  NAMES_STRING_ENUMERABLE, pointerOf, realloc, TAG_BIG_INT, TAG_BOOL, TAG_INT, TAG_NULL, TAG_OBJECT, TAG_SHORT_BIG_INT,
  TAG_STRING, TAG_STRING_ROPE, TAG_UNDEFINED, tagOf, UNDEFINED, Value,
} from "./quickjs";

const MAX_DEPTH = 128;

/** An array longer than this cannot be stored or sent anyway. */
const MAX_ITEMS: u32 = 64 * 1024 * 1024;

// Note of an object: its pointer, where it was written, its number + 1 once it is shared (SHARED
// before it is numbered), and its slot in the hash table.
const NOTE = 16;
const SHARED: u32 = 0xffffffff;
// Note of a place where an object was reached again: where, and which note.
const AGAIN = 8;

const FIRST_NOTES = 64;
const firstNotes: usize = memory.data(64 * 16, 8);
const firstSlots: usize = memory.data(256 * 4, 8);

let notes: usize = firstNotes;
let noteCount: u32 = 0;
let noteCapacity: u32 = FIRST_NOTES;
let slots: usize = firstSlots;
let slotMask: u32 = 255;
let again: usize = 0;
let againCount: u32 = 0;
let againCapacity: u32 = 0;
let encoding: bool = false;

/**
 * Appends a value to what is written; false where an exception is pending. Getters may run any code,
 * another `encode` included.
 */
export function encode(value: Value): bool {
  const tag = tagOf(value);
  if (tag != TAG_OBJECT) return write(value, 0);
  const start = outPos;
  if (!encoding) {
    encoding = true;
    const done = write(value, 0) && finish(start);
    forget();
    encoding = false;
    return done;
  }
  const outerNotes = notes, outerCount = noteCount, outerCapacity = noteCapacity;
  const outerSlots = slots, outerMask = slotMask;
  const outerAgain = again, outerAgainCount = againCount, outerAgainCapacity = againCapacity;
  again = 0;
  againCount = againCapacity = noteCount = 0;
  notes = malloc(FIRST_NOTES * NOTE);
  noteCapacity = FIRST_NOTES;
  slots = malloc(256 * 4);
  slotMask = 255;
  let done = false;
  if (notes != 0 && slots != 0) {
    memory.fill(slots, 0, 256 * 4);
    done = write(value, 0) && finish(start);
    forget();
  } else {
    outOfMemory();
  }
  if (notes != 0 && notes != firstNotes) free(notes);
  if (slots != 0 && slots != firstSlots) free(slots);
  notes = outerNotes;
  noteCount = outerCount;
  noteCapacity = outerCapacity;
  slots = outerSlots;
  slotMask = outerMask;
  again = outerAgain;
  againCount = outerAgainCount;
  againCapacity = outerAgainCapacity;
  return done;
}

function outOfMemory(): bool {
  JS_ThrowOutOfMemory(ctx);
  return false;
}

/** Lets the objects go, and empties the tables. */
function forget(): void {
  for (let i: u32 = 0; i < noteCount; i++) {
    const note = notes + i * NOTE;
    store<u32>(slots + (<usize>load<u32>(note, 12) << 2), 0);
    drop((<u64><u32>TAG_OBJECT << 32) | load<u32>(note));
  }
  noteCount = 0;
  if (notes != firstNotes) {
    free(notes);
    notes = firstNotes;
    noteCapacity = FIRST_NOTES;
  }
  if (slots != firstSlots) {
    free(slots);
    slots = firstSlots;
    slotMask = 255;
  }
  if (again != 0) free(again);
  again = 0;
  againCount = againCapacity = 0;
}

// @ts-ignore
@inline function hash(pointer: u32): u32 {
  const mixed = (pointer >> 3) * 0x9e3779b1;
  return (mixed ^ (mixed >> 15)) & slotMask;
}

enum Visit { Failed, First, Again }

function visit(object: Value): Visit {
  const pointer = <u32>pointerOf(object);
  let slot = hash(pointer);
  for (;;) {
    const index = load<u32>(slots + (<usize>slot << 2));
    if (index == 0) break;
    const note = notes + (index - 1) * NOTE;
    if (load<u32>(note) == pointer) {
      store<u32>(note, SHARED, 8);
      return noteAgain(index - 1) ? Visit.Again : Visit.Failed;
    }
    slot = (slot + 1) & slotMask;
  }
  if (noteCount == noteCapacity && !growNotes()) return Visit.Failed;
  const note = notes + noteCount * NOTE;
  store<u32>(note, pointer);
  store<u32>(note, <u32>outPos, 4);
  store<u32>(note, 0, 8);
  store<u32>(note, slot, 12);
  noteCount++;
  store<u32>(slots + (<usize>slot << 2), noteCount);
  dup(object);
  return noteCount * 2 <= slotMask || growSlots() ? Visit.First : Visit.Failed;
}

function growNotes(): bool {
  const bytes = noteCapacity * NOTE;
  const grown = notes == firstNotes ? malloc(bytes * 2) : realloc(notes, bytes * 2);
  if (grown == 0) return outOfMemory();
  if (notes == firstNotes) memory.copy(grown, notes, bytes);
  notes = grown;
  noteCapacity *= 2;
  return true;
}

function growSlots(): bool {
  const size = (slotMask + 1) * 4;
  const grown = malloc(size * 4);
  if (grown == 0) return outOfMemory();
  memory.fill(grown, 0, size * 4);
  if (slots != firstSlots) {
    free(slots);
  } else {
    memory.fill(slots, 0, size);
  }
  slots = grown;
  slotMask = size - 1;
  for (let i: u32 = 0; i < noteCount; i++) {
    const note = notes + i * NOTE;
    let slot = hash(load<u32>(note));
    while (load<u32>(slots + (<usize>slot << 2)) != 0) slot = (slot + 1) & slotMask;
    store<u32>(slots + (<usize>slot << 2), i + 1);
    store<u32>(note, slot, 12);
  }
  return true;
}

function noteAgain(index: u32): bool {
  if (againCount == againCapacity) {
    const capacity = max<u32>(againCapacity * 2, 32);
    const grown = again == 0 ? malloc(capacity * AGAIN) : realloc(again, capacity * AGAIN);
    if (grown == 0) return outOfMemory();
    again = grown;
    againCapacity = capacity;
  }
  store<u32>(again + againCount * AGAIN, <u32>outPos);
  store<u32>(again + againCount * AGAIN, index, 4);
  againCount++;
  return true;
}

/** Puts in the tags of what is shared: written behind the rest, then moved to its place. */
function finish(start: usize): bool {
  if (againCount == 0) return true;
  const end = outPos;
  let copied = start;
  let number: u32 = 0;
  let noteAt: u32 = 0;
  let againAt: u32 = 0;
  for (;;) {
    while (noteAt < noteCount && load<u32>(notes + noteAt * NOTE, 8) == 0) noteAt++;
    const sharedAt = noteAt < noteCount ? load<u32>(notes + noteAt * NOTE, 4) : 0xffffffff;
    const nextAgain = againAt < againCount ? load<u32>(again + againAt * AGAIN) : 0xffffffff;
    if (sharedAt == 0xffffffff && nextAgain == 0xffffffff) break;
    const place = min(sharedAt, nextAgain);
    if (!copyOut(copied, <usize>place)) return false;
    copied = place;
    if (nextAgain <= sharedAt) {
      const target = notes + load<u32>(again + againAt * AGAIN, 4) * NOTE;
      againAt++;
      if (!head(6, 29) || !head(0, load<u32>(target, 8) - 1)) return false;
    } else {
      store<u32>(notes + noteAt * NOTE, ++number, 8);
      noteAt++;
      if (!head(6, 28)) return false;
    }
  }
  if (!copyOut(copied, end)) return false;
  const length = outPos - end;
  memory.copy(outBase + start, outBase + end, length);
  outMove(start + length);
  depthSeen = 0;
  skip(start, outPos, 0);
  return depthSeen <= MAX_DEPTH || tooDeep();
}

let depthSeen: i32 = 0;

/** Goes over an item that is well formed and notes how deep it nests; answers where it ends. */
function skip(from: usize, end: usize, depth: i32): usize {
  const initial = <u32>load<u8>(outBase + from);
  const info = initial & 31;
  let at = from + 1;
  let argument: u64 = info;
  if (info == 24) {
    argument = load<u8>(outBase + at);
    at += 1;
  } else if (info == 25) {
    argument = bswap<u16>(load<u16>(outBase + at));
    at += 2;
  } else if (info == 26) {
    argument = bswap<u32>(load<u32>(outBase + at));
    at += 4;
  } else if (info == 27) {
    argument = bswap<u64>(load<u64>(outBase + at));
    at += 8;
  }
  const major = initial >> 5;
  if (major == 2 || major == 3) return at + <usize>argument;
  if (major < 4 || major == 7) return at;
  depthSeen = max(depthSeen, depth + 1);
  if (depthSeen > MAX_DEPTH) return end;
  const items = major == 6 ? 1 : major == 5 ? argument * 2 : argument;
  for (let i: u64 = 0; i < items && at < end; i++) at = skip(at, end, depth + 1);
  return at;
}

function copyOut(from: usize, to: usize): bool {
  const length = to - from;
  if (!room(length)) return outOfMemory();
  memory.copy(outAt(), outBase + from, length);
  outMove(outPos + length);
  return true;
}

function tooDeep(): bool {
  throwCloneError("the value is nested deeper than 128 objects, arrays and tags");
  return false;
}

/** The head of an item: major type and argument in the shortest form. */
export function head(major: u32, argument: u64): bool {
  if (!room(9)) return outOfMemory();
  const at = outAt();
  const type = <u8>(major << 5);
  if (argument < 24) {
    store<u8>(at, type | <u8>argument);
    outMove(outPos + 1);
  } else if (argument <= 0xff) {
    store<u8>(at, type | 24);
    store<u8>(at, <u8>argument, 1);
    outMove(outPos + 2);
  } else if (argument <= 0xffff) {
    store<u8>(at, type | 25);
    store<u16>(at, bswap<u16>(<u16>argument), 1);
    outMove(outPos + 3);
  } else if (argument <= 0xffffffff) {
    store<u8>(at, type | 26);
    store<u32>(at, bswap<u32>(<u32>argument), 1);
    outMove(outPos + 5);
  } else {
    store<u8>(at, type | 27);
    store<u64>(at, bswap<u64>(argument), 1);
    outMove(outPos + 9);
  }
  return true;
}

function simple(byte: u8): bool {
  if (!room(1)) return outOfMemory();
  store<u8>(outAt(), byte);
  outMove(outPos + 1);
  return true;
}

function writeBytes(from: usize, length: usize): bool {
  if (!head(2, length)) return false;
  if (!room(length)) return outOfMemory();
  memory.copy(outAt(), from, length);
  outMove(outPos + length);
  return true;
}

/** A text of ASCII that the glue names things with. */
function writeName(text: string): bool {
  const length = text.length;
  if (!head(3, length)) return false;
  if (!room(length)) return outOfMemory();
  for (let i = 0; i < length; i++) store<u8>(outAt() + i, text.charCodeAt(i));
  outMove(outPos + length);
  return true;
}

/** Takes over a text from `utf8` or `utf8OfAtom`. */
function writeText(text: usize): bool {
  if (text == 0) return false;
  const length = <usize>utf8Length;
  const done = head(3, length) && (room(length) || outOfMemory());
  if (done) {
    memory.copy(outAt(), text, length);
    outMove(outPos + length);
  }
  freeUtf8(text);
  return done;
}

/** A string with lone surrogates, which UTF-8 cannot say. */
function writeUtf16(value: Value, depth: i32): bool {
  const text = JS_ToCStringLenUTF16(ctx, RET, value);
  if (text == 0) return false;
  const length = load<usize>(RET) << 1;
  const done = named(depth) && head(4, 2) && writeName("Text") && writeBytes(text, length);
  JS_FreeCStringUTF16(ctx, text);
  return done;
}

const EXACT: f64 = 9007199254740992;

function writeFloat(value: f64): bool {
  if (value >= -EXACT && value <= EXACT && Math.floor(value) == value && reinterpret<u64>(value) != 0x8000000000000000) {
    return value >= 0 ? head(0, <u64>value) : head(1, <u64>(-1.0 - value));
  }
  if (!room(9)) return outOfMemory();
  store<u8>(outAt(), 0xfb);
  store<u64>(outAt(), value != value ? 0xf87f : bswap<u64>(reinterpret<u64>(value)), 1);
  outMove(outPos + 9);
  return true;
}

/** Takes over a value, and writes it. */
function writeOwned(value: Value, depth: i32): bool {
  if (isException(value)) return false;
  const done = write(value, depth);
  drop(value);
  return done;
}

function write(value: Value, depth: i32): bool {
  const tag = tagOf(value);
  if (tag == TAG_INT) {
    const whole = <i32>value;
    return whole >= 0 ? head(0, whole) : head(1, <u32>~whole);
  }
  if (isFloat(tag)) return writeFloat(floatOf(value));
  if (tag == TAG_OBJECT) return writeObject(value, depth);
  if (tag == TAG_STRING || tag == TAG_STRING_ROPE) {
    const text = utf8(value);
    if (text == 0 || !utf8Lossy) return writeText(text);
    freeUtf8(text);
    return writeUtf16(value, depth);
  }
  if (tag == TAG_BOOL) return simple(0xf4 + <u8>(value & 1));
  if (tag == TAG_NULL) return simple(0xf6);
  if (tag == TAG_UNDEFINED) return simple(0xf7);
  if (tag == TAG_BIG_INT || tag == TAG_SHORT_BIG_INT) return depth < MAX_DEPTH ? writeBigInt(value) : tooDeep();
  throwCloneError("a symbol cannot be stored or sent: only data can");
  return false;
}

function writeObject(object: Value, depth: i32): bool {
  const kind = kindOf(object);
  if (kind == Kind.None) {
    throwCloneError("a function, promise, proxy, weak reference or object of the host cannot be stored or sent: only data can");
    return false;
  }
  if (depth >= MAX_DEPTH) return tooDeep();
  const visited = visit(object);
  if (visited != Visit.First) return visited == Visit.Again;
  switch (kind) {
    case Kind.Object: return writeProperties(object, depth + 1);
    case Kind.Array: return writeItems(object, depth + 1);
    case Kind.TypedArray: return writeTypedArray(object, depth);
    case Kind.Date: return writeDate(object);
    case Kind.Map: return writeMap(object, depth);
    case Kind.Set: return head(6, 258) && writeParts(Helper.SetItems, object, depth + 1);
    case Kind.Error: return named(depth) && writeParts(Helper.ErrorParts, object, depth + 1);
    case Kind.RegExp: return writeRegExp(object, depth);
    case Kind.ArrayBuffer: return named(depth) && writeBuffer(object);
    case Kind.DataView: return named(depth) && writeParts(Helper.DataViewParts, object, depth + 1);
    case Kind.Boxed: return named(depth) && writeParts(Helper.BoxedParts, object, depth + 1);
    default: return named(depth) && writeParts(Helper.DOMExceptionParts, object, depth + 1);
  }
}

function writeProperties(object: Value, depth: i32): bool {
  if (JS_GetOwnPropertyNames(ctx, RET, RET + 4, object, NAMES_STRING_ENUMERABLE) < 0) return false;
  const table = load<usize>(RET);
  const count = load<u32>(RET, 4);
  let done = head(5, count);
  for (let i: u32 = 0; done && i < count; i++) {
    const atom = load<u32>(table + (<usize>i << 3), 4);
    done = writeText(utf8OfAtom(atom)) && writeOwned(JS_GetProperty(ctx, object, atom), depth);
  }
  JS_FreePropertyEnum(ctx, table, count);
  return done;
}

function writeItems(array: Value, depth: i32): bool {
  const count = lengthOf(array);
  if (count > MAX_ITEMS) {
    throwRangeError("the array is too long to be stored or sent");
    return false;
  }
  let done = head(4, count);
  for (let i: u32 = 0; done && i < count; i++) {
    const item = JS_GetPropertyUint32(ctx, array, i);
    done = item == UNDEFINED && isHole(array, i) ? named(depth) && head(4, 1) && writeName("Hole") : writeOwned(item, depth);
  }
  return done;
}

function isHole(array: Value, index: u32): bool {
  const atom = JS_NewAtomUInt32(ctx, index);
  const own = JS_GetOwnProperty(ctx, 0, array, atom);
  JS_FreeAtom(ctx, atom);
  return own == 0;
}

/** Tag 27, which is followed by the array that a helper makes. */
function named(depth: i32): bool {
  return depth + 2 <= MAX_DEPTH ? head(6, 27) : tooDeep();
}

/** The items of the array that a helper makes of an object; the array itself is not noted. */
function writeParts(helper: Helper, object: Value, depth: i32): bool {
  if (depth >= MAX_DEPTH) return tooDeep();
  const parts = help(helper, object);
  if (isException(parts)) return false;
  const done = writeItems(parts, depth + 1);
  drop(parts);
  return done;
}

function writeMap(map: Value, depth: i32): bool {
  if (depth + 2 > MAX_DEPTH) return tooDeep();
  const flat = help(Helper.MapEntries, map);
  if (isException(flat)) return false;
  const count = lengthOf(flat);
  let done = head(6, 259) && head(5, count >> 1);
  for (let i: u32 = 0; done && i < count; i++) {
    done = writeOwned(JS_GetPropertyUint32(ctx, flat, i), depth + 2);
  }
  drop(flat);
  return done;
}

function writeDate(date: Value): bool {
  const millis = help(Helper.DateMillis, date);
  if (isException(millis) || JS_ToFloat64(ctx, RET, millis) < 0) return false;
  return head(6, 1) && writeFloat(load<f64>(RET) / 1000);
}

function writeRegExp(object: Value, depth: i32): bool {
  const parts = help(Helper.RegExpParts, object);
  if (isException(parts)) return false;
  let done: bool;
  if (lengthOf(parts) == 1) {
    done = head(6, 35) && writeOwned(JS_GetPropertyUint32(ctx, parts, 0), depth + 1);
  } else {
    done = named(depth) && writeItems(parts, depth + 2);
  }
  drop(parts);
  return done;
}

function writeBuffer(buffer: Value): bool {
  const bytes = JS_GetArrayBuffer(ctx, RET, buffer);
  const length = load<usize>(RET);
  // An exception, for a detached buffer, or one of no bytes that has no address.
  if (bytes == 0 && length != 0) return false;
  return head(4, 2) && writeName("ArrayBuffer") && writeBytes(bytes, length);
}

/** The tag of each type of typed array, in QuickJS's order; 0 for Uint8Array, which has none. */
const typeTags: usize = memory.data<u8>([68, 72, 0, 77, 69, 78, 70, 79, 71, 84, 85, 86]);

function writeTypedArray(array: Value, depth: i32): bool {
  const type = JS_GetTypedArrayType(array);
  const buffer = JS_GetTypedArrayBuffer(ctx, array, RET, RET + 4, RET + 8);
  if (isException(buffer)) return false;
  const offset = load<usize>(RET);
  const length = load<usize>(RET, 4);
  const bytes = JS_GetArrayBuffer(ctx, RET, buffer);
  drop(buffer);
  if (bytes == 0 && length != 0) return false;
  const tag = load<u8>(typeTags + type);
  if (tag != 0 && (depth + 1 > MAX_DEPTH ? !tooDeep() : !head(6, tag))) return false;
  return writeBytes(bytes + offset, length);
}

/** Tag 2 or 3, and the shortest bytes of the number or of -1 minus it. */
function writeBigInt(value: Value): bool {
  const hex = help(Helper.BigIntHex, value);
  if (isException(hex)) return false;
  const text = utf8(hex);
  drop(hex);
  if (text == 0) return false;
  const length = utf8Length;
  const done = writeHex(text, length);
  freeUtf8(text);
  return done;
}

/** `hex` starts with `+` or `-` and has an even number of digits. */
function writeHex(hex: usize, length: i32): bool {
  const bytes = <usize>(length - 1) >> 1;
  if (!head(6, load<u8>(hex) == 0x2d ? 3 : 2) || !head(2, bytes)) return false;
  if (!room(bytes)) return outOfMemory();
  for (let i: usize = 0; i < bytes; i++) {
    const at = hex + 1 + (i << 1);
    store<u8>(outAt() + i, (digit(load<u8>(at)) << 4) | digit(load<u8>(at, 1)));
  }
  outMove(outPos + bytes);
  return true;
}

// @ts-ignore
@inline function digit(character: u8): u8 {
  return character <= 0x39 ? character - 0x30 : character - 0x57;
}
