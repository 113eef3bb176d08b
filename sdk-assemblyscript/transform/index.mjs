/**
 * The compiler transform that makes a module of a class marked `@actor`:
 *
 * - it adds an entry file that starts the actor and exports the handlers that its class, or a class
 *   between it and Actor, overrides, and nothing else;
 * - it puts the SDK behind abort, trace, console, Date.now and the seed of Math.random, so that
 *   nothing but `dormouse:host` is imported;
 * - it replaces `includeText("path")` by the text of that file;
 * - it fails the build where the module would import anything that the host does not offer.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  CommonFlags,
  DiagnosticCode,
  ElementKind,
  LiteralExpression,
  Node,
  NodeKind,
  SourceKind,
} from "assemblyscript/dist/assemblyscript.js";
import { Transform } from "assemblyscript/transform";

const PACKAGE = "~lib/@dormouse/assemblyscript";
const ENTRY = "dormouse-entry.ts";
const ACTOR_CLASS = `${PACKAGE}/assembly/actor/Actor`;
const HANDLERS = ["connect", "message", "close", "fetch", "call", "alarm", "complete"];
const ALIASES = ["abort", "trace", "seed"];
/** How much is allocated between steps of the collector: turns are short, so rarely pays. */
const GC_GRANULARITY_BYTES = "8192";
const HOST = /^dormouse:host\//;

export default class DormouseTransform extends Transform {
  afterParse(parser) {
    const sources = parser.sources;
    const users = sources.filter((s) => !s.normalizedPath.startsWith("~lib/"));
    for (const source of users) {
      replaceIncludes(parser, source, resolve(this.baseDir, dirname(source.normalizedPath)));
    }
    for (const source of sources) {
      if (source.normalizedPath === "~lib/date.ts" || source.normalizedPath === "~lib/console.ts") {
        redirectImports(source);
      }
    }
    const marked = users.flatMap((source) =>
      source.statements.filter(isActorClass).map((declaration) => ({ source, declaration })),
    );
    if (marked.length !== 1) {
      parser.error(
        DiagnosticCode.User_defined_0,
        marked.length ? marked[1].declaration.name.range : null,
        marked.length
          ? "a module has one class marked @actor, and this is the second"
          : "no class is marked @actor: write `@actor` before `export class … extends Actor`",
      );
      return;
    }
    if (!sources.some((s) => s.internalPath === `${PACKAGE}/index`)) {
      parser.error(
        DiagnosticCode.User_defined_0,
        marked[0].declaration.name.range,
        'the class marked @actor needs `import { Actor, actor } from "@dormouse/assemblyscript"`',
      );
      return;
    }
    const { source, declaration } = marked[0];
    this.className = declaration.name.text;
    this.classFile = source.internalPath;
    declaration.flags |= CommonFlags.Export;
    // What the user's files export is for each other, not for the host.
    for (const user of users) {
      if (user.sourceKind === SourceKind.UserEntry) user.sourceKind = SourceKind.User;
    }
    const options = this.program.options;
    options.exportStart = "start";
    options.globalAliases ??= new Map();
    if (!options.globalAliases.has("ASC_GC_GRANULARITY")) {
      options.globalAliases.set("ASC_GC_GRANULARITY", GC_GRANULARITY_BYTES);
    }
    for (const alias of ALIASES) {
      options.globalAliases.set(alias, `${PACKAGE}/assembly/abi/globals/${alias}`);
    }
    parser.parseFile(entryText(this.className, this.classFile), ENTRY, true);
  }

  afterInitialize(program) {
    if (!this.className) return;
    const entry = program.filesByName.get(ENTRY.replace(/\.ts$/, ""));
    const prototype = program.elementsByName.get(`${this.classFile}/${this.className}`);
    if (!prototype || prototype.kind !== ElementKind.ClassPrototype) return;
    const overridden = new Set();
    let ancestor = prototype;
    while (ancestor && ancestor.internalName !== ACTOR_CLASS) {
      for (const name of ancestor.instanceMembers?.keys() ?? []) overridden.add(name);
      ancestor = ancestor.basePrototype;
    }
    const at = prototype.declaration.name.range;
    if (!ancestor) {
      program.error(DiagnosticCode.User_defined_0, at, `${this.className} is marked @actor and does not extend Actor`);
      return;
    }
    if (!["connect", "message", "fetch", "call", "alarm"].some((name) => overridden.has(name))) {
      program.error(
        DiagnosticCode.User_defined_0,
        at,
        `${this.className} handles nothing: override connect, message, fetch, call or alarm`,
      );
    }
    // Without the export `connect` nobody could connect, and so nobody could send a message.
    if (overridden.has("message") || overridden.has("close")) overridden.add("connect");
    for (const name of HANDLERS) {
      if (!overridden.has(name)) entry.exports.delete(name);
    }
  }

  afterCompile(module) {
    const foreign = [];
    for (let i = 0; i < module.getNumFunctions(); i++) {
      const info = this.binaryen.getFunctionInfo(module.getFunctionByIndex(i));
      if (info.module && !HOST.test(info.module)) foreign.push(`${info.module}.${info.base}`);
    }
    if (foreign.length) {
      this.program.error(
        DiagnosticCode.User_defined_0,
        null,
        `the module uses ${foreign.join(", ")}, which the host does not offer`,
      );
    }
  }
}

function entryText(className, classFile) {
  return `import { install } from "@dormouse/assemblyscript/assembly/abi/exports";
import { ${className} as TheActor } from "./${classFile}";
export { cabi_realloc, ${HANDLERS.join(", ")} } from "@dormouse/assemblyscript/assembly/abi/exports";
install(new TheActor());
`;
}

function isActorClass(statement) {
  return (
    statement.kind === NodeKind.ClassDeclaration &&
    (statement.decorators ?? []).some((d) => d.name.kind === NodeKind.Identifier && d.name.text === "actor")
  );
}

/** Puts the SDK's console and Date in the place of those that would be imported from a browser. */
function redirectImports(source) {
  for (const statement of source.statements) {
    if (statement.kind === NodeKind.Import && statement.internalPath === "~lib/bindings/dom") {
      statement.internalPath = `${PACKAGE}/assembly/abi/globals`;
    }
  }
}

/** Replaces each call `includeText("literal")` under the node. */
function replaceIncludes(parser, node, directory) {
  for (const key of Object.keys(node)) {
    const child = node[key];
    if (key === "range" || key === "source") continue;
    if (Array.isArray(child)) {
      for (let i = 0; i < child.length; i++) {
        if (child[i] instanceof Node) child[i] = included(parser, child[i], directory);
      }
    } else if (child instanceof Node) {
      node[key] = included(parser, child, directory);
    }
  }
}

function included(parser, node, directory) {
  if (
    node.kind === NodeKind.Call &&
    node.expression.kind === NodeKind.Identifier &&
    node.expression.text === "includeText"
  ) {
    const [path] = node.args;
    if (node.args.length === 1 && path instanceof LiteralExpression && typeof path.value === "string") {
      try {
        return Node.createStringLiteralExpression(readFileSync(resolve(directory, path.value), "utf8"), node.range);
      } catch (error) {
        parser.error(DiagnosticCode.User_defined_0, path.range, `includeText cannot read the file: ${error.message}`);
      }
    }
    return node;
  }
  replaceIncludes(parser, node, directory);
  return node;
}
