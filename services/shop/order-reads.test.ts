import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { OrderState } from "@plaza/contract/shop/v1/orders";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { testShop } from "./testing/test-shop.ts";

describe("reading orders", () => {
  const shop = testShop();
  const key = () => ({ idempotencyKey: randomUUID() });

  async function placed() {
    const product = await shop.createProduct({ name: "mug" });
    const buyer = await shop.newBuyer(product);
    return { product, buyer, order: await buyer.checkOut(key()) };
  }

  describe("GetOrder and ListOrders", () => {
    it("return buyers their own orders, page by page and by state", async () => {
      const buyerId = randomUUID();
      const buyer = shop.memberClient(buyerId);
      const product = await shop.createProduct();
      const ids: string[] = [];
      for (let count = 0; count < 3; count += 1) {
        await buyer.addCartItem({ productId: product.id, quantity: 1 });
        ids.unshift((await buyer.checkOut(key())).id);
      }
      await buyer.cancelOrder({ id: ids[1] ?? "" });
      const first = await buyer.listOrders({ pageSize: 2 });
      const { nextPageToken: pageToken } = first;
      const second = await buyer.listOrders({ pageSize: 2, pageToken, userId: "me" });
      const found = [...first.orders, ...second.orders];
      assert.deepEqual(
        found.map(({ id }) => id),
        ids,
      );
      assert.deepEqual(found[0], await buyer.getOrder({ id: ids[0] ?? "" }));
      const pending = { state: OrderState.PENDING_PAYMENT };
      assert.equal((await buyer.listOrders(pending)).orders.length, 2);
      const admin = shop.adminClient();
      assert.equal((await admin.listOrders({ userId: buyerId })).orders.length, 3);
      const cancelled = { userId: "-", state: OrderState.CANCELLED, pageSize: 100 };
      const { orders } = await admin.listOrders(cancelled);
      assert.ok(orders.some(({ id }) => id === ids[1]));
      assert.ok(orders.every(({ state }) => state === OrderState.CANCELLED));
      assert.equal((await shop.memberClient().listOrders({})).orders.length, 0);
      const bare = await buyer.listOrders({ readMask: { paths: ["total_minor", "items"] } });
      assert.deepEqual([bare.orders[0]?.id, bare.orders[0]?.totalMinor], ["", 250n]);
    });

    it("refuse with a reason", async () => {
      const { order, buyer } = await placed();
      const { id } = order;
      await assertRefused(
        shop.memberClient().getOrder({ id }),
        Code.PermissionDenied,
        "NOT_YOUR_ORDER",
      );
      for (const userId of ["-", order.userId]) {
        const call = shop.memberClient().listOrders({ userId });
        await assertRefused(call, Code.PermissionDenied, "NOT_YOUR_ORDER");
      }
      const readMask = { paths: ["title"] };
      const wrong = buyer.getOrder({ id, readMask });
      await assertRefused(wrong, Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
      const list = buyer.listOrders({ readMask });
      await assertRefused(list, Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
      const badToken = buyer.listOrders({ pageToken: "x" });
      await assertRefused(badToken, Code.InvalidArgument, "BAD_PAGE_TOKEN");
    });
  });
});
