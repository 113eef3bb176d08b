import { Actor, Context, Request, Response, actor } from "@dormouse/assemblyscript";

const COUNT = "count";

/** A durable counter for each name. */
@actor
export class Counter extends Actor {
  private count: i64 = 0;

  start(ctx: Context): void {
    this.count = ctx.storage.getI64(COUNT);
  }

  fetch(ctx: Context, request: Request): Response {
    const path = request.path;
    const method = request.method;
    if (path == "/increment") {
      if (method != "POST") return Response.methodNotAllowed("POST");
      this.count++;
      ctx.storage.put(COUNT, this.count);
    } else if (path != "/") {
      return Response.notFound();
    } else if (method != "GET" && method != "HEAD") {
      return Response.methodNotAllowed("GET");
    }
    return Response.text(this.count.toString());
  }
}
