/** What the module exports, and what the build calls before it takes the snapshot. */
import { app_memory_limit, random_u64 } from "./abi";
import { learnHandlers, runJobs, startHandlers } from "./events";
import { goLive, nativeFunction } from "./host";
import { prepareHttp } from "./http";
import { learn } from "./kinds";
import { closeReserve, collectAll, limitMemory } from "./memory";
import { prepareModules, QUICKJS } from "./modules";
import { c, utf8, utf8Length } from "./text";
import {
  createContext, ctx, drop, EVAL_COMPILE_ONLY, EVAL_MODULE_COMPILE_ONLY, isException, JS_Call, JS_Eval, JS_EvalFunction, JS_GetException, JS_GetPropertyStr,
  JS_ReadObject, JS_ResolveModule, JS_ThrowOutOfMemory, JS_WriteObject, malloc, READ_CODE, rt, UNDEFINED, Value, WRITE_CODE,
  WRITE_BARE_CODE,
} from "./quickjs";

export { cabi_realloc, heapPages, layOut, more_pages, out_of_memory, room_for_error } from "./memory";
export { alarm, call, close, complete, connect, fetch, message } from "./events";
export * from "./system";

let host: Value = UNDEFINED;

/**
 * Where Math.random keeps its state: one 64-bit number. Behind it stands the seed by which maps and sets hash, which
 * must stay as it was when those of the snapshot were filled, and a counter that every call changes.
 */
let randomState: usize = 0;

const argv: usize = memory.data(16, 8);

/** Once in an instance's life. */
export function start(): void {
  goLive();
  limitMemory(app_memory_limit());
  store<u64>(randomState, random_u64() | 1);
  startHandlers();
}

/** What `compileBundle` answers: whether it did; the bytecode, or else the error; then the error's stack. */
const compiled: usize = memory.data(20, 8);

/**
 * For whoever makes an app's module, in an instance for that alone which is never started: compiles an ES
 * module, given as a C string, to the bytecode that `evalCode` reads. Functions know their source, as they
 * do where the bundle itself is evaluated. Answers where five words lie: 1 or 0 for an error, and two
 * slices.
 */
export function compileBundle(source: usize, length: usize): usize {
  const code = JS_Eval(ctx, source, length, c("bundle.js"), EVAL_MODULE_COMPILE_ONLY);
  // Looks up what it imports, too, so that what cannot be had is told of here.
  const block = isException(code) || JS_ResolveModule(ctx, code) < 0 ? 0 : JS_WriteObject(ctx, argv, code, WRITE_CODE);
  const marked = block == 0 ? 0 : malloc(load<usize>(argv) + 8);
  if (block != 0 && marked == 0) JS_ThrowOutOfMemory(ctx);
  store<u32>(compiled, marked == 0 ? 0 : 1);
  if (marked != 0) {
    store<u64>(marked, QUICKJS);
    memory.copy(marked + 8, block, load<usize>(argv));
    slice(4, marked, load<usize>(argv) + 8);
  } else {
    const error = JS_GetException(ctx);
    slice(4, utf8(error), utf8Length);
    slice(12, utf8(JS_GetPropertyStr(ctx, error, c("stack"))), utf8Length);
  }
  return compiled;
}

function slice(at: usize, from: usize, length: usize): void {
  store<usize>(compiled + at, from);
  store<usize>(compiled + at, from == 0 ? 0 : length, 4);
}

// ---- For the build alone; these exports do not survive it.

/**
 * Compiles a script, given as a C string, to QuickJS's bytecode, in a context for that alone: what a
 * compiler leaves behind in memory is not to be in the snapshot. Answers 0, or where the code lies.
 */
export function compile(source: usize, length: usize, prelude: bool): usize {
  if (ctx == 0) createContext();
  const code = JS_Eval(ctx, source, length, c(prelude ? "dormouse:prelude" : "dormouse:engine"), EVAL_COMPILE_ONLY);
  return isException(code) ? 0 : JS_WriteObject(ctx, argv, code, WRITE_BARE_CODE);
}

/** How long the code is that `compile` answered last. */
export function compiledLength(): usize {
  return load<usize>(argv);
}

function evaluate(code: usize, length: usize): Value {
  const script = JS_ReadObject(ctx, code, length, READ_CODE);
  return isException(script) ? script : JS_EvalFunction(ctx, script);
}

/** Creates the context and evaluates engine.js, with the names of the host's functions. Answers 0 or what failed. */
export function prepare(engine: usize, engineLength: usize, functions: usize, functionsLength: usize): i32 {
  createContext();
  prepareModules();
  prepareHttp();
  const make = evaluate(engine, engineLength);
  const names = evaluate(functions, functionsLength);
  if (isException(make) || isException(names)) return 1;
  store<Value>(argv, nativeFunction());
  store<Value>(argv, names, 8);
  const made = JS_Call(ctx, make, UNDEFINED, 2, argv);
  if (isException(made)) return 2;
  learn(made);
  host = JS_GetPropertyStr(ctx, made, c("host"));
  const random = JS_GetPropertyStr(ctx, made, c("random"));
  const found = findRandomState(random);
  drop(random);
  drop(load<Value>(argv));
  drop(names);
  drop(make);
  drop(made);
  return found ? 0 : 3;
}

/** Evaluates the prelude, and takes over its handlers. */
export function adopt(code: usize, length: usize): i32 {
  const prelude = evaluate(code, length);
  if (isException(prelude)) return 1;
  store<Value>(argv, host);
  const handlers = JS_Call(ctx, prelude, UNDEFINED, 1, argv);
  drop(prelude);
  if (isException(handlers)) return 2;
  learnHandlers(handlers);
  drop(handlers);
  if (!runJobs()) return 3;
  collectAll();
  closeReserve();
  return 0;
}

/** The pending exception and its stack as a C string, for the build to show; one after another. */
export function failure(stack: bool): usize {
  if (!stack) pending = JS_GetException(ctx);
  return utf8(stack ? JS_GetPropertyStr(ctx, pending, c("stack")) : pending);
}

let pending: Value = UNDEFINED;

/** The context begins with plain fields, among them the state of Math.random: the words that a call changes. */
const CONTEXT_BYTES: usize = 1024;
const before: usize = memory.data(1024, 8);

function findRandomState(random: Value): bool {
  JS_Call(ctx, random, UNDEFINED, 0, 0);
  memory.copy(before, ctx, CONTEXT_BYTES);
  JS_Call(ctx, random, UNDEFINED, 0, 0);
  let changed = 0;
  for (let i: usize = 0; i < CONTEXT_BYTES; i += 8) {
    if (load<u64>(before + i) == load<u64>(ctx + i)) continue;
    if (changed++ == 0) {
      randomState = ctx + i;
    } else if (ctx + i != randomState + 8) {
      return false;
    }
  }
  return changed == 2;
}
