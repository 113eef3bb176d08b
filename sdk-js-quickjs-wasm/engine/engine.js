/**
 * The part of the glue that is easier said in JavaScript. Evaluated before everything else, so that
 * it holds on to the language's own functions whatever the user's code does to them later.
 *
 * `native(name, id)` makes a function that calls the glue. `functions` are the names of the host's
 * functions in the order of their ids; one with an underscore belongs into an object of its own.
 */
(native, functions) => {
  "use strict";
  const { apply, construct, getPrototypeOf, defineProperty, getOwnPropertyDescriptor } = Reflect;
  const { create, freeze } = Object;
  const Native = {
    Array, ArrayBuffer, BigInt, DataView, Date, DOMException, Error, Map, Number, RegExp, Set, String, Uint8Array,
    EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError, Promise, Object,
  };
  const BoxedPrototypes = [Number, String, Boolean, BigInt].map((type) => [type.name, type.prototype.valueOf]);
  const getter = (prototype, name) => getOwnPropertyDescriptor(prototype, name).get;
  const getTime = Date.prototype.getTime;
  const regExpSource = getter(RegExp.prototype, "source");
  const regExpFlags = getter(RegExp.prototype, "flags");
  const mapForEach = Map.prototype.forEach;
  const mapSet = Map.prototype.set;
  const setForEach = Set.prototype.forEach;
  const setAdd = Set.prototype.add;
  const then = Promise.prototype.then;
  const bigIntToString = BigInt.prototype.toString;
  const viewBuffer = getter(DataView.prototype, "buffer");
  const viewOffset = getter(DataView.prototype, "byteOffset");
  const viewLength = getter(DataView.prototype, "byteLength");
  const slice = Uint8Array.prototype.slice;
  const bufferOf = getter(getPrototypeOf(Uint8Array.prototype), "buffer");
  const domName = getter(DOMException.prototype, "name");
  const domMessage = getter(DOMException.prototype, "message");

  const text = (value) => (typeof value === "string" ? value : "");
  const own = (object, name, value) => defineProperty(object, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
  // Appending without the setters that Array.prototype may have got.
  const append = (list, value) => defineProperty(list, list.length, { __proto__: null, value, writable: true, enumerable: true, configurable: true });

  const errors = { __proto__: null };
  for (const name of ["Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"]) errors[name] = Native[name];

  const helpers = {
    DateMillis: (date) => apply(getTime, date, []),
    RegExpParts: (regExp) => {
      const source = apply(regExpSource, regExp, []);
      const flags = apply(regExpFlags, regExp, []);
      return flags === "" ? [source] : ["RegExp", source, flags];
    },
    MapEntries: (map) => {
      const flat = [];
      apply(mapForEach, map, [(value, key) => (append(flat, key), append(flat, value))]);
      return flat;
    },
    SetItems: (set) => {
      const items = [];
      apply(setForEach, set, [(item) => append(items, item)]);
      return items;
    },
    ErrorParts: (error) => {
      const parts = ["Error", text(error.name) || "Error", text(error.message), typeof error.stack === "string" ? error.stack : null];
      if (getOwnPropertyDescriptor(error, "cause") !== undefined) append(parts, error.cause);
      return parts;
    },
    BoxedParts: (boxed) => {
      for (let i = 0; i < BoxedPrototypes.length; i++) {
        try {
          return [BoxedPrototypes[i][0], apply(BoxedPrototypes[i][1], boxed, [])];
        } catch {}
      }
    },
    DataViewParts: (view) => {
      const bytes = new Native.Uint8Array(apply(viewBuffer, view, []), apply(viewOffset, view, []), apply(viewLength, view, []));
      return ["DataView", bytes];
    },
    BigIntHex: (value) => {
      const negative = value < 0n;
      const magnitude = negative ? ~value : value;
      if (magnitude === 0n) return negative ? "-" : "+";
      const hex = apply(bigIntToString, magnitude, [16]);
      return (negative ? "-" : "+") + (hex.length % 2 === 1 ? "0" : "") + hex;
    },
    DOMExceptionParts: (exception) => ["DOMException", apply(domMessage, exception, []), apply(domName, exception, [])],
    NewBigInt: (value, negative) => {
      const magnitude = typeof value === "bigint" ? value : value === "0x" ? 0n : Native.BigInt(value);
      return negative ? ~magnitude : magnitude;
    },
    NewRegExp: (source, flags) => new Native.RegExp(source, flags),
    NewMap: () => new Native.Map(),
    FillMap: (map, flat) => {
      for (let i = 0; i < flat.length; i += 2) apply(mapSet, map, [flat[i], flat[i + 1]]);
    },
    NewSet: () => new Native.Set(),
    FillSet: (set, items) => {
      for (let i = 0; i < items.length; i++) apply(setAdd, set, [items[i]]);
    },
    NewError: (name, message, stack) => {
      const error = new (errors[name] ?? Native.Error)(text(message));
      if (errors[name] === undefined) own(error, "name", text(name) || "Error");
      own(error, "stack", typeof stack === "string" ? stack : undefined);
      return error;
    },
    SetCause: (error, cause) => own(error, "cause", cause),
    NewDataView: (bytes) => new Native.DataView(apply(bufferOf, bytes, [])),
    NewBoxed: (value) => Native.Object(value),
    NewDOMException: (message, name) => new Native.DOMException(text(message), text(name)),
    Namespace: (evaluated, namespace) => apply(then, evaluated, [() => namespace]),
    FromEntries: (pairs) => {
      const object = {};
      for (let i = 0; i < pairs.length; i++) defineProperty(object, pairs[i][0], { __proto__: null, value: pairs[i][1], writable: true, enumerable: true, configurable: true });
      return object;
    },
  };

  const host = {};
  for (let id = 0; id < functions.length; id++) {
    const [group, member] = functions[id].split("_");
    if (member === undefined) {
      host[group] = native(group, id);
    } else {
      (host[group] ??= {})[member] = native(member, id);
    }
  }
  for (const name in host) freeze(host[name]);
  const typed = [
    Uint8ClampedArray, Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array,
    Float16Array, Float32Array, Float64Array,
  ];
  return {
    host: freeze(host),
    random: Math.random,
    helpers: Object.values(helpers),
    samples: [
      [{}, (function () { return arguments; })()],
      [[]],
      [new Date(0)],
      [/a/],
      [new Map()],
      [new Set()],
      [new Error()],
      [new ArrayBuffer(0)],
      typed.map((type) => new type(0)),
      [new DataView(new ArrayBuffer(0))],
      [Object(1), Object("a"), Object(true), Object(1n)],
      [new DOMException("", "")],
    ],
  };
}
