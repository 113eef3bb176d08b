import { DOMException, reportError } from "../core/errors";

/** What an event is kept as: handlers get many, and an own property for each of these costs much. */
const enum At {
  Type,
  Target,
  Stopped,
  Dispatching,
  Prevented,
  Bubbles,
  Cancelable,
  Composed,
}

export class Event {
  #at: any[];

  constructor(type: string, init?: EventInit) {
    if (arguments.length === 0) {
      throw new TypeError("Event needs a type");
    }
    this.#at =
      init === undefined
        ? [String(type), null, false, false, false, false, false, false]
        : [String(type), null, false, false, false, Boolean(init?.bubbles), Boolean(init?.cancelable), Boolean(init?.composed)];
  }

  static at(event: Event): any[] {
    return event.#at;
  }

  get type(): string {
    return this.#at[At.Type];
  }

  get target(): EventTarget | null {
    return this.#at[At.Target];
  }

  get srcElement(): EventTarget | null {
    return this.#at[At.Target];
  }

  get currentTarget(): EventTarget | null {
    return this.#at[At.Dispatching] ? this.#at[At.Target] : null;
  }

  get eventPhase(): number {
    return this.#at[At.Dispatching] ? 2 : 0;
  }

  get bubbles(): boolean {
    return this.#at[At.Bubbles];
  }

  get cancelable(): boolean {
    return this.#at[At.Cancelable];
  }

  get composed(): boolean {
    return this.#at[At.Composed];
  }

  get timeStamp(): number {
    return 0;
  }

  get isTrusted(): boolean {
    return false;
  }

  get defaultPrevented(): boolean {
    return this.#at[At.Prevented];
  }

  get returnValue(): boolean {
    return !this.#at[At.Prevented];
  }

  preventDefault(): void {
    if (this.#at[At.Cancelable]) {
      this.#at[At.Prevented] = true;
    }
  }

  stopPropagation(): void {}

  stopImmediatePropagation(): void {
    this.#at[At.Stopped] = true;
  }

  composedPath(): EventTarget[] {
    return this.#at[At.Dispatching] ? [this.#at[At.Target]] : [];
  }

  static readonly NONE = 0;
  static readonly CAPTURING_PHASE = 1;
  static readonly AT_TARGET = 2;
  static readonly BUBBLING_PHASE = 3;
}

const stateOf = Event.at;
delete (Event as any).at;

export class CustomEvent extends Event {
  readonly detail: unknown;

  constructor(type: string, init: CustomEventInit = {}) {
    super(type, init);
    this.detail = init.detail ?? null;
  }
}

interface MessageInit extends EventInit {
  data?: unknown;
  origin?: string;
  lastEventId?: string;
  source?: unknown;
  ports?: unknown[];
}

const NO_INIT: MessageInit = {};
const NO_PORTS: readonly unknown[] = Object.freeze([]);

export class MessageEvent extends Event {
  #data: unknown;
  #init: MessageInit;

  constructor(type: string, init?: MessageInit) {
    super(type, init);
    this.#data = init?.data;
    this.#init = init ?? NO_INIT;
    if (init?.ports !== undefined) {
      this.#init = { ...init, ports: Object.freeze([...init.ports]) as unknown[] };
    }
  }

  get data(): unknown {
    return this.#data === undefined ? null : this.#data;
  }

  get origin(): string {
    return this.#init.origin ?? "";
  }

  get lastEventId(): string {
    return this.#init.lastEventId ?? "";
  }

  get source(): unknown {
    return this.#init.source ?? null;
  }

  get ports(): readonly unknown[] {
    return this.#init.ports ?? NO_PORTS;
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
    const state = stateOf(event);
    if (state[At.Dispatching]) {
      throw new DOMException("The event is being dispatched already", "InvalidStateError");
    }
    state[At.Target] = this;
    state[At.Stopped] = false;
    const list = this.#listeners?.get(state[At.Type])?.slice();
    if (list) {
      state[At.Dispatching] = true;
      for (let i = 0; i < list.length; i++) {
        const listener = list[i]!;
        if (listener.removed) {
          continue;
        }
        if (listener.once) {
          this.#remove(state[At.Type], (l) => l === listener);
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
        if (state[At.Stopped]) {
          break;
        }
      }
      state[At.Dispatching] = false;
    }
    return !state[At.Prevented];
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
