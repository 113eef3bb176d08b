import { random } from "./abi/imports";
import { RET, takeBytes } from "./abi/memory";

/** Cryptographically strong random values. Math.random is seeded from here once an instance. */
export class Random {
  /** At most 65,536 bytes. */
  bytes(length: u32): Uint8Array {
    random.bytes(length, RET);
    return takeBytes(load<usize>(RET), load<i32>(RET, 4));
  }

  u64(): u64 {
    return random.nextU64();
  }
}
