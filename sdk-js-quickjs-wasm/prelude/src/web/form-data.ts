import { host } from "../core/host";
import { Blob, File, blobBytes } from "./blob";
import { parseQuery } from "./url-search-params";

type Entry = [string, string | File];

export class FormData {
  #list: Entry[] = [];

  #entry(name: unknown, value: unknown, filename?: unknown): Entry {
    const key = String(name).toWellFormed();
    if (value instanceof Blob) {
      if (value instanceof File && filename === undefined) {
        return [key, value];
      }
      const called = filename === undefined ? "blob" : String(filename);
      return [key, new File([value], called, { type: value.type })];
    }
    return [key, String(value).toWellFormed()];
  }

  append(name: unknown, value: unknown, filename?: unknown): void {
    this.#list.push(this.#entry(name, value, filename));
  }

  set(name: unknown, value: unknown, filename?: unknown): void {
    const entry = this.#entry(name, value, filename);
    const at = this.#list.findIndex(([n]) => n === entry[0]);
    if (at < 0) {
      this.#list.push(entry);
    } else {
      this.#list[at] = entry;
      this.#list = this.#list.filter(([n], i) => i <= at || n !== entry[0]);
    }
  }

  delete(name: unknown): void {
    this.#list = this.#list.filter(([n]) => n !== String(name));
  }

  get(name: unknown): string | File | null {
    return this.#list.find(([n]) => n === String(name))?.[1] ?? null;
  }

  getAll(name: unknown): (string | File)[] {
    return this.#list.filter(([n]) => n === String(name)).map(([, v]) => v);
  }

  has(name: unknown): boolean {
    return this.#list.some(([n]) => n === String(name));
  }

  forEach(callback: (value: string | File, name: string, form: FormData) => void, self?: unknown): void {
    for (const [name, value] of this) {
      callback.call(self, value, name, this);
    }
  }

  *entries(): IterableIterator<Entry> {
    for (let i = 0; i < this.#list.length; i++) {
      const [name, value] = this.#list[i]!;
      yield [name, value];
    }
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this) {
      yield name;
    }
  }

  *values(): IterableIterator<string | File> {
    for (const [, value] of this) {
      yield value;
    }
  }

  [Symbol.iterator](): IterableIterator<Entry> {
    return this.entries();
  }
}


function quoted(text: string): string {
  return text.replace(/\r\n?|\n/g, "%0D%0A").replace(/"/g, "%22");
}

export function writeMultipart(form: FormData): { bytes: Uint8Array; type: string } {
  const random = (host.randomBytes(12) as any).toHex();
  const boundary = "----dormouse" + random;
  const parts: unknown[] = [];
  for (const [name, value] of form) {
    parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"`);
    if (typeof value === "string") {
      parts.push("\r\n\r\n", value.replace(/\r\n?|\n/g, "\r\n"), "\r\n");
    } else {
      const type = value.type || "application/octet-stream";
      parts.push(`; filename="${quoted(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`, value, "\r\n");
    }
  }
  parts.push(`--${boundary}--\r\n`);
  return { bytes: blobBytes(new Blob(parts)), type: "multipart/form-data; boundary=" + boundary };
}

/** Reads a form by the type of the body. */
export function readForm(bytes: Uint8Array, contentType: string | null): FormData {
  const type = contentType ?? "";
  const form = new FormData();
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) {
    for (const [name, value] of parseQuery(host.utf8Decode(bytes, false))) {
      form.append(name, value);
    }
    return form;
  }
  const boundary = /^multipart\/form-data\b.*?;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(type);
  if (!boundary) {
    throw new TypeError(`A body of type "${type}" cannot be read as a form`);
  }
  const mark = host.utf8Encode("--" + (boundary[1] ?? boundary[2]));
  let at = find(bytes, mark, 0);
  while (at >= 0) {
    at += mark.length;
    if (bytes[at] === 0x2d && bytes[at + 1] === 0x2d) {
      return form;
    }
    at += 2;
    const blank = find(bytes, BLANK_LINE, at);
    const next = blank < 0 ? -1 : find(bytes, mark, blank + 4);
    if (next < 0) {
      break;
    }
    readPart(form, host.utf8Decode(bytes.subarray(at, blank), false), bytes.subarray(blank + 4, next - 2));
    at = next;
  }
  throw new TypeError("The form's body ends before its last boundary");
}

const BLANK_LINE = new Uint8Array([13, 10, 13, 10]);

function readPart(form: FormData, head: string, content: Uint8Array): void {
  const name = /^content-disposition:.*?[;\s]name="([^"]*)"/im.exec(head);
  if (!name) {
    throw new TypeError("A part of the form has no name");
  }
  const filename = /^content-disposition:.*?[;\s]filename="([^"]*)"/im.exec(head);
  const key = unquoted(name[1]!);
  if (filename) {
    const type = /^content-type:\s*(.+?)\s*$/im.exec(head)?.[1] ?? "text/plain";
    form.append(key, new File([content], unquoted(filename[1]!), { type }));
  } else {
    form.append(key, host.utf8Decode(content, false));
  }
}

function unquoted(text: string): string {
  return text.replace(/%0D%0A/gi, "\r\n").replace(/%22/g, '"');
}

function find(bytes: Uint8Array, mark: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(mark[0]!, from); at >= 0; at = bytes.indexOf(mark[0]!, at + 1)) {
    let i = 1;
    while (i < mark.length && bytes[at + i] === mark[i]) {
      i++;
    }
    if (i === mark.length) {
      return at;
    }
  }
  return -1;
}
