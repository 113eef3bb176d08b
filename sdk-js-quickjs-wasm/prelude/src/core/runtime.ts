import { ExecutionContext, WorkerEntrypoint } from "../objects/base";
import { fillExports } from "../objects/exports";
import { ownId } from "../objects/id";
import { DurableObjectNamespace, passedInVain } from "../objects/namespace";
import { objectProgram } from "../objects/program";
import { answerReference } from "../objects/rpc";
import { portAt, portClosed, portMessage } from "../worker/port";
import { closePorts, type WorkerModule, workerProgram } from "../worker/program";
import { clearTimers } from "../web/timers";
import { lineClosed, lineMessage, socketAt } from "../web/websocket";
import { answerConnect, answerFetch, answerWaiting, refuseConnect, refuseFetch, sendError } from "./answers";
import { bundleOf, environment, MAIN_BUNDLE, NoSuchActor, splitName } from "./app";
import { describeError, reportError } from "./errors";
import type { Program } from "./events";
import { enter, hasWaiting, isOpen, reopen, shut } from "./gate";
import { incoming, type Request } from "../web/request";
import { type Handlers, host } from "./host";
import { complete } from "./operations";
import { useSourceMap } from "./source-map";

const GATEWAY = 1;

let program: Program | undefined;
let failure: { error: unknown } | undefined;
let loads = 0;
let stale = false;

/** `env` of this instance; also what `cloudflare:workers` exports. */
export const env: Record<string, unknown> = {};

type Exports = Record<string, unknown>;

/** Evaluates the app's bundle; the gate is shut until its top-level awaits are done. */
function load(): void {
  shut();
  failure = undefined;
  program = undefined;
  stale = false;
  let loading: Promise<Program>;
  try {
    const gateway = host.role() === GATEWAY;
    const className = gateway ? "gateway" : splitName(host.name()).className;
    const section = bundleOf(className);
    Object.assign(env, environment((binding) => new DurableObjectNamespace(binding)));
    useSourceMap(section.replace("bundle", "sourcemap"));
    loading = evaluate(section).then((exports) => {
      fillExports(exports, env);
      return gateway ? gatewayProgram(exports) : actorProgram(exports, className);
    });
  } catch (error) {
    loading = Promise.reject(error);
  }
  loading.then(
    (made) => {
      program = made;
      if (hasWaiting()) {
        program.prepare();
      }
      reopen();
    },
    (error) => {
      failure = { error };
      program = failedProgram(error);
      if (!(error instanceof NoSuchActor)) {
        host.log(3, "The app failed to start: " + describeError(error));
      }
      reopen();
    },
  );
}

/** Evaluates the bundle in a section, as it was compiled when the app was built, or else from its source. */
function evaluate(section: string): Promise<Exports> {
  const compiled = host.evalCode(section.replace("bundle", "bytecode"));
  if (compiled) {
    return compiled;
  }
  const source = host.section(section) ?? host.section(MAIN_BUNDLE);
  if (!source) {
    throw new Error(`The module has no section ${section}: build it with "dormouse build"`);
  }
  // A second evaluation needs a name of its own.
  return host.evalModule(loads++ === 0 ? "bundle.js" : `bundle.js?${loads}`, source);
}

function actorProgram(exports: Exports, named: string | undefined): Program {
  const isClass = (value: unknown): value is new (ctx: unknown, env: unknown) => any =>
    typeof value === "function" && value.prototype !== undefined && !(value.prototype instanceof WorkerEntrypoint);
  const main = exports.default;
  const classes = named === undefined ? Object.keys(exports).filter((name) => isClass(exports[name])) : undefined;
  if (isWorker(main) && !isClass(exports[named ?? ""])) {
    return workerProgram(main, env);
  }
  if (classes?.length === 0) {
    throw new TypeError("The app exports no actor: export default { connect, alarm, fetch }, or a class");
  }
  const { className, name } = splitName(host.name(), classes);
  const found = exports[className!];
  if (!isClass(found)) {
    throw new TypeError(`The app's bundle does not export the class "${className}"`);
  }
  return objectProgram(found, ownId(name), env);
}

function isWorker(value: unknown): value is WorkerModule {
  return (
    typeof value === "object" &&
    value !== null &&
    ["connect", "alarm", "fetch"].some((name) => typeof (value as any)[name] === "function")
  );
}

function gatewayProgram(exports: Exports): Program {
  const main = exports.default as any;
  const ctx = new ExecutionContext((error) => reportError(error, "Uncaught (in waitUntil)"));
  const isEntrypoint = typeof main === "function" && main.prototype instanceof WorkerEntrypoint;
  if (!isEntrypoint && typeof main?.fetch !== "function") {
    throw new TypeError("The gateway's module must export default { fetch }");
  }
  const handle = (request: Request): unknown =>
    isEntrypoint ? new main(ctx, env).fetch(request) : main.fetch(request, env, ctx);
  return {
    prepare() {},
    fetch: (request, parts) => answerFetch(request, parts, handle),
    connect: (connection, _url, upgrade) => answerConnect(connection, () => handle(incoming(upgrade))),
    message() {},
    close() {},
    call: (request) => void host.rpcRespond(request, false, "no_handler: a gateway has no remote methods"),
    alarm() {},
    intercept: () => false,
  };
}

/** Answers everything with the error that kept the app from starting. */
function failedProgram(error: unknown): Program {
  const fail = (): never => {
    throw error;
  };
  return {
    prepare() {},
    fetch: (request) => sendError(request, error),
    connect: (connection) => answerConnect(connection, fail),
    message: (connection) => void host.close(connection, 4500, "uncaught_exception"),
    close() {},
    call: (request) => void host.rpcRespond(request, true, [1, error instanceof Error ? error : new Error(String(error))]),
    alarm: () => host.failTurn("the app failed to start: " + describeError(error).split("\n", 1)[0]),
    intercept: () => false,
  };
}

/** Ends the worker: its connections close, its timers are no more, and the next event finds a new one. */
export function terminate(): void {
  closePorts();
  clearTimers();
  stale = true;
}

/** Makes ready for an event. Whether it may run at once, with what is then `program`. */
function ready(): boolean {
  if (failure !== undefined || stale) {
    load();
  } else if (program !== undefined) {
    program.prepare();
  }
  return isOpen();
}

/** An event that may have to wait; false where too many do. */
function event(run: (program: Program) => void): boolean {
  return ready() ? (run(program!), true) : enter(() => run(program!));
}

/** Events that can be lost, by the numbers that the glue has for them. */
enum Lost {
  Connect = 1,
  Message = 2,
  Close = 3,
  Fetch = 4,
  Call = 5,
  Complete = 7,
}

function deliver(to: Program, connection: number, data: string | Uint8Array): void {
  const port = portAt(connection);
  if (port) {
    portMessage(port, data);
    return;
  }
  const socket = socketAt(connection);
  if (!socket) {
    to.message(connection, data);
  } else if (!to.intercept(socket, data)) {
    lineMessage(socket, data);
  }
}

export const handlers: Handlers = {
  start(): void {
    load();
  },

  connect(connection, url, upgrade): void {
    // Should the event have to wait, the handshake waits with it.
    host.defer(connection);
    if (!event((to) => to.connect(connection, url, upgrade))) {
      host.reject(connection, 503, "overloaded: too many events wait for the actor to start");
    }
  },

  message(connection, data): void {
    if (ready()) {
      deliver(program!, connection, data);
    } else if (!enter(() => deliver(program!, connection, data))) {
      host.close(connection, 4503, "overloaded");
    }
  },

  close(connection, code, reason): void {
    event((to) => {
      const port = portAt(connection);
      const socket = port ? undefined : socketAt(connection);
      if (port) {
        portClosed(port, code, reason);
      } else if (socket) {
        lineClosed(socket, code, reason);
      } else {
        to.close(connection, code, reason);
      }
    });
  },

  fetch(request, parts): void {
    if (ready()) {
      program!.fetch(request, parts);
    } else if (!enter(() => program!.fetch(request, parts))) {
      refuseFetch(request);
    }
  },

  call(request, payload): void {
    // Whoever passed something by reference may be waiting for this very call: it passes the gate.
    if (!answerReference(request, payload) && !event((to) => to.call(request, payload))) {
      host.rpcRespond(request, false, "overloaded: too many events wait for the actor to start");
    }
  },

  alarm(attempt, dueMillis): void {
    if (!event((to) => to.alarm(attempt, dueMillis))) {
      host.failTurn("too many events wait for the actor to start");
    }
  },

  complete(operation, ok, value): void {
    if (!complete(operation, ok, value)) {
      passedInVain(operation, ok, value);
    }
  },

  idle(): void {
    answerWaiting();
  },

  unhandled(reason): void {
    reportError(reason, "Uncaught (in promise)");
  },

  uncaught(error): void {
    reportError(error);
  },

  lost(kind, id, error): void {
    if (kind === Lost.Fetch) {
      sendError(id, error);
      return;
    }
    reportError(error);
    if (kind === Lost.Connect) {
      refuseConnect(id, error);
    } else if (kind === Lost.Message) {
      host.close(id, 1011, "memory_exceeded");
    } else if (kind === Lost.Close) {
      handlers.close(id, 1006, "");
    } else if (kind === Lost.Call) {
      host.rpcRespond(id, true, [1, error]);
    } else if (kind === Lost.Complete) {
      handlers.complete(id, false, `memory_exceeded: the outcome could not be taken: ${String(error)}`);
    }
  },
};
