/** Formats values for the log, as Node's `util.inspect` does. */
const MOST_ITEMS = 100;
const MOST_DEPTH = 2;
const LINE = 76;

export function format(args: unknown[], describe: (error: Error) => string): string {
  let rest = args;
  let text = "";
  if (typeof args[0] === "string") {
    let used = 1;
    text = args[0].replace(/%[sdifjoOc%]/g, (mark) => {
      if (mark === "%%") {
        return args.length > 1 ? "%" : mark;
      }
      if (used >= args.length) {
        return mark;
      }
      const value = args[used++];
      switch (mark) {
        case "%s":
          return typeof value === "string" ? value : inspect(value, describe);
        case "%d":
          return typeof value === "bigint" ? `${value}n` : String(Number(value));
        case "%i":
          return typeof value === "bigint" ? `${value}n` : String(parseInt(String(value), 10));
        case "%f":
          return String(parseFloat(String(value)));
        case "%j":
          return JSON.stringify(value);
        case "%c":
          return "";
        default:
          return inspect(value, describe);
      }
    });
    rest = args.slice(used);
    if (rest.length > 0) {
      text += " ";
    }
  }
  return text + rest.map((value) => (typeof value === "string" ? value : inspect(value, describe))).join(" ");
}

export function inspect(value: unknown, describe: (error: Error) => string): string {
  return show(value, 0, [], describe);
}

function quote(text: string): string {
  const mark = text.includes("'") ? (text.includes('"') ? "`" : '"') : "'";
  return mark + text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t") + mark;
}

function show(value: unknown, depth: number, above: object[], describe: (error: Error) => string): string {
  switch (typeof value) {
    case "string":
      return quote(value.length > 10_000 ? value.slice(0, 10_000) + "…" : value);
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "bigint":
      return `${value}n`;
    case "symbol":
      return value.toString();
    case "function":
      return /^class\b/.test(Function.prototype.toString.call(value))
        ? `[class ${value.name || "(anonymous)"}]`
        : `[Function${value.name ? ": " + value.name : " (anonymous)"}]`;
    case "object":
      return value === null ? "null" : showObject(value, depth, above, describe);
    default:
      return String(value);
  }
}

function showObject(value: object, depth: number, above: object[], describe: (error: Error) => string): string {
  if (above.includes(value)) {
    return "[Circular]";
  }
  if (value instanceof Error) {
    return depth === 0 ? describe(value) : `[${describe(value).split("\n", 1)[0]}]`;
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  }
  if (value instanceof RegExp) {
    return String(value);
  }
  if (value instanceof Promise) {
    return "Promise {}";
  }
  const name = nameOf(value);
  if (depth > MOST_DEPTH) {
    return Array.isArray(value) ? "[Array]" : `[${name || "Object"}]`;
  }
  const inner = (item: unknown): string => show(item, depth + 1, [...above, value], describe);
  const items: string[] = [];
  let open = "{";
  let close = "}";
  let label = name === "Object" ? "" : name ? name + " " : "[Object: null prototype] ";
  if (Array.isArray(value)) {
    [open, close] = ["[", "]"];
    label = name === "Array" ? "" : `${name}(${value.length}) `;
    for (let i = 0; i < Math.min(value.length, MOST_ITEMS); i++) {
      items.push(i in value ? inner(value[i]) : "<empty>");
    }
    more(items, value.length);
  } else if (value instanceof Map) {
    label = `${name}(${value.size}) `;
    [...value].slice(0, MOST_ITEMS).forEach(([key, item]) => items.push(`${inner(key)} => ${inner(item)}`));
    more(items, value.size);
  } else if (value instanceof Set) {
    label = `${name}(${value.size}) `;
    [...value].slice(0, MOST_ITEMS).forEach((item) => items.push(inner(item)));
    more(items, value.size);
  } else if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const array = value as unknown as ArrayLike<number | bigint>;
    [open, close] = ["[", "]"];
    label = `${name}(${array.length}) `;
    for (let i = 0; i < Math.min(array.length, MOST_ITEMS); i++) {
      items.push(inner(array[i]));
    }
    more(items, array.length);
    return wrap(label, open, close, items);
  } else if (value instanceof ArrayBuffer) {
    items.push(`byteLength: ${value.byteLength}`);
  } else if (typeof (value as any)[Symbol.iterator] === "function" && typeof (value as any).entries === "function") {
    // Headers, URLSearchParams and FormData show what they hold.
    for (const [key, item] of (value as any).entries()) {
      items.push(`${inner(key)} => ${inner(item)}`);
    }
  } else if (typeof (value as any).href === "string") {
    items.push(`href: ${quote((value as any).href)}`);
  }
  for (const key of Reflect.ownKeys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key)!;
    if (!property.enumerable || (Array.isArray(value) && typeof key === "string" && /^\d+$/.test(key))) {
      continue;
    }
    if (items.length > MOST_ITEMS) {
      items.push("...");
      break;
    }
    const shown = typeof key === "symbol" ? `[${key.toString()}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
    items.push(`${shown}: ${property.get ? (property.set ? "[Getter/Setter]" : "[Getter]") : property.set ? "[Setter]" : inner(property.value)}`);
  }
  return wrap(label, open, close, items);
}

function more(items: string[], length: number): void {
  if (length > MOST_ITEMS) {
    items.push(`... ${length - MOST_ITEMS} more items`);
  }
}

function nameOf(value: object): string {
  for (let at: object | null = value; at; at = Object.getPrototypeOf(at)) {
    const maker = Object.getOwnPropertyDescriptor(at, "constructor")?.value;
    if (typeof maker === "function" && maker.name) {
      return maker.name;
    }
  }
  return "";
}

function wrap(label: string, open: string, close: string, items: string[]): string {
  if (items.length === 0) {
    return label + open + close;
  }
  const pad = open === "{" ? " " : " ";
  const line = label + open + pad + items.join(", ") + pad + close;
  if (line.length <= LINE && !line.includes("\n")) {
    return line;
  }
  return label + open + "\n" + items.map((item) => "  " + item.replace(/\n/g, "\n  ")).join(",\n") + "\n" + close;
}
