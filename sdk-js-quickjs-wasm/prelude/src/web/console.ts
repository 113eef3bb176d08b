import { describeError } from "../core/errors";
import { host } from "../core/host";
import { format, inspect } from "../core/inspect";

type Level = 0 | 1 | 2 | 3;

const counts = new Map<string, number>();
const starts = new Map<string, number>();
let indent = "";

function write(level: Level, args: unknown[]): void {
  const text = format(args, describeError);
  host.log(level, indent ? indent + text.replace(/\n/g, "\n" + indent) : text);
}

function at(level: Level) {
  return (...args: unknown[]): void => write(level, args);
}

function label(given: unknown): string {
  return given === undefined ? "default" : String(given);
}

const group = (...args: unknown[]): void => {
  if (args.length > 0) {
    write(1, args);
  }
  indent += "  ";
};

export const console = {
  log: at(1),
  info: at(1),
  debug: at(0),
  warn: at(2),
  error: at(3),
  trace: (...args: unknown[]): void => {
    const stack = new Error(format(args, describeError));
    stack.name = "Trace";
    write(1, [stack]);
  },
  dir: (value: unknown): void => write(1, [inspect(value, describeError)]),
  dirxml: at(1),
  table: (value: unknown): void => write(1, [inspect(value, describeError)]),
  assert: (condition?: unknown, ...args: unknown[]): void => {
    if (!condition) {
      write(3, typeof args[0] === "string" ? ["Assertion failed: " + args[0], ...args.slice(1)] : ["Assertion failed", ...args]);
    }
  },
  count: (name?: unknown): void => {
    const key = label(name);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    write(1, [`${key}: ${count}`]);
  },
  countReset: (name?: unknown): void => void counts.delete(label(name)),
  group,
  groupCollapsed: group,
  groupEnd: (): void => {
    indent = indent.slice(2);
  },
  time: (name?: unknown): void => void starts.set(label(name), host.now()),
  timeLog: (name?: unknown, ...args: unknown[]): void => {
    const key = label(name);
    write(1, [`${key}: ${host.now() - (starts.get(key) ?? host.now())}ms`, ...args]);
  },
  timeEnd: (name?: unknown): void => {
    console.timeLog(name);
    starts.delete(label(name));
  },
  clear: (): void => {},
};
