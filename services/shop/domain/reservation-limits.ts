import { Fault } from "@plaza/kit/errors/fault";
import type { OrderItem } from "./order.ts";

/** What the unpaid orders of one buyer may reserve together; Infinity for no limit. */
export type ReservationLimits = {
  readonly maxUnpaidOrders: number;
  /** Of each product. */
  readonly maxPieces: number;
};

/** What the unpaid orders of a buyer reserve. */
export type Reservations = {
  readonly orderCount: number;
  readonly piecesByProduct: ReadonlyMap<string, number>;
};

export const noReservations: Reservations = { orderCount: 0, piecesByProduct: new Map() };

/** Throws TOO_MANY_UNPAID_ORDERS or TOO_MANY_RESERVED when a buyer must not reserve these items too. */
export function assertReservationLimits(
  { maxUnpaidOrders, maxPieces }: ReservationLimits,
  { orderCount, piecesByProduct }: Reservations,
  items: readonly OrderItem[],
): void {
  if (orderCount >= maxUnpaidOrders) tooManyUnpaidOrders(maxUnpaidOrders, orderCount);
  for (const { productId, quantity } of items) {
    const reserved = piecesByProduct.get(productId) ?? 0;
    if (reserved + quantity > maxPieces) tooManyReserved(productId, maxPieces, reserved);
  }
}

function tooManyUnpaidOrders(limit: number, current: number): never {
  const message = `you can have at most ${limit} unpaid orders; pay for or cancel one first`;
  throw new Fault("precondition", "TOO_MANY_UNPAID_ORDERS", message, {
    metadata: { limit: String(limit), current: String(current) },
  });
}

function tooManyReserved(productId: string, limit: number, current: number): never {
  const message = `unpaid orders can reserve at most ${limit} of a product; pay for or cancel one first`;
  throw new Fault("precondition", "TOO_MANY_RESERVED", message, {
    metadata: { product_id: productId, limit: String(limit), current: String(current) },
  });
}
