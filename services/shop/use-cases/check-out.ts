import type { ServiceImpl } from "@connectrpc/connect";
import { OrderPlacedSchema } from "@plaza/contract/shop/v1/events";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import { idempotencyKeyReused } from "@plaza/kit/errors/fault";
import { publish } from "@plaza/kit/events/outbox";
import { requireAccount } from "@plaza/kit/identity/caller";
import { createIdempotencyKey, type IdempotencyKey } from "@plaza/kit/rpc/idempotency-key";
import type { ServiceContext } from "../context.ts";
import { placeOrder } from "../domain/order.ts";
import { toOrder } from "../mappers/order.ts";
import * as carts from "../store/carts.ts";
import * as store from "../store/orders.ts";
import { decrementStock, lockProducts } from "../store/products.ts";

export function checkOut(deps: ServiceContext): Pick<ServiceImpl<typeof ShopService>, "checkOut"> {
  const { db, now, newId, payment, holdMs } = deps;
  return {
    async checkOut({ idempotencyKey, $typeName: _, ...wanted }, context) {
      const userId = requireAccount(context).id;
      const request = createIdempotencyKey(
        idempotencyKey,
        Object.entries(wanted).sort(),
      ) as IdempotencyKey;
      const order = await db.begin(async (tx) => {
        const cart = await carts.lockCart(tx, { userId });
        const [before, lines] = await Promise.all([
          store.findOrderByIdempotencyKey(tx, userId, request.key),
          cart ? carts.listLines(tx, cart.id) : [],
        ]);
        if (before) return before.digest === request.digest ? before.order : idempotencyKeyReused();
        const ids = lines.map(({ productId }) => productId);
        const products = await lockProducts(tx, ids);
        const at = now();
        const made = { id: newId(), userId, paymentMethod: payment.name, createTime: at };
        const expireTime = new Date(at.getTime() + holdMs);
        const order = placeOrder({ cart, lines }, products, wanted, { ...made, expireTime });
        const emptied = cart && { ...cart, version: cart.version + 1n, updateTime: at };
        // Sent together: others wait for these products.
        await Promise.all([
          decrementStock(tx, order.items),
          store.insertOrder(tx, order, request),
          emptied && carts.saveCart(tx, emptied, lines, []),
          publish(tx, OrderPlacedSchema, { orderId: order.id, userId }, order.id),
        ]);
        return order;
      });
      return toOrder(order, payment);
    },
  };
}
