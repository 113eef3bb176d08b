let count: number = (await storage.get<number>("count")) || 0;
const ports = new Set<MessagePort>();

export default {
  connect(event) {
    const port = event.ports[0];
    ports.add(port);
    port.onmessage = async ({ data }) => {
      count += data.by;
      await storage.put("count", count);
      ports.forEach((other) => other.postMessage({ count, name: self.name }));
    };
    port.onclose = ({ code }) => {
      console.log(code);
      ports.delete(port);
    };
    event.postMessage({ count });
  },
  async alarm({ retryCount }) {
    await setAlarm(1000 * (retryCount + 1));
  },
  async fetch(request, env) {
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(await request.text()));
    const text = new Response("x").body!.pipeThrough(new TextDecoderStream());
    for await (const chunk of text) {
      chunk.toUpperCase();
    }
    return Response.json({ bytes: hash.byteLength, env, match: new URLPattern({ pathname: "/:a" }).exec(request.url)?.pathname.groups.a });
  },
} satisfies WorkerModule;

export const gateway = {
  async fetch(request) {
    const worker = new ServerlessWorker("./worker.js", "name");
    worker.port.onmessage = ({ data }) => console.log(data);
    worker.port.postMessage({ by: 1 });
    try {
      return await worker.fetch(request);
    } catch (error) {
      return new Response((error as ActorError).code, { status: (error as ActorError).overloaded ? 503 : 500 });
    }
  },
} satisfies GatewayModule;
