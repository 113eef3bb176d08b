import { app } from "../core/app";
import { reportError } from "../core/errors";
import { Request } from "../web/request";
import { ExecutionContext, WorkerEntrypoint } from "./base";
import { DurableObjectNamespace } from "./namespace";
import { member, type Send, walk } from "./references";

/**
 * What the app's main bundle exports, as `ctx.exports` and `exports` of `cloudflare:workers` have it: a
 * class of objects as the namespace of its objects, an entrypoint as what calls it.
 */
export const exported: Record<string, unknown> = {};

type Handler = { fetch?: (request: Request, env: unknown, ctx: ExecutionContext) => unknown };
type Entrypoint = new (ctx: ExecutionContext, env: unknown) => object;

export function fillExports(exports: Record<string, unknown>, env: unknown): void {
  const classes = app().classes ?? [];
  for (const [name, value] of Object.entries(exports)) {
    if (classes.includes(name)) {
      exported[name] = new DurableObjectNamespace({ class: name });
    } else if (typeof value === "function" && value.prototype instanceof WorkerEntrypoint) {
      exported[name] = loopback((ctx) => new (value as Entrypoint)(ctx, env));
    } else if (typeof (value as Handler | null)?.fetch === "function") {
      const handler = value as Handler;
      exported[name] = loopback((ctx) => ({ fetch: (request: Request) => handler.fetch!(request, env, ctx) }));
    }
  }
}

/** Calls an entrypoint here, each time in an instance of its own; called itself, it takes other props along. */
function loopback(make: (ctx: ExecutionContext) => object, props: object = {}): unknown {
  const instance = (): any => make(new ExecutionContext((error) => reportError(error, "Uncaught (in waitUntil)"), props));
  const send: Send = (path, args) => walk(instance(), path, args);
  return new Proxy((options: { props?: object } = {}) => loopback(make, options.props ?? {}), {
    get(target, key) {
      if (key === "fetch") {
        return async (input: unknown, init?: unknown) => instance().fetch(new Request(input, init));
      }
      return typeof key === "symbol" || key === "then" || key === "constructor" ? Reflect.get(target, key) : member(send, [key]);
    },
    set: () => false,
  });
}
