import type { Deps } from "@plaza/kit/runtime/service";
import { offlinePayment, type PaymentMethod } from "./domain/payment.ts";
import type { ReservationLimits } from "./domain/reservation-limits.ts";

/** Dependencies shared by the handlers. */
export type ServiceContext = Pick<Deps, "db" | "now" | "newId"> & {
  readonly payment: PaymentMethod;
  /** How long the goods of an unpaid order stay reserved. */
  readonly holdMs: number;
  readonly limits: ReservationLimits;
};

export function createContext({ db, now, newId, config }: Deps): ServiceContext {
  const holdMs = config.PLAZA_SHOP_HOLD_SECONDS * 1_000;
  const limits = {
    maxUnpaidOrders: config.PLAZA_SHOP_MAX_UNPAID_ORDERS || Number.POSITIVE_INFINITY,
    maxPieces: config.PLAZA_SHOP_MAX_RESERVED_PIECES || Number.POSITIVE_INFINITY,
  };
  return { db, now, newId, payment: offlinePayment, holdMs, limits };
}
