/** ES modules: the user's bundle, and those that the prelude provides for it to import. */
import { app_section } from "./abi";
import { help, Helper } from "./kinds";
import { bytesAt, bytesLength, bytesOf } from "./lower";
import { outAt, outBase, outMove, outPos, outRelease, REFUSED, release, RET, room } from "./memory";
import { c, freeUtf8, throwTypeError, utf8, utf8Length, utf8OfAtom, writeUtf8 } from "./text";
import {
  ctx, drop, dup, EVAL_MODULE_COMPILE_ONLY, EXCEPTION, isException, isObject, isString, JS_AddModuleExport, JS_DefinePropertyValue,
  JS_Eval, JS_EvalFunction, JS_FreeAtom, JS_FreePropertyEnum, JS_GetModuleName, JS_GetModuleNamespace, JS_GetOwnPropertyNames,
  JS_GetProperty, JS_NewAtomLen, JS_ReadObject, JS_NewCModule, JS_NewObject, JS_ResolveModule, JS_SetModuleExport, JS_SetModuleLoaderFunc,
  JS_ThrowOutOfMemory, NAMES_STRING_ENUMERABLE, pointerOf, PROPERTY_C_W_E, READ_CODE, rt, UNDEFINED, Value,
} from "./quickjs";

/** The modules that can be imported: an object of their exports, by name. */
let provided: Value = UNDEFINED;

export function prepareModules(): void {
  provided = JS_NewObject(ctx);
  JS_SetModuleLoaderFunc(rt, 0, loadModule.index, 0);
}

/** Provides a module under a name, with the properties of an object as its exports. */
export function defineModule(name: Value, exports: Value): Value {
  const text = utf8(name);
  if (text == 0) return EXCEPTION;
  const atom = JS_NewAtomLen(ctx, text, utf8Length);
  freeUtf8(text);
  const defined = JS_DefinePropertyValue(ctx, provided, atom, dup(exports), PROPERTY_C_W_E);
  JS_FreeAtom(ctx, atom);
  return defined < 0 ? EXCEPTION : UNDEFINED;
}

/** QuickJS asks for a module that is imported: 0 where an exception is pending. */
function loadModule(context: usize, name: usize, opaque: usize): usize {
  let length: usize = 0;
  while (load<u8>(name + length) != 0) length++;
  const atom = JS_NewAtomLen(ctx, name, length);
  const exports = JS_GetProperty(ctx, provided, atom);
  JS_FreeAtom(ctx, atom);
  if (isException(exports)) return 0;
  if (!isObject(exports)) {
    throwTypeError("only modules of the server can be imported at run time: bundle all others");
    return 0;
  }
  const module = JS_NewCModule(ctx, name, fillModule.index);
  const done = module != 0 && eachExport(module, exports, false);
  drop(exports);
  return done ? module : 0;
}

/** QuickJS wants the values of what a module exports. */
function fillModule(context: usize, module: usize): i32 {
  const atom = JS_GetModuleName(ctx, module);
  const exports = JS_GetProperty(ctx, provided, atom);
  JS_FreeAtom(ctx, atom);
  if (isException(exports)) return -1;
  const done = eachExport(module, exports, true);
  drop(exports);
  return done ? 0 : -1;
}

function eachExport(module: usize, exports: Value, fill: bool): bool {
  if (JS_GetOwnPropertyNames(ctx, RET, RET + 4, exports, NAMES_STRING_ENUMERABLE) < 0) return false;
  const table = load<usize>(RET);
  const count = load<u32>(RET, 4);
  let done = true;
  for (let i: u32 = 0; done && i < count; i++) {
    const atom = load<u32>(table + (<usize>i << 3), 4);
    const name = utf8OfAtom(atom);
    if (name == 0) {
      done = false;
    } else if (fill) {
      done = JS_SetModuleExport(ctx, module, name, JS_GetProperty(ctx, exports, atom)) >= 0;
    } else {
      done = JS_AddModuleExport(ctx, module, name) >= 0;
    }
    if (name != 0) freeUtf8(name);
  }
  JS_FreePropertyEnum(ctx, table, count);
  return done;
}

/** Evaluates a module, from text or UTF-8, and answers a promise of its namespace. */
export function evalModule(name: Value, source: Value): Value {
  const from = outPos;
  if (isString(source)) {
    if (!writeUtf8(source)) return EXCEPTION;
  } else {
    if (!bytesOf(source)) return EXCEPTION;
    if (!room(bytesLength)) return JS_ThrowOutOfMemory(ctx);
    memory.copy(outAt(), bytesAt, bytesLength);
    outMove(outPos + bytesLength);
  }
  const length = outPos - from;
  if (!room(1)) return JS_ThrowOutOfMemory(ctx);
  store<u8>(outAt(), 0);
  outMove(outPos + 1);
  const file = utf8(name);
  if (file == 0) return EXCEPTION;
  const compiled = JS_Eval(ctx, outBase + from, length, file, EVAL_MODULE_COMPILE_ONLY);
  freeUtf8(file);
  outRelease(from);
  return run(compiled);
}

/** Evaluates a module that is compiled, and answers a promise of its namespace. */
function run(compiled: Value): Value {
  if (isException(compiled)) return compiled;
  const module = pointerOf(compiled);
  if (JS_ResolveModule(ctx, compiled) < 0) return EXCEPTION;
  const evaluated = JS_EvalFunction(ctx, compiled);
  if (isException(evaluated)) return evaluated;
  const namespace_ = JS_GetModuleNamespace(ctx, module);
  const answer = isException(namespace_) ? namespace_ : help(Helper.Namespace, evaluated, namespace_);
  drop(namespace_);
  drop(evaluated);
  return answer;
}

/**
 * What compiled code begins with: the first 8 bytes of the SHA-256 of the QuickJS that it is for, which
 * the build asserts. Any other code is left alone.
 */
export const QUICKJS: u64 = 0xdca41c2b5f37c9d4;

/**
 * The code in a section of this module; undefined where there is none, or none that is for this QuickJS.
 * Bytecode is trusted as far as the module that it comes in: it can do what any code of that module could.
 */
function readCode(section: Value): Value {
  const text = utf8(section);
  if (text == 0) return EXCEPTION;
  app_section(text, utf8Length, RET);
  freeUtf8(text);
  if (load<u8>(RET) == 0) return UNDEFINED;
  const block = load<usize>(RET, 4);
  const length = load<i32>(RET, 8);
  if (block == REFUSED) return JS_ThrowOutOfMemory(ctx);
  if (length < 8 || load<u64>(block) != QUICKJS) {
    if (length != 0) release(block);
    return UNDEFINED;
  }
  const code = JS_ReadObject(ctx, block + 8, length - 8, READ_CODE);
  release(block);
  return code;
}

/**
 * Evaluates a module that was compiled when the app was built, and answers a promise of its namespace;
 * undefined where there is no such code.
 */
export function evalCode(section: Value): Value {
  const code = readCode(section);
  return code == UNDEFINED ? code : run(code);
}

/** Evaluates a script that was compiled when the engine was built: a part of the prelude that is used for the first time. */
export function evalPart(section: Value): Value {
  const code = readCode(section);
  return code == UNDEFINED || isException(code) ? code : JS_EvalFunction(ctx, code);
}
