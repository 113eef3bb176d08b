/**
 * Builds the engine: `node build.mjs [OUT]`, as engine.wasm into build/ unless OUT names another folder.
 *
 * QuickJS is taken as npm ships it. The glue is compiled against its functions by name and merged
 * with it; then the module is run once, up to where its context and the prelude stand, and what its
 * memory and globals hold then becomes what they start with.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import asc from "assemblyscript/asc";
import * as esbuild from "esbuild";
import { Interpreter } from "./engine/outline/interpreter.mjs";
import * as wasm from "./engine/wasm.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const BINARYEN = join(HERE, "node_modules/binaryen/bin");
const QUICKJS = join(HERE, "node_modules/quickjs-wasi/quickjs.wasm");

/** What the glue takes for granted of this one build of QuickJS. */
const QUICKJS_SHA256 = "d4c9375f2b1ca4dc95f72c8aa2982a7a9951ac8011490d79c6582df732b4bbd9";
const STACK_TOP = 1024 * 1024;
const TABLE_SIZE = 532;

/** Where the glue's own data lies: below the areas that engine/assembly/memory.ts lays out. */
const GLUE_DATA = 1024;
const GLUE_DATA_END = 0x8000;

/** Pages that the build works with: from the first on its code lies, further than the heap comes. */
const CODE_PAGE = 64;
const BUILD_PAGES = 128;

/** The stack that is always there: calls below the first go on elsewhere, and JavaScript sees an error at the second. */
const STACK_BOTTOM = 0xe0000;
const STACK_LOW = STACK_BOTTOM + 0x10000;

/** Pieces of stack from the heap, and the same two places in them. */
const STACK_PIECES = 12;
const STACK_PIECE = 0x40000;
const STACK_PIECE_LOW = 0x10000;
const STACK_PIECE_LIMIT = 0x8000;

/** JavaScript sees an error when less of the host's call depth is left: what QuickJS does between two looks takes less. */
const STACK_LEFT_LEAST = 512 * 1024;

/** How many of the glue's functions QuickJS may call. */
const GLUE_CALLBACKS = 16;

/** What stays visible of the finished module. */
const EXPORTS = ["memory", "dormouse:stack-left", "dormouse:compile", "cabi_realloc", "start", "connect", "message", "close", "fetch", "call", "alarm", "complete"];

/** What only the build calls. */
const BUILD_EXPORTS = ["compile", "compiledLength", "prepare", "adopt", "failure", "malloc", "layOut", "heapPages"];

/** What Chicory reads and the meter accepts. */
const FEATURES = ["--enable-bulk-memory", "--enable-bulk-memory-opt", "--enable-sign-ext", "--enable-nontrapping-float-to-int",
  "--enable-mutable-globals", "--enable-multivalue", "--enable-reference-types", "--enable-call-indirect-overlong"];

class BuildError extends Error {}

function expect(condition, complaint) {
  if (!condition) throw new BuildError(typeof complaint === "function" ? complaint() : complaint);
}

function run(tool, ...args) {
  const done = spawnSync(process.execPath, [join(BINARYEN, tool), ...args], { encoding: "utf8", maxBuffer: 1 << 28 });
  expect(done.status === 0, `${tool}: ${(done.stderr || done.error?.message || "failed").trim()}`);
}

/** Compiles the glue to text. */
async function compileGlue() {
  const errors = [];
  const files = {};
  const { error } = await asc.main(
    [
      "engine/assembly/index.ts", "--baseDir", HERE, "--outFile", "glue.wasm", "--textFile", "glue.wat", "--runtime", "stub", "-O3",
      "--noAssert", "--importMemory", "--memoryBase", String(GLUE_DATA), "--importTable", "--tableBase", String(TABLE_SIZE),
      "--use", "abort=", "--noExportMemory",
    ],
    {
      stdout: { write: () => true },
      stderr: { write: (text) => (errors.push(text), true) },
      writeFile: (name, contents) => (files[name] = contents),
    },
  );
  expect(!error, `the glue does not compile: ${errors.join("")}${error?.message ?? ""}`);
  return files["glue.wat"];
}

/** The glue imports memory and table under fixed names: they are QuickJS's. */
function rename(glue) {
  expect(!/\$~lib\/rt\/(stub|tlsf|itcms)/.test(glue), "the glue allocates managed objects, which nobody frees");
  const renamed = glue
    .replace('(import "env" "memory"', '(import "quickjs" "memory"')
    .replace('(import "env" "table"', '(import "quickjs" "__indirect_function_table"')
    .replace('(export "compileBundle"', '(export "dormouse:compile"');
  expect(!/\(import "env"/.test(renamed), "the glue imports something unknown from env");
  let end = GLUE_DATA;
  for (const [, at, text] of renamed.matchAll(/\(data[^(]*\(i32\.const (\d+)\) "((?:[^"\\]|\\.)*)"/g)) {
    end = Math.max(end, Number(at) + text.replace(/\\(?:[0-9a-f]{2}|.)/g, "_").length);
  }
  for (const [, base] of renamed.matchAll(/\(global \$~lib\/memory\/__(?:heap|data)_(?:base|end) i32 \(i32\.const (\d+)\)/g)) end = Math.max(end, Number(base));
  expect(end > GLUE_DATA && end <= GLUE_DATA_END, `the glue's data ends at ${end}, beyond ${GLUE_DATA_END}`);
  return renamed;
}

/** Replaces the expressions that start with a text; each must occur so many times. */
function replaceAll(source, start, times, change) {
  const parts = source.split(start);
  expect(parts.length === times + 1, `QuickJS has "${start}" ${parts.length - 1} times, not ${times}`);
  return parts.reduce((done, rest) => {
    let end = 0;
    for (let open = 1; open > 0; end++) open += rest[end] === "(" ? 1 : rest[end] === ")" ? -1 : 0;
    return done + change(start + rest.slice(0, end)) + rest.slice(end);
  });
}

/** The function that is QuickJS's interpreter: all that JS_Call does is to call it. */
function interpreterOf(quickjs) {
  const [, entry] = /\(export "JS_Call" \(func (\$\d+)\)\)/.exec(quickjs);
  return new RegExp(`\\(func \\${entry} [^\n]*\\n +\\(call (\\$\\d+)`).exec(quickjs)[1];
}

/**
 * How deep JavaScript may go. QuickJS looks at its stack pointer wherever it may recurse, and throws a RangeError. Here
 * it also throws when the host has little call depth left. The stack that is always there is small: where the interpreter
 * is called with little of it left, the call gets a piece of stack from the heap, which is given back when it returns.
 */
function deepen(quickjs) {
  const interpreter = interpreterOf(quickjs);
  const name = (exported) => new RegExp(`\\(export "${exported}" \\(func (\\$\\d+)\\)\\)`).exec(quickjs)[1];
  const PARAMETERS = ["i32", "i64", "i64", "i64", "i32", "i32", "i32"];
  const passed = PARAMETERS.map((type, i) => `(local.get $${i})`).join(" ");
  const head = new RegExp(`( \\(func \\${interpreter} ${PARAMETERS.map((type, i) => `\\(param \\$${i} ${type}\\) `).join("")}\\(result i64\\)\\n(?:  \\(local [^\n]*\\n)*)`);
  expect(head.test(quickjs), "QuickJS's interpreter is not as expected");
  // Offsets in JSRuntime: the limit that the stack pointer is compared with; in JSContext: the runtime.
  const LIMIT = "offset=644", RUNTIME = "offset=8";
  return replaceAll(quickjs, `(i32.load ${LIMIT}`, 20, (limit) =>
    `(select (i32.const -1) ${limit} (i32.lt_s (global.get $stack_left) (i32.const ${STACK_LEFT_LEAST})))`)
    .replace(head, (found) => `${found}  (if (i32.lt_u (global.get $global$0) (global.get $piece_low))
    (then (return (call $on_a_piece ${passed}))))
`)
    .replace("(export ", () => `(global $stack_left (mut i32) (i32.const ${0x7fffffff}))
 (global $piece_low (mut i32) (i32.const ${STACK_LOW}))
 (global $pieces (mut i32) (i32.const 0))
 (export "dormouse:stack-left" (global $stack_left))
 (export `)
    .replace(/\)\s*$/, () => `
 (func $on_a_piece ${PARAMETERS.map((type, i) => `(param $${i} ${type})`).join(" ")} (result i64)
  (local $rt i32) (local $piece i32) (local $sp i32) (local $low i32) (local $limit i32) (local $result i64)
  (local.set $rt (i32.load ${RUNTIME} (local.get $0)))
  (local.set $sp (global.get $global$0))
  (local.set $low (global.get $piece_low))
  (local.set $limit (i32.load ${LIMIT} (local.get $rt)))
  (global.set $piece_low (i32.const 0))
  (if (i32.lt_u (global.get $pieces) (i32.const ${STACK_PIECES}))
   (then (local.set $piece (call ${name("malloc")} (i32.const ${STACK_PIECE})))))
  (if (local.get $piece)
   (then
    (global.set $pieces (i32.add (global.get $pieces) (i32.const 1)))
    (global.set $piece_low (i32.add (local.get $piece) (i32.const ${STACK_PIECE_LOW})))
    (i32.store ${LIMIT} (local.get $rt) (i32.add (local.get $piece) (i32.const ${STACK_PIECE_LIMIT})))
    (global.set $global$0 (i32.and (i32.add (local.get $piece) (i32.const ${STACK_PIECE})) (i32.const -16)))))
  (local.set $result (call ${interpreter} ${passed}))
  (global.set $piece_low (local.get $low))
  (if (local.get $piece)
   (then
    (global.set $pieces (i32.sub (global.get $pieces) (i32.const 1)))
    (global.set $global$0 (local.get $sp))
    (i32.store ${LIMIT} (local.get $rt) (local.get $limit))
    (call ${name("free")} (local.get $piece))))
  (local.get $result))
)`);
}

/**
 * Lets QuickJS make errors where JavaScript's memory is exhausted: the glue gives it some that is kept back while it
 * makes the error itself, and while it writes down a stack.
 */
function roomForErrors(quickjs) {
  // Where engine/assembly/memory.ts reads how much is in use.
  const [, counts] = /\(export "js_malloc_rt" \(func (\$\d+)\)\)/.exec(quickjs);
  expect(new RegExp(`\\(func \\${counts} [^]{0,200}?\\(i32.load offset=24\\n`).test(quickjs), "QuickJS does not count its memory as expected");
  const [, thrower] = /\(export "JS_ThrowOutOfMemory" \(func (\$\d+)\)\)/.exec(quickjs);
  const within = (source, name, types, result, before) => {
    const parameters = types.map((type, i) => `\\(param \\$${i} ${type}\\)`).join(" ");
    const end = result === undefined ? "" : ` \\(result ${result}\\)`;
    const head = new RegExp(`\\(func (${name}) ${parameters}${end}\\n((?:  \\(local [^\n]*\\n)*)`, "g");
    const found = [...source.matchAll(head)];
    expect(found.length === 1, `QuickJS has ${found.length} functions like the one that makes errors`);
    const [whole, self] = found[0];
    const call = `(call ${self} ${types.map((type, i) => `(local.get $${i})`).join(" ")})`;
    return source.replace(whole, () => `${whole}  (if (i32.eqz (global.get $making_error))
   (then
    (global.set $making_error (i32.const 1))
    ${before}
    (call $room_for_error (i32.const 1))
    ${call}
    (call $room_for_error (i32.const 0))
    (global.set $making_error (i32.const 0))
    (return)))
`);
  };
  const made = within(quickjs, `\\${thrower}`, ["i32"], "i64", "(call $out_of_memory)");
  return within(made, "\\$\\d+", ["i32", "i64", "i64", "i32", "i32", "i32", "i32"], undefined, "")
    .replace("(export ", () => `(global $making_error (mut i32) (i32.const 0))\n (export `);
}

/**
 * Lets Map and Set find whole numbers soon. QuickJS hashes them as floating-point numbers, whose lower bits are zero, and
 * takes the lower bits of the hash: up to a thousand numbers would come to one place.
 */
function mixHashes(quickjs) {
  const HASH = /(  )(\(i32\.xor\n   \(i32\.mul\n    \(local\.get \$2\)\n    \(i32\.const 1640531527\)\n   \)\n   \(i32\.xor\n    \(i32\.load offset=288\n     \(local\.get \$0\)\n    \)\n    \(local\.get \$3\)\n   \)\n  \))\n \)/g;
  const found = quickjs.match(HASH)?.length;
  expect(found === 1, `QuickJS has ${found ?? 0} functions like the one that hashes keys`);
  return quickjs.replace(HASH, (_, indent, hash) => `${indent}(i32.xor (local.tee $3 ${hash}) (i32.shr_u (local.get $3) (i32.const 15)))\n )`);
}

/** QuickJS with room in its table, and the system's functions to be taken from the glue. */
function adapt(quickjs) {
  const tables = [...quickjs.matchAll(/\(table \$\S+ (\d+) funcref\)/g)];
  expect(tables.length === 1 && Number(tables[0][1]) === TABLE_SIZE, "QuickJS's table is not as expected");
  expect(quickjs.includes(`(global $global$0 (mut i32) (i32.const ${STACK_TOP}))`), "QuickJS's stack does not end where it should");
  const least = Math.min(...[...quickjs.matchAll(/\(data \$\S+ \(i32\.const (\d+)\)/g)].map(([, at]) => Number(at)));
  expect(least === STACK_TOP, `QuickJS has data at ${least}, where its stack should be`);
  const sbrk = /\(func \$\d+ \(param \$0 i32\) \(result i32\)\n  \(local \$1 i32\)\n  \(if\n   \(i32\.eqz\n    \(local\.get \$0\)\n   \)\n   \(then\n    \(return\n     \(i32\.shl\n      \(memory\.size\)[^]*?\(memory\.grow/;
  expect(sbrk.test(quickjs), "QuickJS does not get its memory as expected");
  return deepen(roomForErrors(mixHashes(quickjs)))
    .replace(sbrk, (found) => found.replace("(memory.grow", "(call $more_pages"))
    .replace('(import "env"', '(import "env" "out_of_memory" (func $out_of_memory))\n (import "env" "room_for_error" (func $room_for_error (param i32)))\n (import "env"')
    .replace('(import "env"', '(import "env" "more_pages" (func $more_pages (param i32) (result i32)))\n (import "env"')
    .replace(`${TABLE_SIZE} funcref`, `${TABLE_SIZE + GLUE_CALLBACKS} funcref`)
    .replaceAll('(import "wasi_snapshot_preview1"', '(import "env"');
}

/** The prelude's script, which evaluates to `(host) => handlers`: the real one, or that of an entry file; and its late parts. */
async function bundlePrelude(entry) {
  if (entry === undefined) return (await import("./prelude/build.mjs")).prelude();
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry], bundle: true, write: false, format: "cjs", platform: "neutral", target: "es2022", logLevel: "silent",
  });
  return { text: `((module) => {${outputFiles[0].text}\nreturn module.exports.default;})({ exports: {} })`, late: {} };
}

/** The names of the host's functions, in the order of their ids. */
function hostFunctions() {
  const source = readFileSync(join(HERE, "engine/assembly/functions.ts"), "utf8");
  return [.../enum Fn \{([^}]*)\}/.exec(source)[1].matchAll(/^\s*(\w+),$/gm)].map(([, name]) => name.replace(/_$/, ""));
}

/** Keeps the named exports, adds others, and drops what that leaves unused. */
function reexport(module, keep, more = []) {
  return wasm.assemble(wasm.sections(module).map((section) => {
    if (section.id !== wasm.EXPORT) return section;
    const kept = wasm.readExports(section.content).filter(({ name }) => keep.includes(name));
    return { id: section.id, content: wasm.writeExports([...kept, ...more]) };
  }));
}

function find(module, id) {
  return wasm.sections(module).find((section) => section.id === id)?.content;
}

/** An instance for the build, and the ways in and out of it; `tick` is called where the module counts. */
async function instantiate(module, globals = [], tick = undefined) {
  const compiled = await WebAssembly.compile(reexport(module, [...EXPORTS, ...BUILD_EXPORTS], globals));
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(compiled)) {
    (imports[from] ??= {})[name] = () => {
      throw new BuildError(`the prelude calls ${from} ${name} while the snapshot is made`);
    };
  }
  if (tick) imports.profile.tick = tick;
  const { exports } = await WebAssembly.instantiate(compiled, imports);
  const bytes = () => new Uint8Array(exports.memory.buffer);
  const text = (at) => new TextDecoder().decode(bytes().subarray(at, bytes().indexOf(0, at)));
  return {
    exports,
    bytes,
    put(data) {
      const at = exports.malloc(data.length);
      bytes().set(data, at);
      return [at, data.length];
    },
    expect(done, what) {
      expect(done, () => `${what}: ${text(exports.failure(0))}\n${text(exports.failure(1))}`);
    },
  };
}

/** A script as bytecode. */
function compileScript(instance, script, isPrelude, what) {
  const [at, length] = instance.put(cString(script));
  const code = instance.exports.compile(at, length - 1, isPrelude);
  instance.expect(code !== 0, `${what} does not compile`);
  return instance.bytes().slice(code, code + instance.exports.compiledLength());
}

function cString(text) {
  return Buffer.concat([Buffer.from(text), Buffer.of(0)]);
}

/** What makes an engine of a module, as bytecode: its own two scripts, and the prelude. */
async function compileScripts(module, prelude) {
  const instance = await instantiate(module);
  return [
    compileScript(instance, readFileSync(join(HERE, "engine/engine.js"), "utf8"), false, "the engine"),
    compileScript(instance, `(${JSON.stringify(hostFunctions())})`, false, "the list of functions"),
    compileScript(instance, prelude, true, "the prelude"),
  ];
}

/** What the code of a bundle begins with, so that no other QuickJS runs it. */
function codeMark() {
  return Buffer.from(QUICKJS_SHA256.slice(0, 16), "hex");
}

/** The engine with parts of the prelude in sections, compiled by the module that it is made of. */
async function withLateParts(engine, module, late) {
  for (const [name, script] of Object.entries(late)) {
    const code = compileScript(await instantiate(module), script, true, `the prelude's part "${name}"`);
    engine = wasm.withCustomSection(engine, `dormouse:prelude-${name}`, Buffer.concat([codeMark(), code]));
  }
  return engine;
}

/** A bundle as bytecode, by the engine that is to run it; undefined where it does not compile. */
export async function compileBundle(engine, script) {
  const compiler = await WebAssembly.compile(engine);
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(compiler)) (imports[from] ??= {})[name] = () => 0;
  const { exports } = await WebAssembly.instantiate(compiler, imports);
  const source = cString(script);
  const at = exports.cabi_realloc(0, 0, 1, source.length);
  new Uint8Array(exports.memory.buffer).set(source, at);
  // The memory grows with it, and its buffer is another one then.
  const answer = exports["dormouse:compile"](at, source.length - 1);
  const [done, code, length] = new Uint32Array(exports.memory.buffer, answer, 3);
  // Where it does not compile, the app's start tells of it, with the place.
  return done === 1 ? Buffer.from(exports.memory.buffer).subarray(code, code + length) : undefined;
}

/** Makes an engine of an instance, with the scripts where they lie in its memory. */
function start(instance, [engine, functions, prelude]) {
  const prepared = instance.exports.prepare(...engine, ...functions);
  instance.expect(prepared === 0, `the engine could not be prepared, step ${prepared}`);
  const adopted = instance.exports.adopt(...prelude);
  instance.expect(adopted === 0, `the prelude could not be evaluated, step ${adopted}`);
}

/** How often a module that counts comes to each place, by the place's number, while the workload runs as its prelude. */
async function count(module) {
  const ticks = new Map();
  const scripts = await compileScripts(module, readFileSync(join(HERE, "engine/outline/workload.js"), "utf8"));
  const instance = await instantiate(module, [], (place) => ticks.set(place, (ticks.get(place) ?? 0) + 1));
  expect(instance.exports.layOut(), "the memory below the stack could not be given to the heap");
  start(instance, scripts.map((script) => instance.put(script)));
  return ticks;
}

/** Runs the module up to where it waits for events. */
async function snapshot(module, prelude) {
  const scripts = await compileScripts(module, prelude);
  const globals = wasm.readGlobals(find(module, wasm.GLOBAL));
  const visible = globals.flatMap(({ mutable }, index) => (mutable ? [{ name: `global ${index}`, kind: "global", index }] : []));
  const instance = await instantiate(module, visible);
  const { exports, bytes } = instance;
  // The heap is laid out before anything else is in it. The code lies beyond it and leaves no hole.
  expect(exports.layOut(), "the memory below the stack could not be given to the heap");
  exports.memory.grow(BUILD_PAGES - (exports.memory.buffer.byteLength >> 16));
  let free = CODE_PAGE << 16;
  const blocks = scripts.map((block) => {
    const at = free;
    free += (block.length + 7) & ~7;
    expect(free <= BUILD_PAGES << 16, "the prelude's code is too large for its place");
    bytes().set(block, at);
    return [at, block.length];
  });
  start(instance, blocks);
  const heap = exports.heapPages();
  expect(heap <= CODE_PAGE, "the heap reaches into the code");
  // What is zero takes no room in the module.
  bytes().fill(0, STACK_BOTTOM, STACK_TOP);
  const memory = bytes().slice(0, heap << 16);
  const started = wasm.writeData(memory);
  const kept = globals.map((global, index) =>
    global.mutable ? { ...global, start: wasm.constant(global.type, exports[`global ${index}`].value) } : global);
  const pages = memory.length >> 16;
  const snapped = wasm.assemble(wasm.sections(module)
    .filter(({ id }) => id !== wasm.START && id !== wasm.DATA_COUNT)
    .map(({ id, content }) => {
      switch (id) {
        case wasm.MEMORY: return { id, content: Uint8Array.from([1, 0, ...wasm.unsigned(pages)]) };
        case wasm.GLOBAL: return { id, content: wasm.writeGlobals(kept) };
        case wasm.DATA: return { id, content: started.content };
        default: return { id, content };
      }
    }));
  return { module: reexport(snapped, EXPORTS), pages, segments: started.count };
}

/** Builds into a folder; with the prelude of an entry file where one is given. */
export async function build(out, prelude) {
  const quickjs = readFileSync(QUICKJS);
  const sha256 = createHash("sha256").update(quickjs).digest("hex");
  expect(sha256 === QUICKJS_SHA256, `this is not the QuickJS that the glue is made for: its SHA-256 is ${sha256}`);
  const known = /QUICKJS: u64 = 0x([0-9a-f]{16});/.exec(readFileSync(join(HERE, "engine/assembly/modules.ts"), "utf8"))?.[1];
  expect(known === Buffer.from(codeMark()).reverse().toString("hex"), "engine/assembly/modules.ts knows code by the mark of another QuickJS");
  mkdirSync(out, { recursive: true });
  const work = mkdtempSync(join(out, "work-"));
  try {
    const at = (name) => join(work, name);
    run("wasm-dis", QUICKJS, "-o", at("quickjs.wat"));
    writeFileSync(at("glue.wat"), rename(await compileGlue()));
    const merge = (quickjs) => {
      writeFileSync(at("quickjs.wat"), quickjs);
      run("wasm-merge", ...FEATURES, at("quickjs.wat"), "quickjs", at("glue.wat"), "env", "-o", at("merged.wasm"));
      return readFileSync(at("merged.wasm"));
    };
    const adapted = adapt(readFileSync(at("quickjs.wat"), "utf8"));
    const interpreter = new Interpreter(adapted, interpreterOf(adapted));
    merge(interpreter.split(await count(merge(interpreter.counting()))));
    writeFileSync(at("whole.wasm"), reexport(readFileSync(at("merged.wasm")), [...EXPORTS, ...BUILD_EXPORTS]));
    run("wasm-opt", ...FEATURES, "--remove-unused-module-elements", at("whole.wasm"), "-o", at("lean.wasm"));
    const lean = readFileSync(at("lean.wasm"));
    const { text, late } = await bundlePrelude(prelude);
    const snapped = await snapshot(lean, text);
    writeFileSync(at("snapped.wasm"), snapped.module);
    run("wasm-opt", ...FEATURES, "--remove-unused-module-elements", at("snapped.wasm"), "-o", at("engine.wasm"));
    const engine = await withLateParts(readFileSync(at("engine.wasm")), lean, late);
    const foreign = WebAssembly.Module.imports(new WebAssembly.Module(engine)).filter(({ module }) => !module.startsWith("dormouse:host/"));
    expect(foreign.length === 0, `the engine imports ${foreign.map(({ module, name }) => `${module} ${name}`).join(", ")}`);
    writeFileSync(join(out, "engine.wasm"), engine);
    return { bytes: engine.length, pages: snapped.pages, segments: snapped.segments };
  } finally {
    if (!process.env.DORMOUSE_KEEP) rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  try {
    const { bytes, pages, segments } = await build(resolve(process.argv[2] ?? join(HERE, "build")));
    console.log(`engine.wasm: ${bytes} bytes, ${pages} pages of memory, ${segments} data segments`);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(`build: ${error.message}`);
    process.exitCode = 1;
  }
}
