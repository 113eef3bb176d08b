/** Strings on their way between JavaScript's UTF-16 and UTF-8. */
import { outAt, outBase, outMove, outPos, REFUSED, release, RET, room } from "./memory";
import {
  ctx, JS_AtomToCStringLen, JS_FreeCString, JS_NewAtomLen, JS_NewStringLen, JS_ThrowDOMException,
  JS_ThrowOutOfMemory, JS_ThrowRangeError, JS_ThrowTypeError, JS_ToCStringLen2, Value,
} from "./quickjs";

const C_TEXT_BYTES = 256;
const C_TEXT: usize = memory.data(256, 8);
const C_NAME: usize = memory.data(32, 8);

function ascii(text: string, at: usize, size: i32): usize {
  const length = min(text.length, size - 1);
  for (let i = 0; i < length; i++) store<u8>(at + i, text.charCodeAt(i));
  store<u8>(at + length, 0);
  return at;
}

/** A C string of ASCII, valid until the next one. */
export function c(text: string): usize {
  return ascii(text, C_TEXT, C_TEXT_BYTES);
}

export function atomOf(text: string): u32 {
  return JS_NewAtomLen(ctx, c(text), text.length);
}

export function throwTypeError(text: string): Value {
  return JS_ThrowTypeError(ctx, c(text), 0);
}

export function throwRangeError(text: string): Value {
  return JS_ThrowRangeError(ctx, c(text), 0);
}

export function throwCloneError(text: string): Value {
  return JS_ThrowDOMException(ctx, ascii("DataCloneError", C_NAME, 32), c(text), 0);
}

/** The bytes that the last `utf8` answered. */
export let utf8Length: i32 = 0;

/** Whether the last `utf8` had to replace a lone surrogate. */
export let utf8Lossy: bool = false;

/**
 * The UTF-8 of a value as a string, to be given back with `freeUtf8`; 0 where an exception is
 * pending. A lone surrogate becomes U+FFFD.
 */
export function utf8(value: Value): usize {
  const text = JS_ToCStringLen2(ctx, RET, value, 0);
  if (text == 0) return 0;
  utf8Length = load<i32>(RET);
  replaceSurrogates(text, utf8Length);
  return text;
}

// @ts-ignore
@inline export function freeUtf8(text: usize): void {
  JS_FreeCString(ctx, text);
}

/**
 * QuickJS writes a lone surrogate in three bytes, as many as U+FFFD takes, and only ever into a
 * copy of the string: what it lends of the string itself is all ASCII.
 */
function replaceSurrogates(text: usize, length: i32): void {
  utf8Lossy = false;
  const end = text + length;
  let at = text;
  while (at + 8 <= end && (load<u64>(at) & 0x8080808080808080) == 0) at += 8;
  for (; at + 2 < end; at++) {
    if (load<u8>(at) == 0xed && load<u8>(at, 1) >= 0xa0) {
      store<u8>(at, 0xef);
      store<u16>(at, 0xbdbf, 1);
      utf8Lossy = true;
    }
  }
}

/** Appends the UTF-8 of a value to what is written; false where an exception is pending. */
export function writeUtf8(value: Value): bool {
  const text = utf8(value);
  if (text == 0) return false;
  const length = <usize>utf8Length;
  if (!room(length)) {
    freeUtf8(text);
    JS_ThrowOutOfMemory(ctx);
    return false;
  }
  memory.copy(outAt(), text, length);
  outMove(outPos + length);
  freeUtf8(text);
  return true;
}

/** The name that an atom stands for, as `utf8` answers it. */
export function utf8OfAtom(atom: u32): usize {
  const text = JS_AtomToCStringLen(ctx, RET, atom);
  if (text == 0) return 0;
  utf8Length = load<i32>(RET);
  replaceSurrogates(text, utf8Length);
  return text;
}

/** The string in a block that the host handed over; the block is given back. */
export function takeString(block: usize, length: i32): Value {
  if (block == REFUSED) return JS_ThrowOutOfMemory(ctx);
  const text = JS_NewStringLen(ctx, block, length);
  if (length != 0) release(block);
  return text;
}

/** How far bytes are UTF-8 (shortest forms, no surrogates, nothing beyond U+10FFFF). */
function validUntil(from: usize, end: usize): usize {
  let at = from;
  while (at < end) {
    if (at + 8 <= end && (load<u64>(at) & 0x8080808080808080) == 0) {
      at += 8;
      continue;
    }
    const length = sequence(at, end);
    if (length < 0) return at;
    at += length;
  }
  return end;
}

/**
 * The length of the sequence that starts here, or minus the length of what of it is well formed, at
 * least 1: what the Encoding Standard replaces as one.
 */
function sequence(at: usize, end: usize): i32 {
  const first = <u32>load<u8>(at);
  if (first < 0x80) return 1;
  let least: u32 = 0x80;
  let most: u32 = 0xbf;
  let length: i32;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) least = 0xa0;
    if (first == 0xed) most = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) least = 0x90;
    if (first == 0xf4) most = 0x8f;
  } else {
    return -1;
  }
  for (let i = 1; i < length; i++) {
    if (at + i >= end) return -i;
    const next = <u32>load<u8>(at + i);
    if (next < least || next > most) return -i;
    least = 0x80;
    most = 0xbf;
  }
  return length;
}

export function isUtf8(from: usize, length: i32): bool {
  return validUntil(from, from + length) == from + length;
}

/** The string of bytes; what is no UTF-8 becomes U+FFFD, as the Encoding Standard says. */
export function lossyString(from: usize, length: i32): Value {
  const end = from + length;
  let at = validUntil(from, end);
  if (at == end) return JS_NewStringLen(ctx, from, length);
  const start = outPos;
  let copied = from;
  while (copied < end) {
    const well = at - copied;
    if (!room(well + 3)) return JS_ThrowOutOfMemory(ctx);
    memory.copy(outAt(), copied, well);
    outMove(outPos + well);
    copied = at;
    if (at == end) break;
    store<u8>(outAt(), 0xef);
    store<u16>(outAt(), 0xbdbf, 1);
    outMove(outPos + 3);
    copied -= sequence(at, end);
    at = validUntil(copied, end);
  }
  return JS_NewStringLen(ctx, outBase + start, outPos - start);
}
