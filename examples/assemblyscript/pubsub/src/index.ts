import { Actor, Connection, Context, Message, Value, actor } from "@dormouse/assemblyscript";

/** One topic for each name: what one client publishes, all get. */
@actor
export class Topic extends Actor {
  message(ctx: Context, connection: Connection, message: Message): void {
    const event = message.json();
    if (event === null) {
      connection.sendJson(problem("the message is not JSON"));
    } else if (event.get("type").asString() != "publish") {
      connection.sendJson(problem("Send {\"type\":\"publish\",\"data\":…}."));
    } else {
      ctx.connections.broadcastJson(Value.object().set("type", "message").set("data", event.get("data")));
    }
  }
}

function problem(message: string): Value {
  return Value.object().set("type", "error").set("message", message);
}
