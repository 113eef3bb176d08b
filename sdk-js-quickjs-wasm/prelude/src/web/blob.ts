import { host } from "../core/host";
import { bytesOf, isBuffer } from "./encoding";
import { streamOf } from "./streams";

export class Blob {
  #bytes: Uint8Array;
  readonly type: string;

  constructor(parts: Iterable<unknown> = [], options: { type?: string; endings?: string } = {}) {
    if (typeof parts !== "object" || parts === null || typeof parts[Symbol.iterator] !== "function") {
      throw new TypeError("A Blob is made from a sequence of parts");
    }
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (const part of parts) {
      const chunk =
        part instanceof Blob
          ? part.#bytes
          : ArrayBuffer.isView(part) || isBuffer(part)
            ? bytesOf(part)
            : host.utf8Encode(String(part));
      chunks.push(chunk);
      size += chunk.length;
    }
    this.#bytes = new Uint8Array(size);
    let at = 0;
    for (const chunk of chunks) {
      this.#bytes.set(chunk, at);
      at += chunk.length;
    }
    const type = String(options.type ?? "");
    this.type = /^[\x20-\x7e]*$/.test(type) ? type.toLowerCase() : "";
  }

  static bytes(blob: Blob): Uint8Array {
    return blob.#bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  slice(start?: number, end?: number, type = ""): Blob {
    const part = new Blob([], { type });
    part.#bytes = this.#bytes.slice(start, end);
    return part;
  }

  async text(): Promise<string> {
    return host.utf8Decode(this.#bytes, false);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.slice().buffer as ArrayBuffer;
  }

  async bytes(): Promise<Uint8Array> {
    return this.#bytes.slice();
  }

  stream(): ReadableStream<Uint8Array> {
    return streamOf(() => this.#bytes);
  }
}

export const blobBytes = Blob.bytes;
delete (Blob as any).bytes;

export class File extends Blob {
  readonly name: string;
  readonly lastModified: number;

  constructor(parts: Iterable<unknown>, name: string, options: { type?: string; lastModified?: number } = {}) {
    if (arguments.length < 2) {
      throw new TypeError("A File needs its parts and a name");
    }
    super(parts, options);
    this.name = String(name);
    this.lastModified = options.lastModified ?? host.now();
  }
}

for (const of of [Blob, File]) {
  }
