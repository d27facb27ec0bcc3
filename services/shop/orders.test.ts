import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import {
  type Order,
  OrderActorSchema,
  OrderState,
  OrderStateSchema,
} from "@plaza/contract/shop/v1/orders";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { findOrder, withDetails } from "./store/orders.ts";
import { testShop } from "./testing/test-shop.ts";

const timeline = ({ timeline }: Order) =>
  timeline.map(({ state }) => OrderStateSchema.value[state]?.localName);

describe("orders", () => {
  const shop = testShop();
  const key = () => ({ idempotencyKey: randomUUID() });

  async function placed() {
    const product = await shop.createProduct({ name: "mug" });
    const buyer = await shop.newBuyer(product);
    return { product, buyer, order: await buyer.checkOut(key()) };
  }

  describe("CheckOut", () => {
    it("turns the cart into an order, reserves its stock, and publishes OrderPlaced", async () => {
      const mug = await shop.createProduct({ name: "mug" });
      const jam = await shop.createProduct({ name: "jam", priceMinor: 400n });
      const buyer = await shop.newBuyer(mug, jam);
      const before = await buyer.addCartItem({ productId: mug.id, quantity: 1 });
      const order = await buyer.checkOut({
        ...key(),
        expectedTotalMinor: 900n,
        etag: before.etag,
        deliveryName: " Ada ",
        deliveryAddress: "1 Market Square",
        note: "Ring twice.",
      });
      assert.deepEqual(
        order.items.map(({ name, quantity, priceMinor, totalMinor }) => [
          name,
          quantity,
          priceMinor,
          totalMinor,
        ]),
        [
          ["mug", 2, 250n, 500n],
          ["jam", 1, 400n, 400n],
        ],
      );
      assert.deepEqual(
        [order.totalMinor, order.currency, order.deliveryName, order.note],
        [900n, "EUR", "Ada", "Ring twice."],
      );
      assert.deepEqual(
        [order.state, timeline(order)],
        [OrderState.PENDING_PAYMENT, ["PENDING_PAYMENT"]],
      );
      assert.equal(order.payment?.method, "offline");
      assert.match(order.payment?.instructions ?? "", /transfer with the reference [0-9A-F]{8}\.$/);
      assert.deepEqual([await shop.stockOf(mug.id), await shop.stockOf(jam.id)], [3, 4]);
      const after = await buyer.getMyCart({});
      assert.deepEqual(after.items, []);
      assert.notEqual(after.etag, before.etag);
      assert.deepEqual(await buyer.getOrder({ id: order.id }), order);
      assert.deepEqual(await shop.eventTypesOf(order.id), ["OrderPlaced"]);
    });

    it("has the state of its timeline, although that is read later", async () => {
      const { buyer, order } = await placed();
      const read = await findOrder(shop.db("shop"), order.id);
      assert.ok(read);
      await buyer.cancelOrder({ id: order.id });
      const [told] = await withDetails(shop.db("shop"), [read]);
      assert.equal(told?.state, "cancelled");
      assert.deepEqual(told.updateTime, told.steps.at(-1)?.createTime);
    });

    it("orders once per key, also under concurrent requests", async () => {
      const mug = await shop.createProduct();
      const buyer = await shop.newBuyer(mug);
      const request = key();
      const atOnce = Array.from({ length: 20 }, () => buyer.checkOut(request));
      const orders = [...(await Promise.all(atOnce)), await buyer.checkOut(request)];
      for (const order of orders) assert.deepEqual(order, orders[0]);
      assert.equal(await shop.stockOf(mug.id), 4);
      const other = buyer.checkOut({ ...request, note: "another" });
      await assertRefused(other, Code.AlreadyExists, "KEY_REUSED");
      await assertRefused(buyer.checkOut(key()), Code.FailedPrecondition, "CART_EMPTY");
    });

    it("sells the last unit once, and refuses all others", async () => {
      const last = await shop.createProduct({ stock: 1 });
      const buyers = await Promise.all(Array.from({ length: 16 }, () => shop.newBuyer(last)));
      const outcomes = await Promise.allSettled(buyers.map((buyer) => buyer.checkOut(key())));
      const reasons = outcomes.map((one) =>
        one.status === "fulfilled" ? "SOLD" : reasonOf(one.reason),
      );
      assert.deepEqual(reasons.sort(), [...Array(15).fill("NOT_ENOUGH_STOCK"), "SOLD"]);
      assert.equal(await shop.stockOf(last.id), 0);
    });

    it("has no deadlock of buyers with the same products in different orders", async () => {
      const products = await Promise.all(
        Array.from({ length: 20 }, () => shop.createProduct({ stock: 40 })),
      );
      const buyers = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          shop.newBuyer(...(n % 2 ? products : products.toReversed())),
        ),
      );
      await Promise.all(buyers.map((buyer) => buyer.checkOut(key())));
      for (const { id } of products) assert.equal(await shop.stockOf(id), 20);
    });

    it("reserves all lines or none, and refuses with a reason", async () => {
      const mug = await shop.createProduct();
      const jam = await shop.createProduct({ stock: 1 });
      const buyer = await shop.newBuyer(mug, jam);
      const { etag } = await buyer.getMyCart({});
      const order = (more = {}) => buyer.checkOut({ ...key(), ...more });
      await assertRefused(order({ etag: "0" }), Code.Aborted, "CART_CHANGED");
      await assertRefused(order({ expectedTotalMinor: 499n }), Code.Aborted, "PRICE_CHANGED");
      await shop.adminClient().restockProduct({ id: jam.id, quantity: -1 });
      await assertRefused(order({ etag }), Code.FailedPrecondition, "NOT_ENOUGH_STOCK");
      await shop.adminClient().retireProduct({ id: jam.id });
      await assertRefused(order(), Code.FailedPrecondition, "PRODUCT_RETIRED");
      const keyless = buyer.checkOut({});
      await assertRefused(keyless, Code.InvalidArgument, "INVALID_REQUEST");
      await assertRefused(
        shop.memberClient().checkOut(key()),
        Code.FailedPrecondition,
        "CART_EMPTY",
      );
      const nobody = shop.anonymousClient().checkOut(key());
      await assertRefused(nobody, Code.Unauthenticated, "NOT_SIGNED_IN");
      assert.equal(await shop.stockOf(mug.id), 5);
      assert.equal((await buyer.getMyCart({})).etag, etag);
      assert.deepEqual((await buyer.listOrders({})).orders, []);
    });
  });

  describe("the transitions of an order", () => {
    it("lead from payment to delivery and refund, each published and in the timeline", async () => {
      const { order, buyer, product } = await placed();
      const { id } = order;
      await shop.adminClient().confirmPayment({ id, note: "in cash" });
      await shop.adminClient().shipOrder({ id, note: "parcel 7" });
      await shop.adminClient().deliverOrder({ id });
      await shop.adminClient().refundOrder({ id, note: "broken" });
      const seen = await buyer.getOrder({ id });
      assert.deepEqual(
        seen.timeline.map(({ state, actor, note }) => [
          OrderStateSchema.value[state]?.localName,
          OrderActorSchema.value[actor]?.localName,
          note,
        ]),
        [
          ["PENDING_PAYMENT", "BUYER", ""],
          ["CONFIRMING", "ADMIN", "in cash"],
          ["PAID", "ADMIN", "in cash"],
          ["SHIPPED", "ADMIN", "parcel 7"],
          ["DELIVERED", "ADMIN", ""],
          ["REFUNDING", "ADMIN", "broken"],
          ["REFUNDED", "ADMIN", "broken"],
        ],
      );
      assert.deepEqual([seen.payment?.instructions, seen.expireTime], ["", undefined]);
      assert.deepEqual(await shop.eventTypesOf(id), [
        "OrderPlaced",
        "OrderPaid",
        "OrderShipped",
        "OrderDelivered",
        "OrderRefunded",
      ]);
      assert.equal(await shop.stockOf(product.id), 4);
    });

    it("are applied once, also under concurrent requests", async () => {
      const { order, product } = await placed();
      const { id } = order;
      const cancels = Array.from({ length: 10 }, () => shop.adminClient().cancelOrder({ id }));
      for (const cancelled of await Promise.all(cancels)) {
        assert.deepEqual(timeline(cancelled), ["PENDING_PAYMENT", "CANCELLED"]);
      }
      assert.equal(await shop.stockOf(product.id), 5);
      assert.deepEqual(await shop.eventTypesOf(id), ["OrderPlaced", "OrderCancelled"]);
    });

    it("release the stock of a refunded paid order, but not of a shipped one", async () => {
      const paid = await placed();
      await shop.adminClient().confirmPayment({ id: paid.order.id });
      await shop.adminClient().refundOrder({ id: paid.order.id });
      assert.equal(await shop.stockOf(paid.product.id), 5);
      const shipped = await placed();
      await shop.adminClient().confirmPayment({ id: shipped.order.id });
      await shop.adminClient().shipOrder({ id: shipped.order.id });
      await shop.adminClient().refundOrder({ id: shipped.order.id });
      assert.equal(await shop.stockOf(shipped.product.id), 4);
    });

    it("exclude each other when they race", async () => {
      for (let round = 0; round < 10; round += 1) {
        const { order, product } = await placed();
        const { id } = order;
        const outcomes = await Promise.allSettled([
          shop.adminClient().confirmPayment({ id }),
          shop.adminClient().cancelOrder({ id }),
        ]);
        const refused = outcomes.filter((one) => one.status === "rejected");
        assert.deepEqual(
          refused.map(({ reason }) => reasonOf(reason)),
          ["WRONG_ORDER_STATE"],
        );
        const { state } = await shop.adminClient().getOrder({ id });
        assert.equal(await shop.stockOf(product.id), state === OrderState.PAID ? 4 : 5);
      }
    });

    it("refuse with a reason", async () => {
      const { order, buyer } = await placed();
      const { id } = order;
      const admin = shop.adminClient();
      for (const early of ["shipOrder", "deliverOrder", "refundOrder"] as const) {
        const call = admin[early]({ id });
        await assertRefused(call, Code.FailedPrecondition, "WRONG_ORDER_STATE");
      }
      await assertRefused(
        shop.memberClient().cancelOrder({ id }),
        Code.PermissionDenied,
        "NOT_YOUR_ORDER",
      );
      await assertRefused(buyer.confirmPayment({ id }), Code.PermissionDenied, "ROLE_REQUIRED");
      await admin.confirmPayment({ id });
      await assertRefused(buyer.cancelOrder({ id }), Code.FailedPrecondition, "WRONG_ORDER_STATE");
      const unknown = { id: randomUUID() };
      for (const step of [
        "confirmPayment",
        "shipOrder",
        "deliverOrder",
        "refundOrder",
        "cancelOrder",
        "getOrder",
      ] as const) {
        await assertRefused(admin[step](unknown), Code.NotFound, "NO_SUCH_ORDER");
      }
    });
  });
});
