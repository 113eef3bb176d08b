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
    const now = clock.now();
    alarm.set(delayMillis > u64.MAX_VALUE - now ? u64.MAX_VALUE : now + delayMillis);
  }

  delete(): void {
    alarm.remove();
  }
}
