import { type ClientHistory, createClientHistory } from "../base/client-history.ts";
import type { RegisteredAccount } from "../base/registration.ts";

/** A write whose outcome is known: acknowledged or refused. */
export type PostWrite = {
  readonly kind: "create" | "update" | "delete";
  /** The post, by its idempotency key, which is also its body. */
  readonly idempotencyKey: string;
  /** The title that it sets. */
  readonly title: string;
  readonly isAcknowledged: boolean;
};

/** The outcomes of all writes, in the order of each post's writes. */
export type KillHistory = ClientHistory & {
  readonly writes: PostWrite[];
  /** Registrations that were acknowledged. */
  readonly registrations: RegisteredAccount[];
};

export function createHistory(): KillHistory {
  return { ...createClientHistory(), writes: [], registrations: [] };
}
