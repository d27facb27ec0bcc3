import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { OrderSchema } from "@plaza/contract/shop/v1/orders";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import { requireAccount } from "@plaza/kit/identity/caller";
import { includesField, parseReadMask, prune, type ReadMask } from "@plaza/kit/rpc/field-mask";
import {
  maxUuid,
  pageSize,
  paginate,
  parsePageToken,
  uuidPattern,
} from "@plaza/kit/rpc/pagination";
import type { ServiceContext } from "../context.ts";
import { mayRead, noSuchOrder, notYourOrder, type Order } from "../domain/order.ts";
import { fromOrderState, toOrder } from "../mappers/order.ts";
import * as store from "../store/orders.ts";

type Reads = "getOrder" | "listOrders";

export function orderReads({
  db,
  payment,
}: ServiceContext): Pick<ServiceImpl<typeof ShopService>, Reads> {
  async function show(orders: readonly Order[], mask: ReadMask) {
    const needsAll = includesField(mask, "items") || includesField(mask, "timeline");
    const shown = needsAll
      ? await store.withDetails(db, orders)
      : orders.map((order) => ({ ...order, items: [], steps: [] }));
    return shown.map((order) => prune(OrderSchema, toOrder(order, payment), mask));
  }

  return {
    async getOrder(request, context) {
      const mask = parseReadMask(OrderSchema, request.readMask);
      const order = (await store.findOrder(db, request.id)) ?? noSuchOrder(request.id);
      if (!mayRead(order, requireAccount(context))) notYourOrder();
      const [shown = {}] = await show([order], mask);
      return shown;
    },

    async listOrders(request, context) {
      const mask = parseReadMask(OrderSchema, request.readMask);
      const size = pageSize(request.pageSize);
      const of = { userId: buyerOf(request.userId, context), state: fromOrderState(request.state) };
      const [before = maxUuid] = parsePageToken(request.pageToken, [uuidPattern]) ?? [];
      const found = await store.listOrders(db, of, before, size + 1);
      const { rows, nextPageToken } = paginate(found, size, ({ id }) => [id]);
      return { orders: await show(rows, mask), nextPageToken };
    },
  };
}

/** Whose orders are asked for; undefined for everybody's. Throws NOT_YOUR_ORDER. */
function buyerOf(asked: string, context: HandlerContext): string | undefined {
  const account = requireAccount(context);
  const everybody = asked === "-";
  const userId = asked === "" || asked === "me" ? account.id : asked.toLowerCase();
  if (!mayRead({ userId: everybody ? null : userId }, account)) notYourOrder();
  return everybody ? undefined : userId;
}
