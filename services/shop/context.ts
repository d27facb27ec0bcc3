import type { Deps } from "@plaza/kit/runtime/service";
import { offlineProvider, type PaymentProvider } from "./domain/payment-provider.ts";
import type { ReservationLimits } from "./domain/reservation-limits.ts";

/** Dependencies shared by the handlers. */
export type ServiceContext = Pick<Deps, "db" | "now" | "newId"> & {
  /** Serves new orders. */
  readonly provider: PaymentProvider;
  /** The provider of an order: the one that served it when it was placed. */
  providerOf(paymentMethod: string): PaymentProvider;
  /** How long the goods of an unpaid order stay reserved. */
  readonly holdMs: number;
  readonly limits: ReservationLimits;
};

export function createContext(
  { db, now, newId, config }: Pick<Deps, "db" | "now" | "newId" | "config">,
  provider: PaymentProvider = offlineProvider,
): ServiceContext {
  const providers = new Map([offlineProvider, provider].map((one) => [one.name, one]));
  const limits = {
    maxUnpaidOrders: config.PLAZA_SHOP_MAX_UNPAID_ORDERS || Number.POSITIVE_INFINITY,
    maxPieces: config.PLAZA_SHOP_MAX_RESERVED_PIECES || Number.POSITIVE_INFINITY,
  };
  return {
    ...{ db, now, newId, provider, limits },
    holdMs: config.PLAZA_SHOP_HOLD_SECONDS * 1_000,
    providerOf: (paymentMethod) => providers.get(paymentMethod) ?? unknownMethod(paymentMethod),
  };
}

function unknownMethod(paymentMethod: string): never {
  throw new Error(`unknown payment method: ${paymentMethod}`);
}
