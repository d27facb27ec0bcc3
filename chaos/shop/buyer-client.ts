import { randomUUID } from "node:crypto";
import { CartSchema } from "@plaza/contract/shop/v1/carts";
import { OrderSchema } from "@plaza/contract/shop/v1/orders";
import { errorReason, type RetryingClient } from "../base/retrying-client.ts";
import type { SeededRandom } from "../base/seeded-random.ts";
import type { ShopHistory } from "./history.ts";

/**
 * Buys until `isOver`; cancels every third order. Half of the time fills a guest cart and merges it after sign-in.
 */
export async function runBuyer(
  client: RetryingClient,
  guestClient: RetryingClient,
  products: readonly [string, ...string[]],
  history: ShopHistory,
  random: SeededRandom,
  isOver: () => boolean,
): Promise<void> {
  function expect(
    line: string,
    answer: Awaited<ReturnType<RetryingClient>>,
    ...reasons: string[]
  ): boolean {
    const isOk = answer.status === 200;
    const reason = errorReason(answer);
    if (reason === "NOT_ENOUGH_STOCK") history.outOfStockErrors += 1;
    if (!isOk && !reasons.includes(reason))
      history.unexpectedErrors.push(`${line}: ${answer.text}`);
    return isOk;
  }

  while (!isOver()) {
    const isGuest = random.nextInt(2) === 0;
    let cartToken = "";
    for (let count = 1 + random.nextInt(3); count > 0; count -= 1) {
      const quantity = 1 + random.nextInt(2);
      const item = { productId: random.pick(products), quantity, idempotencyKey: randomUUID() };
      const send = isGuest ? guestClient : client;
      const added = await send("POST /v1/carts/me/items", { ...item, cartToken });
      if (expect("add", added, "NOT_ENOUGH_STOCK")) cartToken ||= added.as(CartSchema).cartToken;
    }
    if (cartToken) expect("merge", await client("POST /v1/carts/me:merge", { cartToken }));
    const key = randomUUID();
    const checkOut = () => client("POST /v1/carts/me:checkout", { idempotencyKey: key });
    // Every fourth check-out twice at once, like a double click.
    const answers = await Promise.all(
      random.nextInt(4) > 0 ? [checkOut()] : [checkOut(), checkOut()],
    );
    const bought = answers.filter((one) =>
      expect("check out", one, "NOT_ENOUGH_STOCK", "CART_EMPTY"),
    );
    const [id, other = id] = bought.map((one) => one.as(OrderSchema).id);
    if (id !== undefined) {
      history.orderIdByKey.set(key, id);
      if (other !== id) history.unexpectedErrors.push(`two orders under one key: ${id}, ${other}`);
      if (random.nextInt(3) > 0) continue;
      const cancelled = await client(`POST /v1/orders/${id}:cancel`, {});
      expect("cancel", cancelled, "WRONG_ORDER_STATE");
    } else {
      expect("clear", await client("POST /v1/carts/me:clear", {}));
    }
  }
}
