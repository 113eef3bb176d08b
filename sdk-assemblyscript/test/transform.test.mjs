import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { BuildError, build, compile } from "../toolchain/build.mjs";
import { Host } from "./host.mjs";

const directory = mkdtempSync(join(tmpdir(), "dormouse-as-"));
after(() => rmSync(directory, { recursive: true }));
let count = 0;

/** Writes an app outside the repository and answers where. */
function app(files) {
  const root = join(directory, `app${count++}`);
  for (const [name, text] of Object.entries(typeof files === "string" ? { "index.ts": files } : files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

async function exportsOf(files) {
  const { binary } = await compile(app(files), "index.ts", ["-O1"]);
  return WebAssembly.Module.exports(await WebAssembly.compile(binary)).map((e) => e.name).sort();
}

const IMPORT = 'import { Actor, Connection, Context, Message, Request, Response, actor, includeText } from "@dormouse/assemblyscript";\n';
const FETCH = "fetch(ctx: Context, request: Request): Response { return Response.notFound(); }";
const ALWAYS = ["cabi_realloc", "memory", "start"];

describe("the transform", () => {
  it("exports the handlers that the class overrides, and no others", async () => {
    assert.deepEqual(
      await exportsOf(`${IMPORT}@actor class A extends Actor { ${FETCH} helper(): void {} }`),
      [...ALWAYS, "fetch"].sort(),
    );
    assert.deepEqual(
      await exportsOf(`${IMPORT}@actor export class A extends Actor { alarm(ctx: Context, attempt: u32, dueMillis: u64): void {} }`),
      [...ALWAYS, "alarm"].sort(),
    );
  });

  it("exports connect with message, since nobody could send one otherwise", async () => {
    assert.deepEqual(
      await exportsOf(`${IMPORT}@actor class A extends Actor { message(ctx: Context, connection: Connection, message: Message): void {} }`),
      [...ALWAYS, "connect", "message"].sort(),
    );
  });

  it("counts handlers of a class in between, in another file", async () => {
    assert.deepEqual(
      await exportsOf({
        "lib/base.ts": `${IMPORT}export abstract class Base extends Actor { ${FETCH} }`,
        "index.ts": `${IMPORT}import { Base } from "./lib/base"; export function unrelated(): void {}
          @actor class A extends Base { alarm(ctx: Context, attempt: u32, dueMillis: u64): void {} }`,
      }),
      [...ALWAYS, "alarm", "fetch"].sort(),
    );
  });

  it("includes text files relative to the source", async () => {
    const root = app({
      "src/page.html": 'a "quoted" `page` 🐭\n',
      "src/index.ts": `${IMPORT}const PAGE = includeText("./page.html");
        @actor class A extends Actor { fetch(ctx: Context, request: Request): Response { return Response.html(PAGE + includeText("page.html")); } }`,
      "dormouse.json": '{"name": "a", "lang": "assemblyscript"}',
    });
    const host = await Host.start((await build(root)).binary);
    assert.equal(host.fetch("GET", "/").text, 'a "quoted" `page` 🐭\n'.repeat(2));
  });

  const refused = {
    "no class marked @actor": ["export function f(): void {}", /no class is marked @actor/],
    "two classes marked @actor": [`${IMPORT}@actor class A extends Actor { ${FETCH} } @actor class B extends Actor { ${FETCH} }`, /the second/],
    "an actor that is none": [`${IMPORT}@actor class A { ${FETCH} }`, /A is marked @actor and does not extend Actor/],
    "an actor that handles nothing": [`${IMPORT}@actor class A extends Actor {}`, /A handles nothing/],
    "a missing text file": [`${IMPORT}@actor class A extends Actor { ${FETCH} } const T = includeText("gone");`, /includeText cannot read the file/],
    "an import that the host lacks": [
      `${IMPORT}@external("env", "beep") declare function beep(): void;
       @actor class A extends Actor { fetch(ctx: Context, request: Request): Response { beep(); return Response.notFound(); } }`,
      /the module uses env\.beep, which the host does not offer/,
    ],
    "a type error": [`${IMPORT}@actor class A extends Actor { ${FETCH.replace("Response.notFound()", '"text"')} }`, /index\.ts:?\(?2/],
  };
  for (const [what, [text, message]] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(compile(app(text), "index.ts"), (error) => {
        assert.ok(error instanceof BuildError, error.stack);
        assert.match(error.message, message);
        return true;
      });
    });
  }
});

describe("the build", () => {
  it("says what is wrong with a manifest", async () => {
    await assert.rejects(build(app({ "dormouse.json": "{" })), /dormouse\.json is not JSON/);
    await assert.rejects(build(app({ "dormouse.json": '{"module":"x.ts"}' })), /names the module x\.ts, and there is no such file/);
    await assert.rejects(build(app({ "readme.md": "" })), /has neither src\/index\.ts nor assembly\/index\.ts/);
  });
});
