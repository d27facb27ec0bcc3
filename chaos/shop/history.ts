import { type ClientHistory, createClientHistory } from "../base/client-history.ts";

/** What buyers, the admin and the cart clients recorded. */
export type ShopHistory = ClientHistory & {
  /** Acknowledged orders, by the idempotency key of their check-out. */
  readonly orderIdByKey: Map<string, string>;
  /** Acknowledged increments of each product in the cart of the cart clients. */
  readonly cartIncrements: Map<string, number>;
  /** Products whose stock was below zero at any moment. */
  readonly oversold: Set<string>;
  outOfStockErrors: number;
  etagConflicts: number;
};

export function createHistory(): ShopHistory {
  return {
    ...createClientHistory(),
    orderIdByKey: new Map(),
    cartIncrements: new Map(),
    oversold: new Set(),
    outOfStockErrors: 0,
    etagConflicts: 0,
  };
}
