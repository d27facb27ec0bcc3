import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type CartItem,
  CartItemSchema,
  type Cart as CartMessage,
  CartSchema,
  Availability as WireAvailability,
} from "@plaza/contract/shop/v1/carts";
import {
  type Availability,
  availabilityOf,
  type Cart,
  type CartLine,
  etagOf,
  totalOf,
} from "../domain/cart.ts";

/** A cart as its owner sees it; empty when there is none. */
export function toCart(
  cart: Cart | undefined,
  lines: readonly CartLine[],
  { userId = "", cartToken = "" }: { userId?: string | undefined; cartToken?: string | undefined },
): CartMessage {
  return create(CartSchema, {
    userId,
    items: lines.map(toCartItem),
    quantity: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    totalMinor: totalOf(lines),
    currency: lines[0]?.currency ?? "",
    etag: etagOf(cart),
    cartToken,
    ...(cart && { updateTime: timestampFromDate(cart.updateTime) }),
  });
}

const protoAvailabilities: Record<Availability, WireAvailability> = {
  available: WireAvailability.AVAILABLE,
  not_enough: WireAvailability.NOT_ENOUGH,
  too_many: WireAvailability.TOO_MANY,
  sold_out: WireAvailability.SOLD_OUT,
  retired: WireAvailability.RETIRED,
};

function toCartItem(line: CartLine): CartItem {
  const { productId, name, pictureUrl, quantity, priceMinor, addedPriceMinor } = line;
  return create(CartItemSchema, {
    productId,
    name,
    pictureUrl,
    quantity,
    priceMinor,
    addedPriceMinor,
    totalMinor: totalOf([line]),
    stock: line.stock,
    maxQuantity: line.maxQuantity,
    availability: protoAvailabilities[availabilityOf(line)],
  });
}
