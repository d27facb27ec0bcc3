import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { OrderActor, OrderState } from "@plaza/contract/shop/v1/orders";
import { isUniqueViolation } from "@plaza/kit/db/errors";
import { insertOrder, lockOrder, saveOrderStep } from "../store/orders.ts";
import { decrementStock } from "../store/products.ts";
import { Lifetime } from "../testing/lifetime.ts";
import { testShop } from "../testing/test-shop.ts";
import { expireOrders } from "./expire-orders.ts";

describe("orders that are not paid", () => {
  const shop = testShop({ env: { PLAZA_SHOP_HOLD_SECONDS: "60" } });
  const later = (seconds: number) => shop.contextAt(() => new Date(Date.now() + seconds * 1_000));

  async function placed() {
    const product = await shop.createProduct();
    const buyer = await shop.newBuyer(product);
    const order = await buyer.checkOut({ idempotencyKey: randomUUID() });
    return { product, buyer, order };
  }

  it("keep their stock reserved until they expire, and release it then", async () => {
    const { product, buyer, order } = await placed();
    await expireOrders(later(59));
    assert.equal(await shop.stockOf(product.id), 4);
    await expireOrders(later(61));
    assert.equal(await shop.stockOf(product.id), 5);
    const { state, timeline } = await buyer.getOrder({ id: order.id });
    assert.deepEqual([state, timeline.at(-1)?.actor], [OrderState.CANCELLED, OrderActor.SHOP]);
    assert.deepEqual(await shop.eventTypesOf(order.id), ["OrderPlaced", "OrderCancelled"]);
  });

  it("release stock once, with any number of processes", async () => {
    const orders = await Promise.all(Array.from({ length: 8 }, placed));
    await Promise.all(Array.from({ length: 8 }, () => expireOrders(later(61))));
    for (const { product, order } of orders) {
      assert.equal(await shop.stockOf(product.id), 5);
      assert.deepEqual(await shop.eventTypesOf(order.id), ["OrderPlaced", "OrderCancelled"]);
    }
  });

  it("release stock once when the process dies at any statement", async () => {
    const { product, order } = await placed();
    for (let statements = 1; ; statements += 1) {
      const isDone = await expireOrders(new Lifetime(statements).limit(later(61))).then(
        () => true,
        () => false,
      );
      const { state } = await shop.adminClient().getOrder({ id: order.id });
      assert.equal(state === OrderState.CANCELLED, isDone);
      assert.equal(await shop.stockOf(product.id), isDone ? 5 : 4);
      if (isDone) {
        assert.ok(statements > 5);
        return;
      }
    }
  });

  it("are not cancelled when they were paid meanwhile", async () => {
    const { product, buyer, order } = await placed();
    const outcomes = await Promise.allSettled([
      shop.adminClient().confirmPayment({ id: order.id }),
      expireOrders(later(61)),
    ]);
    assert.equal(outcomes[1]?.status, "fulfilled");
    const { state } = await buyer.getOrder({ id: order.id });
    const isPaid = outcomes[0]?.status === "fulfilled";
    assert.equal(state, isPaid ? OrderState.PAID : OrderState.CANCELLED);
    assert.equal(await shop.stockOf(product.id), isPaid ? 4 : 5);
  });

  it("cannot be cancelled twice, even without the check in code", async () => {
    const { order } = await placed();
    await expireOrders(later(61));
    const again = shop.db("shop").begin(async (tx) => {
      const found = await lockOrder(tx, order.id);
      const step = found?.steps.at(-1);
      assert.ok(found && step);
      await saveOrderStep(tx, { ...found, steps: [...found.steps, step] });
    });
    await assert.rejects(again, (err) => isUniqueViolation(err, "order_step_once"));
  });

  it("cannot take more than the stock, even without the check in code", async () => {
    const { id: productId } = await shop.createProduct();
    const taking = shop.db("shop").begin((tx) => decrementStock(tx, [{ productId, quantity: 6 }]));
    await assert.rejects(taking, /product_stock/);
    assert.equal(await shop.stockOf(productId), 5);
  });

  it("cannot be placed twice under one key, even without the check in code", async () => {
    const { order } = await placed();
    const again = shop.db("shop").begin(async (tx) => {
      const found = await lockOrder(tx, order.id);
      const [row] = await tx<{ key: string }[]>`
        select idempotency_key as key from shop_order where id = ${order.id}`;
      assert.ok(found && row);
      const copy = { ...found, id: randomUUID() };
      await insertOrder(tx, copy, { key: row.key, digest: "" });
    });
    await assert.rejects(again, (err) => isUniqueViolation(err, "shop_order_idempotency_key"));
  });
});
