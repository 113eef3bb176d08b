import { DOMException, reportError } from "../core/errors";

const DISPATCH = Symbol("dispatch");

interface DispatchState {
  target: EventTarget | null;
  stopped: boolean;
  dispatching: boolean;
}

export class Event {
  readonly type: string;
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  readonly composed: boolean;
  readonly timeStamp = 0;
  readonly isTrusted = false;
  [DISPATCH]: DispatchState = { target: null, stopped: false, dispatching: false };
  #prevented = false;

  constructor(type: string, init: EventInit = {}) {
    if (arguments.length === 0) {
      throw new TypeError("Event needs a type");
    }
    this.type = String(type);
    this.bubbles = Boolean(init.bubbles);
    this.cancelable = Boolean(init.cancelable);
    this.composed = Boolean(init.composed);
  }

  get target(): EventTarget | null {
    return this[DISPATCH].target;
  }

  get srcElement(): EventTarget | null {
    return this[DISPATCH].target;
  }

  get currentTarget(): EventTarget | null {
    return this[DISPATCH].dispatching ? this[DISPATCH].target : null;
  }

  get eventPhase(): number {
    return this[DISPATCH].dispatching ? 2 : 0;
  }

  get defaultPrevented(): boolean {
    return this.#prevented;
  }

  get returnValue(): boolean {
    return !this.#prevented;
  }

  preventDefault(): void {
    if (this.cancelable) {
      this.#prevented = true;
    }
  }

  stopPropagation(): void {}

  stopImmediatePropagation(): void {
    this[DISPATCH].stopped = true;
  }

  composedPath(): EventTarget[] {
    return this[DISPATCH].dispatching ? [this[DISPATCH].target!] : [];
  }

  static readonly NONE = 0;
  static readonly CAPTURING_PHASE = 1;
  static readonly AT_TARGET = 2;
  static readonly BUBBLING_PHASE = 3;
}

export class CustomEvent extends Event {
  readonly detail: unknown;

  constructor(type: string, init: CustomEventInit = {}) {
    super(type, init);
    this.detail = init.detail ?? null;
  }
}

export class MessageEvent extends Event {
  readonly data: unknown;
  readonly origin: string;
  readonly lastEventId: string;
  readonly source: unknown;
  readonly ports: readonly unknown[];

  constructor(
    type: string,
    init: EventInit & { data?: unknown; origin?: string; lastEventId?: string; source?: unknown; ports?: unknown[] } = {},
  ) {
    super(type, init);
    this.data = init.data === undefined ? null : init.data;
    this.origin = init.origin ?? "";
    this.lastEventId = init.lastEventId ?? "";
    this.source = init.source ?? null;
    this.ports = Object.freeze([...(init.ports ?? [])]);
  }
}

export class CloseEvent extends Event {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;

  constructor(type: string, init: EventInit & { code?: number; reason?: string; wasClean?: boolean } = {}) {
    super(type, init);
    this.code = init.code ?? 0;
    this.reason = init.reason ?? "";
    this.wasClean = init.wasClean ?? false;
  }
}

export class ErrorEvent extends Event {
  readonly message: string;
  readonly filename = "";
  readonly lineno = 0;
  readonly colno = 0;
  readonly error: unknown;

  constructor(type: string, init: EventInit & { message?: string; error?: unknown } = {}) {
    super(type, init);
    this.message = init.message ?? "";
    this.error = init.error;
  }
}

type Callback = ((event: any) => unknown) | { handleEvent(event: any): unknown };

interface Listener {
  callback: Callback;
  once: boolean;
  capture: boolean;
  handler: boolean;
  removed: boolean;
}

export class EventTarget {
  #listeners: Map<string, Listener[]> | undefined;
  #handlers: Map<string, Listener> | undefined;

  addEventListener(
    type: string,
    callback: Callback | null,
    options?: boolean | { once?: boolean; capture?: boolean; passive?: boolean; signal?: AbortSignal },
  ): void {
    if (callback === null || callback === undefined) {
      return;
    }
    const given = typeof options === "object" && options !== null ? options : { capture: Boolean(options) };
    const { once = false, capture = false, signal } = given as { once?: boolean; capture?: boolean; signal?: AbortSignal };
    if (signal?.aborted) {
      return;
    }
    const list = this.#list(type);
    if (list.some((l) => !l.handler && l.callback === callback && l.capture === capture)) {
      return;
    }
    list.push({ callback, once, capture, handler: false, removed: false });
    signal?.addEventListener("abort", () => this.removeEventListener(type, callback, { capture }));
  }

  removeEventListener(type: string, callback: Callback | null, options?: boolean | { capture?: boolean }): void {
    const capture = typeof options === "object" && options !== null ? Boolean(options.capture) : Boolean(options);
    this.#remove(type, (l) => !l.handler && l.callback === callback && l.capture === capture);
  }

  dispatchEvent(event: Event): boolean {
    if (!(event instanceof Event)) {
      throw new TypeError("dispatchEvent needs an Event");
    }
    const state = event[DISPATCH];
    if (state.dispatching) {
      throw new DOMException("The event is being dispatched already", "InvalidStateError");
    }
    state.target = this;
    state.stopped = false;
    const list = this.#listeners?.get(event.type);
    if (list) {
      state.dispatching = true;
      for (const listener of list.slice()) {
        if (listener.removed) {
          continue;
        }
        if (listener.once) {
          this.#remove(event.type, (l) => l === listener);
        }
        try {
          if (typeof listener.callback === "function") {
            listener.callback.call(this, event);
          } else {
            listener.callback.handleEvent(event);
          }
        } catch (error) {
          reportError(error);
        }
        if (state.stopped) {
          break;
        }
      }
      state.dispatching = false;
    }
    return !event.defaultPrevented;
  }

  /** Whether anybody listens for the event. */
  static hears(target: EventTarget, type: string): boolean {
    return Boolean(target.#listeners?.get(type)?.length);
  }

  static handler(target: EventTarget, type: string): Callback | null {
    return target.#handlers?.get(type)?.callback ?? null;
  }

  static setHandler(target: EventTarget, type: string, callback: unknown): void {
    const before = target.#handlers?.get(type);
    if (typeof callback !== "function") {
      if (before) {
        target.#handlers!.delete(type);
        target.#remove(type, (l) => l === before);
      }
    } else if (before) {
      before.callback = callback as Callback;
    } else {
      const listener = { callback: callback as Callback, once: false, capture: false, handler: true, removed: false };
      (target.#handlers ??= new Map()).set(type, listener);
      target.#list(type).push(listener);
    }
  }

  #list(type: string): Listener[] {
    this.#listeners ??= new Map();
    let list = this.#listeners.get(type);
    if (!list) {
      this.#listeners.set(type, (list = []));
    }
    return list;
  }

  #remove(type: string, which: (listener: Listener) => boolean): void {
    const list = this.#listeners?.get(type);
    const at = list ? list.findIndex(which) : -1;
    if (at >= 0) {
      list![at]!.removed = true;
      list!.splice(at, 1);
    }
  }
}

/** Gives a class the attributes `onTYPE`; `then` is told when one is set. */
export function handlerAttributes(prototype: EventTarget, types: string[], then?: (target: any, type: string) => void): void {
  for (const type of types) {
    Object.defineProperty(prototype, "on" + type, {
      get(this: EventTarget) {
        return inside.handler(this, type);
      },
      set(this: EventTarget, callback: unknown) {
        inside.setHandler(this, type, callback);
        then?.(this, type);
      },
      configurable: true,
      enumerable: true,
    });
  }
}

for (const of of [Event, CustomEvent, MessageEvent, CloseEvent, ErrorEvent, EventTarget]) {
  }
/** The prelude's own view of a target, taken off the class so that users do not meet it. */
interface Inside {
  hears(target: EventTarget, type: string): boolean;
  handler(target: EventTarget, type: string): Callback | null;
  setHandler(target: EventTarget, type: string, callback: unknown): void;
}
const inside: Inside = { hears: EventTarget.hears, handler: EventTarget.handler, setHandler: EventTarget.setHandler };
for (const name of Object.keys(inside)) {
  delete (EventTarget as any)[name];
}

export const hears = inside.hears;
