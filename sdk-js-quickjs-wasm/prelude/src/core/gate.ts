/**
 * The gate before the actor's handlers. While it is shut (the bundle is still starting, or a
 * `blockConcurrencyWhile` runs), events wait here in their order. Finished operations pass, since what
 * the gate waits for is made of them.
 */
const MOST_WAITING = 4096;

interface Waiting {
  run(): void;
}

let shutBy = 0;
let draining = false;
const waiting: Waiting[] = [];

/** Runs the event now, or when those before it have run; false when too many wait. */
export function enter(run: () => void): boolean {
  if (shutBy === 0 && waiting.length === 0) {
    run();
    return true;
  }
  if (waiting.length >= MOST_WAITING) {
    return false;
  }
  waiting.push({ run });
  return true;
}

export function shut(): void {
  shutBy++;
}

export function reopen(): void {
  shutBy--;
  if (draining) {
    return;
  }
  draining = true;
  try {
    while (shutBy === 0 && waiting.length > 0) {
      waiting.shift()!.run();
    }
  } finally {
    draining = false;
  }
}

export function hasWaiting(): boolean {
  return waiting.length > 0;
}
