import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, type ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@plaza/contract/google/rpc/error_details";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { withStatements } from "@plaza/kit/testing/intercept-statements";
import { shop as shopService } from "./main.ts";
import { testShop } from "./testing/test-shop.ts";

const env = { PLAZA_SHOP_MAX_UNPAID_ORDERS: "3", PLAZA_SHOP_MAX_RESERVED_PIECES: "5" };
const key = () => ({ idempotencyKey: randomUUID() });
const factsOf = (error: ConnectError) => ({ ...error.findDetails(ErrorInfoSchema)[0]?.metadata });

type Buyer = ReturnType<ReturnType<typeof testShop>["memberClient"]>;

async function order(buyer: Buyer, productId: string, quantity = 1) {
  await buyer.addCartItem({ productId, quantity });
  return buyer.checkOut(key());
}

describe("the unpaid orders of a buyer", () => {
  const shop = testShop({ env });

  it("are limited in number, until one is paid or cancelled", async () => {
    const { id } = await shop.createProduct({ stock: 100 });
    const buyer = shop.memberClient();
    const orders = [await order(buyer, id), await order(buyer, id), await order(buyer, id)];
    const refusal = await assertRefused(
      order(buyer, id),
      Code.FailedPrecondition,
      "TOO_MANY_UNPAID_ORDERS",
    );
    assert.deepEqual(factsOf(refusal), { limit: "3", current: "3" });
    assert.equal(await shop.stockOf(id), 97);
    await shop.adminClient().confirmPayment({ id: orders[0]?.id ?? "" });
    await buyer.checkOut(key());
    await buyer.cancelOrder({ id: orders[1]?.id ?? "" });
    await order(buyer, id);
    await order(shop.memberClient(), id);
  });

  it("reserve a limited number of pieces of a product, in one order or in several", async () => {
    const [mug, jam] = await Promise.all([
      shop.createProduct({ stock: 100 }),
      shop.createProduct({ stock: 100 }),
    ]);
    const buyer = shop.memberClient();
    const atOnce = order(buyer, mug.id, 6);
    await assertRefused(atOnce, Code.FailedPrecondition, "TOO_MANY_RESERVED");
    await buyer.setCartItem({ productId: mug.id, quantity: 4 });
    await buyer.checkOut(key());
    await buyer.addCartItem({ productId: jam.id, quantity: 5 });
    const refusal = await assertRefused(
      order(buyer, mug.id, 2),
      Code.FailedPrecondition,
      "TOO_MANY_RESERVED",
    );
    assert.deepEqual(factsOf(refusal), { product_id: mug.id, limit: "5", current: "4" });
    await buyer.setCartItem({ productId: mug.id, quantity: 1 });
    await buyer.checkOut(key());
    assert.deepEqual([await shop.stockOf(mug.id), await shop.stockOf(jam.id)], [95, 95]);
  });
});

describe("concurrent check-outs of a buyer", () => {
  let waiting: (() => void)[] = [];
  /** Holds each check-out that has counted until another one has too, or for 50 ms. */
  const overlapping = withStatements(shopService, async (statement, run) => {
    const rows = await run();
    if (!statement.text.includes("with unpaid as")) return rows;
    await Promise.race([sleep(50), new Promise<void>((resolve) => waiting.push(resolve))]);
    if (waiting.length > 1) for (const release of waiting) release();
    return rows;
  });
  const shop = testShop({ services: [overlapping], env: { PLAZA_SHOP_MAX_UNPAID_ORDERS: "1" } });

  it("do not exceed the limit", async () => {
    const { id } = await shop.createProduct();
    const buyer = await shop.newBuyer({ id } as never);
    waiting = [];
    await Promise.allSettled([buyer.checkOut(key()), buyer.checkOut(key())]);
    assert.equal((await buyer.listOrders({})).orders.length, 1);
    assert.equal(await shop.stockOf(id), 4);
  });
});
