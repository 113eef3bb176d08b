/** A small host for tests: the imports of dormouse.wit over plain JavaScript maps. */

import { createHash, createHmac, hkdfSync, pbkdf2Sync } from "node:crypto";
import * as ciphers from "./ciphers.mjs";

const OK = 0;
const NOT_FOUND = 4;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export class Host {
  storage = new Map();
  connections = new Map();
  alarm = null;
  responses = new Map();
  /** What the actor asked of others: interface and function, its arguments, and the operation. */
  asked = [];
  /** What it answered to calls: bytes as text, or an error. */
  answers = new Map();
  logs = [];
  timers = new Map();
  env = { GREETING: "grüß dich" };
  now = 1_700_000_000_000n;
  name = "room";
  exports = null;
  lastId = 0n;

  /** Instantiates the module and calls `start`. */
  static async start(binary, host = new Host()) {
    const module = await WebAssembly.compile(binary);
    host.module = module;
    const imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      const interfaceName = /^dormouse:host\/(\w+)@0\.1\.0$/.exec(from)?.[1];
      const implementation = host.imports[interfaceName]?.[name];
      if (!implementation) throw new Error(`unknown import ${from} ${name}`);
      (imports[from] ??= {})[name] = implementation;
    }
    host.exports = (await WebAssembly.instantiate(module, imports)).exports;
    host.exports.start();
    return host;
  }

  get memoryBytes() {
    return this.exports.memory.buffer.byteLength;
  }

  connect(url = "/", headers = []) {
    const id = ++this.lastId;
    this.connections.set(id, { frames: [], tags: [], attachment: null });
    this.exports.connect(id, ...this.text(url), ...this.pairs(headers));
    return id;
  }

  send(connection, payload) {
    const bytes = typeof payload !== "string";
    this.exports.message(connection, bytes ? 1 : 0, ...(bytes ? this.bytes(payload) : this.text(payload)));
  }

  disconnect(connection, code = 1006, reason = "") {
    this.connections.delete(connection);
    this.exports.close(connection, code, ...this.text(reason));
  }

  /** The frames that the connection got since the last look. */
  frames(connection) {
    return this.connections.get(connection).frames.splice(0);
  }

  fetch(method, url, body = "", headers = []) {
    const id = ++this.lastId;
    const bytes = typeof body === "string" ? encoder.encode(body) : body;
    this.exports.fetch(id, ...this.text(method), ...this.text(url), ...this.pairs(headers), ...this.bytes(bytes));
    return this.responses.get(id);
  }

  /** Another actor calls; answers what it gets, if at once. */
  call(payload) {
    const id = ++this.lastId;
    this.exports.call(id, ...this.text(payload));
    return this.answers.get(id);
  }

  /** Ends an operation with bytes or, given a text, an error. */
  complete(operation, outcome) {
    const failed = typeof outcome === "string";
    this.exports.complete(operation, failed ? 1 : 0, ...(failed ? this.text(outcome) : this.bytes(Uint8Array.from(outcome))));
  }

  ask(name, ...args) {
    this.asked.push({ name, args, operation: ++this.lastId });
    return this.lastId;
  }

  readOption(has, pointer, length) {
    return has ? this.readText(pointer, length) : null;
  }

  readPairs(pointer, count) {
    return this.readTable(pointer, count, 4).map((f) => [this.readText(f[0], f[1]), this.readText(f[2], f[3])]);
  }

  fireAlarm(attempt = 0) {
    const due = this.alarm;
    this.alarm = null;
    this.exports.alarm(attempt, due);
  }

  // Handing over: every pointer comes from cabi_realloc, as the contract says.

  bytes(bytes) {
    const pointer = this.exports.cabi_realloc(0, 0, 1, bytes.length);
    if (bytes.length) new Uint8Array(this.exports.memory.buffer, pointer, bytes.length).set(bytes);
    return [pointer, bytes.length];
  }

  text(text) {
    return this.bytes(encoder.encode(text));
  }

  /** Rows of flat values, each of so many 4-byte words. */
  table(rows) {
    const words = rows.flat();
    const pointer = this.exports.cabi_realloc(0, 0, 4, words.length * 4);
    const view = new DataView(this.exports.memory.buffer);
    words.forEach((word, i) => view.setInt32(pointer + i * 4, word, true));
    return [pointer, rows.length];
  }

  pairs(pairs) {
    return this.table(pairs.map(([a, b]) => [...this.text(a), ...(typeof b === "string" ? this.text(b) : this.bytes(b))]));
  }

  result(ret, words) {
    const view = new DataView(this.exports.memory.buffer);
    words.forEach((word, i) => view.setInt32(ret + i * 4, word, true));
  }

  option(ret, lowered) {
    this.result(ret, lowered ? [1, ...lowered] : [0]);
  }

  // Taking over.

  readBytes(pointer, length) {
    return new Uint8Array(this.exports.memory.buffer, pointer, length).slice();
  }

  readText(pointer, length) {
    return decoder.decode(this.readBytes(pointer, length));
  }

  readTable(pointer, count, width) {
    const words = new Int32Array(this.readBytes(pointer, count * width * 4).buffer);
    return Array.from({ length: count }, (_, i) => [...words.slice(i * width, (i + 1) * width)]);
  }

  fields(pointer, count) {
    return this.readTable(pointer, count, 4).map((f) => [this.readText(f[0], f[1]), this.readText(f[2], f[3])]);
  }

  tagged(hasTag, tag, length) {
    const wanted = hasTag ? this.readText(tag, length) : null;
    return [...this.connections].filter(([, c]) => wanted === null || c.tags.includes(wanted));
  }

  sorted() {
    return [...this.storage].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  /** The result of a computation that may refuse what it is given. */
  answer(ret, compute) {
    let bytes;
    try {
      bytes = compute();
    } catch (refusal) {
      return this.result(ret, [1, ...this.text(refusal.message)]);
    }
    this.result(ret, [0, ...this.bytes(bytes)]);
  }

  cipher(compute, [mode, modeLength, key, keyLength, iv, ivLength, additional, additionalLength, tagBits, data, length, ret]) {
    const bytes = [[key, keyLength], [iv, ivLength], [additional, additionalLength]].map((list) => this.readBytes(...list));
    this.answer(ret, () => compute(this.readText(mode, modeLength), ...bytes, tagBits, this.readBytes(data, length)));
  }

  deliver(id, frame) {
    const connection = this.connections.get(id);
    connection?.frames.push(frame);
    return connection ? OK : NOT_FOUND;
  }

  imports = {
    identity: {
      name: (ret) => this.result(ret, this.text(this.name)),
      id: (ret) => this.result(ret, this.text("ab".repeat(32))),
      namespace: (ret) => this.result(ret, this.text("test")),
      "waking-reason": () => 3,
    },
    storage: {
      get: (key, length, ret) => {
        const value = this.storage.get(this.readText(key, length));
        this.option(ret, value && this.bytes(value));
      },
      "get-many": (keys, count, ret) => {
        const wanted = this.readTable(keys, count, 2).map((key) => this.readText(...key));
        this.result(ret, this.pairs(this.sorted().filter(([key]) => wanted.includes(key))));
      },
      put: (key, keyLength, value, valueLength) => {
        if (keyLength === 0 || keyLength > 2048) return 1;
        this.storage.set(this.readText(key, keyLength), this.readBytes(value, valueLength));
        return OK;
      },
      "put-many": (entries, count) => {
        for (const [key, keyLength, value, valueLength] of this.readTable(entries, count, 4)) {
          this.storage.set(this.readText(key, keyLength), this.readBytes(value, valueLength));
        }
        return OK;
      },
      delete: (key, length) => Number(this.storage.delete(this.readText(key, length))),
      "delete-many": (keys, count) =>
        this.readTable(keys, count, 2).filter((key) => this.storage.delete(this.readText(...key))).length,
      list: (...flat) => {
        const ret = flat.pop();
        const text = (at) => (flat[at] ? this.readText(flat[at + 1], flat[at + 2]) : null);
        const [start, after, end, prefix] = [0, 3, 6, 9].map(text);
        let found = this.sorted().filter(
          ([key]) =>
            (after !== null ? key > after : start === null || key >= start) &&
            (end === null || key < end) &&
            (prefix === null || key.startsWith(prefix)),
        );
        if (flat[12]) found.reverse();
        if (flat[13]) found = found.slice(0, flat[14]);
        this.result(ret, this.pairs(found));
      },
      "delete-all": () => this.storage.clear(),
    },
    alarm: {
      get: (ret) => {
        const view = new DataView(this.exports.memory.buffer);
        view.setInt32(ret, this.alarm === null ? 0 : 1, true);
        view.setBigUint64(ret + 8, this.alarm ?? 0n, true);
      },
      set: (due) => (this.alarm = BigInt.asUintN(64, due)),
      delete: () => (this.alarm = null),
      retry: (at, due, attempt) => {
        this.alarm = BigInt.asUintN(64, due);
        this.retry = { at, attempt };
      },
    },
    connection: {
      "send-text": (id, text, length) => this.deliver(id, this.readText(text, length)),
      "send-bytes": (id, bytes, length) => this.deliver(id, this.readBytes(bytes, length)),
      "broadcast-text": (hasTag, tag, tagLength, text, length) => {
        const frame = this.readText(text, length);
        return this.tagged(hasTag, tag, tagLength).map(([id]) => this.deliver(id, frame)).length;
      },
      "broadcast-bytes": (hasTag, tag, tagLength, bytes, length) => {
        const frame = this.readBytes(bytes, length);
        return this.tagged(hasTag, tag, tagLength).map(([id]) => this.deliver(id, frame)).length;
      },
      close: (id, code, reason, length) => this.deliver(id, { close: code, reason: this.readText(reason, length) }),
      reject: (id, status, message, length) => this.deliver(id, { reject: status, message: this.readText(message, length) }),
      refuse: (id, status, headers, count, body, length) =>
        this.deliver(id, { refused: status, headers: this.fields(headers, count), body: this.readText(body, length) }),
      defer: (id) => this.deliver(id, "deferred"),
      accept: (id, ...protocol) => this.deliver(id, { accepted: this.readOption(...protocol) }),
      splice: (a, b) => this.deliver(a, { spliced: b }),
      "get-attachment": (id, ret) => {
        const attachment = this.connections.get(id)?.attachment;
        this.option(ret, attachment && this.bytes(attachment));
      },
      "set-attachment": (id, value, length) => {
        this.connections.get(id).attachment = this.readBytes(value, length);
        return OK;
      },
      tags: (id, ret) => this.result(ret, this.table((this.connections.get(id)?.tags ?? []).map((tag) => this.text(tag)))),
      "set-tags": (id, tags, count) => {
        this.connections.get(id).tags = this.readTable(tags, count, 2).map((tag) => this.readText(...tag));
        return OK;
      },
      "set-auto-response": (id, some, request, requestLength, response, responseLength) => {
        const pair = some ? [this.readText(request, requestLength), this.readText(response, responseLength)] : null;
        this.connections.get(id).automatic = pair;
        return OK;
      },
      "get-auto-response": (id, ret) => {
        const pair = this.connections.get(id)?.automatic;
        this.result(ret, pair ? [1, ...pair.flatMap((text) => this.text(text))] : [0]);
      },
      "auto-response-at": (id, ret) => {
        const at = this.connections.get(id)?.answeredAt;
        const view = new DataView(this.exports.memory.buffer);
        view.setInt32(ret, at === undefined ? 0 : 1, true);
        view.setBigUint64(ret + 8, at ?? 0n, true);
      },
      list: (hasTag, tag, length, ret) => {
        const ids = this.tagged(hasTag, tag, length).map(([id]) => id);
        const pointer = this.exports.cabi_realloc(0, 0, 8, ids.length * 8);
        const view = new DataView(this.exports.memory.buffer);
        ids.forEach((id, i) => view.setBigUint64(pointer + i * 8, id, true));
        this.result(ret, [pointer, ids.length]);
      },
    },
    http: {
      respond: (id, status, headers, count, body, length) => {
        const fields = this.fields(headers, count);
        const bytes = this.readBytes(body, length);
        this.responses.set(id, { status, headers: Object.fromEntries(fields), bytes, text: Buffer.from(bytes).toString() });
        return OK;
      },
    },
    rpc: {
      respond: (id, failed, outcome, length) => {
        if (this.answers.has(id)) return NOT_FOUND;
        const text = this.readText(outcome, length);
        this.answers.set(id, failed ? { error: text } : text);
        return OK;
      },
    },
    actors: {
      fetch: (has, namespace, namespaceLength, actor, actorLength, method, methodLength, url, urlLength, headers, count, body, length) =>
        this.ask(
          "fetch", this.readOption(has, namespace, namespaceLength), this.readText(actor, actorLength), this.readText(method, methodLength),
          this.readText(url, urlLength), this.readPairs(headers, count), this.readText(body, length),
        ),
      call: (has, namespace, namespaceLength, actor, actorLength, payload, length) =>
        this.ask("call", this.readOption(has, namespace, namespaceLength), this.readText(actor, actorLength), this.readText(payload, length)),
      connect: (has, namespace, namespaceLength, actor, actorLength, url, urlLength, headers, count) =>
        this.ask(
          "connect", this.readOption(has, namespace, namespaceLength), this.readText(actor, actorLength), this.readText(url, urlLength),
          this.readPairs(headers, count),
        ),
      cancel: (id) => Number(this.asked.some((asked) => asked.operation === id && !asked.cancelled && (asked.cancelled = true))),
      address: (ret) => this.result(ret, this.text(this.name)),
      "id-of": (actor, length, ret) => this.result(ret, this.text("id of " + this.readText(actor, length))),
      "name-of": (id, length, ret) => {
        const name = /^id of (.*)$/.exec(this.readText(id, length))?.[1];
        this.option(ret, name === undefined ? null : this.text(name));
      },
    },
    web: {
      fetch: (method, methodLength, url, urlLength, headers, count, body, length, redirect) =>
        this.ask(
          "web fetch", this.readText(method, methodLength), this.readText(url, urlLength), this.readPairs(headers, count),
          this.readText(body, length), redirect,
        ),
      connect: (url, urlLength, protocols, protocolCount, headers, count) =>
        this.ask(
          "web connect", this.readText(url, urlLength), this.readTable(protocols, protocolCount, 2).map((p) => this.readText(...p)),
          this.readPairs(headers, count),
        ),
    },
    crypto: {
      digest: (hash, hashLength, data, length, ret) =>
        this.option(ret, this.bytes(createHash(this.readText(hash, hashLength)).update(this.readBytes(data, length)).digest())),
      hmac: (hash, hashLength, key, keyLength, data, length, ret) =>
        this.option(ret, this.bytes(createHmac(this.readText(hash, hashLength), this.readBytes(key, keyLength)).update(this.readBytes(data, length)).digest())),
      "aes-encrypt": (...flat) => this.cipher(ciphers.encrypt, flat),
      "aes-decrypt": (...flat) => this.cipher(ciphers.decrypt, flat),
      "generate-key-pair": (curve, length, ret) =>
        this.option(ret, ciphers.keyPair(this.readText(curve, length)).flatMap((key) => this.bytes(key))),
      "ecdsa-sign": (curve, curveLength, hash, hashLength, key, keyLength, data, length, ret) => {
        const names = [this.readText(curve, curveLength), this.readText(hash, hashLength)];
        this.answer(ret, () => ciphers.sign(...names, this.readBytes(key, keyLength), this.readBytes(data, length)));
      },
      "ecdsa-verify": (curve, curveLength, hash, hashLength, key, keyLength, signature, signatureLength, data, length) => {
        const names = [this.readText(curve, curveLength), this.readText(hash, hashLength)];
        const bytes = [this.readBytes(key, keyLength), this.readBytes(signature, signatureLength), this.readBytes(data, length)];
        return Number(ciphers.verify(...names, ...bytes));
      },
      pbkdf2: (hash, hashLength, password, passwordLength, salt, saltLength, iterations, length, ret) => {
        const key = [this.readBytes(password, passwordLength), this.readBytes(salt, saltLength)];
        this.result(ret, [0, ...this.bytes(pbkdf2Sync(...key, iterations, length, this.readText(hash, hashLength)))]);
      },
      hkdf: (hash, hashLength, key, keyLength, salt, saltLength, info, infoLength, length, ret) => {
        if (length > 4096) return this.result(ret, [1, ...this.text("at most 4096 bytes are derived at a time")]);
        const parts = [this.readBytes(key, keyLength), this.readBytes(salt, saltLength), this.readBytes(info, infoLength)];
        this.result(ret, [0, ...this.bytes(new Uint8Array(hkdfSync(this.readText(hash, hashLength), ...parts, length)))]);
      },
    },
    app: {
      section: (name, length, ret) => this.option(ret, this.readText(name, length) === "motto" ? this.text("sleep") : null),
      role: () => 1,
      "memory-limit": () => BigInt(128 << 20),
    },
    timer: {
      start: (delay) => {
        this.timers.set(++this.lastId, delay);
        return this.lastId;
      },
      cancel: (id) => Number(this.timers.delete(id)),
    },
    clock: { now: () => this.now },
    random: {
      bytes: (length, ret) => this.result(ret, this.bytes(new Uint8Array(length).fill(7))),
      u64: () => 0x1234_5678_9abc_def0n,
    },
    log: { write: (level, message, length) => this.logs.push([level, this.readText(message, length)]) },
    env: {
      get: (name, length, ret) => {
        const value = this.env[this.readText(name, length)];
        this.option(ret, value === undefined ? null : this.text(value));
      },
      all: (ret) => this.result(ret, this.pairs(Object.entries(this.env))),
    },
  };
}
