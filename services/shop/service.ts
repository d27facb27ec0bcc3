import type { ServiceImpl } from "@connectrpc/connect";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import type { ServiceContext } from "./context.ts";
import { cartReads } from "./rpc/cart-reads.ts";
import { cartWrites } from "./rpc/cart-writes.ts";
import { orderActions } from "./rpc/order-actions.ts";
import { orderReads } from "./rpc/order-reads.ts";
import { productReads } from "./rpc/product-reads.ts";
import { productWrites } from "./rpc/product-writes.ts";

export function shopService(deps: ServiceContext): ServiceImpl<typeof ShopService> {
  return {
    ...productReads(deps),
    ...productWrites(deps),
    ...cartReads(deps),
    ...cartWrites(deps),
    ...orderReads(deps),
    ...orderActions(deps),
  };
}
