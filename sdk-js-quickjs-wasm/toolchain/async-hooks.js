/**
 * `node:async_hooks` for apps that import it: AsyncLocalStorage and AsyncResource. Such an app is built
 * with its async functions lowered to promises, whose `then` takes the context along.
 */
const { then } = Promise.prototype;

/** The values of all storages, by storage, where the code that runs now was started. Never changed, only replaced. */
let current;

function inside(context, callback, self, args) {
  const before = current;
  current = context;
  try {
    return Reflect.apply(callback, self, args);
  } finally {
    current = before;
  }
}

function carried(callback) {
  const context = current;
  if (context === undefined || typeof callback !== "function") return callback;
  return function (...args) {
    return inside(context, callback, this, args);
  };
}

function replace(object, name, make) {
  Object.defineProperty(object, name, { value: make(object[name]), writable: true, configurable: true });
}

replace(Promise.prototype, "then", (native) =>
  function (fulfilled, rejected) {
    return current === undefined ? native.call(this, fulfilled, rejected) : native.call(this, carried(fulfilled), carried(rejected));
  });
for (const name of ["queueMicrotask", "setTimeout", "setInterval", "setImmediate"]) {
  replace(globalThis, name, (native) => (callback, ...rest) => native(carried(callback), ...rest));
}

export class AsyncLocalStorage {
  #default;

  constructor({ defaultValue } = {}) {
    this.#default = defaultValue;
  }

  static bind(callback) {
    const snapshot = AsyncLocalStorage.snapshot();
    return function (...args) {
      return snapshot(() => Reflect.apply(callback, this, args));
    };
  }

  static snapshot() {
    const context = current;
    return (callback, ...args) => inside(context, callback, undefined, args);
  }

  getStore() {
    return current?.has(this) ? current.get(this) : this.#default;
  }

  run(store, callback, ...args) {
    return inside(new Map(current).set(this, store), callback, undefined, args);
  }

  exit(callback, ...args) {
    return this.run(undefined, callback, ...args);
  }

  /** For the rest of this function and what it starts; other events are not inside. */
  enterWith(store) {
    if (current === undefined) then.call(Promise.resolve(), () => (current = undefined));
    current = new Map(current).set(this, store);
  }

  disable() {
    if (current?.has(this)) this.enterWith(undefined);
  }
}

export class AsyncResource {
  #context = current;

  constructor(type) {
    this.type = type;
  }

  static bind(callback) {
    return AsyncLocalStorage.bind(callback);
  }

  runInAsyncScope(callback, self, ...args) {
    return inside(this.#context, callback, self, args);
  }

  bind(callback) {
    const resource = this;
    return function (...args) {
      return resource.runInAsyncScope(callback, this, ...args);
    };
  }

  emitDestroy() {
    return this;
  }

  asyncId() {
    return 0;
  }

  triggerAsyncId() {
    return 0;
  }
}

export const executionAsyncId = () => 0;
export const triggerAsyncId = () => 0;
export const executionAsyncResource = () => ({});
export default { AsyncLocalStorage, AsyncResource, executionAsyncId, executionAsyncResource, triggerAsyncId };
