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
import { fromOrderState } from "../mappers/order.ts";
import * as store from "../store/orders.ts";
import { createOrderPresenter } from "./order-presenter.ts";

type Reads = "getOrder" | "listOrders";

export function orderReads(deps: ServiceContext): Pick<ServiceImpl<typeof ShopService>, Reads> {
  const { db } = deps;
  const presentAll = createOrderPresenter(deps);

  async function present(orders: readonly Order[], mask: ReadMask, context: HandlerContext) {
    const needsDetails = includesField(mask, "items") || includesField(mask, "timeline");
    const detailed = needsDetails
      ? await store.withDetails(db, orders)
      : orders.map((order) => ({ ...order, items: [], steps: [] }));
    const presented = await presentAll(detailed, context);
    return presented.map((order) => prune(OrderSchema, order, mask));
  }

  return {
    async getOrder(request, context) {
      const mask = parseReadMask(OrderSchema, request.readMask);
      const order = (await store.findOrder(db, request.id)) ?? noSuchOrder(request.id);
      if (!mayRead(order, requireAccount(context))) notYourOrder();
      const [presented = {}] = await present([order], mask, context);
      return presented;
    },

    async listOrders(request, context) {
      const mask = parseReadMask(OrderSchema, request.readMask);
      const size = pageSize(request.pageSize);
      const filter = {
        userId: buyerOf(request.userId, context),
        state: fromOrderState(request.state),
      };
      const [before = maxUuid] = parsePageToken(request.pageToken, [uuidPattern]) ?? [];
      const found = await store.listOrders(db, filter, before, size + 1);
      const { rows, nextPageToken } = paginate(found, size, ({ id }) => [id]);
      return { orders: await present(rows, mask, context), nextPageToken };
    },
  };
}

/** The buyer of the orders to list; undefined for all buyers. Throws NOT_YOUR_ORDER. */
function buyerOf(requested: string, context: HandlerContext): string | undefined {
  const account = requireAccount(context);
  const isEverybody = requested === "-";
  const userId = requested === "" || requested === "me" ? account.id : requested.toLowerCase();
  if (!mayRead({ userId: isEverybody ? null : userId }, account)) notYourOrder();
  return isEverybody ? undefined : userId;
}
