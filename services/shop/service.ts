import type { ServiceImpl } from "@connectrpc/connect";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import { cartReads } from "./cart-reads.ts";
import { cartWrites } from "./cart-writes.ts";
import { checkOut } from "./check-out.ts";
import { mergeCart } from "./merge-cart.ts";
import { orderReads } from "./order-reads.ts";
import { orderSteps } from "./order-steps.ts";
import type { Parts } from "./parts.ts";
import { productReads } from "./product-reads.ts";
import { productWrites } from "./product-writes.ts";

export function shopService(parts: Parts): ServiceImpl<typeof ShopService> {
  return {
    ...productReads(parts),
    ...productWrites(parts),
    ...cartReads(parts),
    ...cartWrites(parts),
    ...mergeCart(parts),
    ...checkOut(parts),
    ...orderReads(parts),
    ...orderSteps(parts),
  };
}
