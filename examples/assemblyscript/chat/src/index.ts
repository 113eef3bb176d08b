import {
  Actor, Connection, Context, Entry, ListOptions, Message, Request, Response, Value, actor, includeText
} from "@dormouse/assemblyscript";

/** The page is that of the same example in Rust: it connects to the path that it was loaded from. */
const PAGE: string = includeText("../../../rust/chat/web/index.html");
const PREFIX = "message:";
const HISTORY: i32 = 20;
const MAX_USERNAME_BYTES: i32 = 64;
const MAX_TEXT_BYTES: i32 = 4096;

/**
 * A chat room for each name. Messages are stored before anyone sees them, and the last twenty are
 * shown to a newcomer. The room serves its own web page.
 */
@actor
export class Room extends Actor {
  private next: u64 = 0;

  start(ctx: Context): void {
    const last = newest(ctx, 1);
    if (last.length > 0) this.next = U64.parseInt(last[0].key.substring(PREFIX.length)) + 1;
  }

  connect(ctx: Context, connection: Connection, request: Request): void {
    const entries = newest(ctx, HISTORY);
    if (entries.length == 0) return;
    const messages = Value.array();
    for (let i = entries.length - 1; i >= 0; i--) messages.push(entries[i].value);
    connection.sendJson(Value.object().set("type", "history").set("messages", messages));
  }

  message(ctx: Context, connection: Connection, message: Message): void {
    const said = message.json();
    if (said === null) return refuse(connection, "the message is not JSON");
    const username = said.get("username").asString().trim();
    const text = said.get("text").asString().trim();
    const problem = check("username", username, MAX_USERNAME_BYTES) + check("text", text, MAX_TEXT_BYTES);
    if (problem.length > 0) return refuse(connection, problem);
    const stored = Value.object().set("username", username).set("text", text).set("timestamp", ctx.nowMillis());
    // Twenty digits hold every u64, so keys sort as their numbers do.
    ctx.storage.put(PREFIX + this.next.toString().padStart(20, "0"), stored);
    this.next++;
    ctx.connections.broadcastJson(Value.object().set("type", "message").set("message", stored));
  }

  fetch(ctx: Context, request: Request): Response {
    if (request.path != "/") return Response.notFound();
    if (request.method != "GET" && request.method != "HEAD") return Response.methodNotAllowed("GET");
    return Response.html(PAGE);
  }
}

/** The newest messages, newest first. */
function newest(ctx: Context, count: i32): Entry[] {
  const options = ListOptions.withPrefix(PREFIX);
  options.reverse = true;
  options.limit = count;
  return ctx.storage.list(options);
}

/** A sentence about what is wrong with a field of a message, or nothing. */
function check(name: string, text: string, maxBytes: i32): string {
  if (text.length == 0) return name + " must be a text that is not empty. ";
  if (String.UTF8.byteLength(text) > maxBytes) return name + " is longer than " + maxBytes.toString() + " bytes. ";
  return "";
}

function refuse(connection: Connection, problem: string): void {
  connection.sendJson(Value.object().set("type", "error").set("message", problem.trim()));
}
