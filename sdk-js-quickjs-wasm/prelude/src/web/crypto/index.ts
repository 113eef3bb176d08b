import { DOMException } from "../../core/errors";
import { host } from "../../core/host";
import { late } from "../../core/late";
import type { SubtleCrypto } from "./subtle";

const MOST_BYTES = 65_536;

let subtle: SubtleCrypto | undefined;

export class Crypto {
  getRandomValues<T extends ArrayBufferView>(array: T): T {
    if (!ArrayBuffer.isView(array) || array instanceof DataView || array instanceof Float32Array || array instanceof Float64Array) {
      throw new DOMException("getRandomValues takes a typed array of integers", "TypeMismatchError");
    }
    if (array.byteLength > MOST_BYTES) {
      throw new DOMException(`getRandomValues gives at most ${MOST_BYTES} bytes at a time`, "QuotaExceededError");
    }
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    bytes.set(host.randomBytes(bytes.length));
    return array;
  }

  randomUUID(): string {
    const bytes = host.randomBytes(16);
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const hex = (bytes as any).toHex() as string;
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  get subtle(): SubtleCrypto {
    return (subtle ??= new (late("crypto").SubtleCrypto)());
  }
}


export const crypto = new Crypto();
