import { ProductSchema } from "@plaza/contract/shop/v1/products";
import type { RetryingClient } from "../base/retrying-client.ts";

/** Creates products with this stock each; returns their ids. */
export async function createProducts(
  admin: RetryingClient,
  count: number,
  stock: number,
): Promise<[string, ...string[]]> {
  const creations = Array.from({ length: count }, async (_, index) => {
    const fields = {
      name: `Thing ${index + 1}`,
      priceMinor: String(index + 1),
      currency: "EUR",
      stock,
    };
    const idempotencyKey = `${count} ${index} ${stock} ${Math.random()}`;
    return (await admin("POST /v1/products", { ...fields, idempotencyKey })).as(ProductSchema).id;
  });
  return (await Promise.all(creations)) as [string, ...string[]];
}
