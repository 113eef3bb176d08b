// The two runtimes, each as `{ name, url, start(), kill(), stop() }`: a server with the bundle on a disk
// of its own, which can be killed and started again.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../..");
const token = "conformance-token-0123456789";

class Target {
  #child;

  constructor(name, work) {
    this.name = name;
    this.work = work;
    mkdirSync(work, { recursive: true });
  }

  async start() {
    const [command, args, options] = this.command();
    const log = openSync(join(this.work, "server.log"), "a");
    this.#child = spawn(command, args, { stdio: ["ignore", "pipe", log, "pipe"], ...options });
    const died = new Promise((_, reject) => this.#child.once("exit", (code) => reject(new Error(`${this.name} ended with ${code}; see ${this.work}/server.log`))));
    died.catch(() => {});
    await Promise.race([this.ready(this.#child), died]);
  }

  /** As when the power goes: nothing is told to the server. */
  kill() {
    return this.#end("SIGKILL");
  }

  stop() {
    return this.#end("SIGTERM");
  }

  async #end(signal) {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), 15000);
    await ended;
    clearTimeout(late);
  }
}

export class Workerd extends Target {
  command() {
    const data = join(this.work, "data");
    mkdirSync(data, { recursive: true });
    return [
      createRequire(import.meta.url)("workerd").default,
      ["serve", "config.capnp", `--directory-path=disk=${data}`, "--control-fd=3"],
      { cwd: here },
    ];
  }

  async ready(child) {
    child.stdout.resume();
    const { port } = JSON.parse(await firstLine(child.stdio[3]));
    this.url = `http://127.0.0.1:${port}`;
  }
}

export class Dormouse extends Target {
  #deployed = false;

  command() {
    const env = { ...process.env, DORMOUSE_TOKEN: token };
    return [join(root, "dormouse"), ["serve", "--port", "0", "--admin-port", "0", "--data", join(this.work, "data")], { env }];
  }

  async ready(child) {
    const [, url, , admin] = (await firstLine(child.stdout)).split(" ");
    if (!this.#deployed) {
      const module = join(this.work, "conformance.wasm");
      const env = { ...process.env, DORMOUSE_TOKEN: token };
      execFileSync(join(root, "dormouse"), ["build", here, "-o", module], { stdio: ["ignore", "ignore", "inherit"], env });
      execFileSync(join(root, "dormouse"), ["deploy", module, "--as", "conformance", "--server", admin], { stdio: ["ignore", "ignore", "inherit"], env });
      this.#deployed = true;
    }
    this.url = `${url}/conformance`;
  }
}

async function firstLine(stream) {
  for await (const line of createInterface({ input: stream })) {
    stream.resume();
    return line;
  }
  throw new Error("the server ended before it was ready");
}
