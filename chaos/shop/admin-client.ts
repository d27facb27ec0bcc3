import { setTimeout as sleep } from "node:timers/promises";
import { ListOrdersResponseSchema } from "@plaza/contract/shop/v1/orders";
import { errorReason, type RetryingClient } from "../base/retrying-client.ts";
import type { SeededRandom } from "../base/seeded-random.ts";
import type { ShopHistory } from "./history.ts";

/** The actions on an order, by its state; frequent ones appear more often. Orders that get none expire. */
const nextActions = {
  PENDING_PAYMENT: ["confirmPayment"],
  PAID: ["ship", "ship", "refund"],
  SHIPPED: ["deliver", "deliver", "refund"],
} as const;

/** Applies random actions to orders, as an admin, until `isOver`. */
export async function runAdmin(
  client: RetryingClient,
  history: ShopHistory,
  random: SeededRandom,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const state = random.pick<keyof typeof nextActions>(["PENDING_PAYMENT", "PAID", "SHIPPED"]);
    const query = `userId=-&state=ORDER_STATE_${state}&pageSize=20&readMask=id`;
    const { orders } = (await client(`GET /v1/orders?${query}`)).as(ListOrdersResponseSchema);
    const actions = orders.map(async ({ id }) => {
      const answer = await client(
        `POST /v1/orders/${id}:${random.pick<string>(nextActions[state])}`,
        {},
      );
      if (answer.status === 200 || errorReason(answer) === "WRONG_ORDER_STATE") return;
      history.unexpectedErrors.push(`action: ${answer.text}`);
    });
    await Promise.all(actions);
    await sleep(100);
  }
}
