import { type Handlers, type Host, setHost } from "./core/host";
import { env, handlers } from "./core/runtime";
import { installGlobals } from "./globals";
import { DurableObject, WorkerEntrypoint } from "./objects/base";
import { RpcTarget } from "./objects/rpc";
import { ServerlessWorker } from "./worker/serverless-worker";

const MODULES: Record<string, Record<string, unknown>> = {
  "cloudflare:workers": {
    DurableObject,
    WorkerEntrypoint,
    RpcTarget,
    env,
    waitUntil: (promise: unknown) => (globalThis as any).waitUntil(promise),
  },
  dormouse: { DurableObject, WorkerEntrypoint, ServerlessWorker, env },
};

/** Makes modules of ours that a bundle may import by name. */
function provide(host: Host): void {
  const key = "dormouse:modules";
  for (const [name, values] of Object.entries(MODULES)) {
    (globalThis as any)[key] = values;
    void host.evalModule(name, `export const {${Object.keys(values).join(",")}} = globalThis[${JSON.stringify(key)}];`);
  }
  delete (globalThis as any)[key];
}

/** What the prelude's script evaluates to. */
export default function prelude(host: Host): Handlers {
  setHost(host);
  installGlobals();
  provide(host);
  return handlers;
}
