import { DOMException } from "../core/errors";
import { Event, EventTarget, handlerAttributes } from "./events";
import { setTimer } from "./timers";

const CREATE = Symbol("create");

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown = undefined;

  constructor(key?: symbol) {
    if (key !== CREATE) {
      throw new TypeError("Illegal constructor");
    }
    super();
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#aborted) {
      throw this.#reason;
    }
  }

  static abort(reason: unknown = abortError()): AbortSignal {
    const signal = new AbortSignal(CREATE);
    abort(signal, reason);
    return signal;
  }

  static timeout(milliseconds: number): AbortSignal {
    const signal = new AbortSignal(CREATE);
    setTimer(() => abort(signal, new DOMException("The operation timed out", "TimeoutError")), Number(milliseconds));
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const any = new AbortSignal(CREATE);
    for (const signal of signals) {
      if (signal.aborted) {
        abort(any, signal.reason);
        break;
      }
      signal.addEventListener("abort", () => abort(any, signal.reason), { once: true });
    }
    return any;
  }

  static [CREATE](): AbortSignal {
    return new AbortSignal(CREATE);
  }

  static trigger(signal: AbortSignal, reason: unknown): void {
    if (!signal.#aborted) {
      signal.#aborted = true;
      signal.#reason = reason;
      signal.dispatchEvent(new Event("abort"));
    }
  }
}

const abort = AbortSignal.trigger;
delete (AbortSignal as any).trigger;
handlerAttributes(AbortSignal.prototype, ["abort"]);

function abortError(): DOMException {
  return new DOMException("The operation was aborted", "AbortError");
}

export class AbortController {
  readonly signal = AbortSignal[CREATE]();

  abort(reason: unknown = abortError()): void {
    abort(this.signal, reason);
  }
}

for (const of of [AbortSignal, AbortController]) {
  }
