import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { engineFile } from "./support/engine.mjs";
import { Server } from "./support/server.mjs";

const TOOL = fileURLToPath(new URL("../../toolchain/bundle.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "build-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Builds an app of files as `dormouse build` does; answers its module, or what was said of it. */
async function build(files, plan = { main: "main.js", classes: [] }) {
  const app = mkdtempSync(join(folder, "app-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(app, name)), { recursive: true });
    writeFileSync(join(app, name), text);
  }
  const out = join(app, "out.wasm");
  const { status, stderr } = spawnSync(process.execPath, [TOOL, await engineFile(), app, out, JSON.stringify(plan)], { encoding: "utf8" });
  return { status, said: stderr, module: status === 0 ? await WebAssembly.compile(readFileSync(out)) : undefined };
}

/** A gateway's answer to one request. */
async function run(files, env = {}) {
  const { module, said } = await build(files);
  assert.ok(module, said);
  const server = new Server();
  server.module = module;
  server.env = env;
  server.sections = {};
  for (const name of ["bundle", "sourcemap", "bytecode", "app"]) {
    const [content] = WebAssembly.Module.customSections(module, "dormouse:" + name);
    if (content) server.sections["dormouse:" + name] = new Uint8Array(content);
  }
  return (await server.fetch(server.gateway())).json;
}

async function refused(source, what) {
  const { status, said } = await build({ "main.js": source + "; export default { fetch() {} }" });
  assert.equal(status, 1, said);
  assert.match(said, what);
}

describe("what an app imports", () => {
  test("a name that the engine does not have is told of with its place", async () => {
    await refused(`import { WorkflowEntrypoint } from "cloudflare:workers"; WorkflowEntrypoint()`, /No matching export in .*cloudflare:workers.*"WorkflowEntrypoint"[\s\S]*main\.js:1:9/);
  });
  test("modules of other runtimes are refused with what to use", async () => {
    await refused(`import "node:buffer"`, /"node:buffer" is part of Node\.js and not of Dormouse: "npm install buffer" gives the app a package that stands in for it/);
    await refused(`import "fs"`, /"fs" is part of Node\.js.*: use ctx\.storage/);
    await refused(`import "cloudflare:email"`, /"cloudflare:email" is not part of Dormouse/);
  });
  test("a package stands in for a module of Node.js", async () => {
    const files = {
      "node_modules/path-browserify/package.json": `{"name": "path-browserify", "main": "index.js"}`,
      "node_modules/path-browserify/index.js": `exports.join = (...parts) => parts.join("/")`,
      "main.js": `import { join } from "node:path"; import other from "path"; export default { fetch: () => Response.json([join("a", "b"), other.join("c", "d")]) }`,
    };
    assert.deepEqual(await run(files), ["a/b", "c/d"]);
  });
  test("process.env is the app's env, and there is no process", async () => {
    const source = `export default { fetch: () => Response.json([process.env.GREETING, process.env.NODE_ENV, typeof process]) }`;
    assert.deepEqual(await run({ "main.js": source }, { GREETING: "hello" }), ["hello", "production", "undefined"]);
  });
});

describe("AsyncLocalStorage", () => {
  const HEAD = `import { AsyncLocalStorage, AsyncResource } from "node:async_hooks"; const local = new AsyncLocalStorage(); const where = () => local.getStore() ?? null;\n`;
  const ask = (body, before = "") => run({ "main.js": `${HEAD}${before}\nexport default { async fetch(request) { ${body} } }` });

  test("what is run inside keeps its store over awaits, loops, jobs and promises, and others have their own", async () => {
    const seen = await ask(
      `const go = (name) => local.run(name, async () => {
        const seen = [where()];
        await null; seen.push(where());
        for await (const _ of steps()) seen.push(where());
        await Promise.all([1, 2].map(async () => { await null; seen.push(where()); }));
        await new Promise((done) => queueMicrotask(() => { seen.push(where()); done(); }));
        await Promise.reject(1).catch(() => seen.push(where()));
        try { await (async () => { throw 1; })(); } finally { seen.push(where()); return seen; }
      });
      const both = await Promise.all([go("a"), go("b")]);
      return Response.json([...both, where()]);`,
      `async function* steps() { yield 1; await null; yield 2; }`);
    assert.deepEqual(seen, [Array(9).fill("a"), Array(9).fill("b"), null]);
  });
  test("stores of different storages are apart, and inner ones end", async () => {
    assert.deepEqual(await ask(
      `const other = new AsyncLocalStorage({ defaultValue: "none" });
       return Response.json(local.run(1, () => [where(), other.run(2, () => [where(), other.getStore()]), other.getStore(), local.exit(where), where()]))`),
      [1, [1, 2], "none", null, 1]);
  });
  test("snapshots, bound functions and resources take it along", async () => {
    assert.deepEqual(await ask(
      `const [snapshot, bound, resource] = local.run("x", () => [AsyncLocalStorage.snapshot(), AsyncLocalStorage.bind(where), new AsyncResource("r")]);
       return Response.json([snapshot(where), bound(), resource.runInAsyncScope(where), where()])`),
      ["x", "x", "x", null]);
  });
  test("what is entered ends with the event", async () => {
    assert.deepEqual(await ask(
      `if (request.url.endsWith("?")) return; const before = where(); local.enterWith("in"); const at = where(); await null;
       return Response.json([before, at, where(), await later])`,
      `let look; const later = new Promise((done) => (look = done)).then(() => where()); Promise.resolve().then(() => local.enterWith("other")).then(look);`),
      [null, "in", "in", null]);
  });
  test("it does not go together with top-level await, which is told of with its place", async () => {
    await refused(HEAD + "await 1", /top-level await and "node:async_hooks" do not go together[\s\S]*main\.js:2:0/);
  });
});
