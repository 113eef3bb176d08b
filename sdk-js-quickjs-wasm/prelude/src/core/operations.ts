import { actorError, coded } from "./errors";
import { host } from "./host";

type Settle = (ok: boolean, value: unknown) => void;

const waiting = new Map<number, Settle>();

/** Calls back in the turn in which the host finishes the operation. */
export function whenDone(operation: number, settle: Settle): void {
  if (operation === 0) {
    throw coded("overloaded", "too many operations of this actor are open at once");
  }
  waiting.set(operation, settle);
}

/** The outcome of an operation; with a signal, aborting cancels it. */
export function outcome<T>(operation: number, signal?: Pick<AbortSignal, "addEventListener" | "reason">): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    whenDone(operation, (ok, value) => {
      if (ok) {
        resolve(value as T);
      } else {
        reject(actorError(String(value)));
      }
    });
    signal?.addEventListener("abort", () => {
      if (forget(operation)) {
        host.cancel(operation);
        reject(signal.reason);
      }
    });
  });
}

export function forget(operation: number): boolean {
  return waiting.delete(operation);
}

export function complete(operation: number, ok: boolean, value: unknown): void {
  const settle = waiting.get(operation);
  if (settle) {
    waiting.delete(operation);
    settle(ok, value);
  }
}
