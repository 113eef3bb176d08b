// The command line of a comparison, a sweep or a profile.

export class Usage extends Error {}

/**
 * Parts that are named, in the order in which they run, and options. `defaults` has an option for each
 * name with its value; numbers take a value, booleans do not, texts take one.
 */
export function parse(args, parts, defaults) {
  const options = { ...defaults };
  const named = [];
  for (let i = 0; i < args.length; i++) {
    const name = args[i].replace(/^--/, "");
    if (name === args[i]) {
      if (!parts.includes(name)) throw new Usage(`there is no part \`${name}\`; there are: ${parts.join(", ")}`);
      named.push(name);
      continue;
    }
    if (!(name in defaults)) {
      throw new Usage(`unexpected option \`${args[i]}\`; there are: ${Object.keys(defaults).map((each) => `--${each}`).join(", ")}`);
    }
    if (typeof defaults[name] === "boolean") {
      options[name] = true;
      continue;
    }
    const value = args[++i];
    options[name] = typeof defaults[name] === "number" ? Number(value) : value;
    if (value === undefined || (typeof defaults[name] === "number" && !(options[name] > 0))) {
      throw new Usage(`--${name} needs a ${typeof defaults[name] === "number" ? "number above 0" : "value"}`);
    }
  }
  return { parts: named.length > 0 ? parts.filter((part) => named.includes(part)) : parts, options };
}

/** Runs a program to its end: a mistake of its caller exits 2, a failure 1, with one line that says why. */
export async function ended(main) {
  try {
    await main();
  } catch (error) {
    console.error(`dormouse: ${process.env.DORMOUSE_DEBUG ? error.stack : error.message}`);
    process.exit(error instanceof Usage ? 2 : 1);
  }
}
