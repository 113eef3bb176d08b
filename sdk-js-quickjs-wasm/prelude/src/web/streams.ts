import type * as Streams from "web-streams-polyfill";
import { late } from "../core/late";

let loaded: typeof Streams | undefined;

/** The streams, made on first use: most actors never touch one. */
export function streams(): typeof Streams {
  return (loaded ??= late("streams") as typeof Streams);
}

export const STREAM_CLASSES = [
  "ReadableStream",
  "ReadableStreamDefaultReader",
  "ReadableStreamBYOBReader",
  "ReadableStreamDefaultController",
  "ReadableByteStreamController",
  "ReadableStreamBYOBRequest",
  "WritableStream",
  "WritableStreamDefaultWriter",
  "WritableStreamDefaultController",
  "TransformStream",
  "TransformStreamDefaultController",
  "ByteLengthQueuingStrategy",
  "CountQueuingStrategy",
] as const;

/** Whether the value is a readable stream; asks without making the streams. */
export function isStream(value: unknown): value is ReadableStream<unknown> {
  return loaded !== undefined && value instanceof loaded.ReadableStream;
}

export function isWritable(value: unknown): value is WritableStream<unknown> {
  return loaded !== undefined && value instanceof loaded.WritableStream;
}

export function streamOf(chunks: () => Uint8Array | Promise<Uint8Array>, cancel?: () => void): ReadableStream<Uint8Array> {
  return new (streams().ReadableStream)({
    type: "bytes",
    async pull(controller: any) {
      const bytes = await chunks();
      if (bytes.length > 0) {
        // A byte stream takes the buffer away from who gives it.
        controller.enqueue(bytes.slice());
      }
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel,
  } as any) as unknown as ReadableStream<Uint8Array>;
}

/** All the bytes of a stream of byte chunks. */
export async function drain(stream: ReadableStream<unknown>): Promise<Uint8Array> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      break;
    }
    if (!(value instanceof Uint8Array)) {
      const error = new TypeError("A body's stream gives Uint8Array chunks; pipe text through a TextEncoderStream");
      await reader.cancel(error);
      throw error;
    }
    chunks.push(value);
    length += value.length;
  }
  if (chunks.length === 1) {
    return chunks[0]!;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** TextEncoderStream and TextDecoderStream, made on first use with the streams they extend. */
export function textStreams(encoder: any, decoder: any) {
  const { TransformStream } = streams() as any;
  class TextEncoderStream {
    readonly encoding = "utf-8";
    readonly readable: unknown;
    readonly writable: unknown;
    constructor() {
      let high = "";
      const utf8 = new encoder();
      const both = new TransformStream({
        transform(chunk: unknown, controller: any) {
          let text = high + String(chunk);
          high = "";
          const last = text.charCodeAt(text.length - 1);
          if (last >= 0xd800 && last < 0xdc00) {
            high = text.slice(-1);
            text = text.slice(0, -1);
          }
          if (text) {
            controller.enqueue(utf8.encode(text));
          }
        },
        flush(controller: any) {
          if (high) {
            controller.enqueue(utf8.encode(high));
          }
        },
      });
      this.readable = both.readable;
      this.writable = both.writable;
    }
  }
  class TextDecoderStream {
    readonly readable: unknown;
    readonly writable: unknown;
    readonly encoding: string;
    constructor(label?: string, options?: object) {
      const utf8 = new decoder(label, options);
      this.encoding = utf8.encoding;
      const both = new TransformStream({
        transform(chunk: unknown, controller: any) {
          const text = utf8.decode(chunk, { stream: true });
          if (text) {
            controller.enqueue(text);
          }
        },
        flush(controller: any) {
          const text = utf8.decode();
          if (text) {
            controller.enqueue(text);
          }
        },
      });
      this.readable = both.readable;
      this.writable = both.writable;
    }
  }
  return { TextEncoderStream, TextDecoderStream };
}

/** IdentityTransformStream and FixedLengthStream, which let bytes pass; made on first use as well. */
export function byteStreams(bytesOf: (value: any) => Uint8Array, isBuffer: (value: unknown) => boolean) {
  const { TransformStream } = streams() as any;
  const bytesIn = (chunk: unknown): Uint8Array => {
    if (!ArrayBuffer.isView(chunk) && !isBuffer(chunk)) {
      throw new TypeError("This stream takes bytes, in an ArrayBuffer or a view of one");
    }
    return bytesOf(chunk).slice();
  };
  class IdentityTransformStream extends TransformStream {
    constructor() {
      super({ transform: (chunk: unknown, controller: any) => controller.enqueue(bytesIn(chunk)) });
    }
  }
  class FixedLengthStream extends TransformStream {
    constructor(expectedLength: number | bigint) {
      const length = Number(expectedLength);
      if (!Number.isSafeInteger(length) || length < 0) {
        throw new TypeError("FixedLengthStream takes the number of bytes that will be written");
      }
      let left = length;
      super({
        transform(chunk: unknown, controller: any) {
          const bytes = bytesIn(chunk);
          left -= bytes.length;
          if (left < 0) {
            throw new TypeError(`More than the ${length} bytes of this FixedLengthStream were written`);
          }
          controller.enqueue(bytes);
        },
        flush() {
          if (left > 0) {
            throw new TypeError(`This FixedLengthStream was closed ${left} bytes before its end`);
          }
        },
      });
    }
  }
  return { IdentityTransformStream, FixedLengthStream };
}
