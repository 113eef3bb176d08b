/** The functions of the native object `host`: each takes its arguments apart and calls the host. */
import * as abi from "./abi";
import { cryptography } from "./crypto";
import { decode } from "./decode";
import { encode } from "./encode";
import { awaitIdle } from "./events";
import { Fn } from "./functions";
import {
  asked, contentAt, contentLength, fieldCount, headerName, headerValue, isAnswered, Leave, pathFrom, pathLength, plainUrl, answerRequest,
  settleFields, splitAddress, writeAddress, writeContent, writeFields,
} from "./http";
import { help, Helper, lengthOf } from "./kinds";
import {
  beginTable, bytesAt, bytesLength, bytesOf, freeOption, number, numberAsId, numberAsInt, numberAsMillis, numberOf, option,
  optionFailed, optionLength, returnedPair, returnedString, returnedValue, Row, settleTable, tableAt, tableRows, takeBytes, takeList,
  writeString, writeStrings,
} from "./lower";
import { openReserve, outAt, outBase, outMove, outPos, outRelease, release, RET } from "./memory";
import { defineModule, evalCode, evalPart, evalModule } from "./modules";
import { atomOf, c, freeUtf8, isUtf8, lossyString, takeString, throwTypeError, utf8, utf8Length, writeUtf8 } from "./text";
import {
  CFUNCTION_GENERIC_MAGIC, ctx, drop, dup, EXCEPTION, FALSE, fromBool, fromInt, fromNumber, isException, isHeldBy, isNullish,
  JS_GetProperty, JS_GetPropertyUint32, JS_NewCFunction2, JS_NewSettledPromise, JS_NewUint8ArrayCopy, JS_PromiseResult, JS_PromiseState,
  JS_ToBool, NULL, PROMISE_FULFILLED, TRUE, UNDEFINED, Value,
} from "./quickjs";

/** Every native function has so many arguments: those that a caller leaves out are undefined. */
const ARGUMENTS = 8;

/** The id of the function with which engine.js makes the others. */
const NATIVE: i32 = 1000;

/** Whether events are running, and the host can be called: not while the snapshot is made. */
let live: bool = false;

export function goLive(): void {
  live = true;
}

export function isLive(): bool {
  return live;
}

let atomStart: u32 = 0, atomStartAfter: u32 = 0, atomEnd: u32 = 0, atomPrefix: u32 = 0, atomReverse: u32 = 0, atomLimit: u32 = 0;

/** `native(name, id)` for engine.js. */
export function nativeFunction(): Value {
  atomStart = atomOf("start");
  atomStartAfter = atomOf("startAfter");
  atomEnd = atomOf("end");
  atomPrefix = atomOf("prefix");
  atomReverse = atomOf("reverse");
  atomLimit = atomOf("limit");
  return JS_NewCFunction2(ctx, dispatch.index, c("native"), ARGUMENTS, CFUNCTION_GENERIC_MAGIC, NATIVE);
}

function makeNative(argv: usize): Value {
  const name = utf8(load<Value>(argv));
  if (name == 0) return EXCEPTION;
  const made = JS_NewCFunction2(ctx, dispatch.index, name, ARGUMENTS, CFUNCTION_GENERIC_MAGIC, <i32>load<Value>(argv, 8));
  freeUtf8(name);
  return made;
}

function dispatch(context: usize, self: Value, argc: i32, argv: usize, id: i32): Value {
  const position = outPos;
  const answer = run(argv, id);
  if (outPos != position) outRelease(position);
  return answer;
}

function run(argv: usize, id: i32): Value {
  switch (id) {
    case Fn.encode: return encodeBytes(load<Value>(argv));
    case Fn.decode: return bytesOf(load<Value>(argv)) ? decode(bytesAt, bytesLength) : EXCEPTION;
    case Fn.utf8Encode: return utf8Encode(load<Value>(argv));
    case Fn.utf8Decode: return utf8Decode(load<Value>(argv), load<Value>(argv, 8));
    case Fn.headerName: return headerName(load<Value>(argv));
    case Fn.headerValue: return headerValue(load<Value>(argv));
    case Fn.plainUrl: return plainUrl(load<Value>(argv));
    case Fn.settled: return JS_NewSettledPromise(ctx, 0, load<Value>(argv));
    case Fn.resultOf: return resultOf(load<Value>(argv), load<Value>(argv, 8));
    case Fn.promiseState: return fromInt(JS_PromiseState(ctx, load<Value>(argv)));
    case Fn.isForgotten: return isForgotten(load<Value>(argv), load<Value>(argv, 8));
    case Fn.awaitIdle: awaitIdle(JS_ToBool(ctx, load<Value>(argv)) > 0); return UNDEFINED;
    case Fn.makeRoom: openReserve(); return UNDEFINED;
    case Fn.evalModule: return evalModule(load<Value>(argv), load<Value>(argv, 8));
    case Fn.defineModule: return defineModule(load<Value>(argv), load<Value>(argv, 8));
    case NATIVE: return makeNative(argv);
  }
  if (!live) return throwTypeError("the host can be called during a turn only");
  if (id >= Fn.get && id <= Fn.alarmDelete) return storage(argv, id);
  if (id >= Fn.sendText && id <= Fn.respond) return connection(argv, id);
  if (id >= Fn.timerStart && id <= Fn.cancel) return operation(argv, id);
  if (id >= Fn.crypto_digest && id <= Fn.crypto_hkdf) return cryptography(argv, id);
  return world(argv, id);
}

function encodeBytes(value: Value): Value {
  const from = outPos;
  if (!encode(value)) return EXCEPTION;
  return JS_NewUint8ArrayCopy(ctx, outBase + from, outPos - from);
}

/** What a promise was fulfilled with; for any other value what is to stand for that. */
function resultOf(promise: Value, otherwise: Value): Value {
  return JS_PromiseState(ctx, promise) == PROMISE_FULFILLED ? JS_PromiseResult(ctx, promise) : dup(otherwise);
}

/** Whether nobody has a promise but so many holders, and nobody waits for it. */
function isForgotten(promise: Value, holders: Value): Value {
  return numberOf(holders) ? fromBool(isHeldBy(promise, numberAsInt())) : EXCEPTION;
}

function utf8Encode(value: Value): Value {
  const text = utf8(value);
  if (text == 0) return EXCEPTION;
  const bytes = JS_NewUint8ArrayCopy(ctx, text, utf8Length);
  freeUtf8(text);
  return bytes;
}

function utf8Decode(bytes: Value, fatal: Value): Value {
  if (!bytesOf(bytes)) return EXCEPTION;
  if (JS_ToBool(ctx, fatal) > 0 && !isUtf8(bytesAt, bytesLength)) return throwTypeError("the bytes are not UTF-8");
  return lossyString(bytesAt, bytesLength);
}

// ---- The world around.

function world(argv: usize, id: i32): Value {
  switch (id) {
    case Fn.name: abi.identity_name(RET); return returnedString();
    case Fn.id: abi.identity_id(RET); return returnedString();
    case Fn.namespace: abi.identity_namespace(RET); return returnedString();
    case Fn.wakingReason: return fromInt(abi.identity_waking_reason());
    case Fn.role: return fromInt(abi.app_role());
    case Fn.address: abi.actors_address(RET); return returnedString();
    case Fn.env: return env();
    case Fn.now: return fromNumber(<f64>abi.clock_now());
    case Fn.randomBytes: return randomBytes(load<Value>(argv));
    case Fn.log: return log(load<Value>(argv), load<Value>(argv, 8));
    case Fn.section: return section(load<Value>(argv));
    case Fn.evalCode: return evalCode(load<Value>(argv));
    case Fn.evalPart: return evalPart(load<Value>(argv));
    case Fn.failTurn: return failTurn(load<Value>(argv));
    default: return throwTypeError("the host has no such function");
  }
}

function env(): Value {
  abi.env_all(RET);
  const pairs = takeList(load<usize>(RET), load<i32>(RET, 4), Row.Pair);
  const object = isException(pairs) ? EXCEPTION : help(Helper.FromEntries, pairs);
  drop(pairs);
  return object;
}

function randomBytes(count: Value): Value {
  if (!numberOf(count)) return EXCEPTION;
  abi.random_bytes(numberAsInt(), RET);
  return takeBytes(load<usize>(RET), load<i32>(RET, 4));
}

function log(level: Value, message: Value): Value {
  if (!numberOf(level)) return EXCEPTION;
  const severity = min(max(numberAsInt(), 0), 3);
  const text = utf8(message);
  if (text == 0) return EXCEPTION;
  abi.log_write(severity, text, utf8Length);
  freeUtf8(text);
  return UNDEFINED;
}

function section(name: Value): Value {
  const text = utf8(name);
  if (text == 0) return EXCEPTION;
  abi.app_section(text, utf8Length, RET);
  freeUtf8(text);
  return load<u8>(RET) == 0 ? UNDEFINED : takeBytes(load<usize>(RET, 4), load<i32>(RET, 8));
}

/** Logs why, and traps: the host throws the turn away. */
function failTurn(message: Value): Value {
  const text = utf8(message);
  if (text != 0) abi.log_write(3, text, utf8Length);
  unreachable();
  return EXCEPTION;
}

// ---- Storage and alarm.

function storage(argv: usize, id: i32): Value {
  const first = load<Value>(argv);
  switch (id) {
    case Fn.get:
    case Fn.has:
    case Fn.delete_: return withKey(first, id);
    case Fn.put: return put(first, load<Value>(argv, 8));
    case Fn.getMany: {
      if (!writeStrings(first)) return EXCEPTION;
      const rows = tableRows;
      abi.storage_get_many(settleTable(tableAt, rows, 2), rows, RET);
      return takeList(load<usize>(RET), load<i32>(RET, 4), Row.Entry);
    }
    case Fn.putMany: return putMany(first);
    case Fn.deleteMany: {
      if (!writeStrings(first)) return EXCEPTION;
      const rows = tableRows;
      return fromInt(abi.storage_delete_many(settleTable(tableAt, rows, 2), rows));
    }
    case Fn.deleteAll: abi.storage_delete_all(); return UNDEFINED;
    case Fn.list: return list(first);
    case Fn.alarmGet:
      abi.alarm_get(RET);
      return returnedMillis();
    case Fn.alarmSet:
      if (!numberOf(first)) return EXCEPTION;
      abi.alarm_set(numberAsMillis());
      return UNDEFINED;
    case Fn.alarmRetry: return alarmRetry(argv);
    default: abi.alarm_delete(); return UNDEFINED;
  }
}

/** The option of a time that the host put at `RET`. */
function returnedMillis(): Value {
  return load<u8>(RET) == 0 ? NULL : fromNumber(<f64>load<u64>(RET, 8));
}

function alarmRetry(argv: usize): Value {
  if (!numberOf(load<Value>(argv))) return EXCEPTION;
  const at = numberAsMillis();
  if (!numberOf(load<Value>(argv, 8))) return EXCEPTION;
  const due = numberAsMillis();
  if (!numberOf(load<Value>(argv, 16))) return EXCEPTION;
  abi.alarm_retry(at, due, max(numberAsInt(), 0));
  return UNDEFINED;
}

function withKey(value: Value, id: i32): Value {
  const key = utf8(value);
  if (key == 0) return EXCEPTION;
  const length = utf8Length;
  let answer: Value;
  if (id == Fn.delete_) {
    answer = fromBool(abi.storage_delete(key, length) != 0);
  } else {
    abi.storage_get(key, length, RET);
    if (id == Fn.get) {
      answer = returnedValue();
    } else {
      answer = fromBool(load<u8>(RET) != 0);
      if (load<u8>(RET) != 0 && load<i32>(RET, 8) != 0) release(load<usize>(RET, 4));
    }
  }
  freeUtf8(key);
  return answer;
}

function put(name: Value, value: Value): Value {
  const from = outPos;
  if (!encode(value)) return EXCEPTION;
  const length = outPos - from;
  const key = utf8(name);
  if (key == 0) return EXCEPTION;
  const status = abi.storage_put(key, utf8Length, outBase + from, <i32>length);
  freeUtf8(key);
  return fromInt(status);
}

function putMany(entries: Value): Value {
  const rows = lengthOf(entries);
  if (!beginTable(rows, 4)) return EXCEPTION;
  const table = tableAt;
  for (let i: u32 = 0; i < rows; i++) {
    const entry = JS_GetPropertyUint32(ctx, entries, i);
    if (isException(entry)) return entry;
    const key = JS_GetPropertyUint32(ctx, entry, 0);
    const value = JS_GetPropertyUint32(ctx, entry, 1);
    const cell = table + (<usize>i << 4);
    let done = !isException(key) && !isException(value) && writeString(key, cell);
    const from = outPos;
    done = done && encode(value);
    if (done) {
      store<usize>(outBase + cell, from, 8);
      store<usize>(outBase + cell, outPos - from, 12);
    }
    drop(key);
    drop(value);
    drop(entry);
    if (!done) return EXCEPTION;
  }
  return fromInt(abi.storage_put_many(settleTable(table, rows, 4), rows));
}

let listFailed: bool = false;

/** A string member of `list`'s options. */
function member(options: Value, atom: u32): usize {
  const value = JS_GetProperty(ctx, options, atom);
  const text: usize = isException(value) ? 0 : option(value);
  listFailed = listFailed || isException(value) || optionFailed;
  drop(value);
  return text;
}

function list(options: Value): Value {
  listFailed = false;
  const start = member(options, atomStart);
  const startLength = optionLength;
  const after = member(options, atomStartAfter);
  const afterLength = optionLength;
  const end = member(options, atomEnd);
  const endLength = optionLength;
  const prefix = member(options, atomPrefix);
  const prefixLength = optionLength;
  const reverse = JS_GetProperty(ctx, options, atomReverse);
  const backwards = JS_ToBool(ctx, reverse) > 0;
  drop(reverse);
  const most = JS_GetProperty(ctx, options, atomLimit);
  const hasLimit = !isNullish(most);
  listFailed = listFailed || (hasLimit && !numberOf(most));
  drop(most);
  const limit = hasLimit ? <i32><u32>min(max(number, 0), 4294967295) : 0;
  if (!listFailed) {
    abi.storage_list(
      start != 0, start, startLength, after != 0, after, afterLength, end != 0, end, endLength, prefix != 0, prefix, prefixLength,
      backwards, hasLimit, limit, RET,
    );
  }
  freeOption(start);
  freeOption(after);
  freeOption(end);
  freeOption(prefix);
  return listFailed ? EXCEPTION : takeList(load<usize>(RET), load<i32>(RET, 4), Row.Entry);
}

// ---- Connections and answers.

function connection(argv: usize, id: i32): Value {
  if (id == Fn.connections) return connections(load<Value>(argv));
  if (id == Fn.broadcastText || id == Fn.broadcastBytes) return broadcast(argv, id);
  if (!numberOf(load<Value>(argv))) return EXCEPTION;
  const target = numberAsId();
  const second = load<Value>(argv, 8);
  switch (id) {
    case Fn.sendText: {
      const text = utf8(second);
      if (text == 0) return EXCEPTION;
      const status = abi.connection_send_text(target, text, utf8Length);
      freeUtf8(text);
      return fromInt(status);
    }
    case Fn.sendBytes:
      return bytesOf(second) ? fromInt(abi.connection_send_bytes(target, bytesAt, bytesLength)) : EXCEPTION;
    case Fn.close:
    case Fn.reject: {
      if (!numberOf(second)) return EXCEPTION;
      const code = numberAsInt();
      const text = utf8(load<Value>(argv, 16));
      if (text == 0) return EXCEPTION;
      const status = id == Fn.close
        ? (<u32>code <= 0xffff ? abi.connection_close(target, code, text, utf8Length) : 6)
        : (<u32>code <= 0xffff ? abi.connection_reject(target, code, text, utf8Length) : 6);
      freeUtf8(text);
      return fromInt(status);
    }
    case Fn.defer: return fromInt(abi.connection_defer(target));
    case Fn.accept: {
      const protocol = option(second);
      if (optionFailed) return EXCEPTION;
      const status = abi.connection_accept(target, protocol != 0, protocol, optionLength);
      freeOption(protocol);
      return fromInt(status);
    }
    case Fn.splice: return numberOf(second) ? fromInt(abi.connection_splice(target, numberAsId())) : EXCEPTION;
    case Fn.getAttachment: abi.connection_get_attachment(target, RET); return returnedValue();
    case Fn.setAttachment: {
      const from = outPos;
      return encode(second) ? fromInt(abi.connection_set_attachment(target, outBase + from, <i32>(outPos - from))) : EXCEPTION;
    }
    case Fn.tags:
      abi.connection_tags(target, RET);
      return takeList(load<usize>(RET), load<i32>(RET, 4), Row.String);
    case Fn.setTags: {
      if (!writeStrings(second)) return EXCEPTION;
      const rows = tableRows;
      return fromInt(abi.connection_set_tags(target, settleTable(tableAt, rows, 2), rows));
    }
    case Fn.setAutoResponse: return setAutoResponse(target, second, load<Value>(argv, 16));
    case Fn.getAutoResponse: abi.connection_get_auto_response(target, RET); return returnedPair();
    case Fn.autoResponseAt: abi.connection_auto_response_at(target, RET); return returnedMillis();
    default: return answerRequest(target, argv, id == Fn.refuse);
  }
}

/** Without a request, ends what was asked for before. */
function setAutoResponse(connection: u64, request: Value, response: Value): Value {
  const asked = option(request);
  if (optionFailed) return EXCEPTION;
  const askedLength = optionLength;
  const text = utf8(response);
  const status = text == 0 ? 0 : abi.connection_set_auto_response(connection, asked != 0, asked, askedLength, text, utf8Length);
  freeOption(asked);
  freeOption(text);
  return text == 0 ? EXCEPTION : fromInt(status);
}

function broadcast(argv: usize, id: i32): Value {
  const tag = option(load<Value>(argv));
  if (optionFailed) return EXCEPTION;
  const tagLength = optionLength;
  let answer = EXCEPTION;
  if (id == Fn.broadcastText) {
    const text = utf8(load<Value>(argv, 8));
    if (text != 0) {
      answer = fromInt(abi.connection_broadcast_text(tag != 0, tag, tagLength, text, utf8Length));
      freeUtf8(text);
    }
  } else if (bytesOf(load<Value>(argv, 8))) {
    answer = fromInt(abi.connection_broadcast_bytes(tag != 0, tag, tagLength, bytesAt, bytesLength));
  }
  freeOption(tag);
  return answer;
}

function connections(value: Value): Value {
  const tag = option(value);
  if (optionFailed) return EXCEPTION;
  abi.connection_list(tag != 0, tag, optionLength, RET);
  freeOption(tag);
  return takeList(load<usize>(RET), load<i32>(RET, 4), Row.Number);
}

// ---- Operations that finish later.

function operation(argv: usize, id: i32): Value {
  switch (id) {
    case Fn.timerStart: return numberOf(load<Value>(argv)) ? fromNumber(<f64>abi.timer_start(numberAsMillis())) : EXCEPTION;
    case Fn.timerCancel: return numberOf(load<Value>(argv)) ? fromBool(abi.timer_cancel(numberAsId()) != 0) : EXCEPTION;
    case Fn.passOn: return passOn(argv);
    case Fn.cancel:
      if (!numberOf(load<Value>(argv))) return EXCEPTION;
      isAnswered(numberAsId());
      return fromBool(abi.actors_cancel(numberAsId()) != 0);
    case Fn.rpcRespond: return rpcRespond(argv);
    case Fn.idOf:
    case Fn.nameOf: return nameOrId(load<Value>(argv), id);
    default: return start(argv, id);
  }
}

function passOn(argv: usize): Value {
  if (!numberOf(load<Value>(argv))) return EXCEPTION;
  const request = numberAsId();
  if (!numberOf(load<Value>(argv, 8))) return EXCEPTION;
  const operation = numberAsId();
  const unless = utf8(load<Value>(argv, 16));
  if (unless == 0) return EXCEPTION;
  const status = abi.http_pass_on(request, operation, 1, unless, utf8Length);
  freeUtf8(unless);
  if (status == 0) isAnswered(operation);
  return fromInt(status);
}

function rpcRespond(argv: usize): Value {
  if (!numberOf(load<Value>(argv))) return EXCEPTION;
  const request = numberAsId();
  const failed = JS_ToBool(ctx, load<Value>(argv, 8)) <= 0;
  const from = outPos;
  if (failed ? !writeUtf8(load<Value>(argv, 16)) : !encode(load<Value>(argv, 16))) return EXCEPTION;
  return fromInt(abi.rpc_respond(request, failed, outBase + from, <i32>(outPos - from)));
}

function nameOrId(value: Value, id: i32): Value {
  const text = utf8(value);
  if (text == 0) return EXCEPTION;
  const length = utf8Length;
  let answer: Value;
  if (id == Fn.idOf) {
    abi.actors_id_of(text, length, RET);
    answer = returnedString();
  } else {
    abi.actors_name_of(text, length, RET);
    answer = load<u8>(RET) == 0 ? UNDEFINED : takeString(load<usize>(RET, 4), load<i32>(RET, 8));
  }
  freeUtf8(text);
  return answer;
}

/** The strings of a call, in a table of their own: 8 bytes each. */
function writeArguments(argv: usize, count: i32): bool {
  if (!beginTable(count, 2)) return false;
  const table = tableAt;
  for (let i = 0; i < count; i++) {
    const value = load<Value>(argv + (<usize>i << 3));
    if (i == 0 && isNullish(value)) {
      store<u64>(outBase + table, 0);
    } else if (!writeString(value, table + (<usize>i << 3))) {
      return false;
    }
  }
  tableAt = table;
  return true;
}

// @ts-ignore
@inline function textAt(table: usize, index: usize): usize {
  return load<usize>(table + (index << 3));
}

// @ts-ignore
@inline function lengthAt(table: usize, index: usize): i32 {
  return load<i32>(table + (index << 3), 4);
}

function start(argv: usize, id: i32): Value {
  const texts = id == Fn.actorFetch ? 4 : id == Fn.actorConnect ? 3 : id == Fn.actorCall || id == Fn.webFetch ? 2 : 1;
  const hasNamespace = !isNullish(load<Value>(argv));
  if (!writeArguments(argv, texts)) return EXCEPTION;
  const strings = tableAt;
  const rest = argv + (<usize>texts << 3);
  let list: usize = 0;
  let listRows = 0;
  const from = outPos;
  const cell = outBase + strings + 24;
  const address = id == Fn.actorFetch ? splitAddress(load<usize>(cell), load<i32>(cell, 4)) : 0;
  if (id == Fn.actorCall) {
    if (!encode(load<Value>(rest))) return EXCEPTION;
  } else {
    if (id == Fn.webConnect) {
      if (!writeStrings(load<Value>(rest))) return EXCEPTION;
      list = tableAt;
      listRows = tableRows;
    }
    const leave = id == Fn.actorFetch ? Leave.Hop : id == Fn.webFetch ? Leave.Webs : Leave.Nothing;
    if (!writeFields(load<Value>(id == Fn.webConnect ? rest + 8 : rest), leave, address)) return EXCEPTION;
    if (address != 0 && !writeAddress()) return EXCEPTION;
  }
  const length = outPos - from;
  if ((id == Fn.actorFetch || id == Fn.webFetch) && !writeContent(load<Value>(rest, 8))) return EXCEPTION;
  if (id == Fn.webFetch && !numberOf(load<Value>(rest, 16))) return EXCEPTION;
  const at = settleTable(strings, texts, 2);
  if (listRows != 0) list = settleTable(list, listRows, 2);
  const fields: usize = id == Fn.actorCall ? 0 : settleFields();
  const namespace_ = hasNamespace ? textAt(at, 0) : 0;
  let operation: u64;
  switch (id) {
    case Fn.actorFetch:
      operation = asked(abi.actors_fetch(
        hasNamespace, namespace_, lengthAt(at, 0), textAt(at, 1), lengthAt(at, 1), textAt(at, 2), lengthAt(at, 2), outBase + pathFrom,
        pathLength, fields, fieldCount, contentAt(), contentLength,
      ));
      break;
    case Fn.actorCall:
      operation = abi.actors_call(hasNamespace, namespace_, lengthAt(at, 0), textAt(at, 1), lengthAt(at, 1), outBase + from, <i32>length);
      break;
    case Fn.actorConnect:
      operation = abi.actors_connect(
        hasNamespace, namespace_, lengthAt(at, 0), textAt(at, 1), lengthAt(at, 1), textAt(at, 2), lengthAt(at, 2), fields, fieldCount,
      );
      break;
    case Fn.webFetch:
      operation = asked(abi.web_fetch(
        textAt(at, 0), lengthAt(at, 0), textAt(at, 1), lengthAt(at, 1), fields, fieldCount, contentAt(), contentLength, numberAsInt() & 255,
      ));
      break;
    default:
      operation = abi.web_connect(textAt(at, 0), lengthAt(at, 0), list, listRows, fields, fieldCount);
  }
  return fromNumber(<f64>operation);
}
