import { Actor, Connection, Context, Message, Value, actor } from "@dormouse/assemblyscript";

const HITS_PER_MINUTE: i32 = 10;
const MINUTE: u64 = 60_000;

/** Allows ten hits in any minute. `{"type":"HIT"}` asks for one, `{"type":"RESET"}` forgets them all. */
@actor
export class RateLimiter extends Actor {
  message(ctx: Context, connection: Connection, message: Message): void {
    const asked = message.json();
    const type = asked === null ? "" : asked.get("type").asString();
    if (type == "HIT") {
      connection.sendJson(Value.object().set("isAllowed", hit(ctx)));
    } else if (type == "RESET") {
      ctx.storage.delete("hits");
      connection.sendJson(Value.object().set("type", "RESET"));
    } else {
      connection.sendJson(Value.object().set("error", "send {\"type\":\"HIT\"} or {\"type\":\"RESET\"}"));
    }
  }
}

/** Whether one more hit is allowed now; if so, it is counted. */
function hit(ctx: Context): bool {
  const now = ctx.now();
  const stored = ctx.storage.get("hits");
  const recent = Value.array();
  if (stored !== null) {
    for (let i = 0; i < stored.length; i++) {
      const at = <u64>stored.at(i).asI64();
      if (at + MINUTE > now) recent.push(at);
    }
  }
  if (recent.length >= HITS_PER_MINUTE) return false;
  ctx.storage.put("hits", recent.push(now));
  return true;
}
