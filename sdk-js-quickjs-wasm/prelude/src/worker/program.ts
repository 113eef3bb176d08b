import { deleteAlarm, getAlarm, runAlarm, setAlarm } from "../core/alarms";
import { answerFetch } from "../core/answers";
import { reportError } from "../core/errors";
import type { Program } from "../core/events";
import { host } from "../core/host";
import { ExecutionContext } from "../objects/base";
import { Operations } from "../objects/storage";
import * as store from "../objects/store";
import type { Parts } from "../web/body";
import { protocolsIn } from "../web/fetch";
import { type Request } from "../web/request";
import { allPorts, attachPort, ConnectEvent, newPort, portAt } from "./port";
import { CBOR_PROTOCOL } from "./wire";

export const RECONNECT_CODE = 4012;

/** Below this, a time given to setAlarm is a delay; it is 1973 as a time. */
const LONGEST_DELAY_MILLIS = 1e11;

export interface WorkerModule {
  connect?(event: ConnectEvent, env: unknown, ctx: ExecutionContext): unknown;
  alarm?(info: unknown, env: unknown, ctx: ExecutionContext): unknown;
  fetch?(request: unknown, env: unknown, ctx: ExecutionContext): unknown;
}

/** The global `storage` of worker modules. */
class Storage extends Operations {
  async deleteAll(): Promise<void> {
    store.clear();
  }
}

/** What worker modules find on `self`. */
export function workerGlobals(name: () => string, terminate: () => void): Record<string, unknown> {
  const storage = new Storage(() => {});
  return {
    storage,
    terminate,
    waitUntil: (promise: unknown): void => {
      Promise.resolve(promise).catch((error) => reportError(error, "Uncaught (in waitUntil)"));
    },
    setAlarm: async (time: unknown): Promise<void> => {
      const millis = time instanceof Date ? time.getTime() : Number(time);
      if (!Number.isFinite(millis) || millis < 0) {
        throw new TypeError("setAlarm takes a Date, a time in milliseconds, or a delay in milliseconds");
      }
      const isDelay = !(time instanceof Date) && millis < LONGEST_DELAY_MILLIS;
      setAlarm(Math.trunc(isDelay ? host.now() + millis : millis));
    },
    getAlarm: async (): Promise<number | null> => getAlarm(),
    deleteAlarm: async (): Promise<void> => deleteAlarm(),
    get name(): string {
      return name();
    },
  };
}

/** A worker module: `export default { connect, alarm, fetch }`. */
export function workerProgram(module: WorkerModule, env: unknown): Program {
  const ctx = new ExecutionContext((error) => reportError(error, "Uncaught (in waitUntil)"));
  for (const connection of host.connections(null)) {
    // Its listeners were lost with an earlier instance: the peer comes again and finds new ones.
    if (!portAt(connection)) {
      host.close(connection, RECONNECT_CODE, "reconnect");
    }
  }

  function connect(connection: number, url: string, upgrade: Parts): void {
    if (typeof module.connect !== "function") {
      host.reject(connection, 501, "no_handler: the worker has no connect()");
      return;
    }
    const cbor = protocolsIn(upgrade).includes(CBOR_PROTOCOL);
    host.accept(connection, cbor ? CBOR_PROTOCOL : null);
    const port = newPort();
    attachPort(port, connection, cbor);
    const give = (error: unknown): void => {
      reportError(error, "Uncaught in connect():");
      host.close(connection, 4500, "uncaught_exception");
    };
    try {
      Promise.resolve(module.connect(new ConnectEvent(port, url, upgrade), env, ctx)).catch(give);
    } catch (error) {
      give(error);
    }
  }

  function handle(request: Request): unknown {
    if (typeof module.fetch !== "function") {
      throw new TypeError("The worker has no fetch()");
    }
    return module.fetch(request, env, ctx);
  }

  return {
    prepare() {},
    fetch: (request, parts) => answerFetch(request, parts, handle),
    connect,
    // Connections of this instance are at their ports; others were told to come again.
    message() {},
    close() {},
    call(request) {
      host.rpcRespond(request, false, "no_handler: worker modules have no remote methods");
    },
    alarm(attempt, due) {
      if (typeof module.alarm !== "function") {
        host.log(2, "The alarm fired, but the worker has no alarm()");
        return;
      }
      runAlarm(attempt, due, (info) => module.alarm!(info, env, ctx));
    },
    intercept: () => false,
  };
}

export function closePorts(): void {
  for (const port of allPorts()) {
    port.close();
  }
}
