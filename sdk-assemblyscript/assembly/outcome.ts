import { NO_BYTES } from "./abi/memory";
import { CBOR } from "./cbor";
import { Connection } from "./connection";
import { FailureKind, kindOf } from "./failure";
import { Response } from "./http";
import { Value } from "./value";

/** How an asynchronous operation ended, or a call was answered. */
export class Outcome {
  constructor(
    readonly ok: bool,
    /** What it brought; empty for a timer and for a failure. */
    readonly bytes: Uint8Array,
    /** Why it failed, best as `code: sentence`; empty where it did not. */
    readonly error: string
  ) {}

  /** A call's answer. */
  static of(bytes: Uint8Array): Outcome {
    return new Outcome(true, bytes, "");
  }

  /** A call's answer that is an error, which the caller gets as it is. What the turn stored stays. */
  static failure(error: string): Outcome {
    return new Outcome(false, NO_BYTES, error);
  }

  /** The answer to a `fetch`, or to a `connect` that the other side refused; null where this is neither. */
  get response(): Response | null {
    const value = this.array;
    if (value === null || value.length < 3) return null;
    const response = new Response(<u16>value.at(0).asI64(), value.at(2).asBytes());
    const fields = value.at(1);
    for (let i = 0, k = fields.length; i < k; i++) {
      response.headers.append(fields.at(i).at(0).asString(), fields.at(i).at(1).asString());
    }
    response.url = value.at(3).asString();
    return response;
  }

  /**
   * The actor's own end of the connection that a `connect` opened; null where this is none. It gets
   * `message` and `close`, can send and close, and ends with the instance.
   */
  get connection(): Connection | null {
    const value = this.array;
    return value === null || value.length != 2 ? null : new Connection(<u64>value.at(0).asI64());
  }

  /** The sub-protocol that the other side of that connection chose. */
  get protocol(): string | null {
    const value = this.array;
    return value === null || !value.at(1).isText ? null : value.at(1).asString();
  }

  private get array(): Value | null {
    if (!this.ok || this.bytes.length == 0) return null;
    const value = CBOR.decode(this.bytes);
    return value === null || !value.isArray ? null : value;
  }

  /** What kind of failure it is; `FailureKind.None` where it is none. */
  get kind(): FailureKind {
    return this.ok ? FailureKind.None : kindOf(this.code);
  }

  /** One of the contract's codes, such as `timeout`, or that of the other actor's error; may be empty. */
  get code(): string {
    return this.error.substring(0, this.codeLength);
  }

  /** The sentence behind the code. */
  get message(): string {
    const length = this.codeLength;
    return length == 0 ? this.error : this.error.substring(length + 1).trimStart();
  }

  /** Whether the other actor or the server had too much to do. */
  get overloaded(): bool {
    return this.kind == FailureKind.Overloaded;
  }

  /** Whether the failure may pass. To try again makes sense for what may happen twice. */
  get retryable(): bool {
    const kind = this.kind;
    return kind == FailureKind.Overloaded || kind == FailureKind.ShuttingDown || kind == FailureKind.Timeout ||
      kind == FailureKind.Unreachable || kind == FailureKind.StorageFailed;
  }

  private get codeLength(): i32 {
    const error = this.error;
    for (let i = 0, k = error.length; i < k; i++) {
      const unit = error.charCodeAt(i);
      if (unit == 0x3a) return i;
      if (unit != 0x5f && (unit < 0x61 || unit > 0x7a)) return 0;
    }
    return 0;
  }
}
