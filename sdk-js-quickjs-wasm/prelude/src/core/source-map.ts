import { setStackMapper } from "./errors";
import { host } from "./host";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Characters of mappings that are decoded for a stack where the build left no index of their lines. */
const MOST_UNINDEXED = 20_000;

interface SourceMap {
  sources: string[];
  mappings: string;
  /** Written by the build: four numbers for each line, see `find`. */
  x_lines?: number[];
}

let section = "";
let map: SourceMap | null | undefined;

/** Names the section of the map that stacks are read by; it is read when the first stack is. */
export function useSourceMap(name: string): void {
  section = name;
  map = undefined;
  setStackMapper(mapStack);
}

function load(): SourceMap | null {
  if (map === undefined) {
    map = null;
    const bytes = host.section(section);
    if (bytes) {
      const { sources, mappings, sourceRoot, x_lines } = JSON.parse(host.utf8Decode(bytes, false));
      if (Array.isArray(sources) && typeof mappings === "string" && (x_lines || mappings.length <= MOST_UNINDEXED)) {
        map = { sources: sources.map((source) => (sourceRoot ?? "") + source), mappings, x_lines };
      }
    }
  }
  return map;
}

const FRAME = /\bbundle\.js(?:\?\d+)?:(\d+)(?::(\d+))?/g;

function mapStack(stack: string): string {
  // The frames of the prelude itself, whose code names no file, say nothing to the user.
  const lines = stack.split("\n").filter((line) => !/\b(dormouse:prelude|prelude\.js|native\))|<null>/.test(line));
  const known = load();
  if (!known) {
    return lines.join("\n");
  }
  return lines.join("\n").replace(FRAME, (frame, line: string, column?: string) => {
    const original = find(known, Number(line), Number(column ?? 1));
    return original ?? frame;
  });
}

/**
 * The original place of a place in the bundle; lines and columns count from 1. With an index, decoding
 * begins at the line: its four numbers say where, and what source, line and column are counted on from.
 */
export function find({ sources, mappings, x_lines }: SourceMap, line: number, column: number): string | null {
  const entry = x_lines ? (line - 1) * 4 : -1;
  if (x_lines && !(entry >= 0 && entry + 4 <= x_lines.length)) {
    return null;
  }
  let [at, source, originalLine, originalColumn] = x_lines ? (x_lines.slice(entry, entry + 4) as [number, number, number, number]) : [0, 0, 0, 0];
  let current = x_lines ? line : 1;
  let generated = 0;
  let found: string | null = null;
  const next = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 5) {
      const digit = DIGITS.indexOf(mappings[at++]!);
      value |= (digit & 31) << shift;
      if (digit < 32) {
        return value & 1 ? -(value >>> 1) : value >>> 1;
      }
    }
  };
  while (at < mappings.length && current <= line) {
    const char = mappings[at]!;
    if (char === ";" || char === ",") {
      at++;
      if (char === ";") {
        current++;
        generated = 0;
      }
      continue;
    }
    generated += next();
    if (at < mappings.length && mappings[at] !== "," && mappings[at] !== ";") {
      source += next();
      originalLine += next();
      originalColumn += next();
      if (at < mappings.length && mappings[at] !== "," && mappings[at] !== ";") {
        next();
      }
      if (current === line && (generated < column || found === null)) {
        found = `${sources[source] ?? "?"}:${originalLine + 1}:${originalColumn + 1}`;
      }
    }
  }
  return found;
}
