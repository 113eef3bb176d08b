import {
  Actor, Connection, Context, Entry, JSON, ListOptions, Message, Request, Response, Value, actor, includeText
} from "@dormouse/assemblyscript";

const PAGE: string = includeText("../web/index.html");
const HISTORY: i32 = 20;
const MAX_USERNAME: i32 = 64;
const MAX_TEXT: i32 = 4096;
/** Messages are stored under this and their number in 16 digits, so that their keys sort by age. */
const PREFIX = "message:";

/** A chat room: tells everyone what anyone says, and a newcomer the last 20 messages. */
@actor
export class Chat extends Actor {
  private next: i64 = 0;

  start(ctx: Context): void {
    const newest = last(ctx, 1);
    if (newest.length > 0) this.next = I64.parseInt(newest[0].key.substring(PREFIX.length)) + 1;
  }

  connect(ctx: Context, connection: Connection, request: Request): void {
    const entries = last(ctx, HISTORY);
    if (entries.length == 0) return;
    const messages = Value.array();
    for (let i = entries.length - 1; i >= 0; i--) messages.push(entries[i].value);
    connection.sendJson(Value.object().set("type", "history").set("messages", messages));
  }

  message(ctx: Context, connection: Connection, message: Message): void {
    const said = message.json();
    if (said === null) return refuse(connection, "send JSON: {\"username\", \"text\"}");
    const username = said.get("username").asString().trim();
    const text = said.get("text").asString();
    if (username.length == 0 || username.length > MAX_USERNAME) {
      return refuse(connection, "username must be a text of 1 to 64 characters");
    }
    if (text.trim().length == 0 || text.length > MAX_TEXT) {
      return refuse(connection, "text must be a text of 1 to 4096 characters");
    }
    const entry = Value.object().set("username", username).set("text", text).set("timestamp", ctx.now());
    ctx.storage.put(PREFIX + this.next.toString().padStart(16, "0"), entry);
    this.next++;
    ctx.connections.broadcastJson(Value.object().set("type", "message").set("message", entry));
  }

  fetch(ctx: Context, request: Request): Response {
    if (request.path != "/") return Response.notFound();
    if (request.method != "GET") return Response.methodNotAllowed("GET");
    return Response.html(PAGE);
  }
}

/** The newest entries, newest first. */
function last(ctx: Context, count: i32): Entry[] {
  const options = ListOptions.withPrefix(PREFIX);
  options.reverse = true;
  options.limit = count;
  return ctx.storage.list(options);
}

function refuse(connection: Connection, why: string): void {
  connection.sendJson(Value.object().set("type", "error").set("message", why));
}
