import { alarm, clock } from "./abi/imports";
import { RET } from "./abi/memory";

/** This actor's one alarm: durable, at least once, never early. */
export class Alarm {
  get isSet(): bool {
    alarm.get(RET);
    return load<u8>(RET) != 0;
  }

  /** When it is due, in milliseconds of Unix time; 0 where none is set. */
  get dueMillis(): u64 {
    alarm.get(RET);
    return load<u8>(RET) != 0 ? load<u64>(RET, 8) : 0;
  }

  /** Sets or moves it. A time in the past is due at once. */
  set(dueMillis: u64): void {
    alarm.set(dueMillis);
  }

  /** Sets or moves it to so many milliseconds after now. */
  setIn(delayMillis: u64): void {
    alarm.set(after(delayMillis));
  }

  /**
   * Has an alarm that could not be handled tried again so much later, with one attempt more: for an
   * actor that keeps what its turn has done, where a turn that throws is tried again without it. The
   * arguments are those of `Actor.alarm`. Until then `dueMillis` answers what it was set to, and to
   * set or delete it ends this, too.
   */
  retryIn(delayMillis: u64, attempt: u32, dueMillis: u64): void {
    alarm.retry(after(delayMillis), dueMillis, attempt + 1);
  }

  delete(): void {
    alarm.remove();
  }
}

function after(delayMillis: u64): u64 {
  const now = clock.now();
  return delayMillis > u64.MAX_VALUE - now ? u64.MAX_VALUE : now + delayMillis;
}
