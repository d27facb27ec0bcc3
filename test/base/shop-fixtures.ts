import { randomUUID } from "node:crypto";
import { OrderSchema } from "@plaza/contract/shop/v1/orders";
import { ProductSchema } from "@plaza/contract/shop/v1/products";
import type { Member } from "./accounts.ts";

/** The fields of a product that costs 2.50 €. */
export const productFields = { name: "Mug", priceMinor: "250", currency: "EUR", stock: 100_000 };

/** Creates a product, as an admin; returns its id. */
export async function createProduct(
  { request }: Pick<Member, "request">,
  more: object = {},
): Promise<string> {
  return (await request("POST /v1/products", { ...productFields, ...more })).as(ProductSchema).id;
}

/** Orders one piece of a product; returns the id of the order. */
export async function placeOrder(
  { request }: Pick<Member, "request">,
  productId: string,
): Promise<string> {
  await request("POST /v1/carts/me/items", { productId, quantity: 1 });
  const order = await request("POST /v1/carts/me:checkout", { idempotencyKey: randomUUID() });
  return order.as(OrderSchema).id;
}

/** The transitions that an order needs before a method can apply the next. */
const precedingActions: Readonly<Record<string, readonly string[]>> = {
  ShopService_ShipOrder: ["confirmPayment"],
  ShopService_DeliverOrder: ["confirmPayment", "ship"],
  ShopService_RefundOrder: ["confirmPayment"],
};

/** Returns the id that a shop operation takes: of the product, or of an order of the owner that is ready for it. */
export async function createShopResource(
  operation: string,
  owner: Member,
  admin: Member,
  productId: string,
): Promise<string> {
  if (operation === "ShopService_CheckOut") {
    await owner.request("POST /v1/carts/me/items", { productId, quantity: 1 });
  }
  if (!/Order$|_ConfirmPayment$/.test(operation)) return productId;
  const id = await placeOrder(owner, productId);
  for (const step of precedingActions[operation] ?? [])
    await admin.request(`POST /v1/orders/${id}:${step}`, {});
  return id;
}
