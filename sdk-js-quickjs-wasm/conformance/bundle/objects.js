// The Durable Object classes that the tests use.
import { DurableObject, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import { tests, verdict } from "./harness.js";

/** Runs tests within itself. */
export class Lab extends DurableObject {
  async fetch(request) {
    const id = decodeURIComponent(new URL(request.url).pathname.slice("/run/".length));
    const { ctx, env } = this;
    const run = async () => {
      await ctx.storage.deleteAll();
      return verdict(() => tests.get(id).run({ ctx, storage: ctx.storage, env, self: this }));
    };
    this.#last = this.#last.then(run, run);
    return Response.json(await this.#last);
  }
  #last = Promise.resolve();

  /** An alarm is only read and set here; it never does anything. */
  alarm() {}
}

/** What a subclass of RpcTarget hands out. */
class Tally extends RpcTarget {
  #count = 0;
  add(amount) {
    this.#count += amount;
    return this.#count;
  }
  get count() {
    return this.#count;
  }
}

class Unsendable {
  field = 1;
}

/** An entrypoint that only the app itself calls. */
export class Inner extends WorkerEntrypoint {
  greeting(name) {
    return `${this.env.GREETING}, ${name}`;
  }
  fetch(request) {
    return Response.json({ url: request.url, props: this.ctx.props });
  }
}

/** Methods and requests of every kind. */
export class Methods extends DurableObject {
  #count = 0;
  own = "an instance property";
  log = [];
  born = crypto.randomUUID();

  async fetch(request) {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/echo":
        return Response.json({
          method: request.method,
          url: request.url,
          headers: Object.fromEntries(request.headers),
          body: await request.text(),
        });
      case "/bytes":
        return new Response(await request.arrayBuffer());
      case "/status":
        return new Response(url.searchParams.get("body"), {
          status: Number(url.searchParams.get("status")),
          statusText: "Chosen",
          headers: { "x-answer": "yes" },
        });
      case "/cookies": {
        const headers = new Headers();
        headers.append("set-cookie", "a=1; Path=/");
        headers.append("set-cookie", "b=2");
        return new Response("cookies", { headers });
      }
      case "/throw":
        throw new RangeError("thrown by fetch");
      case "/nothing":
        return undefined;
      case "/stream": {
        const encoder = new TextEncoder();
        let left = 3;
        return new Response(new ReadableStream({
          pull(controller) {
            if (left-- > 0) controller.enqueue(encoder.encode(`part ${left};`));
            else controller.close();
          },
        }));
      }
      case "/log":
        this.log.push(url.searchParams.get("n"));
        await new Promise((wake) => setTimeout(wake, 5));
        return new Response(url.searchParams.get("n"));
      case "/redirect":
        return new Response(null, { status: 302, headers: { location: "http://object/echo" } });
      default:
        return new Response("not found", { status: 404 });
    }
  }

  echo(...values) {
    return values.length === 1 ? values[0] : values;
  }
  kinds(...values) {
    return values.map((value) => (value === undefined ? "undefined" : value === null ? "null" : value.constructor.name));
  }
  callWith(callback, value) {
    return callback(value);
  }
  async writeTo(stream, text) {
    const writer = stream.getWriter();
    for (const byte of new TextEncoder().encode(text)) await writer.write(Uint8Array.of(byte));
    await writer.close();
    return "written";
  }
  sum(a, b) {
    return a + b;
  }
  async later(value, milliseconds) {
    await new Promise((wake) => setTimeout(wake, milliseconds));
    return value;
  }
  nothing() {}
  note(entry) {
    this.log.push(entry);
    return this.log.length;
  }
  async noteLater(entry) {
    this.log.push(entry);
    await new Promise((wake) => setTimeout(wake, 5));
    return entry;
  }
  notes() {
    return this.log;
  }
  increment(by = 1) {
    return (this.#count += by);
  }
  birth() {
    return this.born;
  }
  whoAmI() {
    return { id: this.ctx.id.toString(), name: this.ctx.id.name, isThis: this instanceof Methods };
  }
  mutate(list) {
    list.push("changed");
    return list.length;
  }
  get total() {
    return this.#count;
  }
  fail(kind, message) {
    throw new { Error, TypeError, RangeError }[kind](message);
  }
  async failLater(message) {
    await new Promise((wake) => setTimeout(wake, 1));
    throw new Error(message);
  }
  failWith(value) {
    throw value;
  }
  failRichly() {
    const error = new RangeError("rich", { cause: new TypeError("deep") });
    throw Object.assign(error, { status: 418, details: { list: [1, new Date(5)] } });
  }
  failAll() {
    throw new AggregateError([new RangeError("first")], "all of it");
  }
  failDom() {
    throw new DOMException("stopped", "AbortError");
  }
  exported() {
    return Object.keys(this.ctx.exports);
  }
  unsendable() {
    return new Unsendable();
  }
  function() {
    return (n) => n * 2;
  }
  async callBack(callback, value) {
    return (await callback(value)) + 1;
  }
  tally() {
    return new Tally();
  }
  async countUp(target, times) {
    let last;
    for (let at = 0; at < times; at++) last = await target.add(1);
    return last;
  }
  keep(callback) {
    this.kept = callback.dup();
  }
  useKept(value) {
    return this.kept(value);
  }
  nest() {
    return { tally: new Tally(), list: [(n) => n + 1] };
  }
  breaking() {
    return () => {
      throw new RangeError("inside the function");
    };
  }
  headers() {
    return new Headers({ "x-kind": "rpc" });
  }
  box() {
    return { inner: { value: 42 } };
  }
  response() {
    return new Response("from a method", { status: 201, headers: { "x-kind": "rpc" } });
  }
  async requestBody(request) {
    return `${request.method} ${new URL(request.url).pathname} ${await request.text()}`;
  }
  stream() {
    return new Response("streamed bytes").body;
  }
  #secret() {
    return "secret";
  }
  hasSecret() {
    return this.#secret();
  }
  async put(key, value) {
    await this.ctx.storage.put(key, value);
  }
  read(key) {
    return this.ctx.storage.get(key);
  }
  async addSlowly() {
    const count = (await this.ctx.storage.get("count")) ?? 0;
    await this.ctx.storage.put("count", count + 1);
    return count + 1;
  }
  async callOther(name, value) {
    return this.env.OTHER.get(this.env.OTHER.idFromName(name)).greet(value);
  }
  async callSelf(value) {
    return this.env.RPC.get(this.ctx.id).echo(value);
  }
  async chain(name, depth) {
    if (depth === 0) return [this.ctx.id.toString().length];
    const next = this.env.RPC.get(this.env.RPC.idFromName(`${name} ${depth}`));
    return [depth, ...(await next.chain(name, depth - 1))];
  }
  background(key, value) {
    this.ctx.waitUntil((async () => {
      await new Promise((wake) => setTimeout(wake, 1000));
      await this.ctx.storage.put(key, value);
    })());
    return "answered";
  }
  backgroundFailure() {
    this.ctx.waitUntil(Promise.reject(new Error("in the background")));
    return "answered";
  }
  abort(reason) {
    this.ctx.abort(reason);
    return "not reached";
  }
  async putThenAbort(key, value) {
    await this.ctx.storage.put(key, value);
    await this.ctx.storage.sync();
    this.ctx.abort("after the write");
  }
  greeting() {
    return [this.env.GREETING, this.env.SETTINGS, typeof this.env.OTHER.idFromName];
  }
}

/** Another class, which has no alarm. */
export class Other extends DurableObject {
  greet(value) {
    return `other got ${value}`;
  }
  async arm() {
    await this.ctx.storage.setAlarm(Date.now() + 60000);
  }
  answer() {
    return 42;
  }
}

/** A class as they were before there was a base class. */
export class Plain {
  constructor(state, env) {
    this.state = state;
    this.env = env;
  }

  async fetch(request) {
    const count = ((await this.state.storage.get("count")) ?? 0) + 1;
    await this.state.storage.put("count", count);
    return Response.json({ count, greeting: this.env.GREETING, path: new URL(request.url).pathname });
  }

  method() {
    return "unreachable";
  }
}

/** Cannot be made while it holds no permission. */
export class Broken extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    throw new Error("the constructor failed");
  }
  anything() {
    return 1;
  }
  fetch() {
    return new Response("unreachable");
  }
}

/** Writes down in storage what its alarm handler sees, and does in it what `plan` says. */
export class Alarmist extends DurableObject {
  async alarm(info) {
    const fired = (await this.ctx.storage.get("fired")) ?? [];
    const plan = (await this.ctx.storage.get("plan")) ?? {};
    fired.push({
      at: Date.now(),
      info: info && { retryCount: info.retryCount, isRetry: info.isRetry },
      alarm: await this.ctx.storage.getAlarm(),
      hasId: this.ctx.id.toString().length,
    });
    await this.ctx.storage.put("fired", fired);
    if (plan.deleteInHandler) await this.ctx.storage.deleteAlarm();
    if (plan.again && fired.length < plan.again) await this.ctx.storage.setAlarm(Date.now() + 50);
    if (plan.slow) await new Promise((wake) => setTimeout(wake, plan.slow));
    if (plan.slow) await this.ctx.storage.put("finished", Date.now());
    if (plan.failures >= fired.length) {
      await this.ctx.storage.sync();
      throw new Error("the alarm failed");
    }
  }

  async plan(plan) {
    await this.ctx.storage.put("plan", plan);
  }
  async set(at) {
    await this.ctx.storage.setAlarm(at);
    return this.ctx.storage.getAlarm();
  }
  setIn(milliseconds) {
    return this.set(Date.now() + milliseconds);
  }
  async setDate(at) {
    await this.ctx.storage.setAlarm(new Date(at));
    return this.ctx.storage.getAlarm();
  }
  get() {
    return this.ctx.storage.getAlarm();
  }
  async delete() {
    await this.ctx.storage.deleteAlarm();
    return this.ctx.storage.getAlarm();
  }
  async fired() {
    return (await this.ctx.storage.get("fired")) ?? [];
  }
  finished() {
    return this.ctx.storage.get("finished");
  }
  async setAndDeleteAll() {
    await this.ctx.storage.setAlarm(Date.now() + 60000);
    await this.ctx.storage.put("a", 1);
    await this.ctx.storage.deleteAll();
    return this.ctx.storage.getAlarm();
  }
  async setInRolledBack(at) {
    await this.ctx.storage.transaction(async (txn) => {
      await txn.setAlarm(at);
      txn.rollback();
    });
    return this.ctx.storage.getAlarm();
  }
  async setInTransaction(at) {
    const seen = await this.ctx.storage.transaction(async (txn) => {
      await txn.setAlarm(at);
      return txn.getAlarm();
    });
    return [seen, await this.ctx.storage.getAlarm()];
  }
}

/** Shows when events get in. */
export class Gated extends DurableObject {
  ready = false;
  log = [];
  born = crypto.randomUUID();

  constructor(ctx, env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      await new Promise((wake) => setTimeout(wake, 60));
      this.ready = true;
      this.log.push("ready");
    });
  }

  isReady() {
    this.log.push("called");
    return [this.ready, this.log];
  }
  fetch() {
    return new Response(String(this.ready));
  }
  async block(milliseconds) {
    this.log.push("block starts");
    const answer = await this.ctx.blockConcurrencyWhile(async () => {
      await new Promise((wake) => setTimeout(wake, milliseconds));
      await this.ctx.storage.put("in", "block");
      this.log.push("block ends");
      return "from the callback";
    });
    return [answer, await this.ctx.storage.get("in")];
  }
  touch() {
    this.log.push("touch");
  }
  entries() {
    return this.log;
  }
  async blockAndFail() {
    await this.ctx.blockConcurrencyWhile(async () => {
      throw new Error("the callback failed");
    });
  }
  async blockAndCatch() {
    return this.ctx.blockConcurrencyWhile(async () => {
      try {
        throw new Error("kept inside");
      } catch {
        return "caught";
      }
    });
  }
  blockAndCall(name) {
    return this.ctx.blockConcurrencyWhile(() => this.env.RPC.get(this.env.RPC.idFromName(name)).echo("through the gate"));
  }
  birth() {
    return this.born;
  }
  async waits(milliseconds) {
    this.log.push("wait starts");
    await new Promise((wake) => setTimeout(wake, milliseconds));
    this.log.push("wait ends");
  }
  async readThenWrite() {
    const count = (await this.ctx.storage.get("n")) ?? 0;
    await this.ctx.storage.put("n", count + 1);
  }
  async manyReads() {
    let sum = 0;
    for (let at = 0; at < 5; at++) sum += (await this.ctx.storage.get("n")) ?? 0;
    await this.ctx.storage.put("n", sum / 5 + 1);
  }
  value() {
    return this.ctx.storage.get("n");
  }
}
