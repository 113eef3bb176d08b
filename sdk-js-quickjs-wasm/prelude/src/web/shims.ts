/**
 * Stand-ins for the dependencies of `whatwg-url`, which the build puts in their places: `tr46` (its
 * tables are larger than all of the prelude) and `@exodus/bytes` (encodings other than UTF-8 are only
 * met in HTML).
 */
import { host } from "../core/host";

export { toASCII } from "./idna";

export function utf8Encode(text: string): Uint8Array {
  return host.utf8Encode(text);
}

export function utf8DecodeWithoutBOM(bytes: Uint8Array): string {
  return host.utf8Decode(bytes, false);
}

export function percentEncodeAfterEncoding(
  _encoding: string,
  input: string,
  set: string | ((code: number) => boolean),
  spaceAsPlus = false,
): string {
  let out = "";
  for (const byte of host.utf8Encode(input)) {
    if (spaceAsPlus && byte === 0x20) {
      out += "+";
    } else if (
      byte < 0x20 ||
      byte > 0x7e ||
      (typeof set === "string" ? set.includes(String.fromCharCode(byte)) : set(byte))
    ) {
      out += (byte < 16 ? "%0" : "%") + byte.toString(16).toUpperCase();
    } else {
      out += String.fromCharCode(byte);
    }
  }
  return out;
}
