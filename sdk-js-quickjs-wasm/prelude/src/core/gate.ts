import { host } from "./host";
import { whenDone } from "./operations";

/**
 * The gate before the actor's handlers. While it is shut (the bundle is still starting, or a
 * `blockConcurrencyWhile` runs), events wait here in their order. Finished operations pass, since what
 * the gate waits for is made of them.
 */
const MOST_WAITING = 4096;

let shutBy = 0;
let following = false;
const waiting: (() => void)[] = [];

/** Whether an event may run now. */
export function isOpen(): boolean {
  return shutBy === 0 && !following && waiting.length === 0;
}

/** Runs the event now, or when those before it have run; false when too many wait. */
export function enter(run: () => void): boolean {
  if (isOpen()) {
    run();
    return true;
  }
  if (waiting.length >= MOST_WAITING) {
    return false;
  }
  waiting.push(run);
  return true;
}

export function shut(): void {
  shutBy++;
}

export function reopen(): void {
  shutBy--;
  next();
}

/**
 * Lets one event in. The others follow in turns of their own: what this one does up to its first wait
 * for the outside is not to be mixed with theirs.
 */
function next(): void {
  if (shutBy > 0 || following || waiting.length === 0) {
    return;
  }
  waiting.shift()!();
  if (waiting.length === 0) {
    return;
  }
  const timer = host.timerStart(0);
  if (timer === 0) {
    next();
    return;
  }
  following = true;
  whenDone(timer, () => {
    following = false;
    next();
  });
}

export function hasWaiting(): boolean {
  return waiting.length > 0;
}
