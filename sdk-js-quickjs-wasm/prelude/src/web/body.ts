import { host } from "../core/host";
import { Blob, blobBytes } from "./blob";
import { bytesOf, isBuffer } from "./encoding";
import { FormData, readForm, writeMultipart } from "./form-data";
import { Headers, headersOf } from "./headers";
import { drain, isStream, streamOf, streams } from "./streams";
import { URLSearchParams } from "./url-search-params";

/** What a request or response carries: nothing, text, bytes or a stream. */
export type Content = null | string | Uint8Array | ReadableStream<unknown>;

const EMPTY = new Uint8Array(0);

/** The content that a user gave, and the content type that goes with it. */
export function extract(given: unknown): { content: Content; type: string | null } {
  if (given === null || given === undefined) {
    return { content: null, type: null };
  }
  if (typeof given === "string") {
    return { content: given, type: "text/plain;charset=UTF-8" };
  }
  if (given instanceof Blob) {
    return { content: blobBytes(given), type: given.type || null };
  }
  if (ArrayBuffer.isView(given) || isBuffer(given)) {
    return { content: bytesOf(given).slice(), type: null };
  }
  if (given instanceof URLSearchParams) {
    return { content: given.toString(), type: "application/x-www-form-urlencoded;charset=UTF-8" };
  }
  if (given instanceof FormData) {
    const { bytes, type } = writeMultipart(given);
    return { content: bytes, type };
  }
  if (isStream(given)) {
    if (given.locked) {
      throw new TypeError("The stream given as a body is locked");
    }
    return { content: given, type: null };
  }
  if (typeof given === "object" && Symbol.asyncIterator in given) {
    return { content: (streams().ReadableStream as any).from(given), type: null };
  }
  return { content: String(given), type: "text/plain;charset=UTF-8" };
}

/**
 * What requests and responses are made of. The glue makes these lists, too (`engine/assembly/http.ts`).
 * Headers are null (of a response: none but its type), a string (as they came: not to be changed), or
 * an object once somebody has asked for it.
 */
export const enum Part {
  Content,
  Used,
  Headers,
  Url,
  Method,
  Redirect,
  Signal,
  Status = 3,
  Type = 4,
  More = 5,
  From = 6,
}

export type Parts = any[];

/** The headers as an object. */
export function headersIn(parts: Parts): Headers {
  let headers = parts[Part.Headers];
  if (headers === null) {
    const type = parts[Part.Type];
    headers = parts[Part.Headers] = headersOf(type === null ? [] : ["content-type", type], false);
    parts[Part.Type] = null;
  } else if (typeof headers === "string") {
    headers = parts[Part.Headers] = headersOf(headers, true);
  }
  return headers;
}

function isUsable(parts: Parts): boolean {
  return !parts[Part.Used] && !(isStream(parts[Part.Content]) && parts[Part.Content].locked);
}

/** Of each stream that somebody asked a message for as its body: the message's parts, and the content that was there. */
const sources = new WeakMap<ReadableStream<unknown>, { parts: Parts; content: string | Uint8Array }>();

/** Takes the content, to be sent or read. */
export function takeContent(parts: Parts): Content {
  const content = parts[Part.Content];
  if (content !== null) {
    if (parts[Part.Used] || (typeof content !== "string" && !isUsable(parts))) {
      throw new TypeError("The body has been used already");
    }
    const source = isStream(content) ? sources.get(content) : undefined;
    if (source && !source.parts[Part.Used]) {
      // Nobody has read of the stream: what it would give is there without it.
      (content as ReadableStream<unknown>).getReader();
      source.parts[Part.Used] = true;
      parts[Part.Used] = true;
      return source.content;
    }
    parts[Part.Used] = true;
  }
  return content;
}

/** Splits the content for a clone. */
export function splitContent(parts: Parts): Content {
  const content = parts[Part.Content];
  if (!isUsable(parts)) {
    throw new TypeError("The body has been used already, so it cannot be cloned");
  }
  if (!isStream(content)) {
    return content;
  }
  const [mine, theirs] = content.tee();
  parts[Part.Content] = mine;
  return theirs;
}

/** What can be sent of the content at once: nothing where it must be waited for. */
export function isReady(content: Content): content is string | Uint8Array | null {
  return content === null || typeof content === "string" || content instanceof Uint8Array;
}

/** All bytes of content that is not ready. */
export const drainContent: (content: ReadableStream<unknown>) => Promise<Uint8Array> = drain;

/** All bytes of the content. */
export function bytesIn(content: Content): Uint8Array | Promise<Uint8Array> {
  if (content === null) {
    return EMPTY;
  }
  if (typeof content === "string") {
    return host.utf8Encode(content);
  }
  return content instanceof Uint8Array ? content : drain(content);
}

function stream(parts: Parts): ReadableStream<Uint8Array> | null {
  const content: Content = parts[Part.Content];
  if (content === null || isStream(content)) {
    return content as ReadableStream<Uint8Array> | null;
  }
  const used = parts[Part.Used];
  const use = (): void => void (parts[Part.Used] = true);
  const made = streamOf(() => {
    use();
    return typeof content === "string" ? host.utf8Encode(content) : content;
  }, use);
  parts[Part.Content] = made;
  if (used) {
    void made.cancel();
  } else {
    sources.set(made, { parts, content });
  }
  return made;
}

function textIn(content: string | Uint8Array | null): string {
  if (content === null) {
    return "";
  }
  if (typeof content === "string") {
    return content.isWellFormed() ? content : content.toWellFormed();
  }
  const text = host.utf8Decode(content, false);
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** Reads the content, and answers a promise of what `make` makes of it. */
function read<T>(parts: Parts, make: (content: string | Uint8Array | null) => T): Promise<T> {
  try {
    const content = takeContent(parts);
    return isReady(content) ? host.settled(make(content)) : drain(content).then(make);
  } catch (error) {
    return Promise.reject(error);
  }
}

function ownBytes(content: string | Uint8Array | null): Uint8Array {
  return content instanceof Uint8Array ? content.slice() : (bytesIn(content) as Uint8Array);
}

function bufferIn(content: string | Uint8Array | null): ArrayBuffer {
  const bytes = ownBytes(content);
  return (bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer) as ArrayBuffer;
}

/** The members that requests and responses have in common, each from the parts of its object. */
const MEMBERS: Record<string, (parts: Parts) => unknown> = {
  text: (parts) => read(parts, textIn),
  json: (parts) => read(parts, (content) => JSON.parse(textIn(content))),
  bytes: (parts) => read(parts, ownBytes),
  arrayBuffer: (parts) => read(parts, bufferIn),
  blob: (parts) =>
    read(parts, (content) => new Blob([ownBytes(content)], { type: headersIn(parts).get("content-type") ?? "" })),
  formData: (parts) => read(parts, (content) => readForm(ownBytes(content), headersIn(parts).get("content-type"))),
};

/** Gives a class the members of a message with a body. */
export function mixBody(prototype: object, partsOf: (message: any) => Parts): void {
  for (const [name, read] of Object.entries(MEMBERS)) {
    const method = {
      [name](): Promise<unknown> {
        let parts: Parts;
        try {
          parts = partsOf(this);
        } catch (error) {
          return Promise.reject(error);
        }
        return read(parts) as Promise<unknown>;
      },
    }[name];
    Object.defineProperty(prototype, name, { value: method, writable: true, configurable: true, enumerable: false });
  }
  const getters: Record<string, (this: unknown) => unknown> = {
    body() {
      return stream(partsOf(this));
    },
    bodyUsed() {
      return partsOf(this)[Part.Used];
    },
    headers() {
      return headersIn(partsOf(this));
    },
  };
  for (const [name, get] of Object.entries(getters)) {
    Object.defineProperty(prototype, name, { get, configurable: true, enumerable: false });
  }
}

/** What the mixed-in members look like to the compiler. */
export interface Body {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly bodyUsed: boolean;
  readonly headers: Headers;
  text(): Promise<string>;
  json(): Promise<unknown>;
  bytes(): Promise<Uint8Array>;
  arrayBuffer(): Promise<ArrayBuffer>;
  blob(): Promise<Blob>;
  formData(): Promise<FormData>;
}
