import { holdAwake, letSleep } from "./awake";
import { reportError } from "./errors";
import { host } from "./host";

/**
 * The alarm as handlers see it. The host clears an alarm when the turn of its event ends; a handler
 * that awaits something runs longer than that. So a guard alarm stands in its place until the handler
 * is done: should the instance be lost, the alarm comes back.
 *
 * A handler that fails keeps what it stored before, as it would if it had stored it in an earlier turn;
 * it is tried again after 2, 4, 8 … seconds. Until then the instance stays awake, since it counts.
 */
const GUARD_MILLIS = 10 * 60_000;
const FIRST_RETRY_MILLIS = 2000;
const MOST_RETRIES = 6;

let guarded = false;
let retries = 0;

function count(failures: number): void {
  if (retries === 0 && failures > 0) {
    holdAwake();
  } else if (retries > 0 && failures === 0) {
    letSleep();
  }
  retries = failures;
}

export function getAlarm(): number | null {
  return guarded ? null : host.alarmGet();
}

export function setAlarm(dueMillis: number): void {
  guarded = false;
  count(0);
  host.alarmSet(dueMillis);
}

export function deleteAlarm(): void {
  if (!guarded) {
    count(0);
    host.alarmDelete();
  }
}

export interface AlarmInfo {
  retryCount: number;
  isRetry: boolean;
  scheduledTime: number;
}

export function runAlarm(attempt: number, dueMillis: number, handler: (info: AlarmInfo) => unknown): void {
  const retryCount = Math.max(attempt, retries);
  guarded = true;
  host.alarmSet(host.now() + GUARD_MILLIS);
  let result: unknown;
  try {
    result = handler({ retryCount, isRetry: retryCount > 0, scheduledTime: dueMillis });
  } catch (error) {
    failed(error, retryCount);
    return;
  }
  Promise.resolve(result).then(
    () => {
      if (guarded) {
        guarded = false;
        count(0);
        host.alarmDelete();
      }
    },
    (error) => failed(error, retryCount),
  );
}

function failed(error: unknown, retryCount: number): void {
  reportError(error, "Uncaught in alarm():");
  if (!guarded) {
    // The handler has set an alarm, or others have since.
    return;
  }
  guarded = false;
  if (retryCount >= MOST_RETRIES) {
    host.log(3, `alarm() failed ${retryCount + 1} times and is given up`);
    count(0);
    host.alarmDelete();
    return;
  }
  count(retryCount + 1);
  host.alarmSet(host.now() + FIRST_RETRY_MILLIS * 2 ** retryCount);
}
