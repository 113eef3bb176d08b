import { host, type ListOptions } from "../core/host";
import * as store from "./store";

const MOST_KEYS = 128;

/** Whether the object that the storage belongs to is still the living one; throws where it is not. */
export type Living = () => void;

function keysOf(keys: unknown): string[] {
  const list = [...(keys as Iterable<unknown>)].map(String);
  if (list.length > MOST_KEYS) {
    throw new RangeError(`Maximum number of keys is ${MOST_KEYS}.`);
  }
  return list;
}

function entriesOf(entries: object): [string, unknown][] {
  const list = Object.entries(entries).filter(([, value]) => value !== undefined);
  if (list.length > MOST_KEYS) {
    throw new RangeError(`Maximum number of pairs is ${MOST_KEYS}.`);
  }
  return list;
}

function requireValue(value: unknown): void {
  if (value === undefined) {
    throw new TypeError("put() called with undefined value.");
  }
}

function listOptions(options: any = {}): ListOptions {
  const range: ListOptions = {};
  for (const name of ["start", "startAfter", "end", "prefix"] as const) {
    if (options?.[name] !== undefined && options[name] !== null) {
      range[name] = String(options[name]);
    }
  }
  if (range.start !== undefined && range.startAfter !== undefined) {
    throw new TypeError("list() cannot be called with both start and startAfter values.");
  }
  if (options?.reverse !== undefined) {
    range.reverse = Boolean(options.reverse);
  }
  if (options?.limit !== undefined && options.limit !== null) {
    if (!(Number(options.limit) > 0)) {
      throw new TypeError("List limit must be positive.");
    }
    range.limit = Math.trunc(Number(options.limit));
  }
  return range;
}

function dueOf(time: unknown): number {
  const due = time instanceof Date ? time.getTime() : Number(time);
  if (!Number.isFinite(due) || due < 0) {
    throw new TypeError("setAlarm() cannot be called with a time that is no date");
  }
  return Math.trunc(due);
}

/** What storage and the transactions in it have in common. */
export class Operations {
  protected living: Living;

  constructor(living: Living) {
    this.living = living;
    Object.defineProperty(this, "living", { enumerable: false });
  }

  get(keys: unknown): Promise<unknown> {
    try {
      this.living();
      return host.settled(
        typeof keys === "object" && keys !== null ? new Map(store.getMany(keysOf(keys))) : store.get(String(keys)),
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  put(key: unknown, value?: unknown): Promise<void> {
    try {
      this.living();
      if (typeof key === "object" && key !== null) {
        store.putMany(entriesOf(key));
      } else {
        requireValue(value);
        store.put(String(key), value);
      }
      return host.settled(undefined);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  delete(keys: unknown): Promise<boolean | number> {
    try {
      this.living();
      return host.settled(
        typeof keys === "object" && keys !== null ? store.removeMany(keysOf(keys)) : store.remove(String(keys)),
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async list(options?: unknown): Promise<Map<string, unknown>> {
    this.living();
    return new Map(store.list(listOptions(options)));
  }

  async getAlarm(): Promise<number | null> {
    this.living();
    return store.alarm.get();
  }

  async setAlarm(time: unknown): Promise<void> {
    this.living();
    store.alarm.set(dueOf(time));
  }

  async deleteAlarm(): Promise<void> {
    this.living();
    store.alarm.delete();
  }
}

export class DurableObjectTransaction extends Operations {
  #rolledBack = false;

  static rolledBack(transaction: DurableObjectTransaction): boolean {
    return transaction.#rolledBack;
  }

  rollback(): void {
    this.living();
    this.#rolledBack = true;
    this.living = () => {
      throw new Error("Cannot perform operation on rolled back transaction");
    };
  }
}

const rolledBack = DurableObjectTransaction.rolledBack;
delete (DurableObjectTransaction as any).rolledBack;

class SyncKvStorage {
  #living: Living;

  constructor(living: Living) {
    this.#living = living;
  }

  get(key: unknown): unknown {
    this.#living();
    return store.get(String(key));
  }

  put(key: unknown, value: unknown): void {
    this.#living();
    requireValue(value);
    store.put(String(key), value);
  }

  delete(key: unknown): boolean {
    this.#living();
    return store.remove(String(key));
  }

  list(options?: unknown): IterableIterator<[string, unknown]> {
    this.#living();
    return store.list(listOptions(options))[Symbol.iterator]();
  }
}

export class DurableObjectStorage extends Operations {
  #exclusive: <T>(task: () => Promise<T>) => Promise<T>;
  #mayHaveAlarm: () => boolean;
  #kv: SyncKvStorage | undefined;

  constructor(living: Living, exclusive: <T>(task: () => Promise<T>) => Promise<T>, mayHaveAlarm: () => boolean) {
    super(living);
    this.#exclusive = exclusive;
    this.#mayHaveAlarm = mayHaveAlarm;
  }

  override async setAlarm(time: unknown): Promise<void> {
    if (!this.#mayHaveAlarm()) {
      throw new TypeError("Your Durable Object class must have an alarm() handler in order to call setAlarm()");
    }
    await super.setAlarm(time);
  }

  async deleteAll(options: { deleteAlarm?: boolean } = {}): Promise<void> {
    this.living();
    store.clear();
    if (options?.deleteAlarm !== false) {
      store.alarm.delete();
    }
  }

  /** Storage is durable before anything that a turn says leaves the server, so there is nothing to wait for. */
  async sync(): Promise<void> {
    this.living();
  }

  transaction<T>(closure: (transaction: DurableObjectTransaction) => T | Promise<T>): Promise<T> {
    this.living();
    return this.#exclusive(async () => {
      const layer = store.begin();
      const transaction = new DurableObjectTransaction(this.living);
      try {
        const result = await closure(transaction);
        this.living();
        if (rolledBack(transaction)) {
          store.rollback(layer);
        } else {
          store.commit(layer);
        }
        return result;
      } catch (error) {
        store.rollback(layer);
        throw error;
      }
    });
  }

  transactionSync<T>(closure: () => T): T {
    this.living();
    const layer = store.begin();
    try {
      const result = closure();
      if (typeof (result as any)?.then === "function") {
        throw new TypeError("transactionSync() takes a function that does not wait; use transaction()");
      }
      store.commit(layer);
      return result;
    } catch (error) {
      store.rollback(layer);
      throw error;
    }
  }

  get kv(): SyncKvStorage {
    return (this.#kv ??= new SyncKvStorage(this.living));
  }

  get sql(): never {
    throw new Error(
      "ctx.storage.sql is not supported by Dormouse yet. Use ctx.storage.get, put, list and transaction, or ctx.storage.kv",
    );
  }

  async getCurrentBookmark(): Promise<never> {
    throw new Error("Point-in-time recovery is not supported by Dormouse");
  }

  async getBookmarkForTime(): Promise<never> {
    throw new Error("Point-in-time recovery is not supported by Dormouse");
  }

  async onNextSessionRestoreBookmark(): Promise<never> {
    throw new Error("Point-in-time recovery is not supported by Dormouse");
  }
}
