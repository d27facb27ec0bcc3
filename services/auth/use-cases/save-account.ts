import { RolesChangedSchema } from "@plaza/contract/auth/v1/events";
import type { Tx } from "@plaza/kit/db/database";
import { publish } from "@plaza/kit/events/outbox";
import type { Account } from "../domain/account.ts";
import * as store from "../store/accounts.ts";

/** Saves a change of a locked account, and publishes that of its roles. */
export async function saveAccount(tx: Tx, before: Account, after: Account): Promise<void> {
  await store.saveAccount(tx, after);
  const { id, roles } = after;
  if (String(roles) === String(before.roles)) return;
  await publish(tx, RolesChangedSchema, { accountId: id, roles: [...roles] }, id);
}
