import { actorError, coded } from "./errors";
import { host } from "./host";

type Settle = (ok: boolean, value: unknown) => void;

/** An operation that the host starts, or refuses with 0 where too many are open. */
type Start = () => number;

/** What was asked for while too many operations were open; it starts when one of them ends. */
interface Queued {
  start: Start;
  settle: Settle;
}

/** How many operations may wait for others to end. */
const MOST_QUEUED = 4096;

const waiting = new Map<number, Settle>();
const queue = new Set<Queued>();

/** Calls back in the turn in which the host finishes the operation. */
export function whenDone(operation: number, settle: Settle): void {
  if (operation === 0) {
    throw coded("overloaded", "too many operations of this actor are open at once");
  }
  waiting.set(operation, settle);
}

/**
 * Starts an operation, at once or when others have ended, and calls back in the turn in which the host
 * finishes it. Where it has to wait, `hold` is called, to keep what it was given as it is now. Answers
 * what takes it back: false where it has ended.
 */
export function begin(start: Start, settle: Settle, hold?: () => void): () => boolean {
  const operation = start();
  if (operation !== 0) {
    waiting.set(operation, settle);
    return () => cancel(operation);
  }
  if (queue.size >= MOST_QUEUED) {
    throw coded("overloaded", `too many operations of this actor are open at once, and ${MOST_QUEUED} more wait for them`);
  }
  hold?.();
  let number = 0;
  const queued: Queued = {
    start: () => (number = start()),
    settle,
  };
  queue.add(queued);
  return () => queue.delete(queued) || cancel(number);
}

function cancel(operation: number): boolean {
  if (!forget(operation)) {
    return false;
  }
  host.cancel(operation);
  if (queue.size > 0) {
    // Its place is free when this turn is over, and no other may end.
    const timer = host.timerStart(0);
    if (timer !== 0) {
      waiting.set(timer, startQueued);
    }
  }
  return true;
}

/** Starts what waits, as far as the host lets it. */
function startQueued(): void {
  for (const queued of queue) {
    let operation: number;
    try {
      operation = queued.start();
    } catch (error) {
      queue.delete(queued);
      queued.settle(false, "bad_request: " + String(error));
      continue;
    }
    if (operation === 0) {
      return;
    }
    queue.delete(queued);
    waiting.set(operation, queued.settle);
  }
}

/** The outcome of an operation; with a signal, aborting cancels it. */
export function outcome<T>(start: Start, signal?: Pick<AbortSignal, "addEventListener" | "reason">, hold?: () => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const takeBack = begin(start, (ok, value) => {
      if (ok) {
        resolve(value as T);
      } else {
        reject(actorError(String(value)));
      }
    }, hold);
    signal?.addEventListener("abort", () => {
      if (takeBack()) {
        reject(signal.reason);
      }
    });
  });
}

export function forget(operation: number): boolean {
  return waiting.delete(operation);
}

/** Whether anybody had asked for it. */
export function complete(operation: number, ok: boolean, value: unknown): boolean {
  const settle = waiting.get(operation);
  if (!settle) {
    return false;
  }
  waiting.delete(operation);
  try {
    // First: what it begins itself, such as its next timer, must not wait for all that waits already.
    settle(ok, value);
  } finally {
    if (queue.size > 0) {
      startQueued();
    }
  }
  return true;
}
