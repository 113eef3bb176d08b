import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decode, encode } from "../dist/index.js";

const GOLDEN = new URL("../../../host-abi/golden/", import.meta.url);
const rows = (file) => readFileSync(new URL(file, GOLDEN), "utf8").split("\n").slice(1).filter(Boolean).map((line) => line.split("\t"));
const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (value) => Buffer.from(value).toString("hex");

/** JavaScript has one type of number and no fixed-size integers beyond it. */
function writtenByJavaScript(row) {
  const value = decode(bytes(row));
  return !(typeof value === "bigint" && /^[13]b/.test(row)) && !(row.length === 18 && row.startsWith("fb") && Number.isInteger(value));
}

test("the golden vectors are read, and written as the same bytes", () => {
  const all = rows("cbor.tsv");
  assert.ok(all.length > 100);
  for (const [row, what] of all) {
    const value = decode(bytes(row));
    if (writtenByJavaScript(row)) {
      assert.equal(hex(encode(value)), row, what);
    } else {
      assert.deepEqual(decode(encode(value)), value, what);
    }
  }
});

test("longer forms are read as the same values", () => {
  for (const [row, same, what] of rows("cbor-other-forms.tsv")) {
    assert.deepEqual(decode(bytes(row)), decode(bytes(same)), what);
  }
});

test("what is no value is refused", () => {
  for (const [row, why] of rows("cbor-invalid.tsv")) {
    assert.throws(() => decode(bytes(row)), TypeError, why);
  }
});

test("what can be cloned comes back as it was", () => {
  const shared = { a: 1 };
  const value = {
    numbers: [0, -1, 1.5, -0, NaN, Infinity, 2 ** 53, -(2 ** 60), 10n ** 30n, -5n],
    text: "é\u{1f42d}\ud800".toWellFormed?.() ?? "é",
    date: new Date(1234567),
    map: new Map([[{ k: 1 }, new Set(["x"])]]),
    re: /a+/giu,
    bytes: new Uint8Array([1, 2]),
    typed: [new Float64Array([1.5]), new Int16Array([-1]), new BigUint64Array([1n])],
    buffer: new Uint8Array([9]).buffer,
    twice: [shared, shared],
    hole: undefined,
    nothing: null,
    error: new RangeError("no", { cause: "why" }),
  };
  value.self = value;
  const clone = decode(encode(value));
  assert.equal(clone.self, clone);
  assert.equal(clone.twice[0], clone.twice[1]);
  assert.ok(clone.error instanceof RangeError);
  assert.equal(clone.error.cause, "why");
  delete value.self;
  delete clone.self;
  assert.deepEqual(clone, value);
});

test("holes stay holes, and lone surrogates what they are", () => {
  const list = [1, , [, undefined], "a\ud800b\udc00"];
  list.length = 6;
  const copy = decode(encode([list, list])).at(1);
  assert.deepEqual([copy.length, 1 in copy, 0 in copy[2], 1 in copy[2], 4 in copy, 5 in copy], [6, false, false, true, false, false]);
  assert.equal(copy[3], "a\ud800b\udc00");
  assert.deepEqual(Buffer.from(encode([,])).toString("hex"), "81d81b8164486f6c65");
  assert.deepEqual(Buffer.from(encode("\udc00")).toString("hex"), "d81b82645465787442" + "00dc");
});

test("bytes of any number are written whole, wherever the room ends", () => {
  for (const size of [0, 1, 250, 251, 252, 253, 254, 255, 256, 257, 505, 510, 65_534, 65_535, 65_536, 65_537, 100_000, 1_000_003]) {
    for (const before of [0, 1, 100, 249, 255, 300]) {
      const bytes = new Uint8Array(size).map((_, at) => at * 7);
      const [text, copy, view] = decode(encode(["x".repeat(before), bytes, Buffer.from(bytes)]));
      assert.equal(text.length, before);
      assert.equal(Buffer.compare(copy, bytes) | Buffer.compare(view, bytes), 0, `${size} bytes behind ${before}`);
    }
  }
});

test("what cannot be cloned is refused", () => {
  for (const value of [() => 1, Symbol("x"), { deep: [new WeakMap()] }, Promise.resolve()]) {
    assert.throws(() => encode(value), { name: "DataCloneError" });
  }
  let deep = [];
  for (let i = 0; i < 200; i++) deep = [deep];
  assert.throws(() => encode(deep), { name: "DataCloneError" });
});
