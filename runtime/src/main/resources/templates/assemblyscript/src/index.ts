import { Actor, Connection, Context, Message, Request, Response, Value, actor } from "@dormouse/assemblyscript";

/** One actor for each name: counts visits durably, and tells everyone connected what anyone says. */
@actor
export class Main extends Actor {
  fetch(ctx: Context, request: Request): Response {
    const visits = ctx.storage.getI64("visits") + 1;
    ctx.storage.put("visits", visits);
    return Response.text("Hello from " + ctx.name + ", visit " + visits.toString() + ".\n");
  }

  message(ctx: Context, connection: Connection, message: Message): void {
    if (!message.isText) return;
    ctx.connections.broadcastJson(Value.object().set("said", message.text).set("at", ctx.nowMillis()));
  }
}
