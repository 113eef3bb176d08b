export default {
  async fetch(request) {
    const [, name] = new URL(request.url).pathname.split("/");
    if (!name) {
      return new Response("Specify a store in the URL's path\n", { status: 400 });
    }
    if (request.headers.get("Upgrade") !== "websocket") {
      return new Response("Expected a WebSocket\n", { status: 426 });
    }
    // The client's connection becomes one of the store: nothing passes through here any more.
    return new ServerlessWorker("./store.js", decodeURIComponent(name)).fetch(request);
  },
};
