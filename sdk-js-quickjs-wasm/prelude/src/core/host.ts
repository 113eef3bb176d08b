import type { Parts } from "../web/body";

/** A status of the host's contract; 0 is "ok", the others stand in the WIT's `types.status`. */
export type Status = number;
/** Names in lower case and values by turns; or the same in one string, with a NUL between any two. */
export type HeaderList = string[] | string;

export interface ListOptions {
  start?: string;
  startAfter?: string;
  end?: string;
  prefix?: string;
  reverse?: boolean;
  limit?: number;
}

/** Cryptography done by the host, synchronously. Results are undefined where the input is refused. */
export interface HostCrypto {
  digest(algorithm: string, data: Uint8Array): Uint8Array | undefined;
  hmac(hash: string, key: Uint8Array, data: Uint8Array): Uint8Array | undefined;
  aes(
    mode: "GCM" | "CBC" | "CTR",
    encrypt: boolean,
    key: Uint8Array,
    iv: Uint8Array,
    additionalData: Uint8Array,
    tagBits: number,
    data: Uint8Array,
  ): Uint8Array | undefined;
  /** PKCS #8 and SPKI. */
  generateKeyPair(curve: string): [Uint8Array, Uint8Array] | undefined;
  /** In IEEE P1363 form. */
  ecdsaSign(curve: string, hash: string, pkcs8: Uint8Array, data: Uint8Array): Uint8Array | undefined;
  ecdsaVerify(curve: string, hash: string, spki: Uint8Array, signature: Uint8Array, data: Uint8Array): boolean;
  pbkdf2(hash: string, password: Uint8Array, salt: Uint8Array, iterations: number, bytes: number): Uint8Array | undefined;
  hkdf(hash: string, key: Uint8Array, salt: Uint8Array, info: Uint8Array, bytes: number): Uint8Array | undefined;
}

/** The native object that the engine's glue gives to the prelude, and to nobody else. */
export interface Host {
  name(): string;
  id(): string;
  namespace(): string;
  wakingReason(): number;
  /** 0: actor, 1: gateway. */
  role(): number;
  /** The name by which others can call this instance. */
  address(): string;
  env(): Record<string, string>;
  now(): number;
  randomBytes(length: number): Uint8Array;
  log(level: 0 | 1 | 2 | 3, text: string): void;
  section(name: string): Uint8Array | undefined;
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
  utf8Encode(text: string): Uint8Array;
  utf8Decode(bytes: Uint8Array, fatal: boolean): string;
  /** The name of a header in lower case, or undefined where it is none. */
  headerName(name: unknown): string | undefined;
  /** The value of a header without blanks around it, or undefined where it is none. */
  headerValue(value: unknown): string | undefined;
  /** The places of the parts of an address that is written as it would be serialised; see `web/url.ts`. */
  plainUrl(url: unknown): unknown[] | undefined;
  /** A promise that is fulfilled. */
  settled<T>(value: T): Promise<T>;
  /** What a promise is fulfilled with, or `otherwise` where the value is no such promise. */
  resultOf(promise: unknown, otherwise: unknown): unknown;
  /** 0: pending, 1: fulfilled, 2: rejected; else no promise. */
  promiseState(promise: unknown): number;
  /** Whether a pending promise has no more than so many references, and no reactions. */
  isForgotten(promise: unknown, references: number): boolean;
  /** Says whether `idle` is to be called whenever the jobs of a turn have run. */
  awaitIdle(wanted: boolean): void;
  get(key: string): unknown;
  getMany(keys: string[]): [string, unknown][];
  has(key: string): boolean;
  put(key: string, value: unknown): Status;
  putMany(entries: [string, unknown][]): Status;
  delete(key: string): boolean;
  deleteMany(keys: string[]): number;
  deleteAll(): void;
  list(options: ListOptions): [string, unknown][];
  alarmGet(): number | null;
  alarmSet(dueMillis: number): void;
  /** As an alarm that was due then and has failed so often. */
  alarmRetry(atMillis: number, dueMillis: number, attempt: number): void;
  alarmDelete(): void;
  sendText(connection: number, text: string): Status;
  sendBytes(connection: number, bytes: Uint8Array): Status;
  broadcastText(tag: string | null, text: string): number;
  broadcastBytes(tag: string | null, bytes: Uint8Array): number;
  close(connection: number, code: number, reason: string): Status;
  reject(connection: number, status: number, message: string): Status;
  /** Refuses a connection with an answer of one's own; as `respond`. */
  refuse(connection: number, status: number, type: string | null, headers: HeaderList | null, content: string | Uint8Array | null): Status;
  defer(connection: number): Status;
  accept(connection: number, protocol: string | null): Status;
  splice(a: number, b: number): Status;
  getAttachment(connection: number): unknown;
  setAttachment(connection: number, value: unknown): Status;
  tags(connection: number): string[];
  setTags(connection: number, tags: string[]): Status;
  /** What the host answers by itself; without a request, nothing any more. */
  setAutoResponse(connection: number, request: string | null, response: string): Status;
  getAutoResponse(connection: number): [Uint8Array, Uint8Array] | undefined;
  autoResponseAt(connection: number): number | null;
  connections(tag: string | null): number[];
  /** Answers a request; `type` is a content-type before the other headers. */
  respond(request: number, status: number, type: string | null, headers: HeaderList | null, content: string | Uint8Array | null): Status;
  timerStart(delayMillis: number): number;
  timerCancel(operation: number): boolean;
  /** The URL may be a path; headers of one hop are left out. The outcome is a list of parts, see `web/body.ts`. */
  actorFetch(
    namespace: string | null,
    actor: string,
    method: string,
    url: string,
    headers: HeaderList | null,
    content: string | Uint8Array | null,
  ): number;
  actorCall(namespace: string | null, actor: string, payload: unknown): number;
  actorConnect(namespace: string | null, actor: string, url: string, headers: string[]): number;
  rpcRespond(request: number, ok: boolean, value: unknown): Status;
  idOf(actor: string): string;
  nameOf(id: string): string | undefined;
  /** The outcome is a list of parts, as that of `actorFetch`. */
  webFetch(method: string, url: string, headers: HeaderList | null, content: string | Uint8Array | null, redirect: 0 | 1 | 2): number;
  webConnect(url: string, protocols: string[], headers: string[]): number;
  /** Answers a request with the outcome of an `actorFetch` of this turn; what has a header `unless`, or fails, completes the request. */
  passOn(request: number, operation: number, unless: string): Status;
  cancel(operation: number): boolean;
  crypto: HostCrypto;
  /** Evaluates an ES module, from text or UTF-8, and answers its namespace when its awaits are done. */
  evalModule(name: string, source: string | Uint8Array): Promise<Record<string, unknown>>;
  /** Evaluates the ES module that stands compiled in a section; undefined where there is none that is for this engine. */
  evalCode(section: string): Promise<Record<string, unknown>> | undefined;
  /** Evaluates the script that stands compiled in a section; undefined where there is none that is for this engine. */
  evalPart(section: string): unknown;
  /** Provides a module for bundles to import, with the properties of an object as its exports. */
  defineModule(name: string, exports: object): void;
  /** Lets the rest of the turn use memory that is kept back, to tell of an error. */
  makeRoom(): void;
  /** Ends the turn as a fault: nothing of it is kept. */
  failTurn(message: string): never;
}

/** What the glue calls; it drains the microtasks after each. */
export interface Handlers {
  start(): void;
  /** `upgrade` is the request that asked for the connection, in parts. */
  connect(connection: number, url: string, upgrade: Parts): void;
  message(connection: number, data: string | Uint8Array): void;
  close(connection: number, code: number, reason: string): void;
  fetch(request: number, parts: Parts): void;
  call(request: number, payload: unknown): void;
  alarm(attempt: number, dueMillis: number): void;
  complete(operation: number, ok: boolean, value: unknown): void;
  idle(): void;
  unhandled(reason: unknown): void;
  uncaught(error: unknown): void;
  /** The data of an event could not be taken, mostly for want of memory; `kind` is a `Lost`, `id` the event's first argument. */
  lost(kind: number, id: number, error: unknown): void;
}

/** The host of this instance. Set once, before anything else of the prelude runs. */
export let host: Host;

export function setHost(given: Host): void {
  host = given;
}
