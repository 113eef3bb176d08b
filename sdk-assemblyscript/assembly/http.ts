import { connection, http } from "./abi/imports";
import { decode, freeLowered, lowerStrings, release, utf8 } from "./abi/memory";
import { JSON } from "./json";
import { Status } from "./status";
import { Value } from "./value";

/** Header fields in their order. Names are compared without regard to case. */
export class Headers {
  /** Name, value, name, value, and so on. */
  private fields: string[] = [];
  /** What the host handed over and nobody has looked at: each field's length, then its bytes. */
  private received: ArrayBuffer | null = null;

  get length(): i32 {
    this.read();
    return this.fields.length >> 1;
  }

  /** Keeps the fields of a request as bytes; most handlers never look at them. */
  static take(table: usize, count: i32): Headers {
    const headers = new Headers();
    if (count == 0) return headers;
    const strings = count << 1;
    let size: usize = 0;
    for (let i = 0; i < strings; i++) size += 4 + load<u32>(table + (<usize>i << 3), 4);
    const received = new ArrayBuffer(<i32>size);
    let to = changetype<usize>(received);
    for (let i = 0; i < strings; i++) {
      const at = table + (<usize>i << 3);
      const length = load<u32>(at, 4);
      store<u32>(to, length);
      to += 4;
      if (length == 0) continue;
      memory.copy(to, load<usize>(at), length);
      to += length;
      release(load<usize>(at));
    }
    release(table);
    headers.received = received;
    return headers;
  }

  private read(): void {
    const received = this.received;
    if (received === null) return;
    this.received = null;
    let at = changetype<usize>(received);
    const end = at + <usize>received.byteLength;
    while (at < end) {
      const length = load<i32>(at);
      this.fields.push(decode(at + 4, length));
      at += 4 + length;
    }
  }

  nameAt(index: i32): string {
    return this.fields[index << 1];
  }

  valueAt(index: i32): string {
    return this.fields[(index << 1) + 1];
  }

  /** The first value of the name, or null. */
  get(name: string): string | null {
    for (let i = 0, k = this.length; i < k; i++) {
      if (sameName(this.nameAt(i), name)) return this.valueAt(i);
    }
    return null;
  }

  has(name: string): bool {
    return this.get(name) !== null;
  }

  /** Sets the one value of the name. */
  set(name: string, value: string): void {
    this.delete(name);
    this.append(name, value);
  }

  append(name: string, value: string): void {
    this.read();
    this.fields.push(name);
    this.fields.push(value);
  }

  delete(name: string): void {
    for (let i = this.length - 1; i >= 0; i--) {
      if (sameName(this.nameAt(i), name)) this.fields.splice(i << 1, 2);
    }
  }

  /** As `list<tuple<string, string>>`: the same bytes as a list of twice as many strings. */
  lower(): usize {
    this.read();
    return lowerStrings(this.fields);
  }
}

/** Whether two names of header fields, which are ASCII, are the same but for case. */
function sameName(a: string, b: string): bool {
  if (a.length != b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (lowerCase(a.charCodeAt(i)) != lowerCase(b.charCodeAt(i))) return false;
  }
  return true;
}

function lowerCase(c: i32): i32 {
  return c >= 0x41 && c <= 0x5a ? c | 0x20 : c;
}

/** An HTTP request: to the actor, or from it to others; or the handshake of a connection. */
export class Request {
  constructor(
    readonly id: u64,
    readonly method: string,
    /** The path after the actor's name, as it was sent, with the query; it starts with `/`. */
    readonly url: string,
    readonly headers: Headers,
    readonly body: Uint8Array
  ) {}

  /** A request to another actor, whose url starts with `/`, or to the world outside. */
  static to(method: string, url: string, body: Uint8Array = new Uint8Array(0)): Request {
    return new Request(0, method, url, new Headers(), body);
  }

  /** Sets a header field and answers this. */
  header(name: string, value: string): Request {
    this.headers.set(name, value);
    return this;
  }

  /** The url without its query. */
  get path(): string {
    const mark = this.url.indexOf("?");
    return mark < 0 ? this.url : this.url.substring(0, mark);
  }

  /** The first value of a query parameter, percent-decoded, or null. */
  query(name: string): string | null {
    const mark = this.url.indexOf("?");
    if (mark < 0) return null;
    const pairs = this.url.substring(mark + 1).split("&");
    for (let i = 0; i < pairs.length; i++) {
      const pair = pairs[i];
      const equals = pair.indexOf("=");
      const key = equals < 0 ? pair : pair.substring(0, equals);
      if (decodePercent(key) == name) {
        return equals < 0 ? "" : decodePercent(pair.substring(equals + 1));
      }
    }
    return null;
  }

  text(): string {
    return String.UTF8.decodeUnsafe(this.body.dataStart, this.body.byteLength);
  }

  /** The body as JSON, or null where it is not. */
  json(): Value | null {
    return JSON.parse(this.text());
  }

  /** Answers the request: for handlers that answered null, in this turn or a later one. */
  respond(response: Response): Status {
    return respondTo(this.id, response);
  }
}

/** Answers the request with this id. A request that is not answered in time gets the error `timeout`. */
export function respondTo(request: u64, response: Response): Status {
  return give(request, response, false);
}

/** Answers a request, or a connection in place of the upgrade. */
export function give(to: u64, response: Response, refuses: bool): Status {
  const headers = response.headers.lower();
  const count = response.headers.length;
  const body = response.body;
  const status = refuses
    ? connection.refuse(to, response.status, headers, count, body.dataStart, body.byteLength)
    : http.respond(to, response.status, headers, count, body.dataStart, body.byteLength);
  freeLowered(headers);
  return <Status>status;
}

/** What an HTTP request is answered with: by the actor, or by others. */
export class Response {
  readonly headers: Headers = new Headers();
  /** The url that answered, after all redirects, where that is known. */
  url: string = "";

  constructor(readonly status: u16 = 200, readonly body: Uint8Array = new Uint8Array(0)) {}

  static text(text: string, status: u16 = 200): Response {
    return Response.of(text, "text/plain; charset=utf-8", status);
  }

  static html(text: string, status: u16 = 200): Response {
    return Response.of(text, "text/html; charset=utf-8", status);
  }

  static json(value: Value, status: u16 = 200): Response {
    return Response.of(JSON.stringify(value), "application/json", status);
  }

  static bytes(bytes: Uint8Array, contentType: string = "application/octet-stream"): Response {
    return new Response(200, bytes).header("content-type", contentType);
  }

  static notFound(): Response {
    return Response.text("not found\n", 404);
  }

  static badRequest(message: string): Response {
    return Response.text(message, 400);
  }

  static methodNotAllowed(allow: string): Response {
    return Response.text("method not allowed\n", 405).header("allow", allow);
  }

  private static of(text: string, contentType: string, status: u16): Response {
    return new Response(status, Uint8Array.wrap(utf8(text))).header("content-type", contentType);
  }

  textBody(): string {
    return String.UTF8.decodeUnsafe(this.body.dataStart, this.body.byteLength);
  }

  /** The body as JSON, or null where it is not. */
  jsonBody(): Value | null {
    return JSON.parse(this.textBody());
  }

  /** Sets a header field and answers this. */
  header(name: string, value: string): Response {
    this.headers.set(name, value);
    return this;
  }
}

/** Decodes `%41` and `+`; a `%` that two hexadecimal digits do not follow stays as it is. */
export function decodePercent(text: string): string {
  if (!text.includes("%") && !text.includes("+")) return text;
  const bytes = Uint8Array.wrap(utf8(text));
  let length = 0;
  for (let i = 0, k = bytes.length; i < k; i++, length++) {
    let byte = bytes[i];
    if (byte == 0x2b) {
      byte = 0x20;
    } else if (byte == 0x25 && i + 2 < k) {
      const high = hexDigit(bytes[i + 1]);
      const low = hexDigit(bytes[i + 2]);
      if (high >= 0 && low >= 0) {
        byte = <u8>((high << 4) | low);
        i += 2;
      }
    }
    bytes[length] = byte;
  }
  return String.UTF8.decodeUnsafe(bytes.dataStart, length);
}

function hexDigit(byte: u8): i32 {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
