import { Actor, Context, Request, Response, actor } from "@dormouse/assemblyscript";

/** Counts durably: GET answers the count, POST …/increment adds 1 and answers the new count. */
@actor
export class Counter extends Actor {
  fetch(ctx: Context, request: Request): Response {
    const count = ctx.storage.getI64("count");
    if (request.path == "/increment") {
      if (request.method != "POST") return Response.methodNotAllowed("POST");
      ctx.storage.put<i64>("count", count + 1);
      return Response.text((count + 1).toString());
    }
    if (request.path != "/") return Response.notFound();
    if (request.method != "GET") return Response.methodNotAllowed("GET");
    return Response.text(count.toString());
  }
}
