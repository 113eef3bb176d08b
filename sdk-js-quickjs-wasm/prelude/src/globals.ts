import { DOMException, installStacks, reportError } from "./core/errors";
import { host } from "./core/host";
import { late } from "./core/late";
import { AbortController, AbortSignal } from "./web/abort";
import { Blob, File } from "./web/blob";
import { console } from "./web/console";
import { Crypto, crypto } from "./web/crypto/index";
import { bytesOf, isBuffer, TextDecoder, TextEncoder } from "./web/encoding";
import { CloseEvent, CustomEvent, ErrorEvent, Event, EventTarget, MessageEvent } from "./web/events";
import { fetch } from "./web/fetch";
import { FormData } from "./web/form-data";
import { Headers } from "./web/headers";
import { Request } from "./web/request";
import { Response } from "./web/response";
import { byteStreams, STREAM_CLASSES, streams, textStreams } from "./web/streams";
import { clearTimer, setImmediate, setInterval, setTimeout } from "./web/timers";
import { URL } from "./web/url";
import { URLSearchParams } from "./web/url-search-params";
import { WebSocket, WebSocketPair } from "./web/websocket";
import { DurableObject, ExecutionContext, WorkerEntrypoint } from "./objects/base";
import { DurableObjectId } from "./objects/id";
import { DurableObjectNamespace, DurableObjectStub } from "./objects/namespace";
import { RpcStub, RpcTarget } from "./objects/references";
import { DurableObjectState, WebSocketRequestResponsePair } from "./objects/state";
import { DurableObjectStorage, DurableObjectTransaction } from "./objects/storage";
import { ConnectEvent, MessagePort } from "./worker/port";
import { ServerlessWorker } from "./worker/serverless-worker";
import { terminate } from "./core/runtime";
import { splitName } from "./core/app";
import { workerGlobals } from "./worker/program";

function structuredClone(value: unknown, options?: { transfer?: unknown[] }): unknown {
  const clone = host.decode(host.encode(value));
  for (const given of options?.transfer ?? []) {
    if (given instanceof ArrayBuffer) {
      given.transfer();
    } else {
      throw new DOMException("Only an ArrayBuffer can be transferred", "DataCloneError");
    }
  }
  return clone;
}

/** The clock stands still during a turn, so times measured within one are 0. */
const performance = {
  timeOrigin: 0,
  now: (): number => host.now(),
  toJSON: (): object => ({ timeOrigin: 0 }),
};

const scheduler = {
  wait: (delay: number, options: { signal?: AbortSignal } = {}): Promise<void> =>
    new Promise((resolve, reject) => {
      options.signal?.throwIfAborted();
      const timer = setTimeout(resolve, delay);
      options.signal?.addEventListener("abort", () => {
        clearTimer(timer);
        reject(options.signal!.reason);
      });
    }),
};

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}

/** Names a class as users know it, whatever the bundler made of its name. */
function named<T>(name: string, type: T & any): T {
  Object.defineProperty(type, "name", { value: name, configurable: true });
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: name, configurable: true });
  return type;
}

/** A global that is made when it is first asked for. */
function lazy(name: string, make: () => unknown): void {
  Object.defineProperty(globalThis, name, {
    get() {
      const value = make();
      define(name, value);
      return value;
    },
    set(value: unknown) {
      define(name, value);
    },
    configurable: true,
    enumerable: false,
  });
}

/** Classes that users meet, but cannot name. */
const UNNAMED = {
  ConnectEvent, DurableObject, DurableObjectId, DurableObjectNamespace, DurableObjectState, DurableObjectStorage,
  DurableObjectStub, DurableObjectTransaction, ExecutionContext, RpcStub, RpcTarget, WorkerEntrypoint,
};

export function installGlobals(): void {
  installStacks();
  const values = {
    AbortController, AbortSignal, Blob, CloseEvent, Crypto, CustomEvent, ErrorEvent, Event, EventTarget,
    File, FormData, Headers, MessageEvent, MessagePort, Request, Response, ServerlessWorker, TextDecoder, TextEncoder,
    URL, URLSearchParams, WebSocket, WebSocketPair, WebSocketRequestResponsePair,
    clearImmediate: clearTimer, clearInterval: clearTimer, clearTimeout: clearTimer, console, crypto, fetch,
    performance, scheduler, setImmediate, setInterval, setTimeout, structuredClone,
    reportError: (error: unknown) => reportError(error),
    self: globalThis,
    navigator: { userAgent: "Dormouse", language: "en", hardwareConcurrency: 1 },
  };
  for (const [name, value] of Object.entries(values)) {
    define(name, value);
    if (/^[A-Z]/.test(name)) {
      named(name, value);
    }
  }
  for (const [name, type] of Object.entries(UNNAMED)) {
    named(name, type);
  }
  for (const name of STREAM_CLASSES) {
    lazy(name, () => streams()[name]);
  }
  let texts: ReturnType<typeof textStreams> | undefined;
  for (const name of ["TextEncoderStream", "TextDecoderStream"] as const) {
    lazy(name, () => (texts ??= textStreams(TextEncoder, TextDecoder))[name]);
  }
  let bytes: ReturnType<typeof byteStreams> | undefined;
  for (const name of ["IdentityTransformStream", "FixedLengthStream"] as const) {
    lazy(name, () => (bytes ??= byteStreams(bytesOf, isBuffer))[name]);
  }
  lazy("URLPattern", () => late("pattern").URLPattern);
  lazy("CryptoKey", () => named("CryptoKey", late("crypto").CryptoKey));
  lazy("SubtleCrypto", () => named("SubtleCrypto", late("crypto").SubtleCrypto));

  const worker = workerGlobals(() => splitName(host.name()).name, terminate);
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(worker))) {
    // Assigning replaces them, as it does other globals.
    Object.defineProperty(globalThis, name, property.get
      ? { get: property.get, set: (value: unknown) => define(name, value), configurable: true, enumerable: false }
      : { ...property, enumerable: false });
  }
}
