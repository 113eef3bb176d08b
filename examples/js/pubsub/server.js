export default {
  async fetch(request) {
    const [, topic] = new URL(request.url).pathname.split("/");
    if (!topic) {
      return new Response("Specify a topic in the URL's path\n", { status: 400 });
    }
    if (request.headers.get("Upgrade") !== "websocket") {
      return new Response("Expected a WebSocket\n", { status: 426 });
    }

    // Each topic has its own worker.
    const worker = new ServerlessWorker("./topicWorker.js", `topic-${decodeURIComponent(topic)}`);
    const port = worker.port;
    const [client, server] = Object.values(new WebSocketPair());

    // Client -> worker
    server.onmessage = (event) => {
      try {
        port.postMessage(JSON.parse(event.data));
      } catch {
        server.send(JSON.stringify({ type: "error", message: "Invalid JSON" }));
      }
    };
    server.onclose = () => port.close();

    // Worker -> client
    port.onmessage = (event) => server.send(JSON.stringify(event.data));
    port.onclose = (event) => server.close(event.code === 4012 ? 4012 : 1011, event.reason);

    server.accept();
    return new Response(null, { status: 101, webSocket: client });
  },
};
