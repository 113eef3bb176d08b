import { host } from "../core/host";
import { Blob, blobBytes } from "./blob";
import { bytesOf, isBuffer } from "./encoding";
import { FormData, readForm, writeMultipart } from "./form-data";
import type { Headers } from "./headers";
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

/** What Request and Response have in common. */
export abstract class Body {
  #content: Content = null;
  #used = false;
  abstract readonly headers: Headers;

  static set(body: Body, content: Content): void {
    body.#content = content;
  }

  static peek(body: Body): Content {
    return body.#content;
  }

  /** Takes the content, to be sent. */
  static take(body: Body): Content {
    const content = body.#content;
    if (content !== null) {
      body.#claim();
    }
    return content;
  }

  /** Splits the content for a clone. */
  static split(body: Body): Content {
    if (body.bodyUsed || (isStream(body.#content) && body.#content.locked)) {
      throw new TypeError("The body has been used already, so it cannot be cloned");
    }
    if (!isStream(body.#content)) {
      return body.#content;
    }
    const [mine, theirs] = body.#content.tee();
    body.#content = mine;
    return theirs;
  }

  #claim(): void {
    if (this.bodyUsed || (isStream(this.#content) && this.#content.locked)) {
      throw new TypeError("The body has been used already");
    }
    this.#used = true;
  }

  get body(): ReadableStream<Uint8Array> | null {
    const content = this.#content;
    if (content === null) {
      return null;
    }
    if (!isStream(content)) {
      const used = this.#used;
      const stream = streamOf(() => {
        this.#used = true;
        return typeof content === "string" ? host.utf8Encode(content) : content;
      });
      this.#content = stream;
      if (used) {
        void stream.cancel();
      }
    }
    return this.#content as ReadableStream<Uint8Array>;
  }

  get bodyUsed(): boolean {
    return this.#used;
  }

  async text(): Promise<string> {
    const content = takeContent(this);
    if (content === null) {
      return "";
    }
    if (typeof content === "string") {
      return content.toWellFormed();
    }
    const text = host.utf8Decode(await bytesIn(content), false);
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async bytes(): Promise<Uint8Array> {
    const content = takeContent(this);
    const bytes = await bytesIn(content);
    return bytes === content ? bytes.slice() : bytes;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = await this.bytes();
    return (bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer) as ArrayBuffer;
  }

  async blob(): Promise<Blob> {
    return new Blob([await bytesIn(takeContent(this))], { type: this.headers.get("content-type") ?? "" });
  }

  async formData(): Promise<FormData> {
    const type = this.headers.get("content-type");
    return readForm(await bytesIn(takeContent(this)), type);
  }
}

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

export const { set: setContent, peek: peekContent, take: takeContent, split: splitContent } = Body;
for (const name of ["set", "peek", "take", "split"]) {
  delete (Body as any)[name];
}
