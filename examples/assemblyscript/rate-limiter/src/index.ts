import { Actor, Connection, Context, Message, Value, actor } from "@dormouse/assemblyscript";

const HITS = "hits";
const LIMIT: i32 = 10;
const WINDOW_MILLIS: u64 = 60_000;

/**
 * At most ten hits in any minute for each name. The times of the hits are stored, because a limit
 * that a restart or ten idle seconds lift is no limit. A refused hit stores nothing, so a client that
 * hammers costs no writes.
 */
@actor
export class RateLimiter extends Actor {
  /** When the allowed hits of the window were, oldest first, in milliseconds of Unix time. */
  private hits: u64[] = [];

  start(ctx: Context): void {
    const stored = ctx.storage.get(HITS);
    if (stored === null) return;
    for (let i = 0; i < stored.length; i++) this.hits.push(<u64>stored.at(i).asI64());
  }

  message(ctx: Context, connection: Connection, message: Message): void {
    const request = message.json();
    if (request === null) {
      connection.sendJson(problem("the message is not JSON"));
      return;
    }
    const type = request.get("type").asString();
    if (type == "HIT") {
      connection.sendJson(Value.object().set("isAllowed", this.hit(ctx)));
    } else if (type == "RESET") {
      this.hits = [];
      ctx.storage.delete(HITS);
      connection.sendJson(Value.object().set("isAllowed", true));
    } else {
      connection.sendJson(problem("Send {\"type\":\"HIT\"} or {\"type\":\"RESET\"}."));
    }
  }

  private hit(ctx: Context): bool {
    const now = ctx.nowMillis();
    while (this.hits.length > 0 && this.hits[0] + WINDOW_MILLIS <= now) this.hits.shift();
    if (this.hits.length >= LIMIT) return false;
    this.hits.push(now);
    ctx.storage.put(HITS, this.hits);
    return true;
  }
}

function problem(message: string): Value {
  return Value.object().set("type", "error").set("message", message);
}
