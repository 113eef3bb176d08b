// What tests expect, said in a few words. Everything throws a Mismatch with both sides in it.

class Mismatch extends Error {
  name = "Mismatch";
}

export function show(value) {
  if (typeof value === "string") return JSON.stringify(value.length > 200 ? value.slice(0, 200) + "…" : value);
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "function") return `function ${value.name}`;
  if (value === null || typeof value !== "object") return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof RegExp) return String(value);
  if (value instanceof Map) return `Map${show([...value])}`;
  if (value instanceof Set) return `Set${show([...value])}`;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return `${value.constructor.name}[${[...value].slice(0, 40).map(show)}]`;
  if (Array.isArray(value)) return `[${value.slice(0, 40).map(show).join(", ")}]`;
  return `{${Object.entries(value).slice(0, 40).map(([key, field]) => `${key}: ${show(field)}`).join(", ")}}`;
}

function mismatch(text, note) {
  throw new Mismatch(note ? `${note}: ${text}` : text);
}

export function ok(value, note) {
  if (!value) mismatch(`expected something true, got ${show(value)}`, note);
}

export function equal(actual, expected, note) {
  if (!Object.is(actual, expected)) mismatch(`expected ${show(expected)}, got ${show(actual)}`, note);
}

/** Deep equality of plain data, maps, sets, dates, bytes and errors. */
export function same(actual, expected, note) {
  if (!alike(actual, expected)) mismatch(`expected ${show(expected)}, got ${show(actual)}`, note);
}

function alike(a, b) {
  if (Object.is(a, b)) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
  if (a instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (a instanceof RegExp) return a.source === b.source && a.flags === b.flags;
  if (a instanceof Error) return a.name === b.name && a.message === b.message;
  if (a instanceof Map || a instanceof Set) return alike([...a], [...b]);
  if (a instanceof ArrayBuffer) return alike([...new Uint8Array(a)], [...new Uint8Array(b)]);
  if (a instanceof DataView) return alike(a.buffer.slice(a.byteOffset, a.byteOffset + a.byteLength), b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength));
  if (ArrayBuffer.isView(a)) return a.length === b.length && a.every((element, at) => Object.is(element, b[at]));
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length || a.length !== b.length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && alike(a[key], b[key]));
}

/**
 * The error that `run` throws or rejects with. `kind` is the wanted `name`, or several, or nothing if
 * any error will do; `pattern` is what the message has to match.
 */
export async function fails(run, kind, pattern) {
  let error;
  try {
    await run();
  } catch (thrown) {
    error = thrown;
  }
  if (error === undefined) mismatch(`expected ${kind ?? "an error"}, but nothing was thrown`);
  if (kind !== undefined && ![kind].flat().includes(error.name)) mismatch(`expected ${kind}, got ${show(error)}`);
  if (pattern && !pattern.test(error.message)) mismatch(`expected a message like ${pattern}, got ${show(error)}`);
  return error;
}

export const sleep = (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds));

/** Asks again until the answer is a true one, for at most `milliseconds`. */
export async function eventually(ask, milliseconds = 30000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() >= end) mismatch(`nothing true within ${milliseconds} ms; the last answer was ${show(answer)}`);
    await sleep(50);
  }
}

/** A promise with its ends outside. */
export function deferred() {
  let resolve, reject;
  const promise = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
