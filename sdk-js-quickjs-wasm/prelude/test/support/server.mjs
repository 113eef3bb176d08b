/**
 * A small server in memory for tests of the prelude: actors of one app on the real engine, with
 * connections between them and to the test, timers and alarms that fire when the test says so.
 */
import { createHash, createHmac, createCipheriv, createDecipheriv, createSign, createVerify, generateKeyPairSync, hkdfSync, pbkdf2Sync, createPrivateKey, createPublicKey, randomBytes } from "node:crypto";
import { Host } from "../../../engine/test/support/host.mjs";
import { decode, encode } from "../../../client/dist/index.js";
import { bundle, engine } from "./engine.mjs";

const utf8 = (text) => new TextEncoder().encode(text);

/** A client's end of a connection. */
class Client {
  frames = [];
  opened = false;
  protocol = null;
  rejected = null;
  closed = null;
  constructor(server) {
    this.server = server;
  }
  accept(protocol) {
    this.opened = true;
    this.protocol = protocol;
  }
  reject(status, message, headers = []) {
    this.rejected = { status, message, headers };
  }
  receive(frame) {
    this.frames.push(frame);
  }
  end(code, reason) {
    this.closed ??= { code, reason };
  }
  send(frame) {
    this.server.push(() => this.other.fromPeer(frame));
    return this.server.run();
  }
  sendJson(value) {
    return this.send(JSON.stringify(value));
  }
  close(code = 1000, reason = "") {
    this.server.push(() => this.other.peerClosed(code, reason));
    return this.server.run();
  }
  /** What came since the last look. */
  take() {
    return this.frames.splice(0);
  }
  takeJson() {
    return this.take().map((frame) => JSON.parse(frame));
  }
}

/** A connection that an actor holds: `peer` is a Client, or the connection of another actor. */
class Line {
  tags = [];
  attachment = null;
  open = false;
  deferred = false;
  constructor(actor, id, peer) {
    Object.assign(this, { actor, id, peer });
  }
  fromPeer(frame) {
    if (this.spliced) return this.spliced.peer.receive(frame);
    if (this.automatic && frame === this.automatic[0]) {
      this.answeredAt = this.actor.server.now;
      return this.peer.receive(this.automatic[1]);
    }
    this.actor.event((host) => host.exports.message(this.id, ...message(host, frame)));
  }
  peerClosed(code, reason) {
    if (this.spliced) return this.spliced.peer.end(code, reason);
    if (!this.actor.lines.delete(this.id)) return;
    this.actor.event((host) => host.exports.close(this.id, code, ...host.text(reason)));
  }
  /** For a line between actors, the other line talks to this one as to a client. */
  receive(frame) {
    this.actor.server.push(() => this.fromPeer(frame));
  }
  end(code, reason) {
    this.actor.server.push(() => this.peerClosed(code, reason));
  }
}

function message(host, frame) {
  return typeof frame === "string" ? [0, ...host.text(frame)] : [1, ...host.bytes(frame)];
}

export class Fault extends Error {}

class Actor {
  lines = new Map();
  storage = new Map();
  /** When the alarm fires; what it was set to, and how often it has failed. */
  alarm = null;
  due = 0;
  attempt = 0;
  host = null;
  timers = new Map();
  failures = [];
  constructor(server, name, role) {
    Object.assign(this, { server, name, role });
  }

  /** Runs one event as a turn. */
  event(run) {
    const asleep = !this.host;
    const kept = { storage: new Map(this.storage), alarm: this.alarm };
    try {
      this.host ??= this.wake();
      if (asleep) this.host.exports.start();
      run(this.host);
    } catch (error) {
      // A trap throws the turn away, and the instance.
      this.failures.push(error.message);
      this.server.logs.push([3, `trap: ${error.stack}`]);
      Object.assign(this, kept);
      this.host = null;
      this.timers.clear();
      return false;
    }
    return true;
  }

  wake() {
    const host = new ServerHost(this);
    host.enlarge();
    host.sections = this.server.sections;
    host.module = this.server.module;
    host.env = this.server.env;
    host.name = this.name;
    host.storage = this.storage;
    host.logs = this.server.logs;
    host.implement();
    host.exports = new WebAssembly.Instance(this.server.module, host.allImports(this.server.module)).exports;
    return host;
  }

  /** Loses the instance as sleep does: connections and storage stay. */
  sleep() {
    this.host = null;
    this.timers.clear();
  }

  connect(peer, url, headers) {
    const id = ++this.server.lastId;
    const line = new Line(this, id, peer);
    peer.other = line;
    this.lines.set(id, line);
    this.server.push(() => {
      const done = this.event((host) => host.exports.connect(id, ...host.text(url), ...host.pairs(headers)));
      if (!done) peer.reject(500, "actor_trapped");
      else if (!line.deferred && !line.open && this.lines.has(id)) this.open(line, null);
    });
    return line;
  }

  open(line, protocol) {
    line.open = true;
    line.deferred = false;
    line.peer.accept(protocol);
  }

  fetch(method, url, headers, body, done) {
    const id = ++this.server.lastId;
    this.server.requests.set(id, done);
    this.server.push(() => {
      const ok = this.event((host) => host.exports.fetch(id, ...host.text(method), ...host.text(url), ...host.pairs(headers), ...host.bytes(body)));
      if (!ok) this.server.answer(id, { fault: "actor_trapped: " + this.failures.at(-1) });
    });
  }

  call(payload, done) {
    const id = ++this.server.lastId;
    this.server.requests.set(id, done);
    this.server.push(() => {
      if (!this.event((host) => host.exports.call(id, ...host.bytes(payload)))) {
        this.server.answer(id, { fault: "actor_trapped: " + this.failures.at(-1) });
      }
    });
  }

  /** Fires the alarm if there is one; answers whether it was kept. */
  async fireAlarm() {
    if (this.alarm === null) throw new Error("there is no alarm");
    const kept = this.alarm;
    const { due, attempt } = this;
    let done;
    this.server.push(() => {
      this.alarm = null;
      this.running = true;
      done = this.event((host) => host.exports.alarm(attempt, BigInt(due)));
      if (!done) this.alarm = kept;
    });
    await this.server.run();
    return done;
  }

  finish(operation, outcome) {
    this.server.push(() => {
      if (!this.host) return;
      this.event((host) =>
        outcome.fault
          ? host.exports.complete(operation, 1, ...host.text(outcome.fault))
          : host.exports.complete(operation, 0, ...host.bytes(outcome.bytes ?? new Uint8Array(0))),
      );
    });
  }
}

/** The imports over a server's actors. */
class ServerHost extends Host {
  constructor(actor) {
    super();
    this.actor = actor;
    // These are the server's, in the places of the base's own.
    for (const field of ["lastId", "now", "connections"]) delete this[field];
  }

  get lastId() {
    return this.actor?.server.lastId ?? 0n;
  }
  set lastId(id) {
    if (this.actor) this.actor.server.lastId = id;
  }
  get now() {
    return BigInt(this.actor?.server.now ?? 0);
  }
  set now(_) {}
  get connections() {
    return this.actor?.lines ?? new Map();
  }
  set connections(_) {}

  allImports(module) {
    const imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      const implementation = this.imports[/^dormouse:host\/(\w+)@/.exec(from)[1]]?.[name];
      if (!implementation) throw new Error(`unknown import ${from} ${name}`);
      (imports[from] ??= {})[name] = implementation;
    }
    return imports;
  }

  optionMillis(ret, millis) {
    const view = new DataView(this.exports.memory.buffer);
    view.setInt32(ret, millis === null ? 0 : 1, true);
    view.setBigUint64(ret + 8, BigInt(millis ?? 0), true);
  }

  pairsAt(at, count) {
    return this.readTable(at, count, 4).map((f) => [this.readText(f[0], f[1]), this.readText(f[2], f[3])]);
  }

  implement() {
    const { actor } = this;
    const { server } = actor;
    const line = (id, run) => {
      const found = actor.lines.get(BigInt(id));
      return found ? (run(found) ?? 0) : 4;
    };
    const { imports } = this;
    const option = (has, at, length) => (has ? this.readText(at, length) : null);
    const deliver = (id, frame) => line(id, (to) => (to.spliced ? 4 : void to.peer.receive(frame)));
    Object.assign(imports.identity, {
      id: (ret) => this.result(ret, this.text(server.idOf(actor.name))),
      namespace: (ret) => this.result(ret, this.text("app")),
    });
    Object.assign(imports.connection, {
      "send-text": (id, at, length) => deliver(id, this.readText(at, length)),
      "send-bytes": (id, at, length) => deliver(id, this.readBytes(at, length)),
      close: (id, code, at, length) => {
        if ([1004, 1006].includes(code) || code < 1000 || (code > 1014 && code < 3000) || code > 4999) return 6;
        const reason = this.readText(at, length);
        return line(id, (to) => {
          to.peer.end(code, reason);
          if (to.peer instanceof Client) to.end(code, reason);
        });
      },
      reject: (id, status, at, length) => {
        const text = this.readText(at, length);
        return line(id, (to) => {
          if (to.open) return 6;
          actor.lines.delete(to.id);
          to.peer.reject(status, text);
        });
      },
      refuse: (id, status, headers, count, body, length) => {
        const pairs = this.pairsAt(headers, count);
        const text = this.readText(body, length);
        return line(id, (to) => {
          if (to.open) return 6;
          actor.lines.delete(to.id);
          to.peer.reject(status, text, pairs);
        });
      },
      "set-auto-response": (id, some, a, al, b, bl) => {
        const pair = some ? [this.readText(a, al), this.readText(b, bl)] : null;
        return line(id, (to) => void (to.automatic = pair));
      },
      "get-auto-response": (id, ret) => {
        const pair = actor.lines.get(BigInt(id))?.automatic;
        this.result(ret, pair ? [1, ...pair.flatMap((text) => this.text(text))] : [0]);
      },
      "auto-response-at": (id, ret) => this.optionMillis(ret, actor.lines.get(BigInt(id))?.answeredAt ?? null),
      defer: (id) => line(id, (to) => void (to.deferred = true)),
      accept: (id, has, at, length) => {
        const protocol = option(has, at, length);
        return line(id, (to) => (to.open ? 6 : actor.open(to, protocol)));
      },
      splice: (a, b) => line(a, (first) => line(b, (second) => {
        if (!first.open) actor.open(first, null);
        first.spliced = second;
        second.spliced = first;
        actor.lines.delete(first.id);
        actor.lines.delete(second.id);
      })),
      list: (hasTag, tag, length, ret) => {
        const wanted = option(hasTag, tag, length);
        const ids = [...actor.lines.values()]
          .filter((to) => to.open && !to.isCallers && (wanted === null || to.tags.includes(wanted)))
          .map((to) => to.id);
        const pointer = this.exports.cabi_realloc(0, 0, 8, ids.length * 8);
        const view = new DataView(this.exports.memory.buffer);
        ids.forEach((id, i) => view.setBigUint64(pointer + i * 8, id, true));
        this.result(ret, [pointer, ids.length]);
      },
    });
    const setAlarm = (at, due, attempt) => void Object.assign(actor, { alarm: at, due, attempt });
    imports.alarm.get = (ret) => this.optionMillis(ret, actor.alarm && actor.due);
    imports.alarm.set = (due) => setAlarm(Number(due), Number(due), 0);
    imports.alarm.retry = (at, due, attempt) => setAlarm(Number(at), Number(due), attempt);
    imports.alarm.delete = () => setAlarm(null, 0, 0);
    imports.http.respond = (id, status, headers, count, body, length) => {
      const bytes = this.readBytes(body, length);
      return server.answer(id, { status, headers: this.pairsAt(headers, count), bytes }) ? 0 : 4;
    };
    imports.http["pass-on"] = (request, operation, has, at, length) => {
      if (!server.requests.has(request)) return 4;
      server.passed.set(operation, { request, unless: option(has, at, length) });
      return 0;
    };
    imports.rpc.respond = (id, failed, at, length) =>
      server.answer(id, failed ? { fault: this.readText(at, length) } : { bytes: this.readBytes(at, length) }) ? 0 : 4;
    imports.timer.start = (delay) => {
      const id = ++server.lastId;
      actor.timers.set(id, server.now + Number(delay));
      return id;
    };
    imports.timer.cancel = (id) => Number(actor.timers.delete(id));
    imports.actors.cancel = imports.timer.cancel;
    imports.random.bytes = (length, ret) => this.result(ret, this.bytes(randomBytes(length)));
    imports.app.role = () => actor.role;
    imports.app["memory-limit"] = () => 128n << 20n;
    imports.web.fetch = (m, ml, u, ul, h, hc, b, bl, redirect) => {
      const id = ++server.lastId;
      const asked = { method: this.readText(m, ml), url: this.readText(u, ul), headers: this.pairsAt(h, hc), body: this.readText(b, bl), redirect };
      const answer = server.web(asked);
      actor.finish(id, typeof answer === "string" ? { fault: answer } : { bytes: encode(answer) });
      return id;
    };
    this.implementActors(imports, option);
    imports.crypto = cryptoOf(this);
  }

  implementActors(imports, option) {
    const { actor } = this;
    const { server } = actor;
    const target = (at, length) => {
      const name = this.readText(at, length);
      return name.startsWith("\0") ? server.gateway() : server.actor(name);
    };
    Object.assign(imports.actors, {
      fetch: (has, ns, nl, a, al, m, ml, u, ul, h, hc, b, bl) => {
        const id = ++server.lastId;
        target(a, al).fetch(this.readText(m, ml), this.readText(u, ul), this.pairsAt(h, hc), this.readBytes(b, bl), (answer) => {
          const passed = server.passed.get(id);
          if (passed && !answer.fault && !answer.headers.some(([name]) => name === passed.unless)) {
            server.answer(passed.request, answer);
          } else {
            actor.finish(passed?.request ?? id, answer.fault ? answer : { bytes: encode([answer.status, answer.headers, answer.bytes]) });
          }
        });
        return id;
      },
      call: (has, ns, nl, a, al, p, pl) => {
        const id = ++server.lastId;
        target(a, al).call(this.readBytes(p, pl), (answer) => actor.finish(id, answer));
        return id;
      },
      connect: (has, ns, nl, a, al, u, ul, h, hc) => {
        const id = ++server.lastId;
        if (server.refuseConnects) {
          actor.finish(id, { fault: server.refuseConnects });
          return id;
        }
        const own = new Line(actor, ++server.lastId, null);
        const lowest = 1000n;
        if (own.id < lowest) own.id = server.lastId = lowest;
        own.accept = (protocol) => {
          own.open = true;
          actor.lines.set(own.id, own);
          actor.finish(id, { bytes: encode([Number(own.id), protocol]) });
        };
        own.reject = (status, text, headers = []) => actor.finish(id, { bytes: encode([status, headers, utf8(text)]) });
        own.isCallers = true;
        const line = target(a, al).connect(own, this.readText(u, ul), this.pairsAt(h, hc));
        own.peer = line;
        line.peer = own;
        return id;
      },
      address: (ret) => this.result(ret, this.text(actor.role === 1 ? "\0gateway-0" : actor.name)),
      "id-of": (at, length, ret) => this.result(ret, this.text(server.idOf(this.readText(at, length)))),
      "name-of": (at, length, ret) => {
        const name = server.ids.get(this.readText(at, length));
        this.option(ret, name === undefined ? null : this.text(name));
      },
    });
  }
}

function cryptoOf(host) {
  const name = (at, length) => host.readText(at, length);
  const hash = (at, length) => name(at, length).replace("-", "").toLowerCase();
  const bytes = (at, length) => Buffer.from(host.readBytes(at, length));
  const attempt = (ret, run) => {
    let answer;
    try {
      answer = [0, ...host.bytes(run())];
    } catch (error) {
      answer = [1, ...host.text(error.message)];
    }
    host.result(ret, answer);
  };
  const maybe = (ret, run) => {
    let answer = null;
    try {
      answer = host.bytes(run());
    } catch {
      // Refused.
    }
    host.option(ret, answer);
  };
  return {
    digest: (h, hl, d, dl, ret) => maybe(ret, () => createHash(hash(h, hl)).update(bytes(d, dl)).digest()),
    hmac: (h, hl, k, kl, d, dl, ret) => maybe(ret, () => createHmac(hash(h, hl), bytes(k, kl)).update(bytes(d, dl)).digest()),
    "aes-encrypt": (m, ml, k, kl, i, il, a, al, tag, d, dl, ret) => attempt(ret, () => {
      const mode = name(m, ml).toLowerCase();
      const cipher = createCipheriv(`aes-${kl * 8}-${mode}`, bytes(k, kl), bytes(i, il), mode === "gcm" ? { authTagLength: tag / 8 } : {});
      if (mode === "gcm") cipher.setAAD(bytes(a, al));
      const out = Buffer.concat([cipher.update(bytes(d, dl)), cipher.final()]);
      return mode === "gcm" ? Buffer.concat([out, cipher.getAuthTag()]) : out;
    }),
    "aes-decrypt": (m, ml, k, kl, i, il, a, al, tag, d, dl, ret) => attempt(ret, () => {
      const mode = name(m, ml).toLowerCase();
      const cipher = createDecipheriv(`aes-${kl * 8}-${mode}`, bytes(k, kl), bytes(i, il), mode === "gcm" ? { authTagLength: tag / 8 } : {});
      let data = bytes(d, dl);
      if (mode === "gcm") {
        cipher.setAAD(bytes(a, al));
        cipher.setAuthTag(data.subarray(data.length - tag / 8));
        data = data.subarray(0, data.length - tag / 8);
      }
      return Buffer.concat([cipher.update(data), cipher.final()]);
    }),
    "generate-key-pair": (c, cl, ret) => {
      const pair = generateKeyPairSync("ec", { namedCurve: name(c, cl) });
      host.result(ret, [
        1,
        ...host.bytes(pair.privateKey.export({ type: "pkcs8", format: "der" })),
        ...host.bytes(pair.publicKey.export({ type: "spki", format: "der" })),
      ]);
    },
    "ecdsa-sign": (c, cl, h, hl, k, kl, d, dl, ret) => attempt(ret, () =>
      createSign(hash(h, hl)).update(bytes(d, dl)).sign({ key: createPrivateKey({ key: bytes(k, kl), format: "der", type: "pkcs8" }), dsaEncoding: "ieee-p1363" })),
    "ecdsa-verify": (c, cl, h, hl, k, kl, s, sl, d, dl) =>
      Number(createVerify(hash(h, hl)).update(bytes(d, dl)).verify({ key: createPublicKey({ key: bytes(k, kl), format: "der", type: "spki" }), dsaEncoding: "ieee-p1363" }, bytes(s, sl))),
    pbkdf2: (h, hl, p, pl, s, sl, n, length, ret) => attempt(ret, () => pbkdf2Sync(bytes(p, pl), bytes(s, sl), n, length, hash(h, hl))),
    hkdf: (h, hl, k, kl, s, sl, i, il, length, ret) => attempt(ret, () => new Uint8Array(hkdfSync(hash(h, hl), bytes(k, kl), bytes(s, sl), bytes(i, il), length))),
  };
}

export class Server {
  actors = new Map();
  requests = new Map();
  /** What answers requests without the actor that was asked, by operation. */
  passed = new Map();
  ids = new Map();
  logs = [];
  env = { GREETING: "hello" };
  now = 1_700_000_000_000;
  lastId = 1000n;
  web = () => "forbidden: the egress policy does not allow it";
  #tasks = [];

  /** An app from source: one text, or texts by section. */
  static async start(source, app = {}) {
    const server = new Server();
    server.module = await engine();
    const bundles = typeof source === "string" ? { "dormouse:bundle": source } : source;
    server.sections = { "dormouse:app": utf8(JSON.stringify(app)) };
    for (const [section, text] of Object.entries(bundles)) {
      const { code, map } = await bundle(text);
      server.sections[section] = utf8(code);
      server.sections[section.replace("bundle", "sourcemap")] = utf8(map);
    }
    return server;
  }

  push(task) {
    this.#tasks.push(task);
  }

  /** Runs what there is to do until nothing is left. */
  async run() {
    while (this.#tasks.length > 0) this.#tasks.shift()();
  }

  answer(id, answer) {
    const done = this.requests.get(id);
    if (!done) return false;
    this.requests.delete(id);
    this.push(() => done(answer));
    return true;
  }

  actor(name) {
    if (!this.actors.has(name)) this.actors.set(name, new Actor(this, name, 0));
    this.idOf(name);
    return this.actors.get(name);
  }

  gateway() {
    return (this.front ??= new Actor(this, "", 1));
  }

  idOf(name) {
    const id = createHash("sha256").update("app/" + name).digest("hex");
    this.ids.set(id, name);
    return id;
  }

  /** Answers `{status, headers, text}`, or undefined where no answer came yet. */
  async fetch(actor, url = "/", { method = "GET", headers = [], body = "" } = {}) {
    let answer;
    const bytes = typeof body === "string" ? utf8(body) : body;
    actor.fetch(method, url, [["host", "example.test"], ...headers], bytes, (given) => (answer = given));
    await this.run();
    return answer && readable(answer);
  }

  async connect(actor, url = "/", headers = []) {
    const client = new Client(this);
    actor.connect(client, url, [["host", "example.test"], ["upgrade", "websocket"], ["connection", "Upgrade"], ...headers]);
    await this.run();
    return client;
  }

  /** Lets time pass, and fires the timers that are due. */
  async advance(millis) {
    const until = this.now + millis;
    for (;;) {
      const due = [...this.actors.values(), ...(this.front ? [this.front] : [])]
        .flatMap((actor) => [...actor.timers].map(([id, at]) => ({ actor, id, at })))
        .filter(({ at }) => at <= until)
        .sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.now = Math.max(this.now, due.at);
      due.actor.timers.delete(due.id);
      due.actor.finish(due.id, {});
      await this.run();
    }
    this.now = until;
  }

  logged() {
    return this.logs.map(([, text]) => text).join("\n");
  }
}

function readable(answer) {
  if (answer.fault) return { fault: answer.fault };
  const text = Buffer.from(answer.bytes).toString();
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    pairs: answer.headers,
    bytes: answer.bytes,
    text,
    get json() {
      return JSON.parse(text);
    },
    /** What was thrown, where the answer stands for an exception. */
    get exception() {
      return decodeURIComponent(this.headers["dormouse-exception"] ?? "");
    },
  };
}

export { decode, encode };
