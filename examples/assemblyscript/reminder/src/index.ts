import { Actor, Context, Request, Response, Value, actor } from "@dormouse/assemblyscript";

/** The longest wait that can be asked for: ten years. */
const MAX_WAIT: f64 = 315_360_000_000;

/** Sets an alarm with POST ?in=MILLIS, and counts durably how often alarms fired. */
@actor
export class Reminder extends Actor {
  fetch(ctx: Context, request: Request): Response {
    if (request.path != "/") return Response.notFound();
    if (request.method == "POST") {
      const text = request.query("in");
      const wait = text === null || text.length == 0 ? NaN : Number.parseFloat(text);
      if (!(wait >= 0 && wait <= MAX_WAIT)) {
        return Response.text("say in how many milliseconds: ?in=MILLIS\n", 400);
      }
      ctx.alarm.setIn(<u64>wait);
    } else if (request.method != "GET") {
      return Response.methodNotAllowed("GET, POST");
    }
    const alarm = ctx.alarm;
    return Response.json(
      Value.object()
        .set("fired", ctx.storage.getI64("fired"))
        .set("alarm", alarm.isSet ? Value.from(alarm.dueMillis) : Value.NULL)
    );
  }

  alarm(ctx: Context, attempt: u32, dueMillis: u64): void {
    ctx.storage.put<i64>("fired", ctx.storage.getI64("fired") + 1);
  }
}
