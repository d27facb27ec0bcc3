import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { testShop } from "../testing/test-shop.ts";
import { applyTransition } from "../use-cases/apply-transition.ts";
import { shopEventHandlers } from "./event-handlers.ts";

describe("UserDeleted", () => {
  const shop = testShop();
  const handle = (userId: string) =>
    shop.db("shop").begin(async (tx) => {
      const event = create(UserDeletedSchema, { userId });
      for (const handler of shopEventHandlers) await handler.handle(tx, event as never);
    });
  const now = () => new Date();
  const context = () => shop.contextAt(now);
  const secrets = { deliveryName: "Ada", deliveryAddress: "1 Market Square", note: "Ring twice." };

  async function placeOrder(userId: string) {
    const { id: productId } = await shop.createProduct();
    const buyer = shop.memberClient(userId);
    await buyer.addCartItem({ productId, quantity: 2 });
    const { id } = await buyer.checkOut({ idempotencyKey: "key", ...secrets });
    await shop.adminClient().confirmPayment({ id, note: "by Ada, in cash" });
    await buyer.addCartItem({ productId, quantity: 1 });
    return id;
  }

  it("keeps orders without personal data, and deletes the cart", async () => {
    const [deletedId, otherId] = [randomUUID(), randomUUID()];
    const [deletedOrder, otherOrder] = [await placeOrder(deletedId), await placeOrder(otherId)];
    const before = await shop.adminClient().getOrder({ id: deletedOrder });
    const other = await shop.adminClient().getOrder({ id: otherOrder });
    await handle(deletedId);
    await handle(deletedId);
    const after = await shop.adminClient().getOrder({ id: deletedOrder });
    assert.deepEqual([after.items, after.totalMinor], [before.items, before.totalMinor]);
    assert.deepEqual(
      after.timeline.map(({ state, note }) => [state, note]),
      before.timeline.map(({ state }) => [state, ""]),
    );
    const tables = ["shop_order", "order_item", "order_step", "cart", "cart_item", "cart_write"];
    const personal = new RegExp(`${deletedId}|Ada|Market Square|Ring`);
    const rows: string[] = [];
    for (const table of tables) {
      const db = shop.db("shop");
      const found = await db<
        { row: string }[]
      >`select row_to_json(t)::text as row from ${db(table)} t`;
      rows.push(...found.map(({ row }) => row).filter((row) => !row.includes(otherId)));
    }
    const about = rows.filter((row) => !row.includes(otherOrder) && personal.test(row));
    assert.deepEqual(about, []);
    assert.equal((await shop.adminClient().getCart({ userId: deletedId })).items.length, 0);
    assert.deepEqual(await shop.adminClient().getOrder({ id: otherOrder }), other);
    assert.equal((await shop.adminClient().getCart({ userId: otherId })).items.length, 1);
  });

  it("leaves nothing of writes that arrive with the event or after it", async () => {
    const { id: productId } = await shop.createProduct();
    const { cartToken } = await shop.anonymousClient().addCartItem({ productId, quantity: 1 });
    const [emptied, absent] = [randomUUID(), randomUUID()];
    await shop.memberClient(emptied).addCartItem({ productId, quantity: 1 });
    const refusedWrites = () =>
      [
        shop.memberClient(emptied).checkOut({ idempotencyKey: "key", ...secrets }),
        shop.memberClient(absent).addCartItem({ productId, quantity: 1 }),
        shop.memberClient(absent).mergeCart({ cartToken }),
      ].map((write) => assertRefused(write, Code.Unauthenticated, "INVALID_SESSION"));
    const pending: Promise<unknown>[] = [];
    await shop.db("shop").begin(async (tx) => {
      for (const userId of [emptied, absent]) {
        const event = create(UserDeletedSchema, { userId });
        for (const handler of shopEventHandlers) await handler.handle(tx, event as never);
      }
      pending.push(...refusedWrites());
      await sleep(100);
    });
    await Promise.all([...pending, ...refusedWrites()]);
    const rows = await shop.db("shop")`
      select from shop_order where user_id = ${emptied} union all
      select from cart where user_id in (${emptied}, ${absent})`;
    assert.equal(rows.count, 0);
  });

  it("erases the note of a concurrent transition", async () => {
    const deletedId = randomUUID();
    const id = await placeOrder(deletedId);
    const handled: Promise<void>[] = [];
    await shop.db("shop").begin(async (tx) => {
      await applyTransition(tx, context(), id, "RefundOrder", {
        actor: "admin",
        note: "To Ada.",
      });
      handled.push(handle(deletedId));
      await sleep(100);
    });
    await Promise.all(handled);
    const { userId, timeline } = await shop.adminClient().getOrder({ id });
    assert.deepEqual([userId, timeline.length], ["", 3]);
    assert.ok(timeline.every(({ note }) => note === ""));
  });

  it("leaves no digest by which to guess personal data", async () => {
    const deletedId = randomUUID();
    const id = await placeOrder(deletedId);
    await handle(deletedId);
    const [row] = await shop.db("shop")`
      select idempotency_key, request_digest from shop_order where id = ${id}`;
    assert.deepEqual({ ...row }, { idempotencyKey: id, requestDigest: "" });
  });

  it("lets orders of a deleted buyer continue", async () => {
    const deletedId = randomUUID();
    const id = await placeOrder(deletedId);
    await handle(deletedId);
    await shop.adminClient().shipOrder({ id });
    const { orders } = await shop.adminClient().listOrders({ userId: "-" });
    assert.ok(orders.some((order) => order.id === id && order.userId === ""));
  });
});
