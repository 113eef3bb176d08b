/** JavaScript values on their way to the host, and the host's answers on their way back. */
import { decode } from "./decode";
import { outAt, outBase, outMove, outPos, REFUSED, release, RET, room } from "./memory";
import { freeUtf8, takeString, throwTypeError, utf8, utf8Length, writeUtf8 } from "./text";
import {
  ctx, drop, EXCEPTION, fromNumber, isException, isNullish, isObject, JS_GetArrayBuffer, JS_GetPropertyUint32, JS_GetTypedArrayBuffer,
  JS_GetTypedArrayType, JS_NewArrayFrom, JS_NewUint8ArrayCopy, JS_ThrowOutOfMemory, JS_ToFloat64, UNDEFINED, Value, free, malloc,
} from "./quickjs";
import { lengthOf } from "./kinds";

// ---- What goes out. Each answers false where an exception is pending.

/** What the last `bytesOf` found. */
export let bytesAt: usize = 0;
export let bytesLength: i32 = 0;

/** The bytes of a Uint8Array, other typed array, DataView's buffer or ArrayBuffer, where they lie. */
export function bytesOf(value: Value): bool {
  if (isObject(value)) {
    if (JS_GetTypedArrayType(value) >= 0) {
      const buffer = JS_GetTypedArrayBuffer(ctx, value, RET, RET + 4, 0);
      if (isException(buffer)) return false;
      const offset = load<usize>(RET);
      bytesLength = load<i32>(RET, 4);
      const base = JS_GetArrayBuffer(ctx, RET, buffer);
      drop(buffer);
      bytesAt = base + offset;
      return base != 0 || bytesLength == 0;
    }
    bytesAt = JS_GetArrayBuffer(ctx, RET, value);
    bytesLength = load<i32>(RET);
    return bytesAt != 0 || bytesLength == 0;
  }
  throwTypeError("bytes are needed: a Uint8Array or an ArrayBuffer");
  return false;
}

/** What the last `numberOf` found. */
export let number: f64 = 0;

export function numberOf(value: Value): bool {
  if (JS_ToFloat64(ctx, RET, value) < 0) return false;
  number = load<f64>(RET);
  return true;
}

/** The last number as an id: 0 is none. */
export function numberAsId(): u64 {
  return number >= 1 && number <= 9007199254740992 ? <u64>number : 0;
}

/** The last number as milliseconds: what is no number, or below 0, is 0. */
export function numberAsMillis(): u64 {
  return number > 0 ? <u64>min(number, 9007199254740992) : 0;
}

export function numberAsInt(): i32 {
  return number >= -2147483648.0 && number <= 2147483647.0 ? <i32>number : -1;
}

/** Where the last table begins in what is written, and how many rows it has. */
export let tableAt: usize = 0;
export let tableRows: i32 = 0;

/** Writes room for a table of rows of words of 4 bytes. */
export function beginTable(rows: i32, words: i32): bool {
  const aligned = (outPos + 7) & ~7;
  const size = <usize>rows * words * 4 + (aligned - outPos);
  if (!room(size)) {
    JS_ThrowOutOfMemory(ctx);
    return false;
  }
  tableAt = aligned;
  tableRows = rows;
  outMove(outPos + size);
  return true;
}

/** Writes a string, and its place and length into a row of a table. */
export function writeString(value: Value, cell: usize): bool {
  const from = outPos;
  if (!writeUtf8(value)) return false;
  store<usize>(outBase + cell, from);
  store<usize>(outBase + cell, outPos - from, 4);
  return true;
}

/** Turns the places in a table into pointers, once nothing more is written. */
export function settleTable(table: usize, rows: i32, words: i32): usize {
  for (let i = 0; i < rows * words; i += 2) {
    const cell = outBase + table + (<usize>i << 2);
    store<usize>(cell, load<usize>(cell) + outBase);
  }
  return outBase + table;
}

/** Writes a list of strings; `settleTable` with 2 words a row follows. */
export function writeStrings(list: Value): bool {
  const rows = lengthOf(list);
  if (!beginTable(rows, 2)) return false;
  const table = tableAt;
  for (let i: u32 = 0; i < rows; i++) {
    const item = JS_GetPropertyUint32(ctx, list, i);
    const done = !isException(item) && writeString(item, table + (<usize>i << 3));
    drop(item);
    if (!done) return false;
  }
  tableAt = table;
  tableRows = rows;
  return true;
}

/** A string argument that may be missing: its UTF-8, to be given back with `freeOption`. */
export let optionFailed: bool = false;

export function option(value: Value): usize {
  optionFailed = false;
  if (isNullish(value)) {
    optionLength = 0;
    return 0;
  }
  const text = utf8(value);
  optionFailed = text == 0;
  optionLength = utf8Length;
  return text;
}

export let optionLength: i32 = 0;

export function freeOption(text: usize): void {
  if (text != 0) freeUtf8(text);
}

// ---- What comes back. Blocks of the host are given back on the way.

/** The option of two byte strings that the host put at `RET`, as an array; undefined for none. */
export function returnedPair(): Value {
  if (load<u8>(RET) == 0) return UNDEFINED;
  const secondAt = load<usize>(RET, 12);
  const secondLength = load<i32>(RET, 16);
  const first = takeBytes(load<usize>(RET, 4), load<i32>(RET, 8));
  const second = takeBytes(secondAt, secondLength);
  if (isException(first) || isException(second)) {
    drop(first);
    drop(second);
    return EXCEPTION;
  }
  store<Value>(RET, first);
  store<Value>(RET, second, 8);
  return JS_NewArrayFrom(ctx, 2, RET);
}

export function takeBytes(block: usize, length: i32): Value {
  if (block == REFUSED) return JS_ThrowOutOfMemory(ctx);
  const bytes = JS_NewUint8ArrayCopy(ctx, block, length);
  if (length != 0) release(block);
  return bytes;
}

export function takeDecoded(block: usize, length: i32): Value {
  if (block == REFUSED) return JS_ThrowOutOfMemory(ctx);
  const value = decode(block, length);
  if (length != 0) release(block);
  return value;
}

/** The string at RET. */
export function returnedString(): Value {
  return takeString(load<usize>(RET), load<i32>(RET, 4));
}

/** The option of a structured value at RET. */
export function returnedValue(): Value {
  return load<u8>(RET) == 0 ? UNDEFINED : takeDecoded(load<usize>(RET, 4), load<i32>(RET, 8));
}

/** A list in the host's table, made row by row; the rows' blocks are given back even after a failure. */
export enum Row { String, Pair, Entry, Number }

export function takeList(table: usize, count: i32, row: Row): Value {
  if (count == 0) return JS_NewArrayFrom(ctx, 0, 0);
  if (table == REFUSED) return JS_ThrowOutOfMemory(ctx);
  const items = malloc(<usize>count << 3);
  let made: i32 = 0;
  let failed = items == 0;
  const width: usize = row == Row.String || row == Row.Number ? 8 : 16;
  for (let i = 0; i < count; i++) {
    const at = table + <usize>i * width;
    if (failed) {
      if (row != Row.Number && load<usize>(at, 4) != 0) release(load<usize>(at));
      if (width == 16 && load<usize>(at, 12) != 0) release(load<usize>(at, 8));
      continue;
    }
    let item: Value;
    if (row == Row.Number) {
      item = fromNumber(<f64>load<u64>(at));
    } else {
      const text = takeString(load<usize>(at), load<i32>(at, 4));
      item = row == Row.String ? text : pairOf(text, at, row == Row.Pair);
    }
    if (isException(item)) {
      failed = true;
    } else {
      store<Value>(items + (<usize>made << 3), item);
      made++;
    }
  }
  release(table);
  let list = EXCEPTION;
  if (!failed) {
    list = JS_NewArrayFrom(ctx, made, items);
  } else {
    for (let i = 0; i < made; i++) drop(load<Value>(items + (<usize>i << 3)));
    if (items == 0) JS_ThrowOutOfMemory(ctx);
  }
  if (items != 0) free(items);
  return list;
}

const pair: usize = memory.data(16, 8);

function pairOf(first: Value, at: usize, strings: bool): Value {
  const block = load<usize>(at, 8);
  const length = load<i32>(at, 12);
  const second = strings ? takeString(block, length) : takeDecoded(block, length);
  if (isException(first) || isException(second)) {
    drop(first);
    drop(second);
    return EXCEPTION;
  }
  store<Value>(pair, first);
  store<Value>(pair, second, 8);
  return JS_NewArrayFrom(ctx, 2, pair);
}
