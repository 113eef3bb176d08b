// A durable counter for each name.
let count = (await storage.get("count")) ?? 0;

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/increment") {
      if (request.method !== "POST") return notAllowed("POST");
      count += 1;
      await storage.put("count", count);
    } else if (pathname !== "/") {
      return new Response("Not found\n", { status: 404 });
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      return notAllowed("GET");
    }
    return new Response(String(count));
  },
};

function notAllowed(allow) {
  return new Response(`Use ${allow}\n`, { status: 405, headers: { allow } });
}
