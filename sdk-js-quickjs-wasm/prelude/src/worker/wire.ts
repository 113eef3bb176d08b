import { DOMException } from "../core/errors";
import { host } from "../core/host";
import { bytesOf, isBuffer } from "../web/encoding";

/** The sub-protocol under which every message is one CBOR item in a binary frame. */
export const CBOR_PROTOCOL = "dormouse.cbor";

/** A structured value as the frame that carries it. */
export function toFrame(value: unknown, cbor: boolean): string | Uint8Array {
  if (cbor) {
    return host.encode(value);
  }
  if (ArrayBuffer.isView(value) || isBuffer(value)) {
    return bytesOf(value);
  }
  const text = JSON.stringify(value, forJson);
  if (text === undefined) {
    throw new DOMException("The value has no JSON, which this connection speaks", "DataCloneError");
  }
  return text;
}

function forJson(this: unknown, _key: string, value: unknown): unknown {
  if (value instanceof Map) {
    return Object.fromEntries(value);
  }
  if (value instanceof Set) {
    return [...value];
  }
  if (typeof value === "bigint") {
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value.toString();
  }
  return value;
}

/** The structured value that a frame carries. Text that is no JSON is taken as it is. */
export function fromFrame(frame: string | Uint8Array, cbor: boolean): unknown {
  if (typeof frame !== "string") {
    return cbor ? host.decode(frame) : frame;
  }
  try {
    return JSON.parse(frame);
  } catch {
    return frame;
  }
}
