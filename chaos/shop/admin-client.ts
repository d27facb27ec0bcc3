import { setTimeout as sleep } from "node:timers/promises";
import { ListOrdersResponseSchema } from "@plaza/contract/shop/v1/orders";
import { reasonIn, type Settle } from "../base/retrying-client.ts";
import type { Random } from "../base/seeded-random.ts";
import type { History } from "./history.ts";

/** What may come next for an order of the state. Those left over run out of time. */
const steps = {
  PENDING_PAYMENT: ["confirmPayment"],
  PAID: ["ship", "ship", "refund"],
  SHIPPED: ["deliver", "deliver", "refund"],
} as const;

/** Moves orders on, as an admin does, until `isOver`. */
export async function tend(
  settle: Settle,
  history: History,
  random: Random,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const state = random.pick<keyof typeof steps>(["PENDING_PAYMENT", "PAID", "SHIPPED"]);
    const query = `userId=-&state=ORDER_STATE_${state}&pageSize=20&readMask=id`;
    const { orders } = (await settle(`GET /v1/orders?${query}`)).as(ListOrdersResponseSchema);
    const taking = orders.map(async ({ id }) => {
      const answer = await settle(`POST /v1/orders/${id}:${random.pick<string>(steps[state])}`, {});
      if (answer.status === 200 || reasonIn(answer) === "WRONG_ORDER_STATE") return;
      history.surprises.push(`step: ${answer.text}`);
    });
    await Promise.all(taking);
    await sleep(100);
  }
}
