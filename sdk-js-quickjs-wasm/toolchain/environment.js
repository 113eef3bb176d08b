/** What `process.env` stands for. */
export { env as __dormouse_env } from "cloudflare:workers";
