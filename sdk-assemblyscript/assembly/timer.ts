import { timer } from "./abi/imports";

/** Timers that live as long as the instance does. When one ends, `complete` is called with its id. */
export class Timers {
  /** The operation's id, or 0 when there are too many timers (1,024). */
  start(delayMillis: u64): u64 {
    return timer.start(delayMillis);
  }

  /** Whether the timer was still running. */
  cancel(operation: u64): bool {
    return timer.cancel(operation) != 0;
  }
}
