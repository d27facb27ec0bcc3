import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import { type Order, OrderActor, OrderState } from "@plaza/contract/shop/v1/orders";
import { metricsRegistry } from "@plaza/kit/telemetry/metrics";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import type { ServiceContext } from "./context.ts";
import type { OrderAction } from "./domain/order-state-machine.ts";
import { retryTime } from "./domain/payment-attempt.ts";
import { finishPayments } from "./jobs/finish-payments.ts";
import { defineShop } from "./main.ts";
import { Lifetime } from "./testing/lifetime.ts";
import { fail, hang, loseAnswer, TestProvider } from "./testing/test-provider.ts";
import { testShop } from "./testing/test-shop.ts";
import { applyTransition } from "./use-cases/apply-transition.ts";
import { callProvider, requestCall } from "./use-cases/call-provider.ts";

const { CANCELLED, CONFIRMING, PAID, PENDING_PAYMENT, REFUNDED, REFUNDING } = OrderState;
const hourMs = 60 * 60 * 1_000;

function testPayments(movesMoney = true) {
  const provider = new TestProvider(movesMoney);
  const shop = testShop({ services: [defineShop(provider)] });
  const later = (ms: number) => shop.contextAt(() => new Date(Date.now() + ms), provider);
  const statesOf = ({ timeline }: Order) => timeline.map(({ state }) => state);
  return {
    ...shop,
    provider,
    later,
    statesOf,
    admin: shop.adminClient,
    /** Runs the job of a process, some time later. */
    finishLater: (ms = hourMs) => finishPayments(later(ms)),
    read: (id: string) => shop.adminClient().getOrder({ id }),
    async placed() {
      const product = await shop.createProduct();
      const buyer = await shop.newBuyer(product);
      const { id } = await buyer.checkOut({ idempotencyKey: randomUUID() });
      return { id, product, buyer };
    },
  };
}

describe("a payment", () => {
  const plaza = testPayments();
  const { provider } = plaza;
  const total = 250n;

  it("is confirmed and refunded within the call when the provider answers", async () => {
    const { id } = await plaza.placed();
    const paid = await plaza.admin().confirmPayment({ id, note: "card" });
    assert.deepEqual(plaza.statesOf(paid), [PENDING_PAYMENT, CONFIRMING, PAID]);
    const [, asked, result] = paid.timeline;
    assert.deepEqual([asked?.actor, asked?.note], [OrderActor.ADMIN, "card"]);
    assert.deepEqual([result?.actor, result?.note], [OrderActor.ADMIN, "card"]);
    assert.equal(provider.balanceOf(id), total);
    const refunded = await plaza.admin().refundOrder({ id });
    assert.equal(refunded.state, REFUNDED);
    assert.equal(provider.balanceOf(id), 0n);
    assert.deepEqual(await plaza.eventTypesOf(id), ["OrderPlaced", "OrderPaid", "OrderRefunded"]);
    const keys = [...provider.calls].filter(([key]) => key.startsWith(id));
    assert.deepEqual(keys, [
      [`${id}.confirm.1`, 1],
      [`${id}.refund.1`, 1],
    ]);
  });

  it("stays open while the provider hangs, and is finished by the job", async () => {
    const { id, buyer, product } = await plaza.placed();
    provider.behaviors.push(hang);
    const open = await plaza.admin().confirmPayment({ id });
    assert.deepEqual(
      [open.state, open.payment?.problem],
      [CONFIRMING, "the payment provider did not answer in time"],
    );
    assert.ok(open.payment?.retryTime);
    const seen = await buyer.getOrder({ id });
    assert.deepEqual([seen.payment?.problem, seen.payment?.retryTime], ["", undefined]);
    await plaza.finishLater(0);
    assert.equal((await plaza.read(id)).state, CONFIRMING);
    assert.match(
      await metricsRegistry.metrics(),
      /plaza_shop_awaiting_orders{state="confirming"} 1/,
    );
    await plaza.finishLater();
    assert.equal((await plaza.read(id)).state, PAID);
    assert.deepEqual([provider.balanceOf(id), await plaza.stockOf(product.id)], [total, 4]);
    assert.match(
      await metricsRegistry.metrics(),
      /plaza_shop_awaiting_orders{state="confirming"} 0/,
    );
  });

  it("is taken once when the answer is lost, and when the provider fails", async () => {
    const { id } = await plaza.placed();
    provider.behaviors.push(loseAnswer, fail);
    assert.equal((await plaza.admin().confirmPayment({ id })).state, CONFIRMING);
    await plaza.finishLater();
    assert.equal((await plaza.read(id)).state, CONFIRMING);
    await plaza.finishLater(2 * hourMs);
    assert.equal((await plaza.read(id)).state, PAID);
    assert.equal(provider.balanceOf(id), total);
    assert.equal(provider.calls.get(`${id}.confirm.1`), 3);
  });

  it("is attempted again at once by an admin", async () => {
    const { id } = await plaza.placed();
    provider.behaviors.push(fail, fail);
    await plaza.admin().confirmPayment({ id });
    assert.equal((await plaza.admin().confirmPayment({ id })).state, CONFIRMING);
    assert.equal((await plaza.admin().confirmPayment({ id })).state, PAID);
    assert.equal((await plaza.admin().refundOrder({ id })).state, REFUNDED);
    assert.equal((await plaza.admin().confirmPayment({ id })).state, REFUNDED);
    assert.equal(provider.calls.get(`${id}.confirm.1`), 3);
  });

  it("is recorded once when the provider answers twice", async () => {
    const { id } = await plaza.placed();
    const context = plaza.later(0);
    const call = await request(context, id, "ConfirmPayment", "confirm");
    await Promise.all([callProvider(context, call), callProvider(context, call)]);
    await callProvider(context, call);
    const order = await plaza.read(id);
    assert.deepEqual(plaza.statesOf(order), [PENDING_PAYMENT, CONFIRMING, PAID]);
    assert.deepEqual(await plaza.eventTypesOf(id), ["OrderPlaced", "OrderPaid"]);
  });

  it("can be declined, and then be attempted again under another key", async () => {
    const { id, buyer, product } = await plaza.placed();
    provider.declineReason = "no funds";
    const declined = await plaza.admin().confirmPayment({ id });
    provider.declineReason = "";
    assert.equal(declined.state, PENDING_PAYMENT);
    assert.equal((await buyer.getOrder({ id })).timeline.at(-1)?.note, "no funds");
    assert.deepEqual([provider.balanceOf(id), await plaza.stockOf(product.id)], [0n, 4]);
    const paid = await plaza.admin().confirmPayment({ id });
    const states = [PENDING_PAYMENT, CONFIRMING, PENDING_PAYMENT, CONFIRMING, PAID];
    assert.deepEqual(plaza.statesOf(paid), states);
    assert.equal(provider.calls.get(`${id}.confirm.2`), 1);
    assert.deepEqual(await plaza.eventTypesOf(id), ["OrderPlaced", "OrderPaid"]);
  });

  it("is returned when it arrives after it was given up", async () => {
    const { id, buyer, product } = await plaza.placed();
    provider.behaviors.push(hang);
    await plaza.admin().confirmPayment({ id });
    const bySelf = buyer.cancelOrder({ id });
    await assertRefused(bySelf, Code.FailedPrecondition, "WRONG_ORDER_STATE");
    assert.equal((await plaza.admin().cancelOrder({ id })).state, CANCELLED);
    assert.equal(await plaza.stockOf(product.id), 5);
    await plaza.finishLater();
    assert.equal((await plaza.read(id)).state, REFUNDING);
    assert.equal(provider.balanceOf(id), total);
    await plaza.finishLater();
    const order = await plaza.read(id);
    const states = [PENDING_PAYMENT, CONFIRMING, CANCELLED, REFUNDING, REFUNDED];
    assert.deepEqual(plaza.statesOf(order), states);
    assert.deepEqual([provider.balanceOf(id), await plaza.stockOf(product.id)], [0n, 5]);
  });

  it("is not given up during a call, and stays cancelled when it is declined after that", async () => {
    const { id } = await plaza.placed();
    const call = await request(plaza.later(0), id, "ConfirmPayment", "confirm");
    const early = plaza.admin().cancelOrder({ id });
    await assertRefused(early, Code.FailedPrecondition, "WRONG_ORDER_STATE");
    provider.behaviors.push(fail);
    await callProvider(plaza.later(0), call);
    await plaza.admin().cancelOrder({ id });
    provider.declineReason = "too late";
    await plaza.finishLater();
    provider.declineReason = "";
    assert.equal((await plaza.read(id)).state, CANCELLED);
    await plaza.finishLater(9 * hourMs);
    assert.equal(provider.calls.get(`${id}.confirm.1`), 2);
  });

  it("stays to be refunded when the provider declines, until an admin attempts it again", async () => {
    const { id } = await plaza.placed();
    await plaza.admin().confirmPayment({ id });
    provider.declineReason = "account closed";
    const declined = await plaza.admin().refundOrder({ id });
    provider.declineReason = "";
    assert.deepEqual([declined.state, declined.payment?.problem], [REFUNDING, "account closed"]);
    assert.equal(declined.payment?.retryTime, undefined);
    await plaza.finishLater();
    assert.equal((await plaza.read(id)).state, REFUNDING);
    assert.equal((await plaza.admin().refundOrder({ id })).state, REFUNDED);
    assert.equal(provider.balanceOf(id), 0n);
  });

  it("gets one call at a time with any number of processes", async () => {
    const orders = await Promise.all(Array.from({ length: 6 }, plaza.placed));
    provider.behaviors.push(...orders.map(() => fail));
    await Promise.all(orders.map(({ id }) => plaza.admin().confirmPayment({ id })));
    await Promise.all(Array.from({ length: 4 }, () => plaza.finishLater()));
    for (const { id } of orders) {
      assert.equal((await plaza.read(id)).state, PAID);
      assert.equal(provider.calls.get(`${id}.confirm.1`), 2);
    }
  });

  it("gets one call from concurrent requests", async () => {
    const { id } = await plaza.placed();
    provider.behaviors.push(async (answer) => {
      await sleep(100);
      return answer();
    });
    await Promise.all(Array.from({ length: 5 }, () => plaza.admin().confirmPayment({ id })));
    assert.equal((await plaza.read(id)).state, PAID);
    assert.equal(provider.calls.get(`${id}.confirm.1`), 1);
  });

  async function request(
    context: ServiceContext,
    id: string,
    action: OrderAction,
    kind: "confirm" | "refund",
  ) {
    const call = await context.db.begin(async (tx) => {
      const order = await applyTransition(tx, context, id, action, { actor: "admin", note: "" });
      return requestCall(tx, context, order, kind);
    });
    return call ?? assert.fail();
  }

  describe("survives the death of the process between any two steps", () => {
    async function isAwaiting(id: string) {
      const { state, payment } = await plaza.read(id);
      // A payment that was given up may still arrive.
      return [CONFIRMING, CANCELLED, REFUNDING].some((one) => one === state) || !!payment?.problem;
    }

    /** Runs `work` in processes that live longer and longer, each time with a new order in the state `before`. */
    async function killEverywhere(
      prepare: (id: string) => Promise<unknown>,
      work: (context: ServiceContext, id: string) => Promise<unknown>,
      check: (id: string) => Promise<void>,
    ) {
      for (let steps = 0; ; steps += 1) {
        const { id } = await plaza.placed();
        await prepare(id);
        const context = new Lifetime(steps).limit(plaza.later(0));
        const hasDied = await work(context, id).then(
          () => false,
          () => true,
        );
        for (let pass = 1; pass <= 3 && (await isAwaiting(id)); pass += 1) {
          await plaza.finishLater(pass * hourMs);
        }
        await check(id);
        if (hasDied) continue;
        assert.ok(steps > 8, `${steps} steps`);
        return;
      }
    }

    it("while it is confirmed", async () => {
      const confirm = async (context: ServiceContext, id: string) =>
        callProvider(context, await request(context, id, "ConfirmPayment", "confirm"));
      await killEverywhere(
        async () => {},
        confirm,
        async (id) => {
          const { state } = await plaza.read(id);
          assert.ok(state === PENDING_PAYMENT || state === PAID, `in state ${state}`);
          assert.equal(provider.balanceOf(id), state === PAID ? total : 0n);
        },
      );
    });

    it("while it is refunded", async () => {
      const pay = (id: string) => plaza.admin().confirmPayment({ id });
      const refund = async (context: ServiceContext, id: string) =>
        callProvider(context, await request(context, id, "RefundOrder", "refund"));
      await killEverywhere(pay, refund, async (id) => {
        const { state } = await plaza.read(id);
        assert.ok(state === PAID || state === REFUNDED, `in state ${state}`);
        assert.equal(provider.balanceOf(id), state === PAID ? total : 0n);
      });
    });

    it("while the job finishes one that was given up", async () => {
      const giveUp = async (id: string) => {
        provider.behaviors.push(loseAnswer);
        await plaza.admin().confirmPayment({ id });
        await plaza.admin().cancelOrder({ id });
      };
      const finish = (context: ServiceContext) =>
        finishPayments({ ...context, now: plaza.later(hourMs / 2).now });
      await killEverywhere(giveUp, finish, async (id) => {
        assert.equal((await plaza.read(id)).state, REFUNDED);
        assert.equal(provider.balanceOf(id), 0n);
      });
    });
  });
});

describe("a payment with a provider that moves no money", () => {
  const plaza = testPayments(false);

  it("is returned by an admin when it arrives after it was given up", async () => {
    const { id } = await plaza.placed();
    plaza.provider.behaviors.push(fail);
    await plaza.admin().confirmPayment({ id });
    await plaza.admin().cancelOrder({ id });
    await plaza.finishLater();
    await plaza.finishLater(2 * hourMs);
    const waiting = await plaza.read(id);
    assert.deepEqual([waiting.state, waiting.payment?.retryTime], [REFUNDING, undefined]);
    assert.equal((await plaza.admin().refundOrder({ id })).state, REFUNDED);
  });
});

describe("retryTime", () => {
  it("doubles from 5 seconds to an hour", () => {
    const seconds = [1, 2, 3, 10, 11, 99].map(
      (callCount) => retryTime({ callCount } as never, new Date(0)).getTime() / 1_000,
    );
    assert.deepEqual(seconds, [5, 10, 20, 2_560, 3_600, 3_600]);
  });
});
