import { Actor, Connection, Context, Message, Value, actor } from "@dormouse/assemblyscript";

/** Tells all subscribers what anyone publishes: `{"type":"publish","data":…}`. */
@actor
export class PubSub extends Actor {
  message(ctx: Context, connection: Connection, message: Message): void {
    const event = message.json();
    if (event === null || event.get("type").asString() != "publish" || !event.has("data")) {
      connection.sendJson(
        Value.object().set("type", "error").set("message", "send {\"type\":\"publish\",\"data\":…}")
      );
      return;
    }
    ctx.connections.broadcastJson(Value.object().set("type", "message").set("data", event.get("data")));
  }
}
