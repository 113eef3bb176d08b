/**
 * QuickJS as the glue sees it: the part of its C interface that is used, and how its values look.
 * A JSValue is a NaN-boxed 64-bit number: a tag above a pointer or payload, or a float moved by an
 * addend. The build asserts every constant below against the QuickJS it links.
 */

export type Value = u64;

// @ts-ignore: decorators on declarations
@external("quickjs", "malloc") export declare function malloc(size: usize): usize;
// @ts-ignore
@external("quickjs", "realloc") export declare function realloc(block: usize, size: usize): usize;
// @ts-ignore
@external("quickjs", "free") export declare function free(block: usize): void;
// @ts-ignore
@external("quickjs", "memchr") export declare function memchr(from: usize, byte: i32, length: usize): usize;

// @ts-ignore
@external("quickjs", "JS_NewRuntime") export declare function JS_NewRuntime(): usize;
// @ts-ignore
@external("quickjs", "JS_NewContext") export declare function JS_NewContext(rt: usize): usize;
// @ts-ignore
@external("quickjs", "JS_SetMemoryLimit") export declare function JS_SetMemoryLimit(rt: usize, bytes: usize): void;
// @ts-ignore
@external("quickjs", "JS_GetGCThreshold") export declare function JS_GetGCThreshold(rt: usize): usize;
// @ts-ignore
@external("quickjs", "JS_SetGCThreshold") export declare function JS_SetGCThreshold(rt: usize, bytes: usize): void;
// @ts-ignore
@external("quickjs", "JS_SetInterruptHandler") export declare function JS_SetInterruptHandler(rt: usize, callback: i32, opaque: usize): void;
// @ts-ignore
@external("quickjs", "JS_SetMaxStackSize") export declare function JS_SetMaxStackSize(rt: usize, size: usize): void;
// @ts-ignore
@external("quickjs", "JS_UpdateStackTop") export declare function JS_UpdateStackTop(rt: usize): void;
// @ts-ignore
@external("quickjs", "JS_RunGC") export declare function JS_RunGC(rt: usize): void;
// @ts-ignore
@external("quickjs", "JS_SetHostPromiseRejectionTracker") export declare function JS_SetHostPromiseRejectionTracker(rt: usize, callback: i32, opaque: usize): void;
// @ts-ignore
@external("quickjs", "JS_SetModuleLoaderFunc") export declare function JS_SetModuleLoaderFunc(rt: usize, normalize: i32, loader: i32, opaque: usize): void;
// @ts-ignore
@external("quickjs", "JS_NewCModule") export declare function JS_NewCModule(ctx: usize, name: usize, init: i32): usize;
// @ts-ignore
@external("quickjs", "JS_AddModuleExport") export declare function JS_AddModuleExport(ctx: usize, module: usize, name: usize): i32;
// @ts-ignore
@external("quickjs", "JS_SetModuleExport") export declare function JS_SetModuleExport(ctx: usize, module: usize, name: usize, value: Value): i32;
// @ts-ignore
@external("quickjs", "JS_GetModuleName") export declare function JS_GetModuleName(ctx: usize, module: usize): i32;
// @ts-ignore
@external("quickjs", "JS_GetModuleNamespace") export declare function JS_GetModuleNamespace(ctx: usize, module: usize): Value;
// @ts-ignore
@external("quickjs", "JS_ResolveModule") export declare function JS_ResolveModule(ctx: usize, module: Value): i32;
// @ts-ignore
@external("quickjs", "JS_EvalFunction") export declare function JS_EvalFunction(ctx: usize, code: Value): Value;
// @ts-ignore
@external("quickjs", "JS_Eval") export declare function JS_Eval(ctx: usize, source: usize, length: usize, name: usize, flags: i32): Value;
// @ts-ignore
@external("quickjs", "JS_WriteObject") export declare function JS_WriteObject(ctx: usize, length: usize, value: Value, flags: i32): usize;
// @ts-ignore
@external("quickjs", "JS_ReadObject") export declare function JS_ReadObject(ctx: usize, bytes: usize, length: usize, flags: i32): Value;
// @ts-ignore
@external("quickjs", "JS_Call") export declare function JS_Call(ctx: usize, callee: Value, self: Value, argc: i32, argv: usize): Value;
// @ts-ignore
@external("quickjs", "JS_ExecutePendingJob") export declare function JS_ExecutePendingJob(rt: usize, ctx: usize): i32;
// @ts-ignore
@external("quickjs", "JS_IsJobPending") export declare function JS_IsJobPending(rt: usize): i32;
// @ts-ignore
@external("quickjs", "JS_PromiseState") export declare function JS_PromiseState(ctx: usize, promise: Value): i32;
// @ts-ignore
@external("quickjs", "JS_PromiseResult") export declare function JS_PromiseResult(ctx: usize, promise: Value): Value;
// @ts-ignore
@external("quickjs", "JS_NewSettledPromise") export declare function JS_NewSettledPromise(ctx: usize, rejected: i32, value: Value): Value;
// @ts-ignore
@external("quickjs", "JS_NewCFunction2") export declare function JS_NewCFunction2(ctx: usize, callee: i32, name: usize, length: i32, kind: i32, magic: i32): Value;

// @ts-ignore
@external("quickjs", "JS_FreeValue") export declare function JS_FreeValue(ctx: usize, value: Value): void;
// @ts-ignore
@external("quickjs", "JS_GetException") export declare function JS_GetException(ctx: usize): Value;
// @ts-ignore
@external("quickjs", "JS_Throw") export declare function JS_Throw(ctx: usize, value: Value): Value;
// @ts-ignore
@external("quickjs", "JS_ThrowTypeError") export declare function JS_ThrowTypeError(ctx: usize, format: usize, arguments: usize): Value;
// @ts-ignore
@external("quickjs", "JS_ThrowRangeError") export declare function JS_ThrowRangeError(ctx: usize, format: usize, arguments: usize): Value;
// @ts-ignore
@external("quickjs", "JS_ThrowDOMException") export declare function JS_ThrowDOMException(ctx: usize, name: usize, format: usize, arguments: usize): Value;
// @ts-ignore
@external("quickjs", "JS_ThrowOutOfMemory") export declare function JS_ThrowOutOfMemory(ctx: usize): Value;

// @ts-ignore
@external("quickjs", "JS_GetClassID") export declare function JS_GetClassID(value: Value): i32;
// @ts-ignore
@external("quickjs", "JS_GetOwnPropertyNames") export declare function JS_GetOwnPropertyNames(ctx: usize, table: usize, length: usize, object: Value, flags: i32): i32;
// @ts-ignore
@external("quickjs", "JS_FreePropertyEnum") export declare function JS_FreePropertyEnum(ctx: usize, table: usize, length: u32): void;
// @ts-ignore
@external("quickjs", "JS_GetProperty") export declare function JS_GetProperty(ctx: usize, object: Value, atom: u32): Value;
// @ts-ignore
@external("quickjs", "JS_GetPropertyUint32") export declare function JS_GetPropertyUint32(ctx: usize, object: Value, index: u32): Value;
// @ts-ignore
@external("quickjs", "JS_GetPropertyStr") export declare function JS_GetPropertyStr(ctx: usize, object: Value, name: usize): Value;
// @ts-ignore
@external("quickjs", "JS_GetLength") export declare function JS_GetLength(ctx: usize, object: Value, length: usize): i32;
// @ts-ignore
@external("quickjs", "JS_DefinePropertyValue") export declare function JS_DefinePropertyValue(ctx: usize, object: Value, atom: u32, value: Value, flags: i32): i32;
// @ts-ignore
@external("quickjs", "JS_DefinePropertyValueUint32") export declare function JS_DefinePropertyValueUint32(ctx: usize, object: Value, index: u32, value: Value, flags: i32): i32;
// @ts-ignore
@external("quickjs", "JS_NewObject") export declare function JS_NewObject(ctx: usize): Value;
// @ts-ignore
@external("quickjs", "JS_NewArray") export declare function JS_NewArray(ctx: usize): Value;
// @ts-ignore
@external("quickjs", "JS_NewArrayFrom") export declare function JS_NewArrayFrom(ctx: usize, count: i32, values: usize): Value;
// @ts-ignore
@external("quickjs", "JS_NewAtomLen") export declare function JS_NewAtomLen(ctx: usize, text: usize, length: usize): u32;
// @ts-ignore
@external("quickjs", "JS_FreeAtom") export declare function JS_FreeAtom(ctx: usize, atom: u32): void;
// @ts-ignore
@external("quickjs", "JS_AtomToCStringLen") export declare function JS_AtomToCStringLen(ctx: usize, length: usize, atom: u32): usize;
// @ts-ignore
@external("quickjs", "JS_ToCStringLen2") export declare function JS_ToCStringLen2(ctx: usize, length: usize, value: Value, cesu8: i32): usize;
// @ts-ignore
@external("quickjs", "JS_FreeCString") export declare function JS_FreeCString(ctx: usize, text: usize): void;
// @ts-ignore
@external("quickjs", "JS_NewStringUTF16") export declare function JS_NewStringUTF16(ctx: usize, text: usize, units: usize): Value;
// @ts-ignore
@external("quickjs", "JS_ToCStringLenUTF16") export declare function JS_ToCStringLenUTF16(ctx: usize, units: usize, value: Value): usize;
// @ts-ignore
@external("quickjs", "JS_FreeCStringUTF16") export declare function JS_FreeCStringUTF16(ctx: usize, text: usize): void;
// @ts-ignore
@external("quickjs", "JS_NewAtomUInt32") export declare function JS_NewAtomUInt32(ctx: usize, number: u32): u32;
// @ts-ignore
@external("quickjs", "JS_GetOwnProperty") export declare function JS_GetOwnProperty(ctx: usize, descriptor: usize, object: Value, atom: u32): i32;
// @ts-ignore
@external("quickjs", "JS_DeleteProperty") export declare function JS_DeleteProperty(ctx: usize, object: Value, atom: u32, flags: i32): i32;
// @ts-ignore
@external("quickjs", "JS_NewStringLen") export declare function JS_NewStringLen(ctx: usize, text: usize, length: usize): Value;
// @ts-ignore
@external("quickjs", "JS_ToFloat64") export declare function JS_ToFloat64(ctx: usize, result: usize, value: Value): i32;
// @ts-ignore
@external("quickjs", "JS_ToBool") export declare function JS_ToBool(ctx: usize, value: Value): i32;
// @ts-ignore
@external("quickjs", "JS_NewDate") export declare function JS_NewDate(ctx: usize, millis: f64): Value;
// @ts-ignore
@external("quickjs", "JS_NewBigInt64") export declare function JS_NewBigInt64(ctx: usize, value: i64): Value;
// @ts-ignore
@external("quickjs", "JS_NewBigUint64") export declare function JS_NewBigUint64(ctx: usize, value: u64): Value;
// @ts-ignore
@external("quickjs", "JS_NewUint8ArrayCopy") export declare function JS_NewUint8ArrayCopy(ctx: usize, bytes: usize, length: usize): Value;
// @ts-ignore
@external("quickjs", "JS_NewArrayBufferCopy") export declare function JS_NewArrayBufferCopy(ctx: usize, bytes: usize, length: usize): Value;
// @ts-ignore
@external("quickjs", "JS_GetUint8Array") export declare function JS_GetUint8Array(ctx: usize, length: usize, value: Value): usize;
// @ts-ignore
@external("quickjs", "JS_GetArrayBuffer") export declare function JS_GetArrayBuffer(ctx: usize, length: usize, value: Value): usize;
// @ts-ignore
@external("quickjs", "JS_GetTypedArrayBuffer") export declare function JS_GetTypedArrayBuffer(ctx: usize, value: Value, offset: usize, length: usize, element: usize): Value;
// @ts-ignore
@external("quickjs", "JS_GetTypedArrayType") export declare function JS_GetTypedArrayType(value: Value): i32;
// @ts-ignore
@external("quickjs", "JS_NewTypedArray") export declare function JS_NewTypedArray(ctx: usize, argc: i32, argv: usize, type: i32): Value;

// Tags, in the upper half of a value. Those below zero count references.
export const TAG_FIRST = -9;
export const TAG_BIG_INT = -9;
export const TAG_SYMBOL = -8;
export const TAG_STRING = -7;
export const TAG_STRING_ROPE = -6;
export const TAG_OBJECT = -1;
export const TAG_INT = 0;
export const TAG_BOOL = 1;
export const TAG_NULL = 2;
export const TAG_UNDEFINED = 3;
export const TAG_EXCEPTION = 6;
export const TAG_SHORT_BIG_INT = 7;
export const TAG_FLOAT64 = 8;
const FLOAT_ADDEND: u64 = 0x7ff8000a00000000;
const NAN_BITS: u64 = 0x7ff8000000000000;

export const FALSE: Value = 1 << 32;
export const TRUE: Value = (1 << 32) | 1;
export const NULL: Value = 2 << 32;
export const UNDEFINED: Value = 3 << 32;
export const EXCEPTION: Value = 6 << 32;

export const PROMISE_PENDING = 0;
export const PROMISE_FULFILLED = 1;
export const PROPERTY_C_W_E = 7;
export const NAMES_STRING_ENUMERABLE = 1 | 16;
export const CFUNCTION_GENERIC_MAGIC = 1;
export const EVAL_GLOBAL = 0;
export const EVAL_COMPILE_ONLY = 32;
export const WRITE_CODE = 1;
/** Neither the source nor files and lines. */
export const WRITE_BARE_CODE = 1 | 16 | 32;
export const READ_CODE = 1;
export const EVAL_MODULE_COMPILE_ONLY = 1 | 32;

/** The one runtime and context of this module. */
export let rt: usize = 0;
export let ctx: usize = 0;

/** How much of the two pages of stack JavaScript may use; what is left over is for telling of it. */
const STACK_BYTES = 96 * 1024;

export function createContext(): void {
  rt = JS_NewRuntime();
  JS_SetMaxStackSize(rt, STACK_BYTES);
  ctx = JS_NewContext(rt);
}

// @ts-ignore
@inline export function tagOf(value: Value): i32 {
  return <i32>(value >> 32);
}

// @ts-ignore
@inline export function isFloat(tag: i32): bool {
  return <u32>(tag - TAG_FIRST) >= <u32>(TAG_FLOAT64 - TAG_FIRST);
}

// @ts-ignore
@inline export function isException(value: Value): bool {
  return tagOf(value) == TAG_EXCEPTION;
}

// @ts-ignore
@inline export function isNullish(value: Value): bool {
  const tag = tagOf(value);
  return tag == TAG_NULL || tag == TAG_UNDEFINED;
}

// @ts-ignore
@inline export function isString(value: Value): bool {
  const tag = tagOf(value);
  return tag == TAG_STRING || tag == TAG_STRING_ROPE;
}

// @ts-ignore
@inline export function isObject(value: Value): bool {
  return tagOf(value) == TAG_OBJECT;
}

// @ts-ignore
@inline export function pointerOf(value: Value): usize {
  return <usize><u32>value;
}

// @ts-ignore
@inline export function fromInt(value: i32): Value {
  return <u64><u32>value;
}

// @ts-ignore
@inline export function fromBool(value: bool): Value {
  return value ? TRUE : FALSE;
}

// @ts-ignore
@inline export function floatOf(value: Value): f64 {
  return reinterpret<f64>(value + FLOAT_ADDEND);
}

export function fromNumber(value: f64): Value {
  if (value >= -2147483648.0 && value <= 2147483647.0) {
    const whole = <i32>value;
    if (<f64>whole == value && (whole != 0 || reinterpret<u64>(value) == 0)) return fromInt(whole);
  }
  const bits = value != value ? NAN_BITS : reinterpret<u64>(value);
  return bits - FLOAT_ADDEND;
}

/** The least value that counts references; the count stands in front of what it points to. */
const COUNTED: Value = 0xfffffff700000000;

/** Another reference to a value. */
export function dup(value: Value): Value {
  if (value >= COUNTED) {
    const counter = pointerOf(value) - 4;
    store<i32>(counter, load<i32>(counter) + 1);
  }
  return value;
}

/** Where a promise keeps what it is made of, and where in that the two lists of its reactions begin; the tests look. */
const PROMISE_DATA: usize = 24;
const PROMISE_REACTIONS: usize = 4;

/** Whether a pending promise has so many holders, and nobody waits for it. */
export function isHeldBy(promise: Value, holders: i32): bool {
  if (JS_PromiseState(ctx, promise) != PROMISE_PENDING || load<i32>(pointerOf(promise) - 4) != holders) return false;
  const fulfilled = load<usize>(pointerOf(promise), PROMISE_DATA) + PROMISE_REACTIONS;
  // An empty list is linked to itself.
  return load<usize>(fulfilled) == fulfilled && load<usize>(fulfilled, 8) == fulfilled + 8;
}

// @ts-ignore
@inline export function drop(value: Value): void {
  if (value >= COUNTED) JS_FreeValue(ctx, value);
}
