// A durable key-value store for each name. Users' keys lie under a prefix, so that the worker has
// room for others of its own.
const prefix = "data:";

const commands = {
  async GET({ key }) {
    requireKey(key);
    return { value: (await storage.get(prefix + key)) ?? null };
  },

  async SET(request) {
    requireKey(request.key);
    if (request.value === undefined) throw new Error("SET needs a value");
    await storage.put(prefix + request.key, request.value);
    return { value: request.value };
  },

  async DEL({ key }) {
    requireKey(key);
    return { deleted: await storage.delete(prefix + key) };
  },

  async KEYS({ key = "" }) {
    const entries = await storage.list({ prefix: prefix + key });
    return { keys: [...entries.keys()].map((found) => found.slice(prefix.length)) };
  },
};

function requireKey(key) {
  if (typeof key !== "string" || key === "") {
    throw new Error("the command needs a key: a text that is not empty");
  }
}

async function run(request) {
  const name = request?.command;
  if (!Object.hasOwn(commands, name)) throw new Error("name a command: GET, SET, DEL or KEYS");
  return commands[name](request);
}

export default {
  connect(conn) {
    conn.onmessage = async (event) => {
      try {
        conn.postMessage({ status: "success", ...(await run(event.data)) });
      } catch (error) {
        conn.postMessage({ status: "error", message: error.message });
      }
    };
  },
};
