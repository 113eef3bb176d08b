/**
 * What kinds of objects structured values know, and the helpers in JavaScript (src/engine.js) that
 * take such objects apart and put them together. The helpers hold on to the language's own functions
 * as they were before any of the user's code ran.
 */
import { c } from "./text";
import {
  ctx, drop, JS_Call, JS_GetClassID, JS_GetLength, JS_GetPropertyStr, JS_GetPropertyUint32, UNDEFINED, Value,
} from "./quickjs";
import { RET } from "./memory";

/** In the order of `samples` in engine.js; 0 is everything that cannot be cloned. */
export enum Kind {
  None,
  Object,
  Array,
  Date,
  RegExp,
  Map,
  Set,
  Error,
  ArrayBuffer,
  TypedArray,
  DataView,
  Boxed,
  DOMException,
}

const KINDS: u32 = 256;
const kinds: usize = memory.data(256, 8);

export function kindOf(object: Value): i32 {
  const id = JS_GetClassID(object);
  return <u32>id < KINDS ? load<u8>(kinds + id) : Kind.None;
}

/** In the order of `helpers` in engine.js. */
export enum Helper {
  DateMillis,
  RegExpParts,
  MapEntries,
  SetItems,
  ErrorParts,
  BoxedParts,
  DataViewParts,
  BigIntHex,
  DOMExceptionParts,
  NewBigInt,
  NewRegExp,
  NewMap,
  FillMap,
  NewSet,
  FillSet,
  NewError,
  SetCause,
  NewDataView,
  NewBoxed,
  NewDOMException,
  Namespace,
  FromEntries,
  Count,
}

const helpers: usize = memory.data(8 * 22, 8);
const argv: usize = memory.data(8 * 4, 8);

/** Calls a helper with values that stay the caller's. */
export function help(helper: Helper, a: Value, b: Value = UNDEFINED, d: Value = UNDEFINED, e: Value = UNDEFINED): Value {
  store<Value>(argv, a);
  store<Value>(argv, b, 8);
  store<Value>(argv, d, 16);
  store<Value>(argv, e, 24);
  return JS_Call(ctx, load<Value>(helpers + (<usize>helper << 3)), UNDEFINED, 4, argv);
}

/** Takes over what engine.js made: `helpers`, and `samples`, a list of objects for each kind. */
export function learn(engine: Value): void {
  const functions = JS_GetPropertyStr(ctx, engine, c("helpers"));
  assert(lengthOf(functions) == Helper.Count);
  for (let i = 0; i < <i32>Helper.Count; i++) {
    store<Value>(helpers + (<usize>i << 3), JS_GetPropertyUint32(ctx, functions, i));
  }
  const samples = JS_GetPropertyStr(ctx, engine, c("samples"));
  const count = lengthOf(samples);
  assert(count == <u32>Kind.DOMException);
  for (let kind: u32 = 1; kind <= count; kind++) {
    const list = JS_GetPropertyUint32(ctx, samples, kind - 1);
    for (let i: u32 = 0; i < lengthOf(list); i++) {
      const sample = JS_GetPropertyUint32(ctx, list, i);
      const id = JS_GetClassID(sample);
      assert(id > 0 && <u32>id < KINDS);
      store<u8>(kinds + id, kind);
      drop(sample);
    }
    drop(list);
  }
  drop(samples);
  drop(functions);
}

export function lengthOf(list: Value): u32 {
  if (JS_GetLength(ctx, list, RET) < 0) return 0;
  return <u32>load<i64>(RET);
}
