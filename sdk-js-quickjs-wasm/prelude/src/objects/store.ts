import { deleteAlarm, getAlarm, setAlarm } from "../core/alarms";
import { requireOk } from "../core/errors";
import { host, type ListOptions } from "../core/host";

/**
 * The actor's storage with transactions over it. A transaction is a layer of changes in memory that
 * reads see first; to commit is to put the layer into the one below, to roll back is to forget it. What
 * leaves the lowest layer does so in one turn, so that a crash sees all of a transaction or nothing.
 */
interface Layer {
  /** Encoded values; null where the key was deleted. */
  changes: Map<string, Uint8Array | null>;
  /** Whether all keys below this layer are gone. */
  cleared: boolean;
  /** The alarm, when this layer changed it. */
  alarm: number | null | undefined;
}

const layers: Layer[] = [];

function top(): Layer | undefined {
  return layers[layers.length - 1];
}

/** A change of the key in some layer: encoded, null where deleted, undefined where the host knows. */
function layered(key: string): Uint8Array | null | undefined {
  for (let i = layers.length - 1; i >= 0; i--) {
    const change = layers[i]!.changes.get(key);
    if (change !== undefined) {
      return change;
    }
    if (layers[i]!.cleared) {
      return null;
    }
  }
  return undefined;
}

export function get(key: string): unknown {
  const change = layers.length > 0 ? layered(key) : undefined;
  return change === undefined ? host.get(key) : change === null ? undefined : host.decode(change);
}

export function getMany(keys: string[]): [string, unknown][] {
  if (layers.length === 0) {
    return host.getMany(keys);
  }
  return [...new Set(keys)]
    .sort(byCodePoint)
    .map((key): [string, unknown] => [key, get(key)])
    .filter(([, value]) => value !== undefined);
}

export function has(key: string): boolean {
  const change = layers.length > 0 ? layered(key) : undefined;
  return change === undefined ? host.has(key) : change !== null;
}

export function put(key: string, value: unknown): void {
  const layer = top();
  if (layer) {
    requireKey(key);
    layer.changes.set(key, host.encode(value));
  } else {
    requireOk(host.put(key, value), "put()");
  }
}

export function putMany(entries: [string, unknown][]): void {
  if (top()) {
    entries.forEach(([key, value]) => put(key, value));
  } else {
    requireOk(host.putMany(entries), "put()");
  }
}

export function remove(key: string): boolean {
  const layer = top();
  if (!layer) {
    return host.delete(key);
  }
  const existed = has(key);
  layer.changes.set(key, null);
  return existed;
}

export function removeMany(keys: string[]): number {
  return top() ? keys.filter((key) => remove(key)).length : host.deleteMany(keys);
}

export function clear(): void {
  const layer = top();
  if (layer) {
    layer.changes.clear();
    layer.cleared = true;
  } else {
    host.deleteAll();
  }
}

export function list(options: ListOptions): [string, unknown][] {
  if (layers.length === 0) {
    return host.list(options);
  }
  const { limit, ...range } = options;
  const found = new Map<string, unknown>();
  if (!layers.some((layer) => layer.cleared)) {
    for (const [key, value] of host.list({ ...range, reverse: false })) {
      found.set(key, value);
    }
  }
  const changed = new Set(layers.flatMap((layer) => [...layer.changes.keys()]));
  for (const key of changed) {
    if (inRange(key, range)) {
      const value = get(key);
      if (value === undefined) {
        found.delete(key);
      } else {
        found.set(key, value);
      }
    }
  }
  const sorted = [...found].sort(([a], [b]) => byCodePoint(a, b));
  if (options.reverse) {
    sorted.reverse();
  }
  return limit === undefined ? sorted : sorted.slice(0, limit);
}

function inRange(key: string, { start, startAfter, end, prefix }: ListOptions): boolean {
  return (
    (startAfter !== undefined ? byCodePoint(key, startAfter) > 0 : start === undefined || byCodePoint(key, start) >= 0) &&
    (end === undefined || byCodePoint(key, end) < 0) &&
    (prefix === undefined || key.startsWith(prefix))
  );
}

/** The order of UTF-8 bytes, which is that of code points. */
export function byCodePoint(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x !== y) {
      // Surrogates stand for code points above all others.
      if (x >= 0xd800 && y >= 0xd800) {
        x += x >= 0xe000 ? -0x800 : 0x2000;
        y += y >= 0xe000 ? -0x800 : 0x2000;
      }
      return x - y;
    }
  }
  return a.length - b.length;
}

function requireKey(key: string): void {
  const { length } = host.utf8Encode(key);
  requireOk(length === 0 || length > 2048 ? 1 : 0, "put()");
}

export const alarm = {
  get(): number | null {
    for (let i = layers.length - 1; i >= 0; i--) {
      if (layers[i]!.alarm !== undefined) {
        return layers[i]!.alarm!;
      }
    }
    return getAlarm();
  },
  set(dueMillis: number): void {
    const layer = top();
    if (layer) {
      layer.alarm = dueMillis;
    } else {
      setAlarm(dueMillis);
    }
  },
  delete(): void {
    const layer = top();
    if (layer) {
      layer.alarm = null;
    } else {
      deleteAlarm();
    }
  },
};

/** Begins a transaction inside those that are open. */
export function begin(): Layer {
  const layer: Layer = { changes: new Map(), cleared: false, alarm: undefined };
  layers.push(layer);
  return layer;
}

/** Keeps what the innermost transaction changed. */
export function commit(layer: Layer): void {
  const at = layers.indexOf(layer);
  layers.splice(at);
  if (layer.cleared) {
    clear();
  }
  const puts: [string, unknown][] = [];
  const removed: string[] = [];
  const below = top();
  for (const [key, change] of layer.changes) {
    if (below) {
      below.changes.set(key, change);
    } else if (change === null) {
      removed.push(key);
    } else {
      puts.push([key, host.decode(change)]);
    }
  }
  if (puts.length > 0) {
    putMany(puts);
  }
  if (removed.length > 0) {
    removeMany(removed);
  }
  if (layer.alarm !== undefined) {
    if (layer.alarm === null) {
      alarm.delete();
    } else {
      alarm.set(layer.alarm);
    }
  }
}

/** Forgets what a transaction, and those inside it, changed. */
export function rollback(layer: Layer): void {
  const at = layers.indexOf(layer);
  if (at >= 0) {
    layers.splice(at);
  }
}

export type { Layer };
