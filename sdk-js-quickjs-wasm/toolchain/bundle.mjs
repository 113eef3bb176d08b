/**
 * Bundles a JavaScript or TypeScript app and puts it into the engine:
 * `node bundle.mjs ENGINE.wasm DIR OUT.wasm PLAN`. What comes out carries, as custom sections, a
 * bundle and a source map for the entry file and for each worker module, and `dormouse:app` with
 * what was found out about them.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, posix, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { compileBundle } from "../build.mjs";
import { PROVIDED, refusal, standIn } from "./provided.mjs";

const MAIN_BUNDLE = "dormouse:bundle";
const SCRIPT = /\.[cm]?[jt]sx?$/;
const WORKER = /\bnew\s+ServerlessWorker\s*\(\s*(?:"([^"\n]+)"|'([^'\n]+)'|`([^`\n$]+)`)/g;
const MOST_WORKERS = 64;
/** Modules that are part of other runtimes; a package may have such a name, too. */
const OF_RUNTIMES = new RegExp(`^((node|cloudflare|bun|deno):.*|${builtinModules.filter((name) => /^[a-z]/.test(name)).join("|")})$`);
const LOOKED_UP = Symbol("looked up");

const CLIENT = fileURLToPath(new URL("../client/src/index.ts", import.meta.url));

/** The reason why an app cannot be built, in one sentence. */
class BuildError extends Error {}

const ASYNC_HOOKS = new URL("async-hooks.js", import.meta.url);
const ENVIRONMENT = fileURLToPath(new URL("environment.js", import.meta.url));

/** Async functions as promises, so that AsyncLocalStorage sees where they go on. */
const LOWERED = { "async-await": false, "async-generator": false, "for-await": false };

/** What the engine provides, and the toolchain; anything else has to be part of the bundle. */
const provided = {
  name: "provided",
  setup(build) {
    // By way of a list of its names, so that a name that is not there is told of here.
    build.onResolve({ filter: /^(cloudflare:workers|dormouse)$/ }, ({ path, namespace }) =>
      namespace === "provided" ? { path, external: true } : { path, namespace: "provided" });
    build.onLoad({ filter: /./, namespace: "provided" }, ({ path }) => ({ contents: `export { ${PROVIDED[path].join(", ")} } from "${path}";` }));
    // Pages get the client as a text, already bundled.
    build.onResolve({ filter: /^@dormouse\/client$/ }, (args) => ({
      path: CLIENT,
      namespace: args.with.type === "text" ? "client-text" : "file",
    }));
    build.onLoad({ filter: /./, namespace: "client-text" }, async ({ path }) => {
      const { outputFiles } = await esbuild.build({
        entryPoints: [path], bundle: true, write: false, format: "esm", platform: "browser", target: "es2022", minify: true, logLevel: "silent",
      });
      return { contents: outputFiles[0].text, loader: "text" };
    });
    build.onResolve({ filter: /^(node:)?async_hooks$/ }, () => ({ path: "async_hooks", namespace: "node" }));
    build.onLoad({ filter: /./, namespace: "node" }, () => ({ contents: readFileSync(ASYNC_HOOKS, "utf8") }));
    build.onResolve({ filter: OF_RUNTIMES }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === LOOKED_UP) return undefined;
      const names = [standIn(path), path.includes(":") ? undefined : path].filter(Boolean);
      for (const name of names) {
        const found = await build.resolve(name, { importer, resolveDir, kind, pluginData: LOOKED_UP });
        if (found.errors.length === 0) return found;
      }
      return { errors: [{ text: refusal(path) }] };
    });
  },
};

/** The files that `new ServerlessWorker("./file", …)` names in a source file, with how they are named. */
function workersIn(directory, file) {
  const source = readFileSync(join(directory, file), "utf8");
  const found = [];
  for (const match of source.matchAll(WORKER)) {
    const before = source.slice(source.lastIndexOf("\n", match.index) + 1, match.index);
    if (/\/\/|^\s*\*/.test(before)) continue;
    const named = match[1] ?? match[2] ?? match[3];
    const line = source.slice(0, match.index).split("\n").length;
    const column = before.length;
    found.push({ named, file: findScript(directory, posix.join(posix.dirname(file), named), `${file}:${line}:${column}`) });
  }
  return found;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function findScript(directory, path, where) {
  const stem = path.replace(/\.([cm]?)jsx?$/, "");
  const candidates = [path, ...["ts", "mts", "tsx", "js", "mjs"].map((end) => `${stem}.${end}`)];
  const found = candidates.find((name) => isFile(join(directory, name)));
  if (!found) throw new BuildError(`${where}: ERROR: there is no worker module ${path}`);
  return found;
}

function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The name of the class that a worker module becomes: its path without the end. */
function className(file) {
  return file.replace(SCRIPT, "").replace(/[^A-Za-z0-9_./-]/g, "_");
}

async function bundle(directory, entry) {
  if (!isFile(join(directory, entry))) throw new BuildError(`there is no file ${entry} in ${directory}, which the manifest names`);
  const options = {
    absWorkingDir: directory,
    entryPoints: [entry.startsWith(".") ? entry : `./${entry}`],
    outfile: "bundle.js",
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "neutral",
    target: "es2024",
    mainFields: ["module", "main"],
    conditions: ["dormouse", "workerd", "worker", "module", "browser"],
    charset: "utf8",
    sourcemap: "external",
    sourcesContent: false,
    loader: { ".txt": "text", ".html": "text", ".sql": "text", ".md": "text", ".bin": "binary" },
    inject: [ENVIRONMENT],
    define: { "process.env.NODE_ENV": '"production"', "process.env": "__dormouse_env", "import.meta.url": '"file:///bundle.js"' },
    logLevel: "silent",
    plugins: [provided],
  };
  let result = await esbuild.build(options);
  if ("node:async_hooks" in result.metafile.inputs) result = await lowered(options);
  for (const text of await esbuild.formatMessages(result.warnings, { kind: "warning", color: false })) console.error(text.trim());
  const text = (end) => result.outputFiles.find(({ path }) => path.endsWith(end)).contents;
  const files = Object.keys(result.metafile.inputs).filter((path) => SCRIPT.test(path) && !path.includes("node_modules/") && !path.includes(":") && resolve(directory, path) !== ENVIRONMENT);
  const { exports } = Object.values(result.metafile.outputs).find(({ entryPoint }) => entryPoint);
  return { script: text("bundle.js"), map: withLines(text("bundle.js.map")), files, exports };
}

/** The build of an app that asks for AsyncLocalStorage. */
async function lowered(options) {
  try {
    return await esbuild.build({ ...options, supported: LOWERED });
  } catch (error) {
    for (const each of error.errors ?? []) {
      if (each.text.startsWith("Top-level await")) each.text = 'top-level await and "node:async_hooks" do not go together in Dormouse: await inside a function';
    }
    throw error;
  }
}

/**
 * The map with `x_lines` added: for every line of the bundle, where its mappings begin and what they
 * count on from (source, line, column). A stack is then read without decoding all of the map.
 */
function withLines(bytes) {
  const map = JSON.parse(Buffer.from(bytes).toString());
  const { mappings } = map;
  const counts = [0, 0, 0];
  map.x_lines = [0, ...counts];
  let field = 0;
  let shift = 0;
  let value = 0;
  for (let at = 0; at < mappings.length; at++) {
    const char = mappings[at];
    if (char === ";") map.x_lines.push(at + 1, ...counts);
    if (char === ";" || char === ",") {
      field = 0;
      continue;
    }
    const digit = DIGITS.indexOf(char);
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit >= 32) continue;
    if (field >= 1 && field <= 3) counts[field - 1] += value & 1 ? -(value >>> 1) : value >>> 1;
    field++;
    shift = value = 0;
  }
  return Buffer.from(JSON.stringify(map));
}

/** Bundles all of the app, and answers the sections that go into the engine. */
async function build(directory, plan) {
  const sections = new Map();
  const workers = new Map();
  const bundles = {};
  const put = (name, { script, map }) => {
    sections.set(name, script);
    sections.set(name.replace("bundle", "sourcemap"), map);
  };
  const entry = posix.normalize(plan.main ?? plan.worker);
  const main = await bundle(directory, entry);
  put(MAIN_BUNDLE, main);
  const missing = plan.classes.filter((name) => !main.exports.includes(name));
  if (missing.length > 0) {
    throw new BuildError(`${entry} does not export ${missing.join(", ")}, which the manifest names: write "export class ${missing[0]}" there`);
  }
  if (plan.main && !main.exports.includes("default")) {
    throw new BuildError(`${entry} answers the public, so it must have a default export with fetch: "export default { fetch(request, env) { … } }"`);
  }
  const classes = new Set(plan.classes);
  const pending = [main];
  const add = async (named, file) => {
    const name = className(file);
    if (workers.has(named) && workers.get(named) !== name) {
      throw new BuildError(`new ServerlessWorker("${named}") means ${file} here and ${workers.get(named)} elsewhere: name one of the files differently`);
    }
    workers.set(named, name);
    if (classes.has(name)) return;
    if (classes.size >= MOST_WORKERS) throw new BuildError(`the app has more than ${MOST_WORKERS} worker modules and classes`);
    classes.add(name);
    if (!plan.main && file === entry) return;
    const made = await bundle(directory, file);
    if (!made.exports.includes("default")) {
      throw new BuildError(`${file} is a worker module, so it must have a default export: "export default { connect(event) { … } }"`);
    }
    bundles[name] = `${MAIN_BUNDLE}/${name}`;
    put(bundles[name], made);
    pending.push(made);
  };
  if (plan.main && plan.worker) {
    const file = posix.normalize(plan.worker);
    await add(`./${file}`, file);
  }
  const seen = new Set();
  for (let next = pending.shift(); next; next = pending.shift()) {
    for (const file of next.files.filter((file) => !seen.has(file))) {
      seen.add(file);
      for (const worker of workersIn(directory, file)) await add(worker.named, worker.file);
    }
  }
  if (!plan.main && Object.keys(bundles).length > 0 && plan.classes.length === 0) classes.add(className(entry));
  const app = {
    ...(plan.main ? { gateway: true } : {}),
    ...(classes.size > 0 ? { classes: [...classes] } : {}),
    ...(workers.size > 0 ? { workers: Object.fromEntries(workers) } : {}),
    ...(Object.keys(bundles).length > 0 ? { bundles } : {}),
  };
  sections.set("dormouse:app", new TextEncoder().encode(JSON.stringify(app)));
  return sections;
}

/** Installs the packages that the app's package.json asks for, where they are not there. */
function installPackages(directory) {
  const file = join(directory, "package.json");
  if (!existsSync(file)) return;
  let dependencies;
  try {
    dependencies = Object.keys(JSON.parse(readFileSync(file, "utf8")).dependencies ?? {});
  } catch (error) {
    throw new BuildError(`${file} is not JSON: ${error.message}`);
  }
  const absent = dependencies.filter((name) => !isInstalled(directory, name));
  if (absent.length === 0) return;
  console.error(`installing ${absent.join(", ")}`);
  const locked = existsSync(join(directory, "package-lock.json"));
  const flags = ["--no-audit", "--no-fund", "--loglevel=error"];
  const done = spawnSync("npm", [locked ? "ci" : "install", ...flags], { cwd: directory, stdio: ["ignore", 2, 2] });
  if (done.status !== 0) throw new BuildError(`npm could not install the packages of ${file}: see its message above`);
}

function isInstalled(directory, name) {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, "node_modules", name))) return true;
    if (dirname(at) === at) return false;
  }
}

function unsigned(value) {
  const bytes = [];
  do {
    const more = value > 0x7f;
    bytes.push((value & 0x7f) | (more ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return Uint8Array.from(bytes);
}

function customSection(name, content) {
  const label = new TextEncoder().encode(name);
  const length = unsigned(label.length);
  return [Uint8Array.of(0), unsigned(length.length + label.length + content.length), length, label, content];
}

/** The bundles compiled, each in a section beside its own, so that starting an actor does not parse them. */
async function compiled(sections, engine) {
  const code = new Map();
  for (const [name, content] of sections) {
    if (!name.startsWith(MAIN_BUNDLE)) continue;
    const bytes = await compileBundle(engine, content);
    if (bytes) code.set(name.replace("bundle", "bytecode"), bytes);
  }
  return code;
}

const [engine, dir, out, plan] = process.argv.slice(2);
try {
  const directory = realpathSync(resolve(dir));
  installPackages(directory);
  const sections = await build(directory, JSON.parse(plan));
  const parts = [readFileSync(engine)];
  const code = await compiled(sections, parts[0]);
  for (const [name, content] of [...sections, ...code]) parts.push(...customSection(name, content));
  writeFileSync(out, Buffer.concat(parts));
} catch (error) {
  if (error.errors) {
    for (const text of await esbuild.formatMessages(error.errors, { kind: "error", color: false })) console.error(text.trim());
  } else if (error instanceof BuildError) {
    console.error(error.message);
  } else {
    throw error;
  }
  process.exitCode = 1;
} finally {
  await esbuild.stop();
}
