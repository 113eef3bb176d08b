/**
 * Builds an AssemblyScript app into a module: `node build.mjs DIR OUT.wasm`. The import
 * "@dormouse/assemblyscript" is this package, wherever the app lies.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import asc from "assemblyscript/asc";
import DormouseTransform from "../transform/index.mjs";

const SDK = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const SDK_IMPORT = /(?:^|[\\/])node_modules[\\/]@dormouse[\\/]assemblyscript[\\/](.+)$/;
const ENTRIES = ["src/index.ts", "assembly/index.ts"];

/** The reason why an app cannot be built, in one sentence. */
export class BuildError extends Error {}

/** Compiles the entry file, relative to the directory, and answers the module's bytes. */
export async function compile(directory, entry, flags = ["-O3s"]) {
  let binary = null;
  let diagnostics = "";
  const output = { write: (text) => ((diagnostics += text), true) };
  const { error } = await asc.main(
    [entry, "--baseDir", directory, "--outFile", "out.wasm", "--runtime", "incremental", ...flags],
    {
      stdout: output,
      stderr: output,
      transforms: [DormouseTransform],
      readFile: (name, base) => read(resolve(base, name)),
      writeFile: (name, contents) => {
        if (name.endsWith(".wasm")) binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error || !binary) throw new BuildError(diagnostics.trim() || (error?.message ?? "no module came out"));
  return { binary, warnings: diagnostics.trim() };
}

/** Builds the app in the directory as its dormouse.json says. */
export async function build(directory) {
  return compile(directory, entryOf(directory), ["-O3s", "--debug"]);
}

function entryOf(directory) {
  const text = read(join(directory, "dormouse.json"));
  let manifest = {};
  try {
    manifest = text === null ? {} : JSON.parse(text);
  } catch (error) {
    throw new BuildError(`${join(directory, "dormouse.json")} is not JSON: ${error.message}`);
  }
  if (manifest.module !== undefined) {
    if (read(resolve(directory, manifest.module)) === null) {
      throw new BuildError(`dormouse.json names the module ${manifest.module}, and there is no such file in ${directory}`);
    }
    return manifest.module;
  }
  const entry = ENTRIES.find((name) => read(join(directory, name)) !== null);
  if (!entry) throw new BuildError(`${directory} has neither ${ENTRIES.join(" nor ")}: name the entry file as "module" in dormouse.json`);
  return entry;
}

function read(path) {
  const ours = SDK_IMPORT.exec(path);
  try {
    return readFileSync(ours ? join(SDK, ours[1]) : path, "utf8");
  } catch {
    return null;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const [directory, out] = process.argv.slice(2).map((path) => resolve(path));
  try {
    const { binary, warnings } = await build(directory);
    if (warnings) console.error(warnings);
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, binary);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
