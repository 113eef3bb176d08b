import { Actor, Context, Request, Response, Value, actor } from "@dormouse/assemblyscript";

const FIRED = "fired";

/** An alarm for each name, and how often it has fired. */
@actor
export class Reminder extends Actor {
  fetch(ctx: Context, request: Request): Response {
    const method = request.method;
    if (request.path != "/") return Response.notFound();
    if (method == "POST") {
      const millis = request.query("in");
      if (millis === null || !isCount(millis)) {
        return Response.badRequest("Say in how many milliseconds: POST …?in=1000\n");
      }
      ctx.alarm.setIn(U64.parseInt(millis));
    } else if (method != "GET" && method != "HEAD") {
      return Response.methodNotAllowed("GET, POST");
    }
    const alarm = ctx.alarm.isSet ? Value.from(ctx.alarm.dueMillis) : Value.NULL;
    return Response.json(Value.object().set("fired", ctx.storage.getI64(FIRED)).set("alarm", alarm));
  }

  alarm(ctx: Context, attempt: u32, dueMillis: u64): void {
    const fired = ctx.storage.getI64(FIRED) + 1;
    console.info("reminder " + fired.toString() + ", " + (ctx.nowMillis() - dueMillis).toString() + " ms late");
    ctx.storage.put(FIRED, fired);
  }
}

/** Whether the text is a whole number of at most 19 digits. */
function isCount(text: string): bool {
  if (text.length < 1 || text.length > 19) return false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x30 || c > 0x39) return false;
  }
  return true;
}
