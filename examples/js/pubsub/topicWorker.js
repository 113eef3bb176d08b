// All connected clients of this topic
const subscribers = new Set();

export default {
  connect(event) {
    const port = event.ports[0];
    subscribers.add(port);

    port.onmessage = (event) => {
      if (event.data?.type !== "publish") {
        port.postMessage({ type: "error", message: 'Send {"type":"publish","data":…}.' });
        return;
      }
      for (const client of subscribers) {
        client.postMessage({ type: "message", data: event.data.data });
      }
    };

    port.onclose = () => {
      subscribers.delete(port);
    };
  },
};
