export default {
  async fetch(request) {
    const url = new URL(request.url);
    const name = decodeURIComponent(url.pathname.split("/")[1]);

    // Who speaks the limiter's own language may do so, to the limiter of any name.
    if (name && request.headers.get("Upgrade") === "websocket") {
      return new ServerlessWorker("./rateLimiter.js", name).fetch(request);
    }

    // Everyone else is limited by address.
    const forwardedFor = request.headers.get("x-forwarded-for") ?? "127.0.0.1";
    const clientIp = forwardedFor.split(",")[0].trim();
    const worker = new ServerlessWorker("./rateLimiter.js", `rate-limit:${clientIp}`);

    const { promise, resolve, reject } = Promise.withResolvers();
    worker.port.onmessage = (event) => {
      resolve(
        event.data.isAllowed
          ? new Response("Request allowed\n")
          : new Response("Rate limit exceeded\n", { status: 429 }),
      );
      worker.port.close();
    };
    worker.onerror = (event) => reject(event.error);
    worker.port.onerror = (event) => reject(event.error);
    worker.port.postMessage({ type: "HIT" });
    return await promise;
  },
};
