// Values with what has to be true of their copies: for storage, for structuredClone and for RPC.
import { equal, ok, same } from "./check.js";

/** `[id, what the statement calls it, makes the value, checks the copy against the value]` */
export const values = [
  ["strings", "strings with characters of every plane", () => "a\u0000é€😀\uFFFF", equal],
  ["empty-string", "the empty string", () => "", equal],
  ["integers", "integers up to 2^53", () => [0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, -(2 ** 53)], same],
  ["fractions", "fractions, exactly", () => [0.1, 1e-320, 1.7976931348623157e308, Math.PI], same],
  ["nan", "NaN and the infinities", () => [NaN, Infinity, -Infinity], same],
  ["minus-zero", "-0 as -0", () => -0, equal],
  ["booleans", "true, false and null", () => [true, false, null], same],
  ["bigints", "bigints of any size and sign", () => [0n, -1n, 2n ** 63n, -(2n ** 64n), 12345678901234567890123456789n], same],
  ["nested", "objects and arrays within each other", () => ({ a: [1, { b: [[], {}] }], c: { d: { e: "f" } } }), same],
  ["key-order", "objects with their keys in order", () => ({ z: 1, a: 2, m: 3 }), (copy) => same(Object.keys(copy), ["z", "a", "m"])],
  ["undefined", "undefined as a field and as an element", () => ({ a: undefined, b: [undefined] }), (copy) => {
    ok("a" in copy);
    equal(copy.a, undefined);
    equal(copy.b.length, 1);
    equal(copy.b[0], undefined);
  }],
  ["holes", "arrays with holes, keeping them holes", () => [1, , 3], (copy) => {
    equal(copy.length, 3);
    ok(!(1 in copy), "the hole");
    equal(copy[2], 3);
  }],
  ["dates", "dates to the millisecond", () => [new Date(0), new Date(-1), new Date(1700000000123)], same],
  ["invalid-date", "a date that is none", () => new Date(NaN), (copy) => {
    ok(copy instanceof Date);
    equal(copy.getTime(), NaN);
  }],
  ["regexps", "regular expressions with their flags", () => [/a+/gi, /\/[^\n]\u{1F600}/u], same],
  ["maps", "maps in the order of their entries", () => new Map([["b", 1], ["a", { n: 2 }], [3, new Map()]]), (copy, original) => {
    ok(copy instanceof Map);
    same(copy, original);
  }],
  ["map-keys", "maps whose keys are objects", () => new Map([[{ id: 1 }, "one"]]), (copy) => same([...copy], [[{ id: 1 }, "one"]])],
  ["sets", "sets in the order of their members", () => new Set(["b", 1, "a", NaN]), (copy, original) => {
    ok(copy instanceof Set);
    same(copy, original);
  }],
  ["array-buffers", "array buffers", () => new Uint8Array([0, 127, 128, 255]).buffer, (copy, original) => {
    ok(copy instanceof ArrayBuffer);
    same(copy, original);
  }],
  ["bytes", "Uint8Array as Uint8Array", () => new Uint8Array([0, 1, 254, 255]), (copy, original) => {
    ok(copy instanceof Uint8Array);
    same(copy, original);
  }],
  ["typed-arrays", "every kind of typed array as its own kind", () => [
    new Int8Array([-128, 127]), new Uint8ClampedArray([0, 255]), new Int16Array([-32768, 32767]), new Uint16Array([0, 65535]),
    new Int32Array([-(2 ** 31)]), new Uint32Array([2 ** 32 - 1]), new Float32Array([1.5, NaN]), new Float64Array([0.1, -0]),
  ], (copy, original) => copy.forEach((array, at) => {
    equal(array.constructor.name, original[at].constructor.name);
    same(array, original[at]);
  })],
  ["bigint-arrays", "arrays of 64-bit integers", () => [new BigInt64Array([-(2n ** 63n), 1n]), new BigUint64Array([2n ** 64n - 1n])], (copy, original) => copy.forEach((array, at) => {
    equal(array.constructor.name, original[at].constructor.name);
    same(array, original[at]);
  })],
  ["data-views", "data views", () => new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2), (copy) => {
    ok(copy instanceof DataView);
    equal(copy.byteLength, 2);
    equal(copy.getUint16(0), 0x0203);
  }],
  ["sub-arrays", "a view of a part of a buffer, with the right elements", () => new Uint8Array([9, 1, 2, 9]).subarray(1, 3), (copy) => {
    same([...copy], [1, 2]);
  }],
  ["errors", "errors with name and message", () => new Error("broken"), (copy) => {
    ok(copy instanceof Error);
    equal(copy.name, "Error");
    equal(copy.message, "broken");
  }],
  ["error-kinds", "the native errors as their own kinds", () => [new TypeError("t"), new RangeError("r"), new SyntaxError("s")], (copy) => {
    ok(copy[0] instanceof TypeError);
    ok(copy[1] instanceof RangeError);
    ok(copy[2] instanceof SyntaxError);
    same(copy.map((error) => error.message), ["t", "r", "s"]);
  }],
  ["cycles", "objects that contain themselves", () => {
    const value = { list: [] };
    value.self = value;
    value.list.push(value);
    return value;
  }, (copy) => {
    equal(copy.self, copy);
    equal(copy.list[0], copy);
  }],
  ["map-cycles", "maps that contain themselves", () => {
    const map = new Map();
    map.set("self", map);
    return map;
  }, (copy) => equal(copy.get("self"), copy)],
  ["shared", "one object in two places as one object", () => {
    const shared = { n: 1 };
    return { a: shared, b: shared };
  }, (copy) => equal(copy.a, copy.b)],
  ["boxed", "boxed primitives as objects", () => [Object(1), Object("s"), Object(true)], (copy) => {
    same(copy.map((box) => typeof box), ["object", "object", "object"]);
    same(copy.map((box) => box.valueOf()), [1, "s", true]);
  }],
  ["no-prototype", "objects without a prototype as plain ones", () => Object.assign(Object.create(null), { a: 1 }), (copy) => {
    equal(copy.a, 1);
    equal(Object.getPrototypeOf(copy), Object.prototype);
  }, "not-rpc"],
  ["accessors", "what accessors answer, as a plain field", () => ({ get twice() { return 4; } }), (copy) => {
    equal(Object.getOwnPropertyDescriptor(copy, "twice").value, 4);
  }],
  ["symbol-keys", "objects without their symbol keys", () => ({ [Symbol("s")]: 1, a: 2 }), (copy) => {
    equal(Object.getOwnPropertySymbols(copy).length, 0);
    same(copy, { a: 2 });
  }, "not-rpc"],
  ["lone-surrogates", "strings with lone surrogates", () => "a\uD800b\uDC00", equal],
  ["long-strings", "strings of 100,000 characters", () => "é".repeat(100000), equal],
  ["many-elements", "arrays of 10,000 numbers", () => Array.from({ length: 10000 }, (_, at) => at * 7), same],
  ["deep", "values nested 100 deep", () => {
    let value = "end";
    for (let depth = 0; depth < 100; depth++) value = { value };
    return value;
  }, (copy) => {
    let depth = 0;
    for (; typeof copy === "object"; depth++) copy = copy.value;
    equal(depth, 100);
    equal(copy, "end");
  }],
];

/** What cannot be copied. */
export const uncloneable = [
  ["functions", "A function", () => () => 1],
  ["nested-functions", "An object with a function in it", () => ({ a: [{ run() {} }] })],
  ["symbols", "A symbol", () => Symbol("s")],
  ["promises", "A promise", () => Promise.resolve(1)],
  ["weak-maps", "A weak map", () => new WeakMap()],
];
