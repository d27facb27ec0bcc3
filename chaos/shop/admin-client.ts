import { setTimeout as sleep } from "node:timers/promises";
import { ListOrdersResponseSchema } from "@plaza/contract/shop/v1/orders";
import { errorReason, type RetryingClient } from "../base/retrying-client.ts";
import type { SeededRandom } from "../base/seeded-random.ts";
import type { ShopHistory } from "./history.ts";

/** What may come next for an order of the state. Those left over run out of time. */
const nextActions = {
  PENDING_PAYMENT: ["confirmPayment"],
  PAID: ["ship", "ship", "refund"],
  SHIPPED: ["deliver", "deliver", "refund"],
} as const;

/** Moves orders on, as an admin does, until `isOver`. */
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
    const taking = orders.map(async ({ id }) => {
      const answer = await client(
        `POST /v1/orders/${id}:${random.pick<string>(nextActions[state])}`,
        {},
      );
      if (answer.status === 200 || errorReason(answer) === "WRONG_ORDER_STATE") return;
      history.unexpectedErrors.push(`step: ${answer.text}`);
    });
    await Promise.all(taking);
    await sleep(100);
  }
}
