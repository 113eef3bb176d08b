// One instance of this module runs for each name, one event at a time. What it stores is durable
// before anyone hears of it.
let visits = (await storage.get("visits")) ?? 0;
const ports = new Set();

export default {
  /** Answers HTTP requests. */
  async fetch(request) {
    visits += 1;
    await storage.put("visits", visits);
    for (const port of ports) port.postMessage({ visits });
    return new Response(`Hello from ${self.name}, visit ${visits}.\n`);
  },

  /** Someone opens a WebSocket. */
  connect(event) {
    const port = event.ports[0];
    ports.add(port);
    port.postMessage({ visits });
    port.onmessage = ({ data }) => port.postMessage({ echo: data });
    port.onclose = () => ports.delete(port);
  },

  /** What setAlarm() asked for. */
  async alarm() {
    console.log(`${self.name} had ${visits} visits`);
  },
};
