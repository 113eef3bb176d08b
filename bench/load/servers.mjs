// Starts the servers that are measured, each with a data directory of its own.
import { spawn, execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const root = new URL("../..", import.meta.url).pathname;
const token = "bench-token-0123456789";
const dormouse = join(root, "dormouse");

/** What is deployed on our server: namespace and folder. */
const apps = [["bench", "bench/apps/counter"], ["bench-js", "bench/apps/counter-js"]];

/** Our server with the apps deployed. */
export async function ours(work) {
  for (const [name, folder] of apps) {
    execFileSync(dormouse, ["build", join(root, folder), "-o", join(work, `${name}.wasm`)],
      { stdio: ["ignore", "ignore", "inherit"] });
  }
  const env = { ...process.env, DORMOUSE_TOKEN: token };
  const began = performance.now();
  const child = spawn(dormouse, ["serve", "--port", "0", "--admin-port", "0", "--data", join(work, "ours")],
    { env, stdio: ["ignore", "pipe", "ignore"] });
  const [, url, , admin] = (await firstLine(child.stdout)).split(" ");
  const started = performance.now() - began;
  for (const [name] of apps) {
    execFileSync(dormouse, ["deploy", join(work, `${name}.wasm`), "--as", name, "--server", admin],
      { env, stdio: "ignore" });
  }
  const headers = { authorization: `Bearer ${token}` };
  return {
    name: "dormouse",
    url,
    admin,
    started,
    /** The sum of a metric over its labels. */
    async metric(name) {
      const text = await (await fetch(`${admin}/metrics`, { headers })).text();
      return text.split("\n").filter((line) => line.startsWith(name) && /[{ ]/.test(line[name.length]))
        .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    },
    resident: () => resident(child.pid),
    stop: () => stop(child),
  };
}

/** Cloudflare's workerd with the same actor as a Durable Object on local disk. */
export async function peer(work) {
  const data = join(work, "peer");
  mkdirSync(data);
  const home = join(root, "bench/peer");
  execFileSync("npm", ["install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"], { cwd: home, stdio: ["ignore", "ignore", "inherit"] });
  const child = spawn(join(home, "node_modules/.bin/workerd"), ["serve", "config.capnp",
    `--directory-path=disk=${data}`, "--control-fd=3"], { cwd: home, stdio: ["ignore", "ignore", "inherit", "pipe"] });
  const { port } = JSON.parse(await firstLine(child.stdio[3]));
  return { name: "workerd", url: `http://127.0.0.1:${port}`, resident: () => resident(child.pid), stop: () => stop(child) };
}

async function firstLine(stream) {
  for await (const line of createInterface({ input: stream })) {
    stream.resume();
    return line;
  }
  throw new Error("the server ended before it was ready");
}

/** Kilobytes of a process and its children. */
function resident(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  const own = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
  return children.split(" ").filter(Boolean).reduce((sum, child) => sum + resident(child), own);
}

function stop(child) {
  return new Promise((done) => {
    child.once("exit", done);
    child.kill();
  });
}
