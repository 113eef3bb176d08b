// 10 requests a minute
const maxRequests = 10;
const bucketDuration = 60_000;

// What is stored outlives restarts and sleep.
let count = (await storage.get("count")) ?? 0;
let resetAt = (await storage.get("resetAt")) ?? Date.now() + bucketDuration;

async function saveState() {
  await storage.put({ count, resetAt });
}

export default {
  connect(conn) {
    const port = conn.ports[0];

    port.onmessage = async (event) => {
      const now = Date.now();
      if (now >= resetAt) {
        count = 0;
        resetAt = now + bucketDuration;
      }
      switch (event.data?.type) {
        case "HIT": {
          const isAllowed = count < maxRequests;
          if (isAllowed) {
            count += 1;
            await saveState();
          }
          port.postMessage({ isAllowed });
          break;
        }
        case "RESET":
          count = 0;
          resetAt = now + bucketDuration;
          await saveState();
          port.postMessage({ isAllowed: true });
          break;
        default:
          port.postMessage({ type: "error", message: 'Send {"type":"HIT"} or {"type":"RESET"}.' });
      }
    };
  },
};
