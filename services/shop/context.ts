import type { Deps } from "@plaza/kit/runtime/service";
import { offlinePayment, type PaymentMethod } from "./domain/payment.ts";

/** Dependencies shared by the handlers. */
export type ServiceContext = Pick<Deps, "db" | "now" | "newId"> & {
  readonly payment: PaymentMethod;
  /** How long the goods of an unpaid order stay reserved. */
  readonly holdMs: number;
};

export function createContext({ db, now, newId, config }: Deps): ServiceContext {
  const holdMs = config.PLAZA_SHOP_HOLD_SECONDS * 1_000;
  return { db, now, newId, payment: offlinePayment, holdMs };
}
