import { describeError, reportError } from "./errors";
import { host } from "./host";

/**
 * The alarm as handlers see it. The host clears an alarm when the turn of its event ends; a handler
 * that awaits something runs longer than that. So a guard alarm stands in its place until the handler
 * is done: should the instance be lost, the alarm comes back.
 */
const GUARD_MILLIS = 10 * 60_000;
const FIRST_RETRY_MILLIS = 2000;
const MOST_LATE_RETRIES = 6;

let turn = 0;
let guarded = false;
let lateRetries = 0;

export function nextTurn(): void {
  turn++;
}

export function getAlarm(): number | null {
  return guarded ? null : host.alarmGet();
}

export function setAlarm(dueMillis: number): void {
  guarded = false;
  host.alarmSet(dueMillis);
}

export function deleteAlarm(): void {
  if (!guarded) {
    host.alarmDelete();
  }
}

export interface AlarmInfo {
  retryCount: number;
  isRetry: boolean;
  scheduledTime: number;
}

export function runAlarm(attempt: number, dueMillis: number, handler: (info: AlarmInfo) => unknown): void {
  const began = turn;
  const retryCount = Math.max(attempt, lateRetries);
  guarded = true;
  host.alarmSet(host.now() + GUARD_MILLIS);
  let result: unknown;
  try {
    result = handler({ retryCount, isRetry: retryCount > 0, scheduledTime: dueMillis });
  } catch (error) {
    failed(error, began, retryCount);
    return;
  }
  Promise.resolve(result).then(
    () => {
      lateRetries = 0;
      if (guarded) {
        guarded = false;
        host.alarmDelete();
      }
    },
    (error) => failed(error, began, retryCount),
  );
}

function failed(error: unknown, began: number, retryCount: number): void {
  reportError(error, "Uncaught in alarm():");
  if (turn === began) {
    // The turn is thrown away, and the host tries the alarm again.
    host.failTurn("alarm() failed: " + describeError(error).split("\n", 1)[0]);
  }
  if (!guarded) {
    return;
  }
  guarded = false;
  if (retryCount >= MOST_LATE_RETRIES) {
    host.log(3, `alarm() failed ${retryCount + 1} times and is given up`);
    lateRetries = 0;
    host.alarmDelete();
    return;
  }
  lateRetries = retryCount + 1;
  host.alarmSet(host.now() + FIRST_RETRY_MILLIS * 2 ** retryCount);
}
