import { reportError } from "./errors";
import { host } from "./host";

/**
 * The alarm as handlers see it. The host clears an alarm when the turn of its event ends; a handler
 * that awaits something runs longer than that. So a guard alarm stands in its place until the handler
 * is done: should the instance be lost, the alarm comes back, as one that has failed once more. While
 * the handler runs the guard is put off, for as long as a handler may take.
 *
 * A handler that fails keeps what it stored before, as it would if it had stored it in an earlier turn;
 * it is tried again after 2, 4, 8 … seconds. The host keeps the count.
 */
const GUARD_MILLIS = 30_000;
const LONGEST_MILLIS = 15 * 60_000;
const FIRST_RETRY_MILLIS = 2000;
const MOST_RETRIES = 6;

/** The handler that runs; another object as soon as the alarm is somebody else's. */
interface Running {
  since: number;
  dueMillis: number;
  retryCount: number;
}

let running: Running | null = null;

export function getAlarm(): number | null {
  return running ? null : host.alarmGet();
}

export function setAlarm(dueMillis: number): void {
  running = null;
  host.alarmSet(dueMillis);
}

export function deleteAlarm(): void {
  if (!running) {
    host.alarmDelete();
  }
}

export interface AlarmInfo {
  retryCount: number;
  isRetry: boolean;
  scheduledTime: number;
}

export function runAlarm(attempt: number, dueMillis: number, handler: (info: AlarmInfo) => unknown): void {
  const now = host.now();
  if (running && now - running.since < LONGEST_MILLIS) {
    guard(running);
    return;
  }
  const run: Running = { since: now, dueMillis, retryCount: attempt };
  if (attempt > MOST_RETRIES) {
    giveUp(run);
    return;
  }
  running = run;
  guard(run);
  let result: unknown;
  try {
    result = handler({ retryCount: attempt, isRetry: attempt > 0, scheduledTime: dueMillis });
  } catch (error) {
    failed(run, error);
    return;
  }
  Promise.resolve(result).then(
    () => {
      if (running === run) {
        running = null;
        host.alarmDelete();
      }
    },
    (error) => failed(run, error),
  );
}

function guard({ dueMillis, retryCount }: Running): void {
  host.alarmRetry(host.now() + GUARD_MILLIS, dueMillis, retryCount + 1);
}

function failed(run: Running, error: unknown): void {
  reportError(error, "Uncaught in alarm():");
  if (running !== run) {
    // The handler has set an alarm, or others have since.
    return;
  }
  running = null;
  if (run.retryCount >= MOST_RETRIES) {
    giveUp(run);
    return;
  }
  host.alarmRetry(host.now() + FIRST_RETRY_MILLIS * 2 ** run.retryCount, run.dueMillis, run.retryCount + 1);
}

function giveUp({ retryCount }: Running): void {
  host.log(3, `alarm() failed ${retryCount + 1} times and is given up`);
  host.alarmDelete();
}
