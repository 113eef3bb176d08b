import { rpc } from "./abi/imports";
import { pointerOf, utf8 } from "./abi/memory";
import { Outcome } from "./outcome";
import { Status } from "./status";

/** A call from another actor. */
export class Call {
  constructor(readonly id: u64, readonly payload: Uint8Array) {}

  /** The payload as text. */
  text(): string {
    return String.UTF8.decodeUnsafe(this.payload.dataStart, this.payload.byteLength);
  }

  /** Answers the call: for handlers that answered null, in this turn or a later one. */
  respond(outcome: Outcome): Status {
    if (outcome.ok) {
      const bytes = outcome.bytes;
      return <Status>rpc.respond(this.id, 0, bytes.dataStart, bytes.byteLength);
    }
    const error = utf8(outcome.error);
    return <Status>rpc.respond(this.id, 1, pointerOf(error), error.byteLength);
  }
}
