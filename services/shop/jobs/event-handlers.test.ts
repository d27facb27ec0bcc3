import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { OrderState } from "@plaza/contract/shop/v1/orders";
import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { testShop } from "../testing/test-shop.ts";
import { applyTransition } from "../use-cases/apply-transition.ts";
import { shopEventHandlers } from "./event-handlers.ts";
import { expireOrders } from "./expire-orders.ts";
import { finishPayments } from "./finish-payments.ts";
import { sweep } from "./sweep.ts";

describe("UserDeleted", () => {
  const shop = testShop();
  const handle = (userId: string) =>
    shop.db("shop").begin(async (tx) => {
      const event = create(UserDeletedSchema, { userId });
      for (const handler of shopEventHandlers({ now })) await handler.handle(tx, event as never);
    });
  const now = () => new Date();
  const context = () => shop.contextAt(now);
  const secrets = { deliveryName: "Ada", deliveryAddress: "1 Market Square", note: "Ring twice." };
  const admin = () => shop.adminClient();

  async function placeOrder(userId: string) {
    const { id: productId } = await shop.createProduct();
    const buyer = shop.memberClient(userId);
    await buyer.addCartItem({ productId, quantity: 2 });
    const { id } = await buyer.checkOut({ idempotencyKey: randomUUID(), ...secrets });
    await buyer.addCartItem({ productId, quantity: 1 });
    return { id, productId };
  }

  async function payOrder(userId: string) {
    const { id } = await placeOrder(userId);
    await admin().confirmPayment({ id, note: "by Ada, in cash" });
    return id;
  }

  async function deliverOrder(userId: string) {
    const id = await payOrder(userId);
    await admin().shipOrder({ id, note: "To Ada." });
    await admin().deliverOrder({ id });
    return id;
  }

  /** All personal data of an order. */
  async function secretsOf(id: string) {
    const { userId, deliveryName, deliveryAddress, note, timeline } = await admin().getOrder({
      id,
    });
    return [userId, deliveryName, deliveryAddress, note, ...timeline.map((step) => step.note)];
  }

  const assertErased = async (id: string) =>
    assert.ok((await secretsOf(id)).every((text) => text === ""));

  it("keeps closed orders without personal data, and deletes the cart", async () => {
    const [deletedId, otherId] = [randomUUID(), randomUUID()];
    const [deletedOrder, otherOrder] = [await deliverOrder(deletedId), await deliverOrder(otherId)];
    const before = await admin().getOrder({ id: deletedOrder });
    const other = await admin().getOrder({ id: otherOrder });
    await handle(deletedId);
    await handle(deletedId);
    const after = await admin().getOrder({ id: deletedOrder });
    assert.deepEqual([after.items, after.totalMinor], [before.items, before.totalMinor]);
    assert.deepEqual(
      after.timeline.map(({ state, note }) => [state, note]),
      before.timeline.map(({ state }) => [state, ""]),
    );
    const tables = ["shop_order", "order_item", "order_step", "cart", "cart_item", "cart_write"];
    const personal = new RegExp(`${deletedId}|Ada|Market Square|Ring`);
    const rows: string[] = [];
    for (const table of [...tables, "payment_attempt"]) {
      const db = shop.db("shop");
      const found = await db<
        { row: string }[]
      >`select row_to_json(t)::text as row from ${db(table)} t`;
      rows.push(...found.map(({ row }) => row).filter((row) => !row.includes(otherId)));
    }
    const about = rows.filter((row) => !row.includes(otherOrder) && personal.test(row));
    assert.deepEqual(about, []);
    assert.equal((await admin().getCart({ userId: deletedId })).items.length, 0);
    assert.deepEqual(await admin().getOrder({ id: otherOrder }), other);
    assert.equal((await admin().getCart({ userId: otherId })).items.length, 1);
  });

  it("keeps the delivery of a paid order until it is delivered", async () => {
    const deletedId = randomUUID();
    const id = await payOrder(deletedId);
    await handle(deletedId);
    await admin().shipOrder({ id, note: "parcel 7" });
    await sweep(context());
    const { deliveryName, deliveryAddress, note } = secrets;
    const kept = ["", deliveryName, deliveryAddress, note];
    assert.deepEqual((await secretsOf(id)).slice(0, 4), kept);
    const { orders } = await admin().listOrders({ userId: "-" });
    assert.ok(orders.some((order) => order.id === id && order.userId === ""));
    await admin().deliverOrder({ id, note: "Ada was glad." });
    await sweep(context());
    await assertErased(id);
    await admin().refundOrder({ id, note: "Ada was not." });
    await sweep(context());
    await assertErased(id);
  });

  it("keeps the delivery of an order until its money is returned", async () => {
    const deletedId = randomUUID();
    const id = await payOrder(deletedId);
    const refund = { actor: "admin", note: "To Ada." } as const;
    await shop.db("shop").begin((tx) => applyTransition(tx, context(), id, "RefundOrder", refund));
    await handle(deletedId);
    await sweep(context());
    assert.equal((await secretsOf(id))[1], "Ada");
    await finishPayments(context());
    await sweep(context());
    await assertErased(id);
  });

  it("cancels an order that is not paid", async () => {
    const deletedId = randomUUID();
    const { id, productId } = await placeOrder(deletedId);
    assert.equal(await shop.stockOf(productId), 3);
    await handle(deletedId);
    await expireOrders(context());
    await sweep(context());
    assert.equal((await admin().getOrder({ id })).state, OrderState.CANCELLED);
    assert.equal(await shop.stockOf(productId), 5);
    await assertErased(id);
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
        for (const handler of shopEventHandlers(context()))
          await handler.handle(tx, event as never);
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
    const { id } = await placeOrder(deletedId);
    const handled: Promise<void>[] = [];
    await shop.db("shop").begin(async (tx) => {
      await applyTransition(tx, context(), id, "CancelOrder", { actor: "admin", note: "To Ada." });
      handled.push(handle(deletedId));
      await sleep(100);
    });
    await Promise.all(handled);
    assert.equal((await admin().getOrder({ id })).timeline.length, 2);
    await assertErased(id);
  });

  it("keeps what a concurrent refund needs", async () => {
    const deletedId = randomUUID();
    const id = await payOrder(deletedId);
    await handle(deletedId);
    await admin().shipOrder({ id });
    await admin().deliverOrder({ id });
    const swept: Promise<void>[] = [];
    await shop.db("shop").begin(async (tx) => {
      await applyTransition(tx, context(), id, "RefundOrder", { actor: "admin", note: "" });
      swept.push(sweep(context()));
      await sleep(100);
    });
    await Promise.all(swept);
    assert.equal((await secretsOf(id))[1], "Ada");
  });

  it("leaves no digest by which to guess personal data", async () => {
    const deletedId = randomUUID();
    const id = await payOrder(deletedId);
    await handle(deletedId);
    const [row] = await shop.db("shop")`
      select idempotency_key, request_digest from shop_order where id = ${id}`;
    assert.deepEqual({ ...row }, { idempotencyKey: id, requestDigest: "" });
  });
});
