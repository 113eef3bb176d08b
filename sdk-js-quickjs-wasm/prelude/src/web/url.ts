import type { UrlRecord } from "whatwg-url/lib/url-state-machine.js";
import * as machine from "whatwg-url/lib/url-state-machine.js";
import { host } from "../core/host";
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

/**
 * What an address is kept as. Most are written as they would be serialised: those stay text, with the
 * places of their parts as the glue found them, until somebody changes one. All others have a record.
 */
const enum At {
  Text,
  Host,
  HostEnd,
  /** The port, or -1. */
  Port,
  Path,
  PathEnd,
  QueryEnd,
  Record,
  Params,
}

type Address = any[];

function ofRecord(record: UrlRecord): Address {
  return [null, 0, 0, -1, 0, 0, 0, record, null];
}

/** The address, or what is wrong with it. */
function parseBoth(input: unknown, base: unknown): Address | string {
  const plain = base === undefined ? host.plainUrl(input) : undefined;
  if (plain) {
    return plain;
  }
  let parsedBase: UrlRecord | null = null;
  if (base !== undefined) {
    parsedBase = base instanceof URL ? recordOf(base) : parse(wellFormed(base));
    if (!parsedBase) {
      return `Invalid base URL: ${String(base)}`;
    }
  }
  const record = parse(wellFormed(input), parsedBase);
  return record ? ofRecord(record) : `Invalid URL: ${String(input)}`;
}

function wellFormed(value: unknown): string {
  return String(value).toWellFormed();
}

export class URL {
  #at: Address;

  constructor(input: unknown, base?: unknown) {
    if (arguments.length === 0) {
      throw new TypeError("URL needs an address");
    }
    const parsed = parseBoth(input, base);
    if (typeof parsed === "string") {
      throw new TypeError(parsed);
    }
    this.#at = parsed;
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

  /** The record; from then on it is what counts. */
  get #url(): UrlRecord {
    const at = this.#at;
    if (at[At.Text] !== null) {
      at[At.Record] = parse(at[At.Text]);
      at[At.Text] = null;
    }
    return at[At.Record];
  }

  #set(value: unknown, state: string): void {
    machine.basicURLParse(wellFormed(value), { url: this.#url, stateOverride: state });
  }

  get href(): string {
    return this.#at[At.Text] ?? machine.serializeURL(this.#url);
  }

  set href(value: string) {
    const parsed = parse(wellFormed(value));
    if (!parsed) {
      throw new TypeError(`Invalid URL: ${String(value)}`);
    }
    const params = this.#at[At.Params];
    this.#at = ofRecord(parsed);
    this.#at[At.Params] = params;
    this.#readQuery();
  }

  get origin(): string {
    const at = this.#at;
    return at[At.Text] !== null ? at[At.Text].slice(0, at[At.Path]) : machine.serializeURLOrigin(this.#url);
  }

  get protocol(): string {
    const at = this.#at;
    return at[At.Text] !== null ? at[At.Text].slice(0, at[At.Host] - 2) : this.#url.scheme + ":";
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
    const at = this.#at;
    if (at[At.Text] !== null) {
      return at[At.Text].slice(at[At.Host], at[At.Path]);
    }
    return this.#url.host === null ? "" : this.hostname + (this.#url.port === null ? "" : ":" + this.#url.port);
  }

  set host(value: string) {
    if (!machine.hasAnOpaquePath(this.#url)) {
      this.#set(value, "host");
    }
  }

  get hostname(): string {
    const at = this.#at;
    return at[At.Text] !== null ? at[At.Text].slice(at[At.Host], at[At.HostEnd]) : this.#url.host === null ? "" : machine.serializeHost(this.#url.host);
  }

  set hostname(value: string) {
    if (!machine.hasAnOpaquePath(this.#url)) {
      this.#set(value, "hostname");
    }
  }

  get port(): string {
    const at = this.#at;
    if (at[At.Text] !== null) {
      return at[At.Port] < 0 ? "" : String(at[At.Port]);
    }
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
    const at = this.#at;
    return at[At.Text] !== null ? at[At.Text].slice(at[At.Path], at[At.PathEnd]) : machine.serializePath(this.#url);
  }

  set pathname(value: string) {
    if (!machine.hasAnOpaquePath(this.#url)) {
      this.#url.path = [];
      this.#set(value, "path start");
    }
  }

  get search(): string {
    const at = this.#at;
    if (at[At.Text] !== null) {
      return at[At.QueryEnd] - at[At.PathEnd] > 1 ? at[At.Text].slice(at[At.PathEnd], at[At.QueryEnd]) : "";
    }
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
    return (this.#at[At.Params] ??= attach(this.search.slice(1), (query) => {
      this.#url.query = query === "" ? null : query;
    }));
  }

  get hash(): string {
    const at = this.#at;
    if (at[At.Text] !== null) {
      const hash = at[At.Text].slice(at[At.QueryEnd]);
      return hash === "#" ? "" : hash;
    }
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
    if (this.#at[At.Params]) {
      attach(this.#url.query ?? "", undefined, this.#at[At.Params]);
    }
  }
}

const recordOf = URL.record;
delete (URL as any).record;
