/** The engine with the prelude as it is now, built once for all test files. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const out = path.join(root, "build");
let compiled;

function newest(folder) {
  return Math.max(
    0,
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(path.join(entry.parentPath ?? entry.path, entry.name)).mtimeMs),
  );
}

export async function engine() {
  compiled ??= WebAssembly.compile(readFileSync(await engineFile()));
  return compiled;
}

/** Where the engine lies. */
export async function engineFile() {
  return process.env.DORMOUSE_ENGINE ?? built();
}

async function built() {
  const file = path.join(out, "engine.wasm");
  const lock = path.join(root, "build.lock");
  const needed = Math.max(newest(path.join(root, "prelude/src")), newest(path.join(root, "engine")), statSync(path.join(root, "build.mjs")).mtimeMs);
  for (let tries = 0; ; tries++) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== "EEXIST" || tries > 600) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  try {
    if (!existsSync(file) || statSync(file).mtimeMs < needed) {
      const { build } = await import("../../../build.mjs");
      await build(out);
    }
  } finally {
    rmdirSync(lock);
  }
  return file;
}

/** A bundle compiled as the CLI does it. */
export async function compile(code) {
  const { compileBundle } = await import("../../../build.mjs");
  return compileBundle(readFileSync(await engineFile()), code);
}

/** Bundles TypeScript as the CLI does. */
export async function bundle(source) {
  const result = await esbuild.build({
    stdin: { contents: source, loader: "ts", sourcefile: "app.ts", resolveDir: root },
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    write: false,
    sourcemap: "external",
    sourcesContent: false,
    outfile: "bundle.js",
    external: ["cloudflare:workers", "dormouse"],
    logLevel: "silent",
  });
  const file = (end) => result.outputFiles.find((output) => output.path.endsWith(end)).text;
  return { code: file("bundle.js"), map: file(".map") };
}
