import page from "./page.html";
import client from "@dormouse/client" with { type: "text" };

const shownToNewcomers = 20;
const prefix = "message:";

// All connections to this room
const connections = new Set();

// Messages lie under keys that sort as they were sent.
const [last] = await newest(1);
let next = last ? Number(last[0].slice(prefix.length)) + 1 : 0;

async function newest(limit) {
  return [...(await storage.list({ prefix, reverse: true, limit }))];
}

export default {
  async connect(event) {
    const port = event.ports[0];
    connections.add(port);

    // What was said before
    const history = (await newest(shownToNewcomers)).map(([, message]) => message).reverse();
    if (history.length > 0) {
      port.postMessage({ type: "history", messages: history });
    }

    port.onmessage = async (event) => {
      const { username, text } = Object(event.data);
      const problem = check("username", username, 64) ?? check("text", text, 4096);
      if (problem) {
        port.postMessage({ type: "error", message: problem });
        return;
      }
      const message = { username: username.trim(), text: text.trim(), timestamp: Date.now() };
      await storage.put(prefix + String(next++).padStart(16, "0"), message);
      for (const connection of connections) {
        connection.postMessage({ type: "message", message });
      }
    };

    port.onclose = () => {
      connections.delete(port);
    };
  },

  // The room has a page of its own.
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response("Use GET\n", { status: 405, headers: { allow: "GET" } });
    }
    switch (pathname) {
      case "/":
        return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
      case "/client.js":
        return new Response(client, { headers: { "content-type": "text/javascript; charset=utf-8" } });
      default:
        return new Response("Not found\n", { status: 404 });
    }
  },
};

/** A sentence about what is wrong with a field of a message, if anything is. */
function check(name, value, most) {
  if (typeof value !== "string" || value.trim() === "") return `${name} must be a text that is not empty`;
  if (value.length > most) return `${name} is longer than ${most} characters`;
}
