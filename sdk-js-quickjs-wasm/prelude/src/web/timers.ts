import { reportError } from "../core/errors";
import { host } from "../core/host";
import { forget, whenDone } from "../core/operations";

/** The longest delay that the host's timers take; longer ones are made of several. */
const LONGEST_MILLIS = 10 * 60_000;

interface Timer {
  operation: number;
}

const timers = new Map<number, Timer>();
let lastId = 0;

/** Starts a timer and answers its id. It lives as long as the instance, and keeps the actor awake. */
export function setTimer(action: () => void, delay: number, repeat = false): number {
  const id = ++lastId;
  const timer: Timer = { operation: 0 };
  timers.set(id, timer);
  const millis = delay > 0 && delay < 2 ** 53 ? Math.trunc(delay) : 0;
  try {
    arm(id, timer, action, millis, millis, repeat);
  } catch (error) {
    timers.delete(id);
    throw error;
  }
  return id;
}

function arm(id: number, timer: Timer, action: () => void, left: number, full: number, repeat: boolean): void {
  const step = Math.min(left, LONGEST_MILLIS);
  timer.operation = host.timerStart(step);
  whenDone(timer.operation, () => {
    if (left > step) {
      arm(id, timer, action, left - step, full, repeat);
      return;
    }
    if (!repeat) {
      timers.delete(id);
    }
    try {
      action();
    } catch (error) {
      reportError(error);
    }
    if (repeat && timers.has(id)) {
      try {
        // An interval of 0 would be a turn that never ends.
        arm(id, timer, action, Math.max(full, 1), full, true);
      } catch (error) {
        timers.delete(id);
        reportError(error);
      }
    }
  });
}

export function clearTimer(id: unknown): void {
  const timer = timers.get(Number(id));
  if (timer) {
    timers.delete(Number(id));
    if (forget(timer.operation)) {
      host.timerCancel(timer.operation);
    }
  }
}

function start(repeat: boolean) {
  return (callback: unknown, delay?: unknown, ...args: unknown[]): number => {
    if (typeof callback !== "function") {
      throw new TypeError("A timer needs a function; text is not evaluated");
    }
    return setTimer(() => callback(...args), Number(delay ?? 0), repeat);
  };
}

export const setTimeout = start(false);
export const setInterval = start(true);
export const setImmediate = (callback: unknown, ...args: unknown[]): number => setTimeout(callback, 0, ...args);
