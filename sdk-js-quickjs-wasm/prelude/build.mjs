// Bundles the prelude to one script that evaluates to `(host) => handlers`.
import { build, transform } from "esbuild";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const shims = path.join(here, "src/web/shims.ts");

/** Puts our small stand-ins in the places of what whatwg-url depends on. */
const smallUrl = {
  name: "small-url",
  setup(build) {
    build.onResolve({ filter: /^(tr46|@exodus\/bytes\/whatwg\.js|@exodus\/bytes\/encoding\.js)$/ }, () => ({ path: shims }));
    build.onResolve({ filter: /^\.\/encoding$/ }, ({ importer }) =>
      importer.includes(`${path.sep}whatwg-url${path.sep}`) ? { path: shims } : undefined,
    );
  },
};

/** What the late parts use of the prelude is given to them: they are not to bring copies of it. */
const fromPrelude = {
  name: "from-prelude",
  setup(build) {
    build.onResolve({ filter: /\/(core\/(host|errors)|encoding)$/ }, ({ path: name, importer }) =>
      importer.startsWith(path.join(here, "src")) ? { path: name, namespace: "prelude" } : undefined);
    build.onLoad({ filter: /./, namespace: "prelude" }, () => ({
      contents: "export const { host, DOMException, base64url, bytesOf, unbase64url } = common;",
    }));
  },
};

/** The parts that are loaded when they are asked for, see src/core/late.ts. */
const LATE = ["crypto", "pattern", "streams"];

/**
 * The script of an entry file. Names within functions are made short, since each is kept in memory; those at the top, which
 * classes and functions are called by, stay.
 */
async function bundle(entry, minify, ...plugins) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    bundle: true,
    format: "cjs",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    write: false,
    outfile: "prelude.js",
    plugins: [...plugins, smallUrl],
    legalComments: "none",
    logLevel: "warning",
  });
  return minify ? (await transform(outputFiles[0].text, { minify: true, target: "es2022" })).code : outputFiles[0].text;
}

/** The prelude's script, and those of its late parts by name, which evaluate to `(common) => exports`. */
export async function prelude({ minify = true } = {}) {
  const late = {};
  for (const name of LATE) {
    const script = await bundle(`src/late/${name}.ts`, minify, fromPrelude);
    late[name] = `((module)=>(common)=>{${script}return module.exports})({exports:{}})`;
  }
  const script = await bundle("src/index.ts", minify);
  return { text: `((module)=>{${script}return module.exports.default})({exports:{}})`, late };
}

if (process.argv[1] && createRequire(import.meta.url).resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { text } = await prelude();
  await mkdir(path.join(here, "dist"), { recursive: true });
  await writeFile(path.join(here, "dist/prelude.js"), text);
  console.log(`prelude: ${text.length} bytes`);
}
