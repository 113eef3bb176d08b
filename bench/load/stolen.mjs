// What a shared host takes from a virtual machine. A round that was robbed says little about the server.
import { existsSync, readFileSync } from "node:fs";

const FILE = "/proc/stat";

/** Part of the processors' time above which a round is measured again, and how often it is measured at most. */
const TOO_MUCH = 0.02;
const TRIES = 3;

/** All of the processors' time so far, and what the host kept of it, from the first line of that file. */
export function times(text = existsSync(FILE) ? readFileSync(FILE, "utf8") : "") {
  const counts = text.split("\n")[0].split(/ +/).slice(1, 9).map(Number);
  return { all: counts.reduce((sum, count) => sum + count, 0), stolen: counts[7] ?? 0 };
}

export function share(before, after) {
  return after.all > before.all ? (after.stolen - before.stolen) / (after.all - before.all) : 0;
}

/** Measures again if the host did not leave the machine alone; answers the least robbed result, with `stolen`, its part. */
export async function undisturbed(measure, read = times) {
  let best;
  for (let i = 0; i < TRIES && !(best?.stolen <= TOO_MUCH); i++) {
    const before = read();
    const found = await measure();
    const stolen = share(before, read());
    if (!best || stolen < best.stolen) best = { ...found, stolen };
  }
  return best;
}
