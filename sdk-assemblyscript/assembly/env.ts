import { env } from "./abi/imports";
import { RET, pointerOf, release, takeString, utf8 } from "./abi/memory";

/** The values that the app's manifest and the server's configuration give to this namespace. */
export class Env {
  get(name: string): string | null {
    const key = utf8(name);
    env.get(pointerOf(key), key.byteLength, RET);
    if (load<u8>(RET) == 0) return null;
    return takeString(load<usize>(RET, 4), load<i32>(RET, 8));
  }

  all(): Map<string, string> {
    env.all(RET);
    const table = load<usize>(RET);
    const count = load<i32>(RET, 4);
    const values = new Map<string, string>();
    for (let i = 0; i < count; i++) {
      const at = table + (<usize>i << 4);
      const name = takeString(load<usize>(at), load<i32>(at, 4));
      values.set(name, takeString(load<usize>(at, 8), load<i32>(at, 12)));
    }
    if (count != 0) release(table);
    return values;
  }
}
