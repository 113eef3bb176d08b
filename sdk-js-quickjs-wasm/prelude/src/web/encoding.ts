import { DOMException } from "../core/errors";
import { host } from "../core/host";

const LABELS = new Set(["utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8"]);
const UTF16 = new Set(["utf-16", "utf-16le", "ucs-2", "unicode", "csunicode", "iso-10646-ucs-2", "unicodefeff"]);

/** A view of the bytes of any buffer source, without copying. */
export function bytesOf(source: unknown): Uint8Array {
  if (source instanceof Uint8Array) {
    return source;
  }
  if (ArrayBuffer.isView(source)) {
    return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  }
  if (isBuffer(source)) {
    return new Uint8Array(source);
  }
  throw new TypeError("The value is neither an ArrayBuffer nor a view of one");
}

export function isBuffer(value: unknown): value is ArrayBuffer {
  return (
    value instanceof ArrayBuffer ||
    (typeof SharedArrayBuffer !== "undefined" && value instanceof SharedArrayBuffer)
  );
}

export class TextEncoder {
  get encoding(): string {
    return "utf-8";
  }

  encode(text: unknown = ""): Uint8Array {
    return host.utf8Encode(String(text));
  }

  encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
    const source = String(text);
    let read = 0;
    let written = 0;
    for (const char of source) {
      const bytes = host.utf8Encode(char);
      if (written + bytes.length > target.length) {
        break;
      }
      target.set(bytes, written);
      written += bytes.length;
      read += char.length;
    }
    return { read, written };
  }
}

export class TextDecoder {
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  #rest: Uint8Array | null = null;
  #started = false;

  constructor(label: unknown = "utf-8", options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    const name = String(label).trim().toLowerCase();
    if (LABELS.has(name)) {
      this.encoding = "utf-8";
    } else if (UTF16.has(name)) {
      this.encoding = "utf-16le";
    } else if (["latin1", "iso-8859-1", "ascii", "us-ascii", "windows-1252"].includes(name)) {
      this.encoding = "windows-1252";
    } else {
      throw new RangeError(`The encoding "${String(label)}" is not one of utf-8, utf-16le and windows-1252`);
    }
    this.fatal = Boolean(options.fatal);
    this.ignoreBOM = Boolean(options.ignoreBOM);
  }

  decode(input?: unknown, options: { stream?: boolean } = {}): string {
    let bytes = input === undefined ? new Uint8Array(0) : bytesOf(input);
    if (this.#rest) {
      const joined = new Uint8Array(this.#rest.length + bytes.length);
      joined.set(this.#rest);
      joined.set(bytes, this.#rest.length);
      bytes = joined;
      this.#rest = null;
    }
    if (options.stream) {
      const whole = bytes.length - this.#incomplete(bytes);
      if (whole < bytes.length) {
        this.#rest = bytes.slice(whole);
        bytes = bytes.subarray(0, whole);
      }
    }
    let text = this.#convert(bytes);
    if (!this.#started && text.length > 0) {
      this.#started = true;
      if (!this.ignoreBOM && text.charCodeAt(0) === 0xfeff && this.encoding !== "windows-1252") {
        text = text.slice(1);
      }
    }
    if (!options.stream) {
      this.#started = false;
    }
    return text;
  }

  #convert(bytes: Uint8Array): string {
    if (this.encoding === "utf-8") {
      return host.utf8Decode(bytes, this.fatal);
    }
    if (this.encoding === "windows-1252") {
      let text = "";
      for (const byte of bytes) {
        text += byte >= 0x80 && byte < 0xa0 ? WINDOWS_1252[byte - 0x80] : String.fromCharCode(byte);
      }
      return text;
    }
    let text = "";
    for (let i = 0; i + 1 < bytes.length; i += 2) {
      text += String.fromCharCode(bytes[i]! | (bytes[i + 1]! << 8));
    }
    if (bytes.length % 2 === 1) {
      text += "\ud800";
    }
    if (text.isWellFormed()) {
      return text;
    }
    if (this.fatal) {
      throw new TypeError("The bytes are no well-formed utf-16le");
    }
    return text.toWellFormed();
  }

  /** How many bytes at the end begin a character that is not complete yet. */
  #incomplete(bytes: Uint8Array): number {
    if (this.encoding === "windows-1252") {
      return 0;
    }
    if (this.encoding === "utf-16le") {
      const odd = bytes.length % 2;
      const last = bytes.length - odd - 1;
      return last > 0 && (bytes[last]! & 0xfc) === 0xd8 ? odd + 2 : odd;
    }
    for (let back = 1; back <= 3 && back <= bytes.length; back++) {
      const byte = bytes[bytes.length - back]!;
      if (byte >= 0xc2) {
        const size = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 1;
        if (size <= back) {
          return 0;
        }
        // The second byte may already rule the character out.
        const second = back > 1 ? bytes[bytes.length - back + 1]! : 0x90;
        const least = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
        const most = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
        return back > 1 && (second < least || second > most) ? 0 : back;
      }
      if (byte < 0x80 || byte >= 0xc0) {
        return 0;
      }
    }
    return 0;
  }
}

const WINDOWS_1252 =
  "\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f" +
  "\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178";

export function base64url(bytes: Uint8Array): string {
  return (bytes as any).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The bytes, or null where the text is no base64url. */
export function unbase64url(text: string): Uint8Array | null {
  try {
    return (Uint8Array as any).fromBase64(text, { alphabet: "base64url" });
  } catch {
    return null;
  }
}
