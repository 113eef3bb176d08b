import { runAlarm } from "../core/alarms";
import { answerConnect, answerFetch } from "../core/answers";
import { reportError } from "../core/errors";
import type { Program } from "../core/events";
import { host } from "../core/host";
import { incoming, type Request } from "../web/request";
import { setAttachmentForm, setHibernation, type Socket, type WebSocket, socketAt, lineMessage, lineClosed } from "../web/websocket";
import { DurableObject } from "./base";
import type { DurableObjectId } from "./id";
import { takeAllBack } from "./references";
import { answerCall } from "./rpc";
import {
  attachmentForm,
  DurableObjectState,
  dropConnections,
  type Inside,
  respondAutomatically,
  reviveSocket,
  socketBound,
} from "./state";

type Constructor = new (ctx: unknown, env: unknown) => any;

/** Says to a peer that its connection is over, but that it may come again. */
const RECONNECT = { code: 4012, reason: "reconnect" };

/** An object of a class: constructed for its first event, and again after it was reset. */
export function objectProgram(constructor: Constructor, id: DurableObjectId, env: unknown): Program {
  let inside: Inside | undefined;
  let instance: any = null;

  function prepare(): void {
    if (inside && !inside.broken) {
      return;
    }
    const now: Inside = {
      broken: undefined,
      waiting: new Set(),
      hasAlarm: () => typeof constructor.prototype?.alarm === "function" || typeof instance?.alarm === "function",
      onBroken: (error) => {
        if (!now.broken) {
          now.broken = { error };
          if (error instanceof Error && Object.isExtensible(error)) {
            Object.assign(error, { durableObjectReset: true });
          }
          reportError(error, "The object was reset:");
          instance = null;
          for (const fail of [...now.waiting]) {
            fail(error);
          }
          now.waiting.clear();
          dropConnections();
          takeAllBack();
        }
      },
    };
    inside = now;
    try {
      const made = new constructor(new DurableObjectState(id, now), env);
      if (!now.broken) {
        instance = made;
      }
    } catch (error) {
      now.broken ??= { error };
      instance = null;
    }
  }

  /** The object's answer, or the error of its reset if that comes first. */
  function whileAlive(handle: () => unknown): unknown {
    const { broken, waiting } = inside!;
    if (broken) {
      throw broken.error;
    }
    const result = handle();
    if (typeof (result as any)?.then !== "function") {
      return result;
    }
    return new Promise((resolve, reject) => {
      waiting.add(reject);
      const done = (): void => void waiting.delete(reject);
      (result as Promise<unknown>).then(
        (value) => (done(), resolve(value)),
        (error) => (done(), reject(error)),
      );
    });
  }

  function handle(request: Request): unknown {
    if (inside!.broken) {
      throw inside!.broken.error;
    }
    if (typeof instance.fetch !== "function") {
      throw new TypeError("Handler does not export a fetch() function.");
    }
    return instance.fetch(request);
  }

  /** Whether the object is well and listens to events of this kind. */
  function hears(method: string): boolean {
    return !inside!.broken && typeof instance?.[method] === "function";
  }

  /** Looks after what a handler of events gave, or threw. */
  function look(method: string, run: () => unknown): void {
    const report = (error: unknown): void => reportError(error, `Uncaught in ${method}():`);
    try {
      const given = run();
      if (typeof given === "object" && given !== null && host.promiseState(given) !== 1) {
        Promise.resolve(given).catch(report);
      }
    } catch (error) {
      report(error);
    }
  }

  setAttachmentForm(attachmentForm);
  setHibernation({
    message(ws: WebSocket, data) {
      if (hears("webSocketMessage")) {
        look("webSocketMessage", () => instance.webSocketMessage(ws, data));
      }
    },
    close(ws, code, reason, clean) {
      if (hears("webSocketClose")) {
        look("webSocketClose", () => instance.webSocketClose(ws, code, reason, clean));
      }
    },
    error(ws, error) {
      if (hears("webSocketError")) {
        look("webSocketError", () => instance.webSocketError(ws, error));
      }
    },
    bound: socketBound,
  });
  for (const connection of host.connections(null)) {
    // Connections whose listeners were lost with an earlier instance.
    if (!socketAt(connection) && !reviveSocket(connection)) {
      host.close(connection, RECONNECT.code, RECONNECT.reason);
    }
  }

  return {
    prepare,
    fetch: (request, parts) => answerFetch(request, parts, handle, inside),
    connect: (connection, _url, upgrade) => answerConnect(connection, () => whileAlive(() => handle(incoming(upgrade)))),
    message(connection, data) {
      const socket = reviveSocket(connection);
      if (socket && !respondAutomatically(socket, data)) {
        lineMessage(socket, data);
      }
    },
    close(connection, code, reason) {
      const socket = reviveSocket(connection);
      if (socket) {
        lineClosed(socket, code, reason);
      }
    },
    call(request, payload) {
      const broken = inside!.broken;
      const refusal = broken
        ? broken.error
        : new TypeError(
            "The receiving Durable Object does not support RPC, because its class was not declared with `extends DurableObject`.",
          );
      const target = !broken && instance instanceof DurableObject ? instance : null;
      answerCall(request, target, refusal, payload, whileAlive);
    },
    alarm(attempt, due) {
      runAlarm(attempt, due, (info) =>
        whileAlive(() => {
          if (typeof instance.alarm !== "function") {
            host.log(2, "The alarm fired, but the class has no alarm()");
            return undefined;
          }
          return instance.alarm(info);
        }),
      );
    },
    intercept: (socket: Socket, data) => respondAutomatically(socket, data),
  };
}
