import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { compile } from "../toolchain/build.mjs";
import { Host } from "./host.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const MODULES = join(HERE, "modules");
let host;
before(async () => {
  host = await Host.start((await compile(MODULES, "probe.ts")).binary);
});

/** The rows of a file of golden vectors. */
function golden(name) {
  const text = readFileSync(join(HERE, "../../host-abi/golden", name), "utf8");
  return text.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => line.split("\t"));
}

const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const reencoded = (hex) => {
  const answer = host.fetch("POST", "/cbor", bytes(hex));
  return answer.status === 200 ? Buffer.from(answer.bytes).toString("hex") : "refused";
};

describe("CBOR", () => {
  it("writes back what every SDK writes", () => {
    const vectors = golden("cbor.tsv");
    assert.ok(vectors.length > 80);
    for (const [hex, what, notation] of vectors) assert.equal(reencoded(hex), hex, `${what}: ${notation}`);
  });

  it("reads other forms of the same values", () => {
    for (const [hex, written, what] of golden("cbor-other-forms.tsv")) assert.equal(reencoded(hex), written, what);
  });

  it("refuses what is not one well-formed item", () => {
    for (const [hex, why] of golden("cbor-invalid.tsv")) assert.equal(reencoded(hex), "refused", why);
    assert.equal(reencoded("e0"), "refused");
    assert.equal(reencoded("f8ff"), "refused");
  });

  it("writes texts as the golden keys are written, and reads them back", () => {
    for (const [hex, text] of golden("keys.tsv")) {
      const answer = host.fetch("POST", "/json-as-cbor", text);
      assert.equal(Buffer.from(answer.bytes).subarray(1).toString("hex"), hex, text);
      assert.equal(JSON.parse(host.fetch("POST", "/cbor-as-json", answer.bytes).text), JSON.parse(text));
    }
  });

  it("bounds the depth", () => {
    const nested = (depth) => "81".repeat(depth) + "00";
    assert.equal(reencoded(nested(128)), nested(128));
    assert.equal(reencoded(nested(129)), "refused");
    assert.equal(reencoded(nested(1_000_000)), "refused");
    assert.equal(reencoded("c1".repeat(1_000_000)), "refused");
  });

  it("reads what only JavaScript has as what it means", () => {
    const asked = (path, hex) => host.fetch("POST", path, Buffer.from(hex, "hex")).text;
    const lone = "d81b8264546578744400d86100";
    const error = "d81b84654572726f7269547970654572726f726d6e6f2073756368206d6f757365f6";
    for (const [hex, meaning] of [
      [lone, "Text|\ufffda||none|true|false|false"],
      ["8301d81b8164486f6c6503", "|none||none|false|false|true"],
      ["d81b826b4172726179427566666572420102", "ArrayBuffer|none|1,2|none|false|true|false"],
      ["d81b82684461746156696577420102", "DataView|none|1,2|none|false|true|false"],
      ["d844420102", "|none|1,2|none|false|true|false"],
      [error, "Error|none||no such mouse|false|false|false"],
      ["d81b80", "|none||none|false|false|false"],
      ["d81b8101", "|none||none|false|false|false"],
      ["c2420102", "|none||none|false|false|false"],
    ]) {
      assert.equal(asked("/meaning", hex), meaning, hex);
    }
    assert.equal(asked("/cbor-as-json", "8301d81b8164486f6c6503"), "[1,null,3]");
    assert.equal(asked("/cbor-as-json", lone), '"\\ud800a"');
  });

  it("outlasts random bytes", () => {
    let seed = 42;
    const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 24;
    for (let round = 0; round < 20_000; round++) {
      const input = Uint8Array.from({ length: random() % 40 }, random);
      const answer = host.fetch("POST", "/cbor", input);
      assert.ok(answer.status === 200 || answer.status === 422);
      host.responses.clear();
    }
  });
});

describe("JSON", () => {
  const parsed = (text) => {
    const answer = host.fetch("POST", "/json", text);
    return answer.status === 200 ? answer.text : "refused";
  };

  for (const [text, expected = JSON.stringify(JSON.parse(text))] of [
    ["null"], ["true"], [" false "], ["0"], ["-1"], ["1.5"], ["1e3"], ["-0"], ["1E-7"], ["1e21"], ["1e400", "null"],
    ["123456789.125"], ["0.1"], ["5e-324"], ["1.7976931348623157e308"], ["4.35"], ["0.000001"], ["2.2250738585072014e-308"],
    ["9223372036854775807", "9223372036854775807"], ["-9223372036854775808", "-9223372036854775808"],
    ["9223372036854775808"], ["100000000000000000000"], ["1.0"], ["12.50"],
    ["1.7976931348623158079372897140530341507993413271003782693617377898044496829276475094664901797758720709633028641669288791094694655554785194040263065748867150582068190890200070838367627385484581771153176447573027006985557136695962284291481986083493647529271907416844436551070434271155969950809304288017790417449779e308"],
    ["1.7976931348623159e308", "null"], ["2.4703282292062328e-324"], ["2.4703282292062327e-324", "0"], ["1e-400", "0"], [`0.${"0".repeat(400)}1`, "0"],
    [`1${"0".repeat(400)}e-400`, "1"], ["9007199254740993.0"], [`9007199254740993.${"0".repeat(900)}1`], ["0.5e-999999999999", "0"], ["0e999999999999", "0"],
    ['""'], ['"a\\"b\\\\c\\/d\\b\\f\\n\\r\\t"'], ['"\\u00fc\\u20AC"'], ['"\\ud83d\\udc2d"'], ['"🐭"'], ['"\\ud83d"', '"\ufffd"'], ['"\\udc2d\\ud83d"', '"\ufffd\ufffd"'],
    ['"\\u0000\\u001f"'], ['"\u2028"'], ["[]"], ["[ 1 , [ ] , {} ]"], ["{}"], ['{"a":1,"b":{"c":[true,null]}}'],
    ['{"a":1,"a":2}'], ['{"":0}'], ['{"__proto__":1,"constructor":2}'], ['\t{\r\n"a"\n: 1 }\n'],
    [JSON.stringify(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, i])))],
  ]) {
    it(`reads and writes ${text.slice(0, 60)}`, () => assert.equal(parsed(text), expected));
  }

  for (const text of [
    "", " ", "nul", "nulll", "True", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "Infinity", "--1", '"', '"a', '"\\"', '"\\x"',
    '"\\u12"', '"\\u12g4"', '"\n"', '"\t"', "'a'", "[", "[1", "[1,", "[1,]", "[,]", "[1 2]", "]", "{", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}',
    "{a:1}", "{1:1}", '{"a" 1}', "1 2", "[]]", "\ufeff1", "\u00a01", "//x\n1",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => JSON.parse(text));
      assert.equal(parsed(text), "refused");
    });
  }

  it("bounds the depth", () => {
    const nested = (depth) => "[".repeat(depth) + "]".repeat(depth);
    assert.equal(parsed(nested(128)), nested(128));
    assert.equal(parsed(nested(129)), "refused");
    assert.equal(parsed('{"a":'.repeat(500_000)), "refused");
  });

  it("reads random numbers as JavaScript does", () => {
    let seed = 7;
    const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0);
    const view = new DataView(new ArrayBuffer(8));
    const numbers = [];
    while (numbers.length < 5000) {
      view.setUint32(0, random());
      view.setUint32(4, random());
      const number = view.getFloat64(0);
      if (Number.isFinite(number)) numbers.push(number);
    }
    for (let i = 0; i < 2000; i++) numbers.push(Math.round(random() / 100) / 100);
    const back = JSON.parse(parsed(JSON.stringify(numbers)));
    const wrong = numbers.filter((number, i) => !Object.is(number, back[i]));
    assert.deepEqual(wrong, []);
  });

  it("keeps whole numbers integers", () => {
    const cbor = (text) => Buffer.from(host.fetch("POST", "/json-as-cbor", text).bytes).toString("hex");
    assert.equal(cbor("[1,-1,1.0,1e2,-0]"), "850120fb3ff0000000000000fb4059000000000000fb8000000000000000");
  });

  it("writes what it has no word for", () => {
    const json = (hex) => host.fetch("POST", "/cbor-as-json", bytes(hex)).text;
    assert.equal(json("f7"), "null");
    assert.equal(json("fb7ff8000000000000"), "null");
    assert.equal(json("4401020304"), '"AQIDBA=="');
    assert.equal(json("a101f5"), '{"1":true}');
    assert.equal(json("c11a514b67b0"), "1363896240");
    assert.equal(json("3bffffffffffffffff"), "-18446744073709551616");
    assert.equal(json("1bffffffffffffffff"), "18446744073709551615");
  });
});
