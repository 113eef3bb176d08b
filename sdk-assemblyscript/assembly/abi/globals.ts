/**
 * What stands behind the names that AssemblyScript programs expect of their surroundings: abort,
 * trace, the seed of Math.random, Date.now and console. The transform aliases them to these.
 */
import { clock, log, random } from "./imports";
import { Level, Log } from "../log";

const MESSAGE_UNITS: i32 = 600;
const FILE_UNITS: i32 = 200;
/** Room for the message and the file in UTF-8, three bytes to a unit at most, and two numbers. */
const LINE: usize = memory.data(2464);

/**
 * Ends the turn: writes the message and where it was thrown to the actor's log, then traps. It
 * allocates nothing and has no managed locals, so it also works when memory or stack have run out.
 */
export function abort(message: usize, file: usize, line: u32, column: u32): void {
  let at = LINE;
  if (message != 0) {
    at = appendText(at, message, MESSAGE_UNITS);
  } else {
    store<u32>(at, 0x726f6261); // "abor"
    store<u8>(at, 0x74, 4); // "t"
    at += 5;
  }
  store<u32>(at, 0x20746120); // " at "
  at = file != 0 ? appendText(at + 4, file, FILE_UNITS) : at + 4;
  store<u8>(at, 0x3a);
  at = appendNumber(at + 1, line);
  store<u8>(at, 0x3a);
  at = appendNumber(at + 1, column);
  log.write(Level.Error, LINE, <i32>(at - LINE));
  unreachable();
}

function appendText(at: usize, text: usize, maxUnits: i32): usize {
  // The byte size of a managed object stands right before it.
  const units = min<i32>(load<i32>(text - 4) >> 1, maxUnits);
  return at + String.UTF8.encodeUnsafe(text, units, at, false, String.UTF8.ErrorMode.REPLACE);
}

function appendNumber(at: usize, number: u32): usize {
  let divisor: u32 = 1;
  while (number / divisor >= 10) divisor *= 10;
  while (divisor != 0) {
    store<u8>(at++, <u8>(0x30 + ((number / divisor) % 10)));
    divisor /= 10;
  }
  return at;
}

/** Seeds Math.random from the host's strong source. */
export function seed(): f64 {
  return reinterpret<f64>(random.nextU64());
}

export function trace(
  message: string, n: i32 = 0, a0: f64 = 0, a1: f64 = 0, a2: f64 = 0, a3: f64 = 0, a4: f64 = 0
): void {
  let line = message;
  if (n > 0) line += " " + a0.toString();
  if (n > 1) line += " " + a1.toString();
  if (n > 2) line += " " + a2.toString();
  if (n > 3) line += " " + a3.toString();
  if (n > 4) line += " " + a4.toString();
  Log.write(Level.Debug, line);
}

export namespace Date {
  export function now(): f64 {
    return <f64>clock.now();
  }
}

export namespace console {
  export function assert(condition: bool, message: string): void {
    if (!condition) Log.write(Level.Error, "assertion failed: " + message);
  }
  export function log(text: string): void {
    Log.write(Level.Info, text);
  }
  export function debug(text: string): void {
    Log.write(Level.Debug, text);
  }
  export function info(text: string): void {
    Log.write(Level.Info, text);
  }
  export function warn(text: string): void {
    Log.write(Level.Warn, text);
  }
  export function error(text: string): void {
    Log.write(Level.Error, text);
  }
  export function time(label: string): void {
    timers.set(label, clock.now());
  }
  export function timeLog(label: string): void {
    if (!timers.has(label)) return;
    Log.write(Level.Info, label + ": " + (clock.now() - timers.get(label)).toString() + " ms");
  }
  export function timeEnd(label: string): void {
    timeLog(label);
    timers.delete(label);
  }
}

@lazy const timers = new Map<string, u64>();
