import { type Handlers, type Host, setHost } from "./core/host";
import { env, handlers } from "./core/runtime";
import { installGlobals } from "./globals";
import { DurableObject, WorkerEntrypoint } from "./objects/base";
import { exported } from "./objects/exports";
import { RpcStub, RpcTarget } from "./objects/references";
import { ServerlessWorker } from "./worker/serverless-worker";

const MODULES: Record<string, Record<string, unknown>> = {
  "cloudflare:workers": {
    DurableObject,
    WorkerEntrypoint,
    RpcStub,
    RpcTarget,
    env,
    exports: exported,
    waitUntil: (promise: unknown) => (globalThis as any).waitUntil(promise),
  },
  dormouse: { DurableObject, WorkerEntrypoint, ServerlessWorker, env },
};

/** What the prelude's script evaluates to. */
export default function prelude(host: Host): Handlers {
  setHost(host);
  installGlobals();
  for (const [name, exports] of Object.entries(MODULES)) {
    host.defineModule(name, exports);
  }
  return handlers;
}
