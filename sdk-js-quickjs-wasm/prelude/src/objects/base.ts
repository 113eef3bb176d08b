import { exported } from "./exports";

/** `cloudflare:workers`: what Durable Objects and entrypoints extend. */
export class DurableObject {
  protected ctx: unknown;
  protected env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}

export class WorkerEntrypoint {
  protected ctx: unknown;
  protected env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}

/** The `ctx` of stateless handlers. */
export class ExecutionContext {
  readonly props: object;
  #report: (error: unknown) => void;

  constructor(report: (error: unknown) => void, props: object = {}) {
    this.#report = report;
    this.props = props;
  }

  get exports(): object {
    return exported;
  }

  waitUntil(promise: unknown): void {
    Promise.resolve(promise).catch(this.#report);
  }

  passThroughOnException(): void {}
}
