import { area } from "../harness.js";
import { equal, fails, ok, same } from "../check.js";

const { gateway } = area("Encoding", "web");
const bytes = (...list) => new Uint8Array(list);

gateway("encoding.encode", "TextEncoder writes UTF-8", async () => {
  same(new TextEncoder().encode("aé€😀"), bytes(97, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80));
  equal(new TextEncoder().encoding, "utf-8");
});
gateway("encoding.surrogates", "lone surrogates become U+FFFD", async () => {
  same(new TextEncoder().encode("a\uD800b\uDC00"), bytes(97, 0xef, 0xbf, 0xbd, 98, 0xef, 0xbf, 0xbd));
});
gateway("encoding.encode-into", "encodeInto writes whole characters only, and tells how much", async () => {
  const target = new Uint8Array(4);
  same(new TextEncoder().encodeInto("a€é", target), { read: 2, written: 4 });
  same(target, bytes(97, 0xe2, 0x82, 0xac));
  same(new TextEncoder().encodeInto("😀", new Uint8Array(3)), { read: 0, written: 0 });
});
gateway("encoding.decode", "TextDecoder reads UTF-8", async () => {
  equal(new TextDecoder().decode(bytes(97, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80)), "aé😀");
  equal(new TextDecoder().decode(), "");
});
gateway("encoding.replace", "what is no UTF-8 becomes U+FFFD, one for each maximal part", async () => {
  const decoder = new TextDecoder();
  equal(decoder.decode(bytes(0xff, 97)), "\uFFFDa");
  equal(decoder.decode(bytes(0xe2, 0x82, 97)), "\uFFFDa");
  equal(decoder.decode(bytes(0xc0, 0x80)), "\uFFFD\uFFFD");
  equal(decoder.decode(bytes(0xed, 0xa0, 0x80)), "\uFFFD\uFFFD\uFFFD");
  equal(decoder.decode(bytes(0xf0, 0x9f)), "\uFFFD");
});
gateway("encoding.fatal", "a fatal decoder throws a TypeError", async () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  equal(decoder.fatal, true);
  await fails(() => decoder.decode(bytes(0xff)), "TypeError");
  equal(decoder.decode(bytes(97)), "a");
});
gateway("encoding.bom", "a byte order mark is dropped, unless it is asked for", async () => {
  equal(new TextDecoder().decode(bytes(0xef, 0xbb, 0xbf, 97)), "a");
  equal(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes(0xef, 0xbb, 0xbf, 97)), "\uFEFFa");
});
gateway("encoding.stream", "characters may be split between the pieces of a stream", async () => {
  const decoder = new TextDecoder();
  const text = decoder.decode(bytes(0xf0, 0x9f), { stream: true }) + decoder.decode(bytes(0x98, 0x80, 97), { stream: true }) + decoder.decode();
  equal(text, "😀a");
});
gateway("encoding.stream-end", "a stream that ends within a character ends in U+FFFD", async () => {
  const decoder = new TextDecoder();
  equal(decoder.decode(bytes(97, 0xe2), { stream: true }) + decoder.decode(), "a\uFFFD");
});
gateway("encoding.sources", "buffers and views are decoded, only their part", async () => {
  const whole = bytes(120, 97, 98, 120);
  equal(new TextDecoder().decode(whole.subarray(1, 3)), "ab");
  equal(new TextDecoder().decode(whole.buffer), "xabx");
  equal(new TextDecoder().decode(new DataView(whole.buffer, 1, 2)), "ab");
});
gateway("encoding.labels", "labels are read without case and blanks; the name is in lower case", async () => {
  same([" UTF-8 ", "utf8", "unicode-1-1-utf-8"].map((label) => new TextDecoder(label).encoding), ["utf-8", "utf-8", "utf-8"]);
});
gateway("encoding.bad-label", "an unknown label is a RangeError", async () => {
  await fails(() => new TextDecoder("no-such-encoding"), "RangeError");
});
gateway("encoding.utf-16", "TextDecoder reads UTF-16LE", async () => {
  equal(new TextDecoder("utf-16le").decode(bytes(97, 0, 0x3d, 0xd8, 0x00, 0xde)), "a😀");
});
gateway("encoding.latin", "TextDecoder reads windows-1252, which is what latin1 means", async () => {
  equal(new TextDecoder("latin1").encoding, "windows-1252");
  equal(new TextDecoder("windows-1252").decode(bytes(0xe9, 0x80)), "é€");
});
gateway("base64.encode", "btoa encodes bytes as base64", async () => {
  same([btoa(""), btoa("a"), btoa("ab"), btoa("abc"), btoa("\xff\xfe")], ["", "YQ==", "YWI=", "YWJj", "//4="]);
});
gateway("base64.encode.refused", "btoa refuses characters beyond a byte", async () => {
  await fails(() => btoa("é€"), "InvalidCharacterError");
});
gateway("base64.decode", "atob decodes base64, with blanks and without padding", async () => {
  same([atob("YQ=="), atob("YQ"), atob(" Y W J j "), atob("")], ["a", "a", "abc", ""]);
});
gateway("base64.decode.refused", "atob refuses what is no base64", async () => {
  for (const text of ["a", "*", "YQ=", "YQ==="]) await fails(() => atob(text), "InvalidCharacterError");
});
gateway("encoding.streams", "TextEncoderStream and TextDecoderStream undo each other", async () => {
  const text = new ReadableStream({
    start(controller) {
      for (const piece of ["a\uD83D", "\uDE00é", "z"]) controller.enqueue(piece);
      controller.close();
    },
  }).pipeThrough(new TextEncoderStream()).pipeThrough(new TextDecoderStream());
  let whole = "";
  for await (const piece of text) whole += piece;
  equal(whole, "a😀éz");
  ok(true);
});
