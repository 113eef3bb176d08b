import { DurableObject } from "cloudflare:workers";
import type { Env } from "./index";

/** A shopping cart, which takes what is in it out of the stock. */
export class Cart extends DurableObject<Env> {
  async items(): Promise<Map<string, number>> {
    return (await this.ctx.storage.get<Map<string, number>>("items")) ?? new Map();
  }

  async add(item: string): Promise<Map<string, number>> {
    // Each item has an object of its own, so that carts wait for each other only where they must.
    await this.env.STOCK.getByName(item).take(1);
    return this.#change(item, 1);
  }

  async remove(item: string): Promise<Map<string, number>> {
    if (!(await this.items()).has(item)) return this.items();
    const items = await this.#change(item, -1);
    await this.env.STOCK.getByName(item).add(1);
    return items;
  }

  async #change(item: string, by: number): Promise<Map<string, number>> {
    const items = await this.items();
    const count = (items.get(item) ?? 0) + by;
    if (count > 0) items.set(item, count);
    else items.delete(item);
    await this.ctx.storage.put("items", items);
    return items;
  }
}
