/**
 * What QuickJS's C library asks of an operating system. It has none: a clock that is the turn's, no
 * randomness of its own, and no files. While the snapshot is made, time stands at 0.
 */
import { clock_now } from "./abi";
import { isLive } from "./host";

const SUCCESS = 0;
const BADF = 8;

export function clock_time_get(clock: i32, precision: i64, result: usize): i32 {
  store<u64>(result, isLive() ? clock_now() * 1000000 : 0);
  return SUCCESS;
}

/** Only QuickJS's start-up asks, while the snapshot is made. */
export function random_get(buffer: usize, length: i32): i32 {
  memory.fill(buffer, 0, length);
  return SUCCESS;
}

export function fd_close(fd: i32): i32 {
  return BADF;
}

export function fd_fdstat_get(fd: i32, result: usize): i32 {
  return BADF;
}

export function fd_seek(fd: i32, offset: i64, whence: i32, result: usize): i32 {
  return BADF;
}

export function fd_write(fd: i32, vectors: usize, count: i32, written: usize): i32 {
  return BADF;
}

/** Local time is UTC. */
export function host_get_timezone_offset(a: i32, b: i32): i32 {
  return 0;
}

// The rest belongs to an embedding that is not used.

export function host_interrupt(): i32 {
  return 0;
}

export function host_promise_rejection(promise: i32, reason: i32, handled: i32): void {
  unreachable();
}

export function host_module_normalize(base: i32, name: i32): i32 {
  unreachable();
  return 0;
}

export function host_module_load(name: i32, length: i32): i32 {
  unreachable();
  return 0;
}

export function host_call(a: i32, b: i32, d: i32, e: i32, f: i32): i32 {
  unreachable();
  return 0;
}
