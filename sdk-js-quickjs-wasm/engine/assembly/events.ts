/** The exports that the host calls: each hands its event to the prelude, and lets promises run. */
import { log_write } from "./abi";
import { decodeReply, isAnswered, takeRequest, takeUpgrade } from "./http";
import { takeBytes, takeDecoded } from "./lower";
import { closeReserve, openReserve, outRelease, REFUSED, release, requireRoom } from "./memory";
import { c, freeUtf8, takeString, utf8, utf8Length } from "./text";
import {
  ctx, drop, dup, EXCEPTION, FALSE, fromInt, fromNumber, free, isException, JS_Call, JS_ExecutePendingJob, JS_GetException,
  JS_GetPropertyStr, JS_IsJobPending, JS_NewStringLen, JS_ThrowOutOfMemory, JS_SetHostPromiseRejectionTracker, malloc, pointerOf, realloc, rt, TRUE, UNDEFINED, Value,
} from "./quickjs";

/** What the prelude answered, in this order. */
enum Handler { start, connect, message, close, fetch, call, alarm, complete, idle, unhandled, uncaught, lost, Count }

const handlers: usize = memory.data(8 * 12, 8);
const argv: usize = memory.data(8 * 6, 8);

const LOG_ERROR = 3;

// Rejected promises that nobody has handled so far, with their reasons: 16 bytes each.
let rejected: usize = 0;
let rejectedCount: u32 = 0;
let rejectedCapacity: u32 = 0;

/** The most of them that are kept: beyond, they are let go without a word. */
const MAX_REJECTED: u32 = 4096;

/** Takes the prelude's handlers over. */
export function learnHandlers(object: Value): void {
  handler(object, Handler.start, "start");
  handler(object, Handler.connect, "connect");
  handler(object, Handler.message, "message");
  handler(object, Handler.close, "close");
  handler(object, Handler.fetch, "fetch");
  handler(object, Handler.call, "call");
  handler(object, Handler.alarm, "alarm");
  handler(object, Handler.complete, "complete");
  handler(object, Handler.idle, "idle");
  handler(object, Handler.unhandled, "unhandled");
  handler(object, Handler.uncaught, "uncaught");
  handler(object, Handler.lost, "lost");
  JS_SetHostPromiseRejectionTracker(rt, trackRejection.index, 0);
}

function handler(object: Value, id: Handler, name: string): void {
  store<Value>(handlers + (<usize>id << 3), JS_GetPropertyStr(ctx, object, c(name)));
}

/** QuickJS tells of a promise that is rejected without a handler, or gets one later. */
function trackRejection(context: usize, promise: Value, reason: Value, handled: bool, opaque: usize): void {
  if (handled) {
    for (let i: u32 = 0; i < rejectedCount; i++) {
      const at = rejected + (i << 4);
      if (load<Value>(at) == promise) {
        drop(load<Value>(at));
        drop(load<Value>(at, 8));
        rejectedCount--;
        const last = rejected + (rejectedCount << 4);
        store<Value>(at, load<Value>(last));
        store<Value>(at, load<Value>(last, 8), 8);
        return;
      }
    }
    return;
  }
  if (rejectedCount == rejectedCapacity) {
    if (rejectedCapacity >= MAX_REJECTED) return;
    const capacity = max<u32>(rejectedCapacity * 2, 16);
    const grown = rejected == 0 ? malloc(capacity << 4) : realloc(rejected, capacity << 4);
    if (grown == 0) return;
    rejected = grown;
    rejectedCapacity = capacity;
  }
  const at = rejected + (rejectedCount++ << 4);
  store<Value>(at, dup(promise));
  store<Value>(at, dup(reason), 8);
}

// ---- Turns.

/** Calls a handler with the first so many of argv, lets these go, and runs all that follows from it. */
function turn(id: Handler, argc: i32): void {
  requireRoom();
  let complete = true;
  for (let i = 0; i < argc; i++) complete = complete && !isException(load<Value>(argv + (<usize>i << 3)));
  if (complete) {
    const answer = JS_Call(ctx, load<Value>(handlers + (<usize>id << 3)), UNDEFINED, argc, argv);
    if (isException(answer)) uncaught();
    drop(answer);
  } else {
    lose(id);
  }
  for (let i = 0; i < argc; i++) {
    drop(load<Value>(argv + (<usize>i << 3)));
    store<Value>(argv + (<usize>i << 3), UNDEFINED);
  }
  settle();
  outRelease(0);
  closeReserve();
}

const lost: usize = memory.data(8 * 3, 8);

/** An event whose data could not be taken, with the exception that says why: the prelude tells whoever waits. */
function lose(id: Handler): void {
  openReserve();
  const error = JS_GetException(ctx);
  store<Value>(lost, fromInt(id));
  store<Value>(lost, load<Value>(argv), 8);
  store<Value>(lost, error, 16);
  const answer = JS_Call(ctx, load<Value>(handlers + (<usize>Handler.lost << 3)), UNDEFINED, 3, lost);
  if (isException(answer)) uncaught();
  drop(answer);
  drop(error);
}

let idleAwaited: bool = false;

/** Whether the prelude's `idle` is to be called when a turn's jobs have run, before rejections are told of. */
export function awaitIdle(wanted: bool): void {
  idleAwaited = wanted;
}

/** Runs the jobs of promises, and tells of rejections that nobody handled, until neither is left. */
function settle(): void {
  do {
    jobs();
    if (idleAwaited) {
      const answer = JS_Call(ctx, load<Value>(handlers + (<usize>Handler.idle << 3)), UNDEFINED, 0, 0);
      if (isException(answer)) uncaught();
      drop(answer);
      if (JS_IsJobPending(rt) != 0) continue;
    }
    if (rejectedCount == 0) return;
    const at = rejected + (--rejectedCount << 4);
    const reason = load<Value>(at, 8);
    drop(load<Value>(at));
    tell(Handler.unhandled, reason);
  } while (true);
}

const jobContext: usize = memory.data(4, 4);

function jobs(): void {
  while (!runJobs()) uncaught();
}

/** Runs jobs until none is left; false where one ends with an exception, which is pending then. */
export function runJobs(): bool {
  let ran: i32;
  do {
    ran = JS_ExecutePendingJob(rt, jobContext);
  } while (ran > 0);
  return ran == 0;
}

/** Hands the pending exception to the prelude. */
function uncaught(): void {
  openReserve();
  tell(Handler.uncaught, JS_GetException(ctx));
}

const told: usize = memory.data(8, 8);

/** Hands an error to a handler, and writes it to the log itself where that fails. */
function tell(id: Handler, error: Value): void {
  store<Value>(told, error);
  const answer = JS_Call(ctx, load<Value>(handlers + (<usize>id << 3)), UNDEFINED, 1, told);
  if (isException(answer)) {
    drop(JS_GetException(ctx));
    const text = utf8(error);
    if (text == 0) {
      drop(JS_GetException(ctx));
      const words = "an error could not be told of";
      log_write(LOG_ERROR, c(words), words.length);
    } else {
      log_write(LOG_ERROR, text, utf8Length);
      freeUtf8(text);
    }
  }
  drop(answer);
  drop(error);
}

// ---- Events.

function id(index: usize, value: u64): void {
  store<Value>(argv + (index << 3), fromNumber(<f64>value));
}

function value(index: usize, value: Value): void {
  store<Value>(argv + (index << 3), value);
}

export function startHandlers(): void {
  turn(Handler.start, 0);
}

export function connect(connection: u64, url: usize, urlLength: i32, headers: usize, headerCount: i32): void {
  id(0, connection);
  const path = url == REFUSED ? JS_ThrowOutOfMemory(ctx) : JS_NewStringLen(ctx, url, urlLength);
  value(1, path);
  value(2, takeUpgrade(path, url, urlLength, headers, headerCount));
  turn(Handler.connect, 3);
}

export function message(connection: u64, isBytes: i32, payload: usize, length: i32): void {
  id(0, connection);
  value(1, isBytes != 0 ? takeBytes(payload, length) : takeString(payload, length));
  turn(Handler.message, 2);
}

export function close(connection: u64, code: i32, reason: usize, length: i32): void {
  id(0, connection);
  value(1, fromInt(code));
  value(2, takeString(reason, length));
  turn(Handler.close, 3);
}

export function fetch(
  request: u64, method: usize, methodLength: i32, url: usize, urlLength: i32, headers: usize, headerCount: i32, body: usize, length: i32,
): void {
  id(0, request);
  value(1, takeRequest(method, methodLength, url, urlLength, headers, headerCount, body, length));
  turn(Handler.fetch, 2);
}

export function call(request: u64, payload: usize, length: i32): void {
  id(0, request);
  value(1, takeDecoded(payload, length));
  turn(Handler.call, 2);
}

export function alarm(attempt: i32, due: u64): void {
  id(0, <u32>attempt);
  id(1, due);
  turn(Handler.alarm, 2);
}

function takeReply(outcome: usize, length: i32): Value {
  if (outcome == REFUSED) return JS_ThrowOutOfMemory(ctx);
  const reply = decodeReply(outcome, length);
  if (reply == UNDEFINED) return takeDecoded(outcome, length);
  release(outcome);
  return reply;
}

export function complete(operation: u64, failed: i32, outcome: usize, length: i32): void {
  id(0, operation);
  value(1, failed != 0 ? FALSE : TRUE);
  // A timer's outcome is empty.
  const answered = isAnswered(operation);
  value(2, failed != 0 ? takeString(outcome, length) : length == 0 ? UNDEFINED : answered ? takeReply(outcome, length) : takeDecoded(outcome, length));
  turn(Handler.complete, 3);
}
