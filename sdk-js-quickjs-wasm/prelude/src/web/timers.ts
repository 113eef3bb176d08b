import { coded, reportError } from "../core/errors";
import { host } from "../core/host";
import { begin } from "../core/operations";

/** The longest delay that the host's timers take; longer ones are made of several. */
const LONGEST_MILLIS = 10 * 60_000;

const MOST_TIMERS = 10_000;

interface Timer {
  id: number;
  due: number;
  action: () => void;
  /** The time between two calls; undefined where there is only one. */
  period: number | undefined;
  /** Whether it was cleared, or has fired for the last time. */
  over: boolean;
}

const timers = new Map<number, Timer>();
let made = 0;

/** All of them, and some that were cleared, as a binary heap: the first due is the first. */
const queue: Timer[] = [];

/** The host's timer, which is one for all: up to when it waits, and what takes it back. */
let armed: { until: number; takeBack: () => boolean } | undefined;

/** Starts a timer and answers its id. It lives as long as the instance, and keeps the actor awake. */
export function setTimer(action: () => void, delay: number, repeat = false): number {
  if (timers.size >= MOST_TIMERS) {
    throw coded("overloaded", `an actor has at most ${MOST_TIMERS} timers at a time`);
  }
  const millis = delay > 0 && delay < 2 ** 53 ? Math.trunc(delay) : 0;
  // An interval of 0 would be a turn that never ends.
  const id = ++made;
  const timer: Timer = { id, due: host.now() + millis, action, period: repeat ? Math.max(millis, 1) : undefined, over: false };
  timers.set(id, timer);
  enqueue(timer);
  try {
    arm();
  } catch (error) {
    forgetTimer(id);
    throw error;
  }
  return id;
}

/** Whether there was a timer with this id. */
function forgetTimer(id: number): boolean {
  const timer = timers.get(id);
  if (!timer) {
    return false;
  }
  timer.over = true;
  return timers.delete(id);
}

export function clearTimer(id: unknown): void {
  if (forgetTimer(Number(id)) && timers.size === 0) {
    clearTimers();
  }
}

/** Clears all of them. */
export function clearTimers(): void {
  timers.clear();
  queue.length = 0;
  armed?.takeBack();
  armed = undefined;
}

/** Of two due at a time, the one that was set first comes first. */
function isBefore(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.id < b.id);
}

function enqueue(timer: Timer): void {
  // Those that were cleared long before they are due must not pile up.
  if (queue.length > 2 * timers.size + 64) {
    const kept = queue.filter((each) => !each.over && each !== timer);
    queue.length = 0;
    kept.forEach(rise);
  }
  rise(timer);
}

/** Puts a timer into the heap. */
function rise(timer: Timer): void {
  let at = queue.length;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (isBefore(queue[above]!, timer)) {
      break;
    }
    queue[at] = queue[above]!;
    at = above;
  }
  queue[at] = timer;
}

/** Takes the first timer out of the heap. */
function dequeue(): void {
  const last = queue.pop()!;
  const length = queue.length;
  if (length === 0) {
    return;
  }
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= length) {
      break;
    }
    if (below + 1 < length && isBefore(queue[below + 1]!, queue[below]!)) {
      below++;
    }
    if (isBefore(last, queue[below]!)) {
      break;
    }
    queue[at] = queue[below]!;
    at = below;
  }
  queue[at] = last;
}

/** The timer that is due first. */
function first(): Timer | undefined {
  for (;;) {
    const timer = queue[0];
    if (!timer?.over) {
      return timer;
    }
    dequeue();
  }
}

/** Has the host wake this instance when the first timer is due. */
function arm(): void {
  const next = first();
  if (!next || (armed && armed.until <= next.due)) {
    return;
  }
  armed?.takeBack();
  armed = undefined;
  const now = host.now();
  const until = Math.min(next.due, now + LONGEST_MILLIS);
  armed = { until, takeBack: begin(() => host.timerStart(Math.max(until - now, 0)), () => fire(until)) };
}

/** Runs one timer: its microtasks come before the next one, which has a turn of its own. */
function fire(reached: number): void {
  armed = undefined;
  const timer = first();
  if (!timer || timer.due > reached) {
    arm();
    return;
  }
  dequeue();
  if (timer.period === undefined) {
    forgetTimer(timer.id);
  } else {
    timer.due = host.now() + timer.period;
    enqueue(timer);
  }
  // First, while there is room for the host's timer.
  arm();
  try {
    timer.action();
  } catch (error) {
    reportError(error);
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
