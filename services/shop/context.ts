import type { Deps } from "@plaza/kit/runtime/service";
import { offlinePayment, type PaymentMethod } from "./domain/payment.ts";

/** What the handlers share. */
export type ServiceContext = Pick<Deps, "db" | "now" | "newId"> & {
  readonly payment: PaymentMethod;
  /** How long goods are kept for an order that is not paid. */
  readonly holdMs: number;
};

export function createContext({ db, now, newId, config }: Deps): ServiceContext {
  const holdMs = config.PLAZA_SHOP_HOLD_SECONDS * 1_000;
  return { db, now, newId, payment: offlinePayment, holdMs };
}
