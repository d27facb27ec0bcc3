import { randomUUID } from "node:crypto";
import { OrderSchema } from "@plaza/contract/shop/v1/orders";
import { ProductSchema } from "@plaza/contract/shop/v1/products";
import type { Member } from "./accounts.ts";

/** What is sold in tests: 2.50 € each. */
export const productFields = { name: "Mug", priceMinor: "250", currency: "EUR", stock: 100_000 };

/** Puts something on sale. Only admins can. */
export async function createProduct(
  { request }: Pick<Member, "request">,
  more: object = {},
): Promise<string> {
  return (await request("POST /v1/products", { ...productFields, ...more })).as(ProductSchema).id;
}

/** Buys one of a product. Answers the order. */
export async function placeOrder(
  { request }: Pick<Member, "request">,
  productId: string,
): Promise<string> {
  await request("POST /v1/carts/me/items", { productId, quantity: 1 });
  const order = await request("POST /v1/carts/me:checkout", { idempotencyKey: randomUUID() });
  return order.as(OrderSchema).id;
}

/** The steps that an order must have taken for a method to take the next. */
const precedingActions: Readonly<Record<string, readonly string[]>> = {
  ShopService_ShipOrder: ["confirmPayment"],
  ShopService_DeliverOrder: ["confirmPayment", "ship"],
  ShopService_RefundOrder: ["confirmPayment"],
};

/** The id that an operation of the shop is about: of a product, or of an order that is ready for it. */
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
