import type { ServiceImpl } from "@connectrpc/connect";
import { OrderPlacedSchema } from "@plaza/contract/shop/v1/events";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import { accountOf } from "@plaza/kit/caller";
import { announce } from "@plaza/kit/events";
import * as carts from "./cart-store.ts";
import { place } from "./order-domain.ts";
import * as store from "./order-store.ts";
import { toOrder } from "./order-wire.ts";
import type { Parts } from "./parts.ts";
import { takeStock } from "./product-store.ts";
import { keyReused, type RequestKey, requestKey } from "./request-key.ts";

export function checkOut(parts: Parts): Pick<ServiceImpl<typeof ShopService>, "checkOut"> {
  const { db, now, newId, payment, holdMs, lockCart, lockProducts } = parts;
  return {
    async checkOut({ idempotencyKey, $typeName: _, ...wanted }, context) {
      const userId = accountOf(context).id;
      const request = requestKey(idempotencyKey, Object.entries(wanted).sort()) as RequestKey;
      const order = await db.begin(async (tx) => {
        const cart = await lockCart(tx, { userId });
        const before = await store.findPlaced(tx, userId, request.key);
        if (before) return before.digest === request.digest ? before.order : keyReused();
        const items = cart ? await carts.listLines(tx, cart.id) : [];
        const products = await lockProducts(
          tx,
          items.map(({ productId }) => productId),
        );
        const at = now();
        const made = { id: newId(), userId, paymentMethod: payment.name, createTime: at };
        const expireTime = new Date(at.getTime() + holdMs);
        const order = place({ cart, items }, products, wanted, { ...made, expireTime });
        await takeStock(tx, order.items);
        await store.insertOrder(tx, order, request);
        if (cart) {
          await carts.deleteItems(tx, cart.id);
          await carts.saveCart(tx, { ...cart, version: cart.version + 1n, updateTime: at });
        }
        await announce(tx, OrderPlacedSchema, { orderId: order.id, userId }, order.id);
        return order;
      });
      return toOrder(order, payment);
    },
  };
}
