/// <reference lib="esnext.disposable" />
// Durable Objects.

interface ExecutionContext {
  waitUntil(promise: Promise<unknown>): void;
  passThroughOnException(): void;
  readonly props: any;
  /** What the app's main module exports: classes of objects as their namespaces, entrypoints as what calls them. */
  readonly exports: any;
}

interface AlarmInvocationInfo {
  readonly retryCount: number;
  readonly isRetry: boolean;
  /** When the alarm was due, in milliseconds of Unix time. */
  readonly scheduledTime: number;
}

interface DurableObjectId {
  /** Undefined for unique ids. */
  readonly name?: string;
  toString(): string;
  equals(other: DurableObjectId): boolean;
}

/** A member of something remote: a method, or a property to be awaited. */
type Remote<T> = T extends (...args: infer A) => infer R
  ? (...args: A) => RpcPromise<Awaited<R>>
  : RpcPromise<Awaited<T>>;

declare const passedByReference: unique symbol;
interface PassedByReference {
  readonly [passedByReference]?: never;
}
type IsReference<T> = typeof passedByReference extends keyof T ? true : false;
type RemoteMembers<T> = { [K in Exclude<keyof T, typeof passedByReference>]: Remote<T[K]> };

/** What arrives in place of a function or RpcTarget. */
type RpcStub<T> = (T extends (...args: infer A) => infer R ? (...args: A) => RpcPromise<Awaited<R>> : RemoteMembers<T>) &
  Disposable & {
    /** Another stub, which lives until it is disposed of; one that is an argument ends with its call. */
    dup(): RpcStub<T>;
  };

type Stub<T> = RpcStub<T>;

/** What a value is where it arrives. */
type Arrived<T> = T extends (...args: any[]) => any ? RpcStub<T> : IsReference<T> extends true ? RpcStub<T> : T;

/** The result of a remote call: its members can be used before it is there. */
type RpcPromise<T> = Promise<Arrived<T>> & (IsReference<T> extends true ? RemoteMembers<T> : unknown);

type DurableObjectStub<T = any> = {
  [K in Exclude<keyof T, "ctx" | "env" | "fetch" | "alarm" | "webSocketMessage" | "webSocketClose" | "webSocketError">]: Remote<T[K]>;
} & {
  readonly id: DurableObjectId;
  readonly name?: string;
  fetch(input: RequestInfo, init?: RequestInit): Promise<Response>;
};

interface DurableObjectNamespace<T = any> {
  idFromName(name: string): DurableObjectId;
  idFromString(id: string): DurableObjectId;
  newUniqueId(options?: { jurisdiction?: string }): DurableObjectId;
  get(id: DurableObjectId, options?: { locationHint?: string }): DurableObjectStub<T>;
  getByName(name: string, options?: { locationHint?: string }): DurableObjectStub<T>;
  jurisdiction(name: string): DurableObjectNamespace<T>;
}

interface DurableObjectListOptions {
  start?: string;
  startAfter?: string;
  end?: string;
  prefix?: string;
  reverse?: boolean;
  limit?: number;
  allowConcurrency?: boolean;
  noCache?: boolean;
}
interface DurableObjectGetOptions {
  allowConcurrency?: boolean;
  noCache?: boolean;
}
interface DurableObjectPutOptions extends DurableObjectGetOptions {
  allowUnconfirmed?: boolean;
}

interface DurableObjectOperations {
  get<T = unknown>(key: string, options?: DurableObjectGetOptions): Promise<T | undefined>;
  get<T = unknown>(keys: string[], options?: DurableObjectGetOptions): Promise<Map<string, T>>;
  put<T>(key: string, value: T, options?: DurableObjectPutOptions): Promise<void>;
  put<T>(entries: Record<string, T>, options?: DurableObjectPutOptions): Promise<void>;
  delete(key: string, options?: DurableObjectPutOptions): Promise<boolean>;
  delete(keys: string[], options?: DurableObjectPutOptions): Promise<number>;
  list<T = unknown>(options?: DurableObjectListOptions): Promise<Map<string, T>>;
  getAlarm(options?: DurableObjectGetOptions): Promise<number | null>;
  setAlarm(time: number | Date, options?: DurableObjectPutOptions): Promise<void>;
  deleteAlarm(options?: DurableObjectPutOptions): Promise<void>;
}

interface DurableObjectTransaction extends DurableObjectOperations {
  rollback(): void;
}

/** The same storage, answered at once. */
interface SyncKvStorage {
  get<T = unknown>(key: string): T | undefined;
  put<T>(key: string, value: T): void;
  delete(key: string): boolean;
  list<T = unknown>(options?: DurableObjectListOptions): Iterable<[string, T]>;
}

interface DurableObjectStorage extends DurableObjectOperations {
  /** Deletes every key, and the alarm unless told otherwise. */
  deleteAll(options?: DurableObjectPutOptions & { deleteAlarm?: boolean }): Promise<void>;
  transaction<T>(closure: (transaction: DurableObjectTransaction) => Promise<T>): Promise<T>;
  transactionSync<T>(closure: () => T): T;
  sync(): Promise<void>;
  readonly kv: SyncKvStorage;
  /** @deprecated not supported: reading it throws */
  readonly sql: never;
}

declare class WebSocketRequestResponsePair {
  constructor(request: string, response: string);
  readonly request: string;
  readonly response: string;
}

interface DurableObjectState {
  readonly id: DurableObjectId;
  readonly storage: DurableObjectStorage;
  readonly props: any;
  /** What the app's main module exports: classes of objects as their namespaces, entrypoints as what calls them. */
  readonly exports: any;
  waitUntil(promise: Promise<unknown>): void;
  /** No event is delivered until the callback is done; if it fails, the object is reset. */
  blockConcurrencyWhile<T>(callback: () => Promise<T>): Promise<T>;
  /** Accepts an end of a pair that stays open, with its tags and attachment, while the object sleeps. */
  acceptWebSocket(ws: WebSocket, tags?: string[]): void;
  getWebSockets(tag?: string): WebSocket[];
  getTags(ws: WebSocket): string[];
  setWebSocketAutoResponse(pair?: WebSocketRequestResponsePair): void;
  getWebSocketAutoResponse(): WebSocketRequestResponsePair | null;
  getWebSocketAutoResponseTimestamp(ws: WebSocket): Date | null;
  setHibernatableWebSocketEventTimeout(milliseconds?: number): void;
  getHibernatableWebSocketEventTimeout(): number | null;
  /** Forgets the object: what is under way fails with the reason, and the next event finds a new one. */
  abort(reason?: string | Error): never;
}

/** `export default {…} satisfies ExportedHandler<Env>`. */
interface ExportedHandler<Env = any> {
  fetch?(request: Request, env: Env, ctx: ExecutionContext): Response | Promise<Response>;
}

declare module "cloudflare:workers" {
  export abstract class DurableObject<Env = any> {
    constructor(ctx: DurableObjectState, env: Env);
    protected ctx: DurableObjectState;
    protected env: Env;
    fetch?(request: Request): Response | Promise<Response>;
    alarm?(info?: AlarmInvocationInfo): void | Promise<void>;
    webSocketMessage?(ws: WebSocket, message: string | ArrayBuffer): void | Promise<void>;
    webSocketClose?(ws: WebSocket, code: number, reason: string, wasClean: boolean): void | Promise<void>;
    webSocketError?(ws: WebSocket, error: unknown): void | Promise<void>;
  }
  export abstract class WorkerEntrypoint<Env = any> {
    constructor(ctx: ExecutionContext, env: Env);
    protected ctx: ExecutionContext;
    protected env: Env;
    fetch?(request: Request): Response | Promise<Response>;
  }
  /** Extended by objects that are passed by reference: methods and accessors of the class can be used from afar. */
  export abstract class RpcTarget implements PassedByReference {
    readonly [passedByReference]?: never;
  }
  /** What arrives in place of a function or RpcTarget; made of one, a stub of something that is here. */
  export type RpcStub<T> = Stub<T>;
  export const RpcStub: new <T extends PassedByReference | ((...args: any[]) => unknown)>(target: T) => RpcStub<T>;
  export const env: any;
  /** As `ctx.exports`. */
  export const exports: any;
  export function waitUntil(promise: Promise<unknown>): void;
}
