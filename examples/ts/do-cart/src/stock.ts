import { DurableObject } from "cloudflare:workers";
import type { Env } from "./index";

/** How much there is of one item. */
export class Stock extends DurableObject<Env> {
  async available(): Promise<number> {
    return (await this.ctx.storage.get<number>("available")) ?? 0;
  }

  async add(count: number): Promise<number> {
    const available = (await this.available()) + count;
    await this.ctx.storage.put("available", available);
    return available;
  }

  async take(count: number): Promise<number> {
    const available = await this.available();
    if (available < count) {
      const error = new Error(`only ${available} left of ${this.ctx.id.name}`);
      error.name = "OutOfStock";
      throw error;
    }
    return this.add(-count);
  }
}
