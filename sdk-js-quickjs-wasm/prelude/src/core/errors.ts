import { host } from "./host";

/** The engine has it. */
export const DOMException = globalThis.DOMException;

const RETRYABLE = new Set(["overloaded", "shutting_down", "timeout", "unreachable", "storage_failed"]);

/** An error that the host gave as `code: sentence`, in the form that callers see. */
export interface ActorError extends Error {
  /** One of the server's stable codes. */
  code: string;
  overloaded: boolean;
  /** Whether the same call may succeed later without any change. */
  retryable: boolean;
}

export function actorError(outcome: string): ActorError {
  const parts = /^([a-z_]+): ?([\s\S]*)$/.exec(outcome);
  return coded(parts ? parts[1]! : "actor_trapped", parts ? parts[2]! : outcome);
}

export function coded(code: string, sentence: string): ActorError {
  const error = new Error(sentence) as ActorError;
  error.code = code;
  error.overloaded = code === "overloaded";
  error.retryable = RETRYABLE.has(code);
  return error;
}

/** Throws what a status other than ok means; `what` names the thing that was refused. */
export function requireOk(status: number, what: string): void {
  switch (status) {
    case 0:
      return;
    case 1:
      throw new RangeError(`${what}: the key is empty or larger than the server's limit (2048 bytes unless configured)`);
    case 2:
      throw new RangeError(`${what}: the value is larger than the server's limit`);
    case 3:
      throw coded("storage_full", `${what}: the actor's storage limit would be passed`);
    case 4:
      throw coded("not_found", `${what}: there is no such connection or request any more`);
    case 5:
      throw coded("overloaded", `${what}: a bound on how many there may be would be passed`);
    default:
      throw new TypeError(`${what}: an argument has no meaning here`);
  }
}

/** The status that stands for an error of the server's own where nobody caught it, by its code. */
const STATUSES: Record<string, number> = {
  overloaded: 503,
  shutting_down: 503,
  storage_failed: 503,
  timeout: 504,
  storage_full: 507,
  out_of_fuel: 500,
  memory_exceeded: 500,
  stack_exhausted: 500,
  actor_trapped: 500,
};

/** Whether an error that nobody caught is the server's own, of those that whoever asked should know of; its status. */
export function statusOf(error: unknown): number | undefined {
  const { code, overloaded } = (error ?? {}) as Partial<ActorError>;
  return error instanceof Error && typeof code === "string" && typeof overloaded === "boolean" ? STATUSES[code] : undefined;
}

let mapStack: (stack: string) => string = (stack) => stack;

export function setStackMapper(mapper: (stack: string) => string): void {
  mapStack = mapper;
}

/** What stands before an error's stack, as other engines have it. */
function headOf(error: Error): string {
  const name = String(error.name || "Error");
  return error.message ? `${name}: ${error.message}` : name;
}

/**
 * Has errors tell their stacks in terms of the user's own files, with what they say before it. Nothing
 * is looked up until somebody reads a stack.
 */
export function installStacks(): void {
  const { get, set } = Object.getOwnPropertyDescriptor(Error.prototype, "stack")!;
  Object.defineProperty(Error.prototype, "stack", {
    get(this: Error): unknown {
      const raw: unknown = get!.call(this);
      if (typeof raw !== "string" || !raw.startsWith("    at ")) {
        return raw;
      }
      try {
        return `${headOf(this)}\n${mapStack(raw.trimEnd())}`.trimEnd();
      } catch {
        // A damaged source map must not hide the error itself.
        return raw;
      }
    },
    set,
    configurable: true,
    enumerable: false,
  });
}

/** The error with its stack in terms of the user's own files, and its causes. */
export function describeError(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) {
    return typeof error === "string" ? error : String(error);
  }
  let text = headOf(error);
  if (typeof error.stack === "string" && error.stack) {
    let stack = error.stack.trimEnd();
    if (stack.startsWith(text)) {
      stack = stack.slice(text.length).replace(/^\n/, "");
    }
    try {
      stack = mapStack(stack);
    } catch {
      // A damaged source map must not hide the error itself.
    }
    if (stack) {
      text += "\n" + stack;
    }
  }
  if (error.cause !== undefined && depth < 4) {
    text += "\n  [cause]: " + describeError(error.cause, depth + 1);
  }
  return text;
}

/** Logs what user code threw and nobody caught. */
export function reportError(error: unknown, where = "Uncaught"): void {
  host.makeRoom();
  host.log(3, `${where} ${describeError(error)}`);
}
