// The register of the tests that run inside the runtime, and what runs them.

/** Every test by its id. */
export const tests = new Map();

/**
 * The tests of one area. `kind` is "durable-objects" or "web". A test of `gateway` runs in the
 * stateless worker and gets `{ env, ctx, name, get, shared }`; one of `object` runs in a Durable Object of its own
 * and gets `{ ctx, storage, env, self }`; the tests of a `shared` area, which leave nothing behind but
 * storage, run one after another in one object, each on storage that was emptied.
 */
export function area(title, kind = "durable-objects", { shared = false } = {}) {
  const register = (where) => (id, statement, run) => {
    if (tests.has(id)) throw new Error(`two tests are called ${id}`);
    tests.set(id, { id, area: title, kind, where, statement, run, shared });
  };
  return { gateway: register("gateway"), object: register("object") };
}

export async function verdict(run) {
  try {
    await run();
    return { ok: true, detail: "" };
  } catch (error) {
    return { ok: false, detail: describe(error) };
  }
}

export function describe(error) {
  if (error === null || typeof error !== "object") return `threw ${String(error)}`;
  const place = String(error.stack ?? "").split("\n").find((line) => /^\s+at /.test(line)) ?? "";
  return `${error.name}: ${error.message}${place ? ` (${place.trim()})` : ""}`;
}

/** Runs one test from the stateless worker. `round` keeps the objects of two runs apart. */
export async function runTest(id, round, env, ctx) {
  const test = tests.get(id);
  if (!test) return { ok: false, detail: `there is no test ${id}` };
  const name = test.shared ? `${test.area} ${round}` : `${id} ${round}`;
  if (test.where === "gateway") {
    const get = (binding, suffix = "") => env[binding].get(env[binding].idFromName(name + suffix));
    const shared = (binding) => env[binding].get(env[binding].idFromName(`${test.area} ${round}`));
    return verdict(() => test.run({ env, ctx, name, get, shared }));
  }
  try {
    const response = await env.LAB.get(env.LAB.idFromName(name)).fetch(`http://object/run/${id}`);
    if (response.status !== 200) {
      return { ok: false, detail: `the object answered ${response.status}: ${await response.text()}` };
    }
    return await response.json();
  } catch (error) {
    return { ok: false, detail: `the object failed: ${describe(error)}` };
  }
}
