/** What the engine provides for apps to import, by module. */
export const PROVIDED = {
  "cloudflare:workers": ["DurableObject", "RpcStub", "RpcTarget", "WorkerEntrypoint", "env", "exports", "waitUntil"],
  dormouse: ["DurableObject", "ServerlessWorker", "WorkerEntrypoint", "env"],
};

/** Packages that stand in for modules of Node.js, where an app has them. */
const PACKAGES = {
  assert: "assert",
  buffer: "buffer",
  events: "events",
  path: "path-browserify",
  punycode: "punycode",
  querystring: "querystring",
  stream: "readable-stream",
  string_decoder: "string_decoder",
  url: "url",
  util: "util",
};

/** What to use in place of other modules of Node.js. */
const INSTEAD = {
  crypto: "the global crypto, with crypto.subtle, crypto.randomUUID() and crypto.getRandomValues()",
  fs: "ctx.storage, or import a .txt or .bin file, which becomes part of the bundle",
  http: "fetch()",
  https: "fetch()",
  net: "new WebSocket() or fetch()",
  perf_hooks: "the global performance",
  process: "env, which handlers are given",
  "stream/web": "the globals ReadableStream, WritableStream and TransformStream",
  timers: "the globals setTimeout and setInterval",
  "timers/promises": "scheduler.wait()",
  zlib: 'the npm package "fflate"',
};

const nodeName = (path) => path.replace(/^node:/, "");

/** The package that stands in for a module of Node.js. */
export function standIn(path) {
  const name = nodeName(path);
  // With the slash it is a package, and nothing that some runtime has built in.
  return Object.hasOwn(PACKAGES, name) ? `${PACKAGES[name]}/` : undefined;
}

/** Why a module of some runtime cannot be imported, and what to do. */
export function refusal(path) {
  const name = nodeName(path);
  const why = `"${path}" is part of Node.js and not of Dormouse`;
  if (Object.hasOwn(PACKAGES, name)) return `${why}: "npm install ${PACKAGES[name]}" gives the app a package that stands in for it`;
  if (Object.hasOwn(INSTEAD, name)) return `${why}: use ${INSTEAD[name]}`;
  return `"${path}" is not part of Dormouse, which has "cloudflare:workers", "dormouse" and the web platform's globals: use a package that runs in browsers`;
}
