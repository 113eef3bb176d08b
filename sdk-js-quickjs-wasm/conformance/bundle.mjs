// Builds the one bundle that both runtimes get, and reads the register of its tests.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
export const bundlePath = `${here}build/bundle.mjs`;

/** The tests inside the bundle: `{ id, area, kind, where, statement }`. */
export async function makeBundle() {
  const common = { entryPoints: [`${here}bundle/index.js`], bundle: true, format: "esm", target: "es2022", logLevel: "warning" };
  await build({ ...common, outfile: bundlePath, external: ["cloudflare:workers"] });
  const register = `${here}build/register.mjs`;
  await build({ ...common, outfile: register, platform: "node", plugins: [classesOnly] });
  const { tests } = await import(register);
  return [...tests.values()].map(({ run, ...test }) => test);
}

/** Lets Node read the register, where there are no Durable Objects. */
const classesOnly = {
  name: "classes-only",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^cloudflare:workers$/ }, ({ path }) => ({ path, namespace: "classes-only" }));
    onLoad({ filter: /.*/, namespace: "classes-only" }, () => ({
      contents: "export class DurableObject {} export class RpcTarget {} export class RpcStub {} export class WorkerEntrypoint {} export const env = {}, exports = {}; export const waitUntil = undefined;",
    }));
  },
};
