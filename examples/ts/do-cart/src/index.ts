import type { Cart } from "./cart";
import type { Stock } from "./stock";

export { Cart } from "./cart";
export { Stock } from "./stock";

export interface Env {
  CARTS: DurableObjectNamespace<Cart>;
  STOCK: DurableObjectNamespace<Stock>;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, kind, name, item] = new URL(request.url).pathname.split("/").map(decodeURIComponent);
    try {
      switch (`${request.method} ${kind}`) {
        case "PUT stock":
          return Response.json(await env.STOCK.getByName(name).add(Number(await request.text())));
        case "GET stock":
          return Response.json(await env.STOCK.getByName(name).available());
        case "GET cart":
          return Response.json(Object.fromEntries(await env.CARTS.getByName(name).items()));
        case "POST cart":
          return Response.json(Object.fromEntries(await env.CARTS.getByName(name).add(item)));
        case "DELETE cart":
          return Response.json(Object.fromEntries(await env.CARTS.getByName(name).remove(item)));
        default:
          return new Response("PUT /stock/{item}, POST or DELETE /cart/{name}/{item}\n", { status: 404 });
      }
    } catch (error) {
      if (error instanceof Error && error.name === "OutOfStock") {
        return Response.json({ error: error.message }, { status: 409 });
      }
      throw error;
    }
  },
};
