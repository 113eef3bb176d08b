// The web platform as actors find it: WinterTC's minimum common API.

type BufferSource = ArrayBufferView | ArrayBuffer;
type HeadersInit = Headers | Record<string, string> | Iterable<readonly [string, string]>;
type BodyInit =
  | string
  | BufferSource
  | Blob
  | FormData
  | URLSearchParams
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;
type RequestInfo = Request | URL | string;

interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

declare class Event {
  constructor(type: string, init?: EventInit);
  readonly type: string;
  readonly target: EventTarget | null;
  readonly currentTarget: EventTarget | null;
  readonly cancelable: boolean;
  readonly defaultPrevented: boolean;
  readonly timeStamp: number;
  preventDefault(): void;
  stopPropagation(): void;
  stopImmediatePropagation(): void;
}

declare class CustomEvent<T = unknown> extends Event {
  constructor(type: string, init?: EventInit & { detail?: T });
  readonly detail: T;
}

declare class MessageEvent<T = any> extends Event {
  constructor(type: string, init?: EventInit & { data?: T });
  readonly data: T;
  readonly ports: readonly MessagePort[];
}

declare class CloseEvent extends Event {
  constructor(type: string, init?: EventInit & { code?: number; reason?: string; wasClean?: boolean });
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

declare class ErrorEvent extends Event {
  constructor(type: string, init?: EventInit & { message?: string; error?: unknown });
  readonly message: string;
  readonly error: unknown;
}

type Listener<E> = ((event: E) => unknown) | { handleEvent(event: E): unknown };
interface ListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: AbortSignal;
}

declare class EventTarget<Events extends Record<string, any> = Record<string, Event>> {
  addEventListener<T extends keyof Events & string>(
    type: T,
    listener: Listener<Events[T]> | null,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener<T extends keyof Events & string>(
    type: T,
    listener: Listener<Events[T]> | null,
    options?: boolean | { capture?: boolean },
  ): void;
  dispatchEvent(event: Event): boolean;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare class AbortSignal extends EventTarget<{ abort: Event }> {
  private constructor();
  readonly aborted: boolean;
  readonly reason: any;
  onabort: ((event: Event) => unknown) | null;
  throwIfAborted(): void;
  static abort(reason?: unknown): AbortSignal;
  static timeout(milliseconds: number): AbortSignal;
  static any(signals: Iterable<AbortSignal>): AbortSignal;
}

declare class DOMException extends Error {
  constructor(message?: string, name?: string);
  readonly code: number;
}

declare class URL {
  constructor(url: string | URL, base?: string | URL);
  static canParse(url: string | URL, base?: string | URL): boolean;
  static parse(url: string | URL, base?: string | URL): URL | null;
  href: string;
  readonly origin: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  readonly searchParams: URLSearchParams;
  hash: string;
  toString(): string;
  toJSON(): string;
}

declare class URLSearchParams implements Iterable<[string, string]> {
  constructor(init?: string | URLSearchParams | Record<string, string> | Iterable<readonly [string, string]>);
  readonly size: number;
  append(name: string, value: string): void;
  delete(name: string, value?: string): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  set(name: string, value: string): void;
  sort(): void;
  forEach(callback: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  toString(): string;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

interface URLPatternInit {
  protocol?: string;
  username?: string;
  password?: string;
  hostname?: string;
  port?: string;
  pathname?: string;
  search?: string;
  hash?: string;
  baseURL?: string;
}
interface URLPatternComponentResult {
  input: string;
  groups: Record<string, string | undefined>;
}
type URLPatternResult = { inputs: (string | URLPatternInit)[] } & Record<
  "protocol" | "username" | "password" | "hostname" | "port" | "pathname" | "search" | "hash",
  URLPatternComponentResult
>;
declare class URLPattern {
  constructor(input?: string | URLPatternInit, base?: string, options?: { ignoreCase?: boolean });
  test(input?: string | URLPatternInit, base?: string): boolean;
  exec(input?: string | URLPatternInit, base?: string): URLPatternResult | null;
  readonly pathname: string;
  readonly hostname: string;
  readonly protocol: string;
  readonly search: string;
}

declare class Headers implements Iterable<[string, string]> {
  constructor(init?: HeadersInit);
  append(name: string, value: string): void;
  delete(name: string): void;
  get(name: string): string | null;
  getSetCookie(): string[];
  has(name: string): boolean;
  set(name: string, value: string): void;
  forEach(callback: (value: string, name: string, headers: Headers) => void, self?: unknown): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

declare abstract class Body {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly bodyUsed: boolean;
  text(): Promise<string>;
  json<T = any>(): Promise<T>;
  bytes(): Promise<Uint8Array>;
  arrayBuffer(): Promise<ArrayBuffer>;
  blob(): Promise<Blob>;
  formData(): Promise<FormData>;
}

interface RequestInit {
  method?: string;
  headers?: HeadersInit;
  body?: BodyInit | null;
  redirect?: "follow" | "manual" | "error";
  signal?: AbortSignal | null;
}

declare class Request extends Body {
  constructor(input: RequestInfo, init?: RequestInit | Request);
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly redirect: "follow" | "manual" | "error";
  readonly signal: AbortSignal;
  clone(): Request;
}

interface ResponseInit {
  status?: number;
  statusText?: string;
  headers?: HeadersInit;
  /** With status 101: the client's end of a WebSocketPair, or a WebSocket that another actor answered with. */
  webSocket?: WebSocket | null;
}

declare class Response extends Body {
  constructor(body?: BodyInit | null, init?: ResponseInit | Response);
  static json(value: unknown, init?: ResponseInit): Response;
  static redirect(url: string | URL, status?: 301 | 302 | 303 | 307 | 308): Response;
  static error(): Response;
  readonly status: number;
  readonly statusText: string;
  readonly ok: boolean;
  readonly headers: Headers;
  readonly url: string;
  readonly redirected: boolean;
  readonly type: string;
  readonly webSocket: WebSocket | null;
  clone(): Response;
}

/** Asks a server outside, as the namespace's egress policy allows. */
declare function fetch(input: RequestInfo, init?: RequestInit): Promise<Response>;

declare class Blob {
  constructor(parts?: Iterable<BufferSource | Blob | string>, options?: { type?: string });
  readonly size: number;
  readonly type: string;
  slice(start?: number, end?: number, type?: string): Blob;
  text(): Promise<string>;
  bytes(): Promise<Uint8Array>;
  arrayBuffer(): Promise<ArrayBuffer>;
  stream(): ReadableStream<Uint8Array>;
}

declare class File extends Blob {
  constructor(parts: Iterable<BufferSource | Blob | string>, name: string, options?: { type?: string; lastModified?: number });
  readonly name: string;
  readonly lastModified: number;
}

declare class FormData implements Iterable<[string, string | File]> {
  append(name: string, value: string | Blob, filename?: string): void;
  delete(name: string): void;
  get(name: string): string | File | null;
  getAll(name: string): (string | File)[];
  has(name: string): boolean;
  set(name: string, value: string | Blob, filename?: string): void;
  entries(): IterableIterator<[string, string | File]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string | File>;
  [Symbol.iterator](): IterableIterator<[string, string | File]>;
}

declare class TextEncoder {
  readonly encoding: string;
  encode(text?: string): Uint8Array;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(input?: BufferSource, options?: { stream?: boolean }): string;
}

interface WebSocketEvents {
  open: Event;
  message: MessageEvent<string | ArrayBuffer>;
  close: CloseEvent;
  error: ErrorEvent;
}

/** A connection to a server outside, one end of a pair, or what another actor answered with. */
declare class WebSocket extends EventTarget<WebSocketEvents & Record<string, any>> {
  constructor(url: string | URL, protocols?: string | string[]);
  static readonly CONNECTING: 0;
  static readonly OPEN: 1;
  static readonly CLOSING: 2;
  static readonly CLOSED: 3;
  readonly readyState: number;
  readonly url: string | null;
  readonly protocol: string;
  readonly extensions: string;
  binaryType: "arraybuffer";
  onopen: ((event: Event) => unknown) | null;
  onmessage: ((event: MessageEvent<string | ArrayBuffer>) => unknown) | null;
  onclose: ((event: CloseEvent) => unknown) | null;
  onerror: ((event: ErrorEvent) => unknown) | null;
  /** Before anything else is done with an end of a pair: its events come to its listeners. */
  accept(): void;
  send(data: string | BufferSource): void;
  close(code?: number, reason?: string): void;
  /** Kept with a hibernating connection while the actor sleeps; at most 16 KiB. */
  serializeAttachment(value: unknown): void;
  deserializeAttachment(): any;
}

/** Two WebSockets that are each other's peers: `0` goes into a response, `1` stays. */
declare const WebSocketPair: new () => { 0: WebSocket; 1: WebSocket };

interface CryptoKey {
  readonly type: "secret" | "public" | "private";
  readonly extractable: boolean;
  readonly algorithm: { name: string; [parameter: string]: any };
  readonly usages: readonly string[];
}
interface CryptoKeyPair {
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}
type CryptoAlgorithm = string | { name: string; [parameter: string]: any };
type KeyUsage = "encrypt" | "decrypt" | "sign" | "verify" | "deriveKey" | "deriveBits" | "wrapKey" | "unwrapKey";

/** SHA-1 to SHA-512, HMAC, AES-GCM, AES-CBC, AES-CTR, ECDSA, PBKDF2 and HKDF. */
interface SubtleCrypto {
  digest(algorithm: CryptoAlgorithm, data: BufferSource): Promise<ArrayBuffer>;
  sign(algorithm: CryptoAlgorithm, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  verify(algorithm: CryptoAlgorithm, key: CryptoKey, signature: BufferSource, data: BufferSource): Promise<boolean>;
  encrypt(algorithm: CryptoAlgorithm, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  decrypt(algorithm: CryptoAlgorithm, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  generateKey(algorithm: CryptoAlgorithm, extractable: boolean, usages: KeyUsage[]): Promise<CryptoKey | CryptoKeyPair>;
  importKey(
    format: "raw" | "jwk" | "pkcs8" | "spki",
    data: BufferSource | Record<string, any>,
    algorithm: CryptoAlgorithm,
    extractable: boolean,
    usages: KeyUsage[],
  ): Promise<CryptoKey>;
  exportKey(format: "jwk", key: CryptoKey): Promise<Record<string, any>>;
  exportKey(format: "raw" | "pkcs8" | "spki", key: CryptoKey): Promise<ArrayBuffer>;
  deriveBits(algorithm: CryptoAlgorithm, key: CryptoKey, length: number): Promise<ArrayBuffer>;
  deriveKey(
    algorithm: CryptoAlgorithm,
    key: CryptoKey,
    derived: CryptoAlgorithm,
    extractable: boolean,
    usages: KeyUsage[],
  ): Promise<CryptoKey>;
  wrapKey(format: "raw" | "jwk" | "pkcs8" | "spki", key: CryptoKey, wrapping: CryptoKey, algorithm: CryptoAlgorithm): Promise<ArrayBuffer>;
  unwrapKey(
    format: "raw" | "jwk" | "pkcs8" | "spki",
    wrapped: BufferSource,
    unwrapping: CryptoKey,
    algorithm: CryptoAlgorithm,
    keyAlgorithm: CryptoAlgorithm,
    extractable: boolean,
    usages: KeyUsage[],
  ): Promise<CryptoKey>;
  timingSafeEqual(a: BufferSource, b: BufferSource): boolean;
}

declare const crypto: {
  readonly subtle: SubtleCrypto;
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  randomUUID(): `${string}-${string}-${string}-${string}-${string}`;
};

declare const console: Record<
  "log" | "info" | "debug" | "warn" | "error" | "trace" | "dir" | "table" | "group" | "groupCollapsed",
  (...values: unknown[]) => void
> & {
  assert(condition?: unknown, ...values: unknown[]): void;
  count(label?: string): void;
  countReset(label?: string): void;
  groupEnd(): void;
  time(label?: string): void;
  timeLog(label?: string, ...values: unknown[]): void;
  timeEnd(label?: string): void;
};

/** Its clock stands still during a turn. */
declare const performance: { now(): number; readonly timeOrigin: number };
declare const scheduler: { wait(delay: number, options?: { signal?: AbortSignal }): Promise<void> };
declare const navigator: { readonly userAgent: "Dormouse" };

declare function atob(text: string): string;
declare function btoa(text: string): string;
declare function structuredClone<T>(value: T, options?: { transfer?: ArrayBuffer[] }): T;
declare function queueMicrotask(callback: () => void): void;
declare function reportError(error: unknown): void;
/** Timers live as long as the instance and keep the actor awake; what must survive sleep is for the alarm. */
declare function setTimeout<A extends unknown[]>(callback: (...args: A) => void, delay?: number, ...args: A): number;
declare function setInterval<A extends unknown[]>(callback: (...args: A) => void, delay?: number, ...args: A): number;
declare function clearTimeout(id: number | undefined): void;
declare function clearInterval(id: number | undefined): void;
