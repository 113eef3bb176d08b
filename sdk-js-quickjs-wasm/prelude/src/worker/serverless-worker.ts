import { actorName, app } from "../core/app";
import { actorError, coded } from "../core/errors";
import { host } from "../core/host";
import { begin } from "../core/operations";
import { fetchActor } from "../objects/namespace";
import { EventTarget, handlerAttributes } from "../web/events";
import type { Response } from "../web/response";
import { attachPort, type MessagePort, newPort, portFailed } from "./port";
import { CBOR_PROTOCOL } from "./wire";

/** The name of the worker that is meant where none is given. */
export const DEFAULT_NAME = "default";

function classOf(path: string): string | undefined {
  const workers = app().workers ?? {};
  const plain = (text: string): string => text.replace(/^\.\//, "").replace(/\.[cm]?[jt]s$/, "");
  const found = Object.keys(workers).find((known) => known === path || plain(known) === plain(path));
  if (found !== undefined) {
    return workers[found];
  }
  const classes = app().classes ?? [];
  if (classes.length <= 1) {
    return classes[0];
  }
  throw new TypeError(`"${path}" is none of this app's worker modules: ${Object.keys(workers).join(", ")}`);
}

/** A worker (an actor of this app), by the path of its module and its name. */
export class ServerlessWorker extends EventTarget {
  readonly name: string;
  #actor: string;
  #port: MessagePort | undefined;

  constructor(path: unknown, options?: unknown) {
    super();
    if (arguments.length === 0) {
      throw new TypeError("ServerlessWorker needs the path of a worker module");
    }
    const name = typeof options === "object" && options !== null ? (options as { name?: unknown }).name : options;
    this.name = name === undefined || name === null ? DEFAULT_NAME : String(name);
    this.#actor = actorName(classOf(String(path)), this.name);
  }

  /** The port of a connection to the worker, which is opened on first use. */
  get port(): MessagePort {
    if (!this.#port) {
      const port = newPort();
      this.#port = port;
      // The connection is asked for when the code that made the worker has set its handlers.
      queueMicrotask(() => this.#connect(port));
    }
    return this.#port;
  }

  #connect(port: MessagePort): void {
    const fail = (error: Error): void => {
      this.#port = undefined;
      portFailed(port, error);
    };
    try {
      begin(() => host.actorConnect(null, this.#actor, "/", ["sec-websocket-protocol", CBOR_PROTOCOL]), (ok, value) => {
        if (!ok) {
          fail(actorError(String(value)));
          return;
        }
        const [first, second] = value as [number, string | null];
        if (first < 1000) {
          fail(coded("refused", `the worker refused the connection with status ${first}`));
        } else {
          attachPort(port, first, second === CBOR_PROTOCOL);
        }
      });
    } catch (error) {
      fail(error as Error);
    }
  }

  /** Sends a request to the worker's fetch; a request for a WebSocket is joined to its connect. */
  fetch(input: unknown, init?: unknown): Promise<Response> {
    return fetchActor(null, this.#actor, input, init);
  }
}

handlerAttributes(ServerlessWorker.prototype, ["error"]);
