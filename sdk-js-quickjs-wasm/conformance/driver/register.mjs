// The tests of what is only visible from outside: real sockets, sleep, restarts, HTTP.
import WebSocket from "ws";

/** Every test by its id. */
export const outside = new Map();

/**
 * The tests of one area. With `alone`, one runs while no other does, and may kill the server; those that
 * `sleeps` spend their time waiting, and run all at once.
 */
export const area = (title) => (id, statement, run, { alone = false, sleeps = false } = {}) => {
  if (outside.has(id)) throw new Error(`two tests are called ${id}`);
  outside.set(id, { id, area: title, kind: "durable-objects", where: "outside", statement, run, alone, sleeps });
};

export async function runOutside(test, target, round) {
  const opened = [];
  const name = `${test.id} ${round}`;
  const path = (binding, suffix = "") => `${target.url}/object/${binding}/${encodeURIComponent(name + suffix)}`;
  try {
    await test.run({
      target,
      name,
      path,
      /** Calls a method of the test's object. */
      async call(binding, method, ...args) {
        const response = await fetch(`${target.url}/call/${binding}/${encodeURIComponent(name)}`, { method: "POST", body: JSON.stringify([method, ...args]) });
        const text = await response.text();
        if (!response.ok) throw new Error(`${method} answered ${response.status}: ${text.slice(0, 300)}`);
        return JSON.parse(text);
      },
      id: async (binding) => (await fetch(`${target.url}/id/${binding}/${encodeURIComponent(name)}`)).text(),
      /** Opens a socket to the test's object. */
      async connect(binding, query = "", protocols = []) {
        const client = new Client(new WebSocket(`${path(binding)}/${query}`.replace("http", "ws"), protocols));
        opened.push(client);
        await client.opened;
        return client;
      },
      async restart() {
        await target.kill();
        await target.start();
      },
    });
    return { ok: true, detail: "" };
  } catch (error) {
    return { ok: false, detail: describe(error) };
  } finally {
    for (const client of opened) client.socket.terminate();
  }
}

function describe(error) {
  if (error?.code === "ERR_ASSERTION") return `expected ${JSON.stringify(error.expected)}, got ${JSON.stringify(error.actual)} ${error.generatedMessage ? "" : error.message}`.slice(0, 500);
  return String(error?.stack ?? error).split("\n").slice(0, 2).join(" ");
}

/** A socket whose messages wait until they are asked for. */
class Client {
  #messages = [];
  #wanting = [];

  constructor(socket) {
    this.socket = socket;
    this.opened = new Promise((open, refuse) => {
      socket.on("open", () => open(this));
      socket.on("error", refuse);
      socket.on("unexpected-response", async (_, response) => {
        const parts = await response.toArray();
        const { statusCode: status, headers } = response;
        refuse(Object.assign(new Error(`refused with ${status}`), { status, headers, body: Buffer.concat(parts).toString() }));
      });
    });
    this.opened.catch(() => {});
    this.closed = new Promise((done) => socket.on("close", (code, reason) => done({ code, reason: String(reason) })));
    socket.on("message", (data, binary) => {
      const message = binary ? new Uint8Array(data) : String(data);
      const taker = this.#wanting.shift();
      if (taker) taker(message);
      else this.#messages.push(message);
    });
  }

  send(data) {
    this.socket.send(data);
  }

  next() {
    if (this.#messages.length) return Promise.resolve(this.#messages.shift());
    return Promise.race([
      new Promise((take) => this.#wanting.push(take)),
      this.closed.then(({ code, reason }) => Promise.reject(new Error(`closed with ${code} ${reason}`))),
    ]);
  }

  ask(text) {
    this.send(text);
    return this.next();
  }
}

export const sleep = (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds));

/** Asks again until the answer is a true one. */
export async function eventually(ask, milliseconds = 10000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() >= end) throw new Error(`nothing true within ${milliseconds} ms; the last answer was ${JSON.stringify(answer)}`);
    await sleep(100);
  }
}
