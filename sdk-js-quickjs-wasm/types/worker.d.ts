// ServerlessWorker: worker modules and the gateways in front of them.

interface MessagePortEvents<Received> {
  message: MessageEvent<Received>;
  messageerror: MessageEvent;
  close: CloseEvent;
  error: Event & { error: ActorError; message: string };
}

/** One end of a connection that carries structured values: CBOR where both ends speak it, else JSON. */
declare class MessagePort<Sent = any, Received = any> extends EventTarget<MessagePortEvents<Received> & Record<string, any>> {
  private constructor();
  /** Setting it starts the port. */
  onmessage: ((event: MessageEvent<Received>) => unknown) | null;
  onmessageerror: ((event: MessageEvent) => unknown) | null;
  /** The other end is gone. */
  onclose: ((event: CloseEvent) => unknown) | null;
  onerror: ((event: MessagePortEvents<Received>["error"]) => unknown) | null;
  postMessage(value: Sent): void;
  /** Gives out the messages that came so far; needed with `addEventListener` alone. */
  start(): void;
  close(code?: number, reason?: string): void;
}

/** What `connect` gets: `ports[0]` is the connection, and the event itself is as good as it. */
interface ConnectEvent<Sent = any, Received = any> extends MessagePort<Sent, Received> {
  readonly type: "connect";
  readonly ports: readonly [MessagePort<Sent, Received>];
  readonly source: MessagePort<Sent, Received>;
  /** Path and query with which the client connected. */
  readonly url: string;
  readonly request: Request;
}

/** `export default {…} satisfies WorkerModule`. */
interface WorkerModule<Env = Record<string, string>> {
  connect?(event: ConnectEvent, env: Env, ctx: ExecutionContext): unknown;
  alarm?(info: AlarmInvocationInfo, env: Env, ctx: ExecutionContext): unknown;
  fetch?(request: Request, env: Env, ctx: ExecutionContext): Response | Promise<Response>;
}

/** `export default {…} satisfies GatewayModule`: stateless, in front of the app's actors. */
interface GatewayModule<Env = any> {
  fetch(request: Request, env: Env, ctx: ExecutionContext): Response | Promise<Response>;
}

/** A worker of this app, by its module and its name; no name is that of the default worker. */
declare class ServerlessWorker<Sent = any, Received = any> extends EventTarget {
  constructor(path: string, name?: string | { name?: string });
  readonly name: string;
  /** A connection to the worker, opened on first use. */
  readonly port: MessagePort<Sent, Received>;
  /** The worker's `fetch`; a request for a WebSocket is joined to its `connect`. */
  fetch(input: RequestInfo, init?: RequestInit): Promise<Response>;
}

interface WorkerStorage {
  get<T = any>(key: string): Promise<T | undefined>;
  get<T = any>(keys: string[]): Promise<Map<string, T>>;
  put(key: string, value: unknown): Promise<void>;
  put(entries: Record<string, unknown>): Promise<void>;
  delete(key: string): Promise<boolean>;
  delete(keys: string[]): Promise<number>;
  list<T = any>(options?: DurableObjectListOptions): Promise<Map<string, T>>;
  deleteAll(): Promise<void>;
}

/** The worker's durable storage. */
declare var storage: WorkerStorage;
/** The worker's name. */
declare var name: string;
declare var self: typeof globalThis;
/** Ends the worker: its connections close, and the next event finds a new one. */
declare function terminate(): void;
/** Logs the error of a promise that nobody awaits. */
declare function waitUntil(promise: Promise<unknown>): void;
/** A date, a time in milliseconds, or (below 10^11) a delay in milliseconds. */
declare function setAlarm(time: number | Date): Promise<void>;
declare function getAlarm(): Promise<number | null>;
declare function deleteAlarm(): Promise<void>;

/** An error that the server gave for a call of another actor. */
interface ActorError extends Error {
  /** One of the server's stable codes, such as `overloaded` or `timeout`. */
  code: string;
  overloaded: boolean;
  retryable: boolean;
  /** Whether the other actor's own code threw it. */
  remote?: boolean;
}

declare module "dormouse" {
  export { DurableObject, WorkerEntrypoint, env } from "cloudflare:workers";
  const Worker: typeof ServerlessWorker;
  export { Worker as ServerlessWorker };
}
