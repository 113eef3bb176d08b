import {
  Actor, Call, Connection, Context, FailureKind, Message, Outcome, Redirects, Request, Response, Role, Value, actor
} from "@dormouse/assemblyscript";
import { checkCrypto } from "./crypto";

/**
 * Asks others and answers them, as its requests say. The tests of the SDK run it on their own host,
 * and the server's tests on the server.
 */
@actor
export class Probe extends Actor {
  /** What operations were started for: by their ids, the requests, calls and clients that wait. */
  private requests: Map<u64, Request> = new Map();
  private calls: Map<u64, Call> = new Map();
  private clients: Map<u64, Connection> = new Map();
  /** The requests that wait for what comes from a connection that this actor opened. */
  private dialed: Map<u64, Request> = new Map();

  connect(ctx: Context, connection: Connection, request: Request): void {
    const through = request.query("through");
    if (through !== null) {
      connection.defer();
      this.clients.set(ctx.actors.get(through).connect("/?name=guest"), connection);
      return;
    }
    if (request.path == "/refuse") {
      connection.refuse(Response.text("pay first", 402).header("x-price", "7"));
      return;
    }
    if (request.path == "/respond") connection.setAutoResponse("ping", "pong");
    const name = request.query("name");
    if (name === null) {
      connection.reject(403, "no name");
      return;
    }
    connection.send("welcome " + name);
  }

  message(ctx: Context, connection: Connection, message: Message): void {
    if (!this.dialed.has(connection.id)) {
      const since = connection.autoResponseAt;
      const pair = connection.autoResponse;
      if (message.text == "clear" && pair !== null) {
        connection.clearAutoResponse();
        connection.send(pair.request + "=" + pair.response);
      }
      connection.send(message.text + "!" + (since == 0 ? "" : "!"));
      return;
    }
    const request = this.dialed.get(connection.id);
    this.dialed.delete(connection.id);
    connection.close();
    request.respond(Response.text(message.text));
  }

  fetch(ctx: Context, request: Request): Response | null {
    const path = request.path;
    const named = request.query("actor");
    const other = ctx.actors.get(named === null ? "nobody" : named, request.query("namespace"));
    let operation: u64 = 0;
    if (path == "/call") {
      operation = other.call(request.body);
    } else if (path == "/pass") {
      operation = other.fetch(Request.to(request.method, "/echo?passed=1", request.body).header("x-probe", "passed"));
    } else if (path == "/dial") {
      operation = other.connect(request.query("url")!);
    } else if (path == "/web") {
      const onward = Request.to(request.method, request.query("url")!, request.body);
      operation = ctx.web.fetch(onward.header("x-probe", "outward"), redirectsOf(request.query("redirects")));
    } else if (path == "/web-dial") {
      operation = ctx.web.connect(request.query("url")!, ["chat", "talk"]);
    } else if (path == "/echo") {
      const probe = request.headers.get("x-probe");
      return Response.bytes(request.body).header("x-url", request.url).header("x-probe", probe === null ? "none" : probe);
    } else if (path == "/cancel") {
      operation = other.call(request.body);
      const cancelled = ctx.actors.cancel(operation);
      return Response.text(cancelled.toString() + " " + ctx.web.cancel(operation).toString());
    } else if (path == "/patient") {
      ctx.alarm.setIn(10);
      return new Response(204);
    } else if (path == "/attempts") {
      const attempts = ctx.storage.get("attempts");
      return Response.json(attempts === null ? Value.array() : attempts);
    } else if (path == "/names") {
      const name = ctx.actors.nameOf(ctx.actors.idOf(ctx.name));
      const unknown = ctx.actors.nameOf("0000000000000000000000000000000000000000000000000000000000000000");
      return Response.text((name === null ? "none" : name) + " " + ctx.actors.address + " " + (unknown === null).toString());
    } else if (path == "/app") {
      const motto = ctx.section("motto");
      return Response.text((ctx.role == Role.Gateway).toString() + " " + (motto === null ? "none" : motto.length.toString()));
    } else if (path == "/crypto") {
      return Response.text(checkCrypto(ctx));
    } else {
      return Response.notFound();
    }
    this.requests.set(operation, request);
    return null;
  }

  alarm(ctx: Context, attempt: u32, dueMillis: u64): void {
    const before = ctx.storage.get("attempts");
    const attempts = before === null ? Value.array() : before;
    ctx.storage.put("attempts", attempts.push(attempt));
    if (attempt == 2) return;
    ctx.alarm.retryIn(10, attempt, dueMillis);
    if (ctx.alarm.dueMillis != dueMillis) throw new Error("the alarm has forgotten what it was set to");
  }

  call(ctx: Context, call: Call): Outcome | null {
    const text = call.text();
    if (text == "fail") throw new Error("as asked");
    if (text == "refuse") return Outcome.failure("not_now: come back tomorrow");
    if (text == "later") {
      this.calls.set(ctx.timers.start(5), call);
      return null;
    }
    return Outcome.of(call.payload.reverse());
  }

  complete(ctx: Context, operation: u64, outcome: Outcome): void {
    if (this.calls.has(operation)) {
      this.calls.get(operation).respond(Outcome.of(Uint8Array.wrap(String.UTF8.encode("at last"))));
      this.calls.delete(operation);
    } else if (this.clients.has(operation)) {
      this.join(this.clients.get(operation), outcome);
      this.clients.delete(operation);
    } else if (this.requests.has(operation)) {
      this.answer(this.requests.get(operation), outcome);
      this.requests.delete(operation);
    }
  }

  private join(client: Connection, outcome: Outcome): void {
    const connection = outcome.connection;
    const refusal = outcome.response;
    if (connection !== null) {
      client.splice(connection);
    } else {
      client.reject(refusal === null ? 503 : refusal.status, outcome.message);
    }
  }

  private answer(request: Request, outcome: Outcome): void {
    if (!outcome.ok) {
      const failure = Value.object()
        .set("kind", <i32>outcome.kind)
        .set("denied", outcome.kind == FailureKind.EgressDenied)
        .set("code", outcome.code)
        .set("message", outcome.message)
        .set("overloaded", outcome.overloaded)
        .set("retryable", outcome.retryable);
      request.respond(Response.json(failure, 502));
      return;
    }
    if (request.path == "/call") {
      request.respond(Response.bytes(outcome.bytes));
      return;
    }
    const connection = outcome.connection;
    if (connection !== null) {
      if (outcome.protocol !== null) connection.send("hello");
      this.dialed.set(connection.id, request);
      return;
    }
    request.respond(outcome.response!);
  }
}

function redirectsOf(name: string | null): Redirects {
  if (name === null) return Redirects.Follow;
  return name == "manual" ? Redirects.Manual : Redirects.Fail;
}
