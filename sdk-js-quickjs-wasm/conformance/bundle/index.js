// One worker for both runtimes: the classes, and a gateway that runs tests and passes requests on.
import { runTest } from "./harness.js";
import "./tests/storage.js";
import "./tests/values.js";
import "./tests/alarms.js";
import "./tests/ids.js";
import "./tests/stubs.js";
import "./tests/rpc.js";
import "./tests/state.js";
import "./tests/sockets.js";
import "./tests/url.js";
import "./tests/http.js";
import "./tests/encoding.js";
import "./tests/streams.js";
import "./tests/globals.js";

export { Alarmist, Broken, Gated, Inner, Lab, Methods, Other, Plain } from "./objects.js";
export { Room, Talker } from "./rooms.js";
export { tests } from "./harness.js";

export default {
  /** `/run/TEST?round=R` runs a test; `/object/BINDING/NAME/…` is a request to an object. */
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const [, verb, first, second] = url.pathname.split("/").map(decodeURIComponent);
    switch (verb) {
      case "run":
        return Response.json(await runTest(first, url.searchParams.get("round"), env, ctx));
      case "object": {
        const inner = new URL(url.pathname.split("/").slice(4).join("/") + url.search, "http://object/");
        return env[first].get(env[first].idFromName(second)).fetch(new Request(inner, request));
      }
      case "id":
        return new Response(env[first].idFromName(second).toString());
      case "call": {
        const stub = env[first].get(env[first].idFromName(second));
        const [method, ...args] = await request.json();
        return Response.json((await stub[method](...args)) ?? null);
      }
      default:
        return new Response("not found", { status: 404 });
    }
  },
};
