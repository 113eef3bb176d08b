import {
  Actor, CBOR, Connection, Context, Entry, JSON, ListOptions, Message, Outcome, Request, Response, Status, Value, actor
} from "@dormouse/assemblyscript";

class Point {
  constructor(public x: i32, public y: f64) {}

  toValue(): Value {
    return Value.object().set("x", this.x).set("y", this.y);
  }
}

/** Does what a test asks for by the path of a request or the text of a message. */
@actor
export class Probe extends Actor {
  private pending: Request | null = null;

  start(ctx: Context): void {
    console.log("started " + ctx.name);
  }

  connect(ctx: Context, connection: Connection, request: Request): void {
    const badge = request.query("badge");
    if (badge === null) {
      connection.reject(403, "no badge");
      return;
    }
    connection.attach(badge);
    connection.setTags(["all", "badge:" + badge]);
  }

  message(ctx: Context, connection: Connection, message: Message): void {
    if (!message.isText) {
      connection.sendBytes(message.bytes);
      return;
    }
    const text = message.text;
    if (text == "who") {
      const attachment = connection.attachment;
      const name = attachment === null ? "nobody" : attachment.asString();
      connection.send(name + " " + connection.tags.join(",") + " of " + ctx.connections.list().length.toString());
    } else if (text == "bye") {
      connection.close(3001, "enough");
    } else {
      ctx.connections.broadcast(text, "all");
    }
  }

  close(ctx: Context, connection: Connection, code: u16, reason: string): void {
    ctx.storage.put("left", Value.array().push(code).push(reason));
  }

  fetch(ctx: Context, request: Request): Response | null {
    const path = request.path;
    if (path == "/later") {
      this.pending = request;
      ctx.timers.start(50);
      return null;
    }
    if (path == "/echo") {
      const kind = request.headers.get("X-Kind");
      const asked = request.query("q");
      return Response.bytes(request.body, "x/y")
        .header("x-kind", kind === null ? "none" : kind)
        .header("x-query", asked === null ? "none" : asked)
        .header("x-method", request.method);
    }
    if (path == "/cbor") {
      const value = CBOR.decode(request.body);
      return value === null ? Response.text("refused", 422) : Response.bytes(CBOR.encode(value));
    }
    if (path == "/cbor-as-json") {
      const value = CBOR.decode(request.body);
      return value === null ? Response.text("refused", 422) : Response.json(value);
    }
    if (path == "/meaning") {
      const value = CBOR.decode(request.body)!;
      const parts = [value.typeName, value.asString("none"), value.asBytes().toString(), value.field(1).asString("none")];
      return Response.text(parts.join("|") + "|" + value.isText.toString() + "|" + value.isBytes.toString() + "|" + value.at(1).isHole.toString());
    }
    if (path == "/json") {
      const value = request.json();
      return value === null ? Response.text("refused", 422) : Response.json(value);
    }
    if (path == "/json-as-cbor") {
      const value = request.json();
      return value === null ? Response.text("refused", 422) : Response.bytes(CBOR.encode(value));
    }
    if (path == "/store") return this.store(ctx);
    if (path == "/wrong-type") return Response.text(ctx.storage.getI64("text").toString());
    if (path == "/identity") {
      const now = Date.now();
      return Response.text([ctx.name, ctx.id, ctx.namespace, ctx.wakingReason.toString(), ctx.nowMillis().toString(), now.toString()].join(" "));
    }
    if (path == "/env") {
      const greeting = ctx.env.get("GREETING");
      const missing = ctx.env.get("MISSING");
      return Response.text((greeting === null ? "" : greeting) + (missing === null ? "!" : "?") + ctx.env.all().size.toString());
    }
    if (path == "/random") return Response.text(ctx.random.bytes(3).toString() + " " + ctx.random.u64().toString() + " " + (Math.random() < 1).toString());
    if (path == "/throw") throw new Error("broken ⚡ on purpose");
    if (path == "/index") return Response.text([1, 2][request.body.length].toString());
    if (path == "/null") return Response.text(this.pending!.url);
    if (path == "/recurse") return Response.text(recurse(request).toString());
    if (path == "/surrogate") {
      ctx.storage.put("lone", "a\uD800b");
      return Response.text("a\uD800b");
    }
    return Response.notFound();
  }

  private store(ctx: Context): Response {
    const storage = ctx.storage;
    storage.put("int", -5);
    storage.put<u64>("big", u64.MAX_VALUE);
    storage.put("float", 1.5);
    storage.put("bool", true);
    storage.put("text", "grün 🐭");
    storage.put("bytes", Uint8Array.wrap(String.UTF8.encode("raw")));
    storage.put("list", [1, 2, 3]);
    storage.put("point", new Point(3, 0.25));
    storage.putMany([Entry.of("k:1", "one"), Entry.of("k:2", 2), Entry.of("k:3", false)]);
    const options = ListOptions.withPrefix("k:");
    options.reverse = true;
    options.limit = 2;
    const found = Value.array();
    const entries = storage.list(options);
    for (let i = 0; i < entries.length; i++) found.push(entries[i].key).push(entries[i].value);
    const got = storage.getMany(["k:3", "absent", "k:1"]);
    for (let i = 0; i < got.length; i++) found.push(got[i].key);
    found.push(storage.deleteMany(["k:1", "absent"])).push(storage.delete("k:2")).push(storage.delete("k:2"));
    found.push(storage.getI64("int")).push(storage.getI64("absent", 42)).push(storage.getF64("float"));
    found.push(storage.getF64("int")).push(storage.getBool("bool")).push(storage.getString("text"));
    found.push(storage.getString("absent")).push(storage.getBytes("bytes"));
    found.push(storage.tryPut("", 1) == Status.KeyTooLarge);
    return Response.json(found);
  }

  alarm(ctx: Context, attempt: u32, dueMillis: u64): void {
    ctx.log.warn("alarm " + attempt.toString() + " " + dueMillis.toString());
    if (attempt == 0) ctx.alarm.setIn(1000);
  }

  complete(ctx: Context, operation: u64, outcome: Outcome): void {
    const pending = this.pending;
    if (pending !== null) pending.respond(Response.text(outcome.ok ? "done" : outcome.error));
    this.pending = null;
  }
}

function recurse(request: Request): i32 {
  const deeper = new Request(0, "", request.url + "x", request.headers, request.body);
  return recurse(deeper) + deeper.url.length;
}
