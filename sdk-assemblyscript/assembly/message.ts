import { JSON } from "./json";
import { Value } from "./value";

/** A frame that a client sent: text or bytes. */
export class Message {
  constructor(
    readonly isText: bool,
    /** The text of a text frame; empty for a binary one. */
    readonly text: string,
    /** The bytes of a binary frame; empty for a text one. */
    readonly bytes: Uint8Array
  ) {}

  /** The text as JSON, or null where this is no text or not JSON. */
  json(): Value | null {
    return this.isText ? JSON.parse(this.text) : null;
  }
}
