import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { type Order, OrderState as Wire } from "@plaza/contract/shop/v1/orders";
import { Fault } from "@plaza/kit/errors/fault";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import fc from "fast-check";
import { createContext } from "./context.ts";
import {
  awaitedPaymentKinds,
  findTransition,
  hasApplied,
  type OrderAction,
  type OrderState,
  orderTransitions,
} from "./domain/order-state-machine.ts";
import { expireOrders } from "./jobs/expire-orders.ts";
import { testShop } from "./testing/test-shop.ts";

/** A second list of the transitions, so that the test notices a mistake in the first. */
const successors: Record<OrderState, readonly OrderState[]> = {
  pending_payment: ["confirming", "cancelled"],
  confirming: ["paid", "pending_payment", "cancelled"],
  paid: ["shipped", "refunding"],
  shipped: ["delivered", "refunding"],
  delivered: ["refunding"],
  cancelled: ["refunding"],
  refunding: ["refunded"],
  refunded: [],
};

describe("the state machine of orders", () => {
  it("has the expected transitions", () => {
    for (const [from, wanted] of Object.entries(successors)) {
      const found = orderTransitions.filter((one) => one.from === from).map(({ to }) => to);
      assert.deepEqual([...new Set(found)].sort(), wanted.toSorted(), from);
    }
  });

  it("has at most one transition per action and state, and refuses the rest", () => {
    const actions = new Set(orderTransitions.map(({ action }) => action));
    for (const state of Object.keys(successors) as OrderState[]) {
      for (const action of actions) {
        const ways = orderTransitions.filter((one) => one.from === state && one.action === action);
        assert.ok(ways.length <= 1);
        const refusal = (err: unknown) =>
          err instanceof Fault && err.reason === "WRONG_ORDER_STATE";
        for (const by of ["buyer", "admin", "shop"] as const) {
          const find = () => findTransition(state, action, by);
          if (ways[0]?.by.includes(by)) assert.equal(find(), ways[0]);
          else assert.throws(find, refusal);
        }
      }
    }
  });

  it("knows the actions of orders that were never in between", () => {
    const states: OrderState[] = ["pending_payment", "paid", "refunded"];
    assert.ok(hasApplied("ConfirmPayment", states) && hasApplied("RefundOrder", states));
    assert.ok(!hasApplied("ConfirmPayment", ["pending_payment", "confirming", "pending_payment"]));
  });

  it("releases stock at most once, and reaches no state twice but by a declined payment, on any path", () => {
    const walk = (been: OrderState[], freed: number): void => {
      assert.ok(freed <= 1, been.join(" → "));
      const declined = been.lastIndexOf("pending_payment");
      if (declined > 2) return;
      const since = been.slice(declined);
      assert.equal(new Set(since).size, since.length, been.join(" → "));
      for (const { from, to, stockEffect } of orderTransitions) {
        if (from === been.at(-1)) walk([...been, to], freed + (stockEffect === "release" ? 1 : 0));
      }
    };
    walk(["pending_payment"], 0);
  });
});

const adminMethods = [
  "cancelOrder",
  "confirmPayment",
  "shipOrder",
  "deliverOrder",
  "refundOrder",
] as const;

type TestAction = (typeof adminMethods)[number] | "expire";

const actionOf = (step: TestAction): OrderAction =>
  step === "expire"
    ? "Expire"
    : (step.replace(/^./, (letter) => letter.toUpperCase()) as OrderAction);

describe("any sequence of calls", () => {
  const shop = testShop();
  const states = Object.keys(successors) as OrderState[];
  const stateOf = (wire: Wire) =>
    states.find((state) => Wire[state.toUpperCase() as keyof typeof Wire] === wire) ??
    assert.fail();

  /** The next state by the state machine; undefined for a refusal. */
  function expected(
    been: readonly OrderState[],
    step: TestAction,
  ): readonly OrderState[] | undefined {
    const action = actionOf(step);
    if (hasApplied(action, been)) return been;
    const way = orderTransitions.find((one) => one.from === been.at(-1) && one.action === action);
    const result = way?.to === "confirming" ? ["paid" as const] : [];
    const refund = way?.to === "refunding" ? ["refunded" as const] : [];
    return way && [...been, way.to, ...result, ...refund];
  }

  async function run(id: string, step: TestAction): Promise<"done" | "refused"> {
    if (step === "expire") {
      const db = shop.db("shop");
      const now = () => new Date(Date.now() + 10 ** 10);
      const deps = { db, now, newId: randomUUID, config: { PLAZA_SHOP_HOLD_SECONDS: 1 } };
      await expireOrders(createContext(deps as never));
      return "done";
    }
    try {
      await shop.adminClient()[step]({ id });
      return "done";
    } catch (err) {
      assert.equal(reasonOf(err), "WRONG_ORDER_STATE");
      return "refused";
    }
  }

  async function check(order: Order, productId: string): Promise<OrderState[]> {
    const { state, timeline } = await shop.adminClient().getOrder({ id: order.id });
    const been = timeline.map((one) => stateOf(one.state));
    assert.equal(been.at(-1), stateOf(state));
    let sold = 1;
    for (const [index, to] of been.entries()) {
      const from = been[index - 1];
      if (!from) continue;
      assert.ok(successors[from].includes(to), `${from} → ${to}`);
      const way = orderTransitions.find((one) => one.from === from && one.to === to);
      if (way?.stockEffect === "release") sold -= 1;
    }
    assert.equal(await shop.stockOf(productId), 5 - sold);
    const published = been.filter((one) => !awaitedPaymentKinds[one]);
    assert.equal((await shop.eventTypesOf(order.id)).length, published.length);
    return been;
  }

  async function placed() {
    const product = await shop.createProduct();
    const buyer = await shop.newBuyer(product);
    return { product, order: await buyer.checkOut({ idempotencyKey: "key" }) };
  }

  it("follows the state machine when sequential", async () => {
    const sequences = fc.array(fc.constantFrom<TestAction>(...adminMethods, "expire"), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(sequences, async (sequence) => {
        const { product, order } = await placed();
        let been: readonly OrderState[] = ["pending_payment"];
        for (const step of sequence) {
          const wanted = expected(been, step);
          const outcome = await run(order.id, step);
          if (step !== "expire") assert.equal(outcome, wanted ? "done" : "refused", step);
          been = wanted ?? been;
          assert.deepEqual(await check(order, product.id), been);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("leaves a path of the state machine when concurrent", async () => {
    const sequences = fc.array(fc.constantFrom<TestAction>(...adminMethods, "expire"), {
      minLength: 4,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(sequences, async (sequence) => {
        const { product, order } = await placed();
        await Promise.all(sequence.map((step) => run(order.id, step)));
        await check(order, product.id);
      }),
      { numRuns: 40 },
    );
  });
});
