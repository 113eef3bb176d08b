import { DurableObject } from "cloudflare:workers";

interface Env {
  LIMITERS: DurableObjectNamespace<RateLimiter>;
  CAPACITY: number;
  MILLIS_PER_TOKEN: number;
}

interface Bucket {
  tokens: number;
  refilledAt: number;
}

/** A bucket of tokens that fills up again, one by one. */
export class RateLimiter extends DurableObject<Env> {
  /** Milliseconds to wait for a token; 0 where one was taken. */
  async take(): Promise<number> {
    const { CAPACITY, MILLIS_PER_TOKEN } = this.env;
    const now = Date.now();
    const bucket = this.ctx.storage.kv.get<Bucket>("bucket") ?? { tokens: CAPACITY, refilledAt: now };
    const refilled = Math.floor((now - bucket.refilledAt) / MILLIS_PER_TOKEN);
    bucket.tokens = Math.min(CAPACITY, bucket.tokens + refilled);
    bucket.refilledAt = bucket.tokens === CAPACITY ? now : bucket.refilledAt + refilled * MILLIS_PER_TOKEN;
    const allowed = bucket.tokens > 0;
    if (allowed) {
      bucket.tokens--;
      this.ctx.storage.kv.put("bucket", bucket);
    }
    return allowed ? 0 : bucket.refilledAt + MILLIS_PER_TOKEN - now;
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const client = request.headers.get("x-forwarded-for")?.split(",")[0]?.trim() ?? "unknown";
    const waitMillis = await env.LIMITERS.getByName(client).take();
    return waitMillis === 0
      ? new Response("Request allowed\n")
      : new Response("Rate limit exceeded\n", {
          status: 429,
          headers: { "retry-after": `${Math.ceil(waitMillis / 1000)}` },
        });
  },
};
