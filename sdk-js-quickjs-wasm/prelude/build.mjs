// Bundles the prelude to one script that evaluates to `(host) => handlers`.
import { build } from "esbuild";
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

/** The prelude's text, and its source map. */
export async function prelude({ minify = true } = {}) {
  const result = await build({
    absWorkingDir: here,
    entryPoints: ["src/index.ts"],
    bundle: true,
    format: "cjs",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    minifySyntax: minify,
    minifyWhitespace: minify,
    write: false,
    sourcemap: "external",
    outfile: "dist/prelude.js",
    plugins: [smallUrl],
    legalComments: "none",
    logLevel: "warning",
  });
  const file = (end) => result.outputFiles.find(({ path: name }) => name.endsWith(end)).text;
  return { text: `((module)=>{${file("prelude.js")}return module.exports.default})({exports:{}})`, map: file(".map") };
}

if (process.argv[1] && createRequire(import.meta.url).resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { text } = await prelude();
  await mkdir(path.join(here, "dist"), { recursive: true });
  await writeFile(path.join(here, "dist/prelude.js"), text);
  console.log(`prelude: ${text.length} bytes`);
}
