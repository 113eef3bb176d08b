/**
 * HTTP on its way through the glue. What the prelude keeps of a message is a list of parts, which is
 * made here without a step of JavaScript; headers are one string until somebody asks for one of them:
 * names in lower case and values, with a NUL between any two.
 */
import * as abi from "./abi";
import { lengthOf } from "./kinds";
import { beginTable, bytesAt, bytesLength, bytesOf, numberAsInt, numberOf, settleTable, tableAt, takeBytes, writeString } from "./lower";
import { outAt, outBase, outMove, outPos, outRelease, REFUSED, release, room } from "./memory";
import { freeUtf8, takeString, utf8, utf8Length, writeUtf8 } from "./text";
import {
  ctx, drop, dup, EXCEPTION, FALSE, fromInt, isException, isNullish, isString, JS_GetPropertyUint32, JS_NewArrayFrom,
  JS_NewStringLen, JS_NewUint8ArrayCopy, JS_ThrowOutOfMemory, memchr, NULL, UNDEFINED, Value,
} from "./quickjs";

/** The parts of a message, in the order that `prelude/src/web/body.ts` knows; a request has the first 7, a response these and others. */
enum Part { Content, Used, Headers, First, Second, Third, Fourth, Count }

const parts: usize = memory.data(8 * 7, 8);

function part(index: Part, value: Value): void {
  store<Value>(parts + (<usize>index << 3), value);
}

/** The list of parts; what is in them goes with it, even where there is an exception among them. */
function listOfParts(): Value {
  for (let i: usize = 0; i < <usize>Part.Count; i++) {
    if (isException(load<Value>(parts + (i << 3)))) {
      for (let j: usize = 0; j < <usize>Part.Count; j++) drop(load<Value>(parts + (j << 3)));
      return EXCEPTION;
    }
  }
  return JS_NewArrayFrom(ctx, Part.Count, parts);
}

// ---- Names.

/** Whether bytes begin with a word in lower case. */
function begins(at: usize, word: string): bool {
  for (let i = 0; i < word.length; i++) {
    if (<i32>load<u8>(at + i) != word.charCodeAt(i)) return false;
  }
  return true;
}

// @ts-ignore
@inline function lower(byte: u32): u32 {
  return byte - 65 < 26 ? byte + 32 : byte;
}

/** Whether a header that the host names in any case has the name. */
function isNamed(row: usize, name: string): bool {
  const length = name.length;
  if (load<i32>(row, 4) != length) return false;
  const at = load<usize>(row);
  for (let i = 0; i < length; i++) {
    if (lower(load<u8>(at + i)) != <u32>name.charCodeAt(i)) return false;
  }
  return true;
}

/** Which headers stay behind: none; those that the host itself writes; those of one hop; those that the web's side writes. */
export enum Leave { Nothing, Hosts, Hop, Webs }

function stays(at: usize, length: i32, leave: Leave): bool {
  if (leave == Leave.Nothing) return false;
  switch (length) {
    case 2: return leave == Leave.Hop && begins(at, "te");
    case 4: return leave != Leave.Hosts && begins(at, "host");
    case 7: return (leave != Leave.Webs && begins(at, "upgrade")) || (leave == Leave.Hop && begins(at, "trailer"));
    case 10: return begins(at, "connection") || (leave != Leave.Webs && begins(at, "keep-alive"));
    case 14: if (begins(at, "content-length")) return true; break;
    case 15: if (leave == Leave.Hop && begins(at, "dormouse-origin")) return true; break;
    case 17: if (begins(at, "transfer-encoding")) return true; break;
  }
  return leave == Leave.Hop && length >= 14 && begins(at, "sec-websocket-");
}

// ---- What comes in.

const METHODS = 7;
const methods: usize = memory.data(8 * 7, 8);

/** Makes the strings that all requests share. */
export function prepareHttp(): void {
  for (let i = 0; i < METHODS; i++) {
    const name = methodName(i);
    const from = outPos;
    room(8);
    for (let j = 0; j < name.length; j++) store<u8>(outAt() + j, name.charCodeAt(j));
    store<Value>(methods + (<usize>i << 3), JS_NewStringLen(ctx, outBase + from, name.length));
  }
  prepareCharacters();
}

function methodName(i: i32): string {
  switch (i) {
    case 0: return "GET";
    case 1: return "POST";
    case 2: return "PUT";
    case 3: return "HEAD";
    case 4: return "PATCH";
    case 5: return "DELETE";
    default: return "OPTIONS";
  }
}

function takeMethod(block: usize, length: i32): Value {
  for (let i = 0; i < METHODS; i++) {
    const name = methodName(i);
    if (name.length == length && begins(block, name)) {
      release(block);
      return dup(load<Value>(methods + (<usize>i << 3)));
    }
  }
  return takeString(block, length);
}

/** Bytes that are kept as a string, which costs less: no more than these, and all ASCII. */
const MOST_TEXT = 4096;

function isAscii(from: usize, length: i32): bool {
  const end = from + length;
  let at = from;
  for (; at + 8 <= end; at += 8) {
    if ((load<u64>(at) & 0x8080808080808080) != 0) return false;
  }
  for (; at < end; at++) {
    if (load<u8>(at) >= 0x80) return false;
  }
  return true;
}

/** Content of a message: null where there is none. */
function takeContent(block: usize, length: i32): Value {
  if (length == 0) return NULL;
  return length <= MOST_TEXT && isAscii(block, length) ? takeString(block, length) : takeBytes(block, length);
}

let authority: usize = 0, authorityLength: i32 = 0, origin: usize = 0, originLength: i32 = 0;
let upgrades: bool = false;

/** Looks for the headers that matter to the request itself. */
function survey(table: usize, count: i32): void {
  authorityLength = 0;
  originLength = 0;
  upgrades = false;
  for (let i = 0; i < count; i++) {
    const row = table + (<usize>i << 4);
    switch (load<i32>(row, 4)) {
      case 4:
        if (load<i32>(row, 12) != 0 && isNamed(row, "host")) {
          authority = load<usize>(row, 8);
          authorityLength = load<i32>(row, 12);
        }
        break;
      case 7:
        upgrades = upgrades || isNamed(row, "upgrade");
        break;
      case 15:
        if (isNamed(row, "dormouse-origin") && isOrigin(load<usize>(row, 8), load<i32>(row, 12))) {
          origin = load<usize>(row, 8);
          originLength = load<i32>(row, 12);
        }
        break;
    }
  }
}

/** Whether it is scheme and authority of a web address, and no more. */
function isOrigin(at: usize, length: i32): bool {
  const from = length > 8 && begins(at, "https://") ? 8 : length > 7 && begins(at, "http://") ? 7 : length;
  for (let i = from; i < length; i++) {
    const byte = load<u8>(at + i);
    if (byte == 0x2f || byte == 0x3f || byte == 0x23) return false;
  }
  return from < length;
}

function put(at: usize, from: usize, length: i32): usize {
  memory.copy(at, from, length);
  return at + length;
}

/** The whole address of a request that the host gives from its path on. */
function takeUrl(block: usize, length: i32): Value {
  if (length == 0 || load<u8>(block) != 0x2f) return takeString(block, length);
  const from = outPos;
  if (!room(<usize>length + originLength + authorityLength + 16)) {
    release(block);
    return JS_ThrowOutOfMemory(ctx);
  }
  const start = outAt();
  let at = start;
  if (originLength != 0) {
    at = put(at, origin, originLength);
  } else {
    store<u64>(at, 0x2f2f3a70747468); // "http://"
    at += 7;
    if (authorityLength != 0) {
      at = put(at, authority, authorityLength);
    } else {
      store<u64>(at, 0x736f686c61636f6c); // "localhost"
      store<u8>(at, 0x74, 8);
      at += 9;
    }
  }
  at = put(at, block, length);
  release(block);
  const url = JS_NewStringLen(ctx, start, at - start);
  outRelease(from);
  return url;
}

/** The headers of the host's table as one string, with one that asks for a WebSocket where none does. */
function takeHeaders(table: usize, count: i32, upgrade: bool): Value {
  const from = outPos;
  let well = true;
  for (let i = 0; i < count; i++) {
    const row = table + (<usize>i << 4);
    const nameLength = load<i32>(row, 4);
    const valueLength = load<i32>(row, 12);
    well = well && room(<usize>nameLength + valueLength + 32);
    if (well && !isNamed(row, "dormouse-origin")) {
      field(load<usize>(row), nameLength, from, true);
      field(load<usize>(row, 8), valueLength, from, false);
    }
    if (nameLength != 0) release(load<usize>(row));
    if (valueLength != 0) release(load<usize>(row, 8));
  }
  if (count != 0) release(table);
  if (upgrade && (well = well && room(32))) {
    const position = outPos;
    if (position != from) outMove(position + 1);
    store<u8>(outBase + position, 0);
    const words = "upgrade\0websocket";
    for (let i = 0; i < words.length; i++) store<u8>(outAt() + i, words.charCodeAt(i));
    outMove(outPos + words.length);
  }
  const text = well ? JS_NewStringLen(ctx, outBase + from, outPos - from) : JS_ThrowOutOfMemory(ctx);
  outRelease(from);
  return text;
}

function field(bytes: usize, length: i32, from: usize, isName: bool): void {
  if (outPos != from || !isName) {
    store<u8>(outAt(), 0);
    outMove(outPos + 1);
  }
  const at = outAt();
  memory.copy(at, bytes, length);
  outMove(outPos + length);
  if (isName) {
    for (let i = 0; i < length; i++) store<u8>(at + i, lower(load<u8>(at + i)));
  }
  // What another actor gives as a header may hold anything.
  for (let nul = memchr(at, 0, length); nul != 0; nul = memchr(nul, 0, at + length - nul)) store<u8>(nul, 0x20);
}

/** Whether there was memory for all of the host's table of headers. */
function isWhole(table: usize, count: i32): bool {
  if (table == REFUSED) return false;
  for (let i = 0; i < count; i++) {
    const row = table + (<usize>i << 4);
    if (load<usize>(row) == REFUSED || load<usize>(row, 8) == REFUSED) return false;
  }
  return true;
}

function releaseHeaders(table: usize, count: i32): void {
  if (table == REFUSED || count == 0) return;
  for (let i = 0; i < count; i++) {
    const row = table + (<usize>i << 4);
    if (load<i32>(row, 4) != 0) release(load<usize>(row));
    if (load<i32>(row, 12) != 0) release(load<usize>(row, 8));
  }
  release(table);
}

/** What a handler gets of a request. */
export function takeRequest(
  method: usize, methodLength: i32, url: usize, urlLength: i32, headers: usize, headerCount: i32, body: usize, length: i32,
): Value {
  if (method == REFUSED || url == REFUSED || body == REFUSED || !isWhole(headers, headerCount)) {
    release(method);
    if (urlLength != 0) release(url);
    if (length != 0) release(body);
    releaseHeaders(headers, headerCount);
    return JS_ThrowOutOfMemory(ctx);
  }
  survey(headers, headerCount);
  part(Part.Content, takeContent(body, length));
  part(Part.Used, FALSE);
  part(Part.First, takeUrl(url, urlLength));
  part(Part.Headers, takeHeaders(headers, headerCount, false));
  part(Part.Second, takeMethod(method, methodLength));
  part(Part.Third, UNDEFINED);
  part(Part.Fourth, UNDEFINED);
  return listOfParts();
}

/** The request that asked for a connection; its path stays the caller's. */
export function takeUpgrade(path: Value, url: usize, urlLength: i32, headers: usize, headerCount: i32): Value {
  if (url == REFUSED || !isWhole(headers, headerCount)) {
    if (urlLength != 0) release(url);
    releaseHeaders(headers, headerCount);
    drop(path);
    return JS_ThrowOutOfMemory(ctx);
  }
  survey(headers, headerCount);
  part(Part.Content, NULL);
  part(Part.Used, FALSE);
  part(Part.First, takeUrl(url, urlLength));
  part(Part.Headers, takeHeaders(headers, headerCount, !upgrades));
  part(Part.Second, dup(load<Value>(methods)));
  part(Part.Third, UNDEFINED);
  part(Part.Fourth, UNDEFINED);
  return isException(path) ? path : listOfParts();
}

// ---- What goes out.

/** Where the fields that were written last stand, and how many they are. */
export let fieldsAt: usize = 0;
export let fieldCount: i32 = 0;

export function settleFields(): usize {
  return settleTable(fieldsAt, fieldCount, 4);
}

/**
 * Writes headers, a list of names and values by turns or all in one string, behind as many rows that
 * the caller fills himself. False where an exception is pending.
 */
export function writeFields(headers: Value, leave: Leave, before: i32): bool {
  if (isNullish(headers)) return begin(before, 0);
  if (isString(headers)) return writeBlock(headers, leave, before);
  const items = lengthOf(headers);
  if (!begin(before, items >> 1)) return false;
  for (let i: u32 = 0; i + 1 < items; i += 2) {
    const cell = cellOf(fieldCount);
    if (!writeItem(headers, i, cell)) return false;
    if (stays(outBase + load<usize>(outBase + cell), load<i32>(outBase + cell, 4), leave)) continue;
    if (!writeItem(headers, i + 1, cell + 8)) return false;
    fieldCount++;
  }
  return true;
}

function begin(before: i32, more: i32): bool {
  if (!beginTable(before + more, 4)) return false;
  fieldsAt = tableAt;
  fieldCount = before;
  return true;
}

// @ts-ignore
@inline function cellOf(row: i32): usize {
  return fieldsAt + (<usize>row << 4);
}

function writeItem(list: Value, index: u32, cell: usize): bool {
  const item = JS_GetPropertyUint32(ctx, list, index);
  const done = !isException(item) && writeString(item, cell);
  drop(item);
  return done;
}

function writeBlock(headers: Value, leave: Leave, before: i32): bool {
  const text = utf8(headers);
  if (text == 0) return false;
  const length = <usize>utf8Length;
  const end = text + length;
  let items = length == 0 ? 0 : 1;
  for (let nul = memchr(text, 0, length); nul != 0; nul = memchr(nul + 1, 0, end - nul - 1)) items++;
  if (!begin(before, items >> 1) || !room(length)) {
    freeUtf8(text);
    if (fieldCount == before) JS_ThrowOutOfMemory(ctx);
    return false;
  }
  const from = outPos;
  memory.copy(outAt(), text, length);
  outMove(outPos + length);
  freeUtf8(text);
  let at = from;
  for (let i = 0; i + 1 < items; i += 2) {
    const name = at;
    const value = endOf(name) + 1;
    const next = endOf(value);
    at = next + 1;
    if (stays(outBase + name, <i32>(value - 1 - name), leave)) continue;
    const cell = outBase + cellOf(fieldCount++);
    store<usize>(cell, name);
    store<usize>(cell, value - 1 - name, 4);
    store<usize>(cell, value, 8);
    store<usize>(cell, next - value, 12);
  }
  return true;
}

/** Where the item ends that starts at a position of what is written. */
function endOf(position: usize): usize {
  const nul = memchr(outBase + position, 0, outPos - position);
  return nul == 0 ? outPos : nul - outBase;
}

/** What `content` found. */
export let contentFrom: usize = 0;
export let contentLength: i32 = 0;
let contentWritten: bool = false;

/** Takes the content of a message: a string, bytes, or nothing. To be settled when nothing more is written. */
export function writeContent(value: Value): bool {
  contentWritten = isString(value);
  contentLength = 0;
  contentFrom = 0;
  if (contentWritten) {
    contentFrom = outPos;
    if (!writeUtf8(value)) return false;
    contentLength = <i32>(outPos - contentFrom);
    return true;
  }
  if (isNullish(value)) return true;
  if (!bytesOf(value)) return false;
  contentFrom = bytesAt;
  contentLength = bytesLength;
  return true;
}

export function contentAt(): usize {
  return contentWritten ? outBase + contentFrom : contentFrom;
}

/** Answers a request, or a connection that is refused: `(target, status, type, headers, content)`. */
export function answerRequest(target: u64, argv: usize, refuses: bool): Value {
  if (!numberOf(load<Value>(argv, 8))) return EXCEPTION;
  const status = numberAsInt();
  const type = load<Value>(argv, 16);
  const typed = isNullish(type) ? 0 : 1;
  if (!writeFields(load<Value>(argv, 24), Leave.Hosts, typed)) return EXCEPTION;
  if (typed != 0) {
    const cell = fieldsAt;
    if (!room(16)) return JS_ThrowOutOfMemory(ctx);
    store<usize>(outBase + cell, outPos);
    store<usize>(outBase + cell, 12, 4);
    const name = "content-type";
    for (let i = 0; i < name.length; i++) store<u8>(outAt() + i, name.charCodeAt(i));
    outMove(outPos + 12);
    if (!writeString(type, cell + 8)) return EXCEPTION;
  }
  if (!writeContent(load<Value>(argv, 32))) return EXCEPTION;
  const headers = settleFields();
  if (<u32>status > 0xffff) return fromInt(6);
  return fromInt(
    refuses
      ? abi.connection_refuse(target, status, headers, fieldCount, contentAt(), contentLength)
      : abi.http_respond(target, status, headers, fieldCount, contentAt(), contentLength),
  );
}

/**
 * Takes a web address apart that is written at a position: its path is what is sent, and its origin
 * fills the first two fields. False where it is no more than a path.
 */
export let pathFrom: usize = 0;
export let pathLength: i32 = 0;
let originFrom: usize = 0;
let originEnd: usize = 0;
let authorityFrom: usize = 0;

/** How many fields the address of a request to an actor fills. */
export function splitAddress(from: usize, length: i32): i32 {
  pathFrom = from;
  pathLength = length;
  const base = outBase;
  let at = from;
  const end = from + length;
  while (at < end && load<u8>(base + at) - 97 < 26) at++;
  if (at == from || at + 3 > end || !begins(base + at, "://")) return 0;
  originFrom = from;
  authorityFrom = at + 3;
  at += 3;
  while (at < end) {
    const byte = load<u8>(base + at);
    if (byte == 0x2f || byte == 0x3f || byte == 0x23) break;
    at++;
  }
  originEnd = at;
  const hash = memchr(base + at, 0x23, end - at);
  pathFrom = at;
  pathLength = <i32>((hash == 0 ? end : hash - base) - at);
  return 2;
}

/** Fills the fields that `splitAddress` asked for. */
export function writeAddress(): bool {
  if (!room(<usize>pathLength + 32)) {
    JS_ThrowOutOfMemory(ctx);
    return false;
  }
  if (pathLength == 0 || load<u8>(outBase + pathFrom) != 0x2f) {
    const from = outPos;
    store<u8>(outAt(), 0x2f);
    memory.copy(outAt() + 1, outBase + pathFrom, pathLength);
    outMove(from + pathLength + 1);
    pathFrom = from;
    pathLength++;
  }
  const cell = outBase + fieldsAt;
  const names = outPos;
  const words = "hostdormouse-origin";
  for (let i = 0; i < words.length; i++) store<u8>(outAt() + i, words.charCodeAt(i));
  outMove(names + words.length);
  store<usize>(cell, names);
  store<usize>(cell, 4, 4);
  store<usize>(cell, authorityFrom, 8);
  store<usize>(cell, originEnd - authorityFrom, 12);
  store<usize>(cell, names + 4, 16);
  store<usize>(cell, 15, 20);
  store<usize>(cell, originFrom, 24);
  store<usize>(cell, originEnd - originFrom, 28);
  return true;
}

// ---- Answers to requests.

/** Operations that end with the answer to a request: no more than these are known as such. */
const MOST_REQUESTS = 256;
const requests: usize = memory.data(8 * 256, 8);
let requestCount = 0;

/** Keeps in mind that an operation is a request; answers it. */
export function asked(operation: u64): u64 {
  if (operation != 0 && requestCount < MOST_REQUESTS) store<u64>(requests + (<usize>(requestCount++) << 3), operation);
  return operation;
}

/** Whether an operation is a request; from now on it is none. */
export function isAnswered(operation: u64): bool {
  for (let i = 0; i < requestCount; i++) {
    const at = requests + (<usize>i << 3);
    if (load<u64>(at) == operation) {
      store<u64>(at, load<u64>(requests + (<usize>(--requestCount) << 3)));
      return true;
    }
  }
  return false;
}

let cborAt: usize = 0, cborEnd: usize = 0, cborArgument: u64 = 0;

/** Reads the head of an item of a kind; false where something else stands there. */
function head(major: u32): bool {
  if (cborAt >= cborEnd) return false;
  const first = <u32>load<u8>(cborAt++);
  if (first >> 5 != major) return false;
  let low = first & 31;
  if (low < 24) {
    cborArgument = low;
    return true;
  }
  if (low > 27) return false;
  let size = 1 << (low - 24);
  if (cborAt + size > cborEnd) return false;
  let argument: u64 = 0;
  for (; size > 0; size--) argument = (argument << 8) | load<u8>(cborAt++);
  cborArgument = argument;
  return true;
}

/** Reads a string of bytes or characters: it begins there, and is as long as the argument. */
function span(major: u32): usize {
  if (!head(major) || cborArgument > <u64>(cborEnd - cborAt)) return 0;
  const from = cborAt;
  cborAt += <usize>cborArgument;
  return from;
}

/**
 * The parts of the answer to a request, from CBOR as the contract has it: content, headers, status, and
 * last the address that it came from, where the answer says that. UNDEFINED where it is none of that.
 */
export function decodeReply(block: usize, length: i32): Value {
  cborAt = block;
  cborEnd = block + length;
  if (!head(4) || (cborArgument != 3 && cborArgument != 4)) return UNDEFINED;
  const hasUrl = cborArgument == 4;
  if (!head(0)) return UNDEFINED;
  const status = <i32>cborArgument;
  if (status >= 1000 || !head(4)) return UNDEFINED;
  const count = cborArgument;
  const from = outPos;
  if (!room(<usize>length + 16)) return JS_ThrowOutOfMemory(ctx);
  for (let i: u64 = 0; i < count; i++) {
    if (!head(4) || cborArgument != 2) return UNDEFINED;
    const name = span(3);
    if (name == 0) return UNDEFINED;
    const nameLength = <i32>cborArgument;
    const value = span(3);
    if (value == 0) return UNDEFINED;
    field(name, nameLength, from, true);
    field(value, <i32>cborArgument, from, false);
  }
  const body = span(2);
  if (body == 0) return UNDEFINED;
  const bodyLength = <i32>cborArgument;
  const url = hasUrl ? span(3) : 0;
  const none = bodyLength == 0 && (status == 204 || status == 205 || status == 304);
  part(Part.Content, none ? NULL : bodyLength <= MOST_TEXT && isAscii(body, bodyLength) ? JS_NewStringLen(ctx, body, bodyLength) : JS_NewUint8ArrayCopy(ctx, body, bodyLength));
  part(Part.Used, FALSE);
  part(Part.Headers, JS_NewStringLen(ctx, outBase + from, outPos - from));
  part(Part.First, fromInt(status));
  part(Part.Second, NULL);
  part(Part.Third, NULL);
  part(Part.Fourth, url == 0 ? UNDEFINED : JS_NewStringLen(ctx, url, <usize>cborArgument));
  outRelease(from);
  return listOfParts();
}

// ---- Words that are looked at often.

/** What a character may stand in: a token, a path, a query, a fragment. */
const TOKEN: u8 = 1, PATH: u8 = 2, QUERY: u8 = 4, FRAGMENT: u8 = 8;
const characters: usize = memory.data(256, 8);

function allow(text: string, where: u8): void {
  for (let i = 0; i < text.length; i++) {
    const at = characters + text.charCodeAt(i);
    store<u8>(at, load<u8>(at) | where);
  }
}

function prepareCharacters(): void {
  for (let byte = 0; byte < 128; byte++) {
    if (<u32>(byte - 48) < 10 || <u32>((byte | 32) - 97) < 26) store<u8>(characters + byte, TOKEN | PATH | QUERY | FRAGMENT);
  }
  allow("!#$%&'*+-.^_`|~", TOKEN);
  allow("_~!$&'()*+,;=:@-", PATH);
  allow("_~!$&()*+,;=:@/?.%-", QUERY);
  allow("_~!$&'()*+,;=:@/?.%-", FRAGMENT);
}

// @ts-ignore
@inline function may(byte: u8, where: u8): bool {
  return (load<u8>(characters + byte) & where) != 0;
}

/** A header's name in lower case; undefined where it is none. */
export function headerName(value: Value): Value {
  const text = utf8(value);
  if (text == 0) return EXCEPTION;
  const length = utf8Length;
  let well = length > 0;
  let capital = false;
  for (let i = 0; well && i < length; i++) {
    const byte = load<u8>(text + i);
    well = may(byte, TOKEN);
    capital = capital || byte - 65 < 26;
  }
  let name: Value = UNDEFINED;
  if (well && !capital && isString(value)) {
    name = dup(value);
  } else if (well) {
    const from = outPos;
    if (room(length)) {
      for (let i = 0; i < length; i++) store<u8>(outAt() + i, <u8>lower(load<u8>(text + i)));
      name = JS_NewStringLen(ctx, outAt(), length);
    } else {
      name = JS_ThrowOutOfMemory(ctx);
    }
    outRelease(from);
  }
  freeUtf8(text);
  return name;
}

// @ts-ignore
@inline function isBlank(byte: u8): bool {
  return byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d;
}

/** A header's value without the blanks around it; undefined where it cannot be one. */
export function headerValue(value: Value): Value {
  const text = utf8(value);
  if (text == 0) return EXCEPTION;
  let from = text;
  let end = text + utf8Length;
  while (from < end && isBlank(load<u8>(from))) from++;
  while (end > from && isBlank(load<u8>(end - 1))) end--;
  let well = true;
  for (let at = from; at < end; at++) {
    const byte = load<u8>(at);
    well = well && byte != 0 && byte != 0x0a && byte != 0x0d;
  }
  const whole = from == text && end == text + utf8Length;
  const answer = !well ? UNDEFINED : whole && isString(value) ? dup(value) : JS_NewStringLen(ctx, from, end - from);
  freeUtf8(text);
  return answer;
}

const places: usize = memory.data(8 * 9, 8);

/**
 * Takes a web address apart that is written just as it would be serialised: the address, where its
 * host begins and ends, its port or -1, where its path begins and ends, where its query ends, and
 * null twice for the prelude's use. Undefined for any other.
 */
export function plainUrl(value: Value): Value {
  if (!isString(value)) return UNDEFINED;
  const text = utf8(value);
  if (text == 0) return EXCEPTION;
  const found = isPlainUrl(text, text + utf8Length);
  freeUtf8(text);
  if (!found) return UNDEFINED;
  store<Value>(places, dup(value));
  return JS_NewArrayFrom(ctx, 9, places);
}

function place(index: usize, value: i32): void {
  store<Value>(places + (index << 3), fromInt(value));
}

function isPlainUrl(text: usize, end: usize): bool {
  const length = <i32>(end - text);
  if (length < 8 || length > 0xffff) return false;
  let at = text;
  let usual = 80;
  if (begins(text, "http://")) {
    at += 7;
  } else if (begins(text, "https://")) {
    at += 8;
    usual = 443;
  } else if (begins(text, "ws://")) {
    at += 5;
  } else if (begins(text, "wss://")) {
    at += 6;
    usual = 443;
  } else {
    return false;
  }
  place(1, <i32>(at - text));
  const hostEnd = load<u8>(at) - 48 < 10 ? addressEnd(at, end) : nameEnd(at, end);
  if (hostEnd == 0) return false;
  at = hostEnd;
  place(2, <i32>(at - text));
  let port = -1;
  if (load<u8>(at) == 0x3a) {
    port = 0;
    const from = ++at;
    if (load<u8>(at) == 0x30) return false;
    while (at < end && at < from + 6 && load<u8>(at) - 48 < 10) port = port * 10 + <i32>(load<u8>(at++) - 48);
    if (at == from || port > 65535 || port == usual) return false;
  }
  place(3, port);
  if (at >= end || load<u8>(at) != 0x2f) return false;
  place(4, <i32>(at - text));
  let before: u8 = 0;
  while (at < end) {
    const byte = load<u8>(at);
    if (byte == 0x2e ? before == 0x2f || before == 0x2e : byte != 0x2f && !may(byte, PATH)) break;
    before = byte;
    at++;
  }
  place(5, <i32>(at - text));
  if (at < end && load<u8>(at) == 0x3f) {
    at++;
    while (at < end && may(load<u8>(at), QUERY)) at++;
  }
  place(6, <i32>(at - text));
  if (at < end && load<u8>(at) == 0x23) {
    at++;
    while (at < end && may(load<u8>(at), FRAGMENT)) at++;
  }
  store<Value>(places + 56, NULL);
  store<Value>(places + 64, NULL);
  return at == end;
}

/** The end of a name of letters, digits and hyphens whose parts begin with letters; 0 where it is none. */
function nameEnd(from: usize, end: usize): usize {
  let at = from;
  do {
    if (load<u8>(at) - 97 >= 26) return 0;
    if (end - at > 4 && begins(at, "xn--")) return 0;
    while (at < end && (load<u8>(at) - 97 < 26 || load<u8>(at) - 48 < 10 || load<u8>(at) == 0x2d)) at++;
    if (at >= end || load<u8>(at) != 0x2e) return at;
    at++;
  } while (at < end);
  return 0;
}

/** The end of an IPv4 address in its usual form; 0 where it is none. */
function addressEnd(from: usize, end: usize): usize {
  let at = from;
  for (let i = 0; i < 4; i++) {
    const start = at;
    let value = 0;
    while (at < end && at < start + 4 && load<u8>(at) - 48 < 10) value = value * 10 + <i32>(load<u8>(at++) - 48);
    const digits = at - start;
    if (digits == 0 || value > 255 || (digits > 1 && load<u8>(start) == 0x30)) return 0;
    if (i < 3) {
      if (at >= end || load<u8>(at) != 0x2e) return 0;
      at++;
    }
  }
  return at;
}
