import type { UrlRecord } from "whatwg-url/lib/url-state-machine.js";
import * as machine from "whatwg-url/lib/url-state-machine.js";
import { URLSearchParams, attach } from "./url-search-params";

/**
 * An address that needs no percent-encoding, no dots taken out and no name mapped, which most are: it
 * is taken apart by one match where the state machine would walk it character by character.
 */
const PLAIN =
  /^(https?|wss?):\/\/((?:[a-z][a-z0-9-]*\.)*[a-z][a-z0-9-]*|\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?((?:\/(?!\.)(?:[A-Za-z0-9_~!$&'()*+,;=:@-]|\.(?!\.))*)*)(\?[A-Za-z0-9_~!$&()*+,;=:@/?.%-]*)?(#[A-Za-z0-9_~!$&'()*+,;=:@/?.%-]*)?$/;
const DEFAULT_PORTS: Record<string, number> = { http: 80, https: 443, ws: 80, wss: 443 };

function parse(input: string, base?: UrlRecord | null): UrlRecord | null {
  const plain = PLAIN.exec(input);
  const host = plain && plainHost(plain[2]!);
  const port = plain?.[3] === undefined ? null : Number(plain[3]);
  if (plain && host !== null && (port === null || port <= 65535)) {
    return {
      scheme: plain[1]!,
      username: "",
      password: "",
      host,
      port: port === DEFAULT_PORTS[plain[1]!] ? null : port,
      path: plain[4] ? plain[4].slice(1).split("/") : [""],
      query: plain[5] === undefined ? null : plain[5].slice(1),
      fragment: plain[6] === undefined ? null : plain[6].slice(1),
    };
  }
  return machine.basicURLParse(input, { baseURL: base ?? null });
}

/** A name, or an IPv4 address as the state machine keeps it; null where it must look closer. */
function plainHost(text: string): string | number | null {
  if (text.charCodeAt(0) > 57) {
    return text.includes("xn--") ? null : text;
  }
  let address = 0;
  for (const part of text.split(".")) {
    const value = Number(part);
    if (value > 255 || String(value) !== part) {
      return null;
    }
    address = address * 256 + value;
  }
  return address;
}

function parseBoth(input: unknown, base: unknown): UrlRecord | string {
  let parsedBase: UrlRecord | null = null;
  if (base !== undefined) {
    parsedBase = base instanceof URL ? recordOf(base) : parse(wellFormed(base));
    if (!parsedBase) {
      return `Invalid base URL: ${String(base)}`;
    }
  }
  return parse(wellFormed(input), parsedBase) ?? `Invalid URL: ${String(input)}`;
}

function wellFormed(value: unknown): string {
  return String(value).toWellFormed();
}

export class URL {
  #url: UrlRecord;
  #query: URLSearchParams | undefined;

  constructor(input: unknown, base?: unknown) {
    if (arguments.length === 0) {
      throw new TypeError("URL needs an address");
    }
    const parsed = parseBoth(input, base);
    if (typeof parsed === "string") {
      throw new TypeError(parsed);
    }
    this.#url = parsed;
  }

  static canParse(input: unknown, base?: unknown): boolean {
    return typeof parseBoth(input, base) !== "string";
  }

  static parse(input: unknown, base?: unknown): URL | null {
    try {
      return new URL(input, base);
    } catch {
      return null;
    }
  }

  static record(url: URL): UrlRecord {
    return url.#url;
  }

  #set(value: unknown, state: string): void {
    machine.basicURLParse(wellFormed(value), { url: this.#url, stateOverride: state });
  }

  get href(): string {
    return machine.serializeURL(this.#url);
  }

  set href(value: string) {
    const parsed = parse(wellFormed(value));
    if (!parsed) {
      throw new TypeError(`Invalid URL: ${String(value)}`);
    }
    this.#url = parsed;
    this.#readQuery();
  }

  get origin(): string {
    return machine.serializeURLOrigin(this.#url);
  }

  get protocol(): string {
    return this.#url.scheme + ":";
  }

  set protocol(value: string) {
    this.#set(String(value) + ":", "scheme start");
  }

  get username(): string {
    return this.#url.username;
  }

  set username(value: string) {
    if (!machine.cannotHaveAUsernamePasswordPort(this.#url)) {
      machine.setTheUsername(this.#url, wellFormed(value));
    }
  }

  get password(): string {
    return this.#url.password;
  }

  set password(value: string) {
    if (!machine.cannotHaveAUsernamePasswordPort(this.#url)) {
      machine.setThePassword(this.#url, wellFormed(value));
    }
  }

  get host(): string {
    return this.#url.host === null ? "" : this.hostname + (this.#url.port === null ? "" : ":" + this.#url.port);
  }

  set host(value: string) {
    if (!machine.hasAnOpaquePath(this.#url)) {
      this.#set(value, "host");
    }
  }

  get hostname(): string {
    return this.#url.host === null ? "" : machine.serializeHost(this.#url.host);
  }

  set hostname(value: string) {
    if (!machine.hasAnOpaquePath(this.#url)) {
      this.#set(value, "hostname");
    }
  }

  get port(): string {
    return this.#url.port === null ? "" : String(this.#url.port);
  }

  set port(value: string) {
    if (machine.cannotHaveAUsernamePasswordPort(this.#url)) {
      return;
    }
    if (String(value) === "") {
      this.#url.port = null;
    } else {
      this.#set(value, "port");
    }
  }

  get pathname(): string {
    return machine.serializePath(this.#url);
  }

  set pathname(value: string) {
    if (!machine.hasAnOpaquePath(this.#url)) {
      this.#url.path = [];
      this.#set(value, "path start");
    }
  }

  get search(): string {
    return this.#url.query ? "?" + this.#url.query : "";
  }

  set search(value: string) {
    const text = wellFormed(value);
    if (text === "") {
      this.#url.query = null;
    } else {
      this.#url.query = "";
      this.#set(text.startsWith("?") ? text.slice(1) : text, "query");
    }
    this.#readQuery();
  }

  get searchParams(): URLSearchParams {
    return (this.#query ??= attach(this.#url.query ?? "", (query) => {
      this.#url.query = query === "" ? null : query;
    }));
  }

  get hash(): string {
    return this.#url.fragment ? "#" + this.#url.fragment : "";
  }

  set hash(value: string) {
    const text = wellFormed(value);
    if (text === "") {
      this.#url.fragment = null;
    } else {
      this.#url.fragment = "";
      this.#set(text.startsWith("#") ? text.slice(1) : text, "fragment");
    }
  }

  toString(): string {
    return this.href;
  }

  toJSON(): string {
    return this.href;
  }

  #readQuery(): void {
    if (this.#query) {
      attach(this.#url.query ?? "", undefined, this.#query);
    }
  }
}

const recordOf = URL.record;
delete (URL as any).record;
