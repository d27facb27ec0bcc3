import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { AuthService } from "@plaza/contract/auth/v1/auth";
import { AccountClosedSchema } from "@plaza/contract/auth/v1/events";
import type { Tx } from "@plaza/kit/db/database";
import { publish } from "@plaza/kit/events/outbox";
import { requireAccount } from "@plaza/kit/identity/caller";
import type { ServiceContext } from "../context.ts";
import { type Account, lastAdmin, noSuchAccount } from "../domain/account.ts";
import { toAccount } from "../mappers/account.ts";
import * as store from "../store/accounts.ts";
import { endSessions } from "../use-cases/end-sessions.ts";
import { requireAdmin } from "../use-cases/require-session.ts";
import { saveAccount } from "../use-cases/save-account.ts";

type Methods =
  | "grantRole"
  | "revokeRole"
  | "deactivateAccount"
  | "reactivateAccount"
  | "closeAccount";

export function accountWrites({
  db,
  now,
}: ServiceContext): Pick<ServiceImpl<typeof AuthService>, Methods> {
  /** Changes an account for an admin. Changes of accounts run one at a time. */
  async function changeAccount(
    id: string,
    context: HandlerContext,
    apply: (account: Account, tx: Tx) => Account | Promise<Account>,
  ) {
    const account = await db.begin(async (tx) => {
      await store.lockAdmins(tx);
      await requireAdmin(tx, requireAccount(context), now());
      const before = (await store.lockAccount(tx, id)) ?? noSuchAccount(id);
      const after = await apply(before, tx);
      await saveAccount(tx, before, after);
      return after;
    });
    return toAccount(account);
  }

  return {
    grantRole: ({ id, role }, context) =>
      changeAccount(id, context, (account) => ({
        ...account,
        roles: [...account.roles.filter((one) => one !== role), role],
      })),

    revokeRole: ({ id, role }, context) =>
      changeAccount(id, context, async (account, tx) => {
        if (role === "admin") await assertNotLastAdmin(tx, account);
        return { ...account, roles: account.roles.filter((one) => one !== role) };
      }),

    deactivateAccount: ({ id }, context) =>
      changeAccount(id, context, async (account, tx) => {
        await assertNotLastAdmin(tx, account);
        await endSessions(tx, account.id, now());
        return { ...account, state: "deactivated" };
      }),

    reactivateAccount: ({ id }, context) =>
      changeAccount(id, context, (account) => ({ ...account, state: "active" })),

    async closeAccount({ id }) {
      await db.begin(async (tx) => {
        await store.lockAdmins(tx);
        const account = await store.lockAccount(tx, id);
        if (!account) return;
        await assertNotLastAdmin(tx, account);
        await store.deleteAccount(tx, account.id);
        await publish(tx, AccountClosedSchema, { accountId: account.id }, account.id);
      });
      return {};
    },
  };
}

/** Throws LAST_ADMIN when the account is the only active admin. */
async function assertNotLastAdmin(tx: Tx, { id, roles, state }: Account): Promise<void> {
  if (!roles.includes("admin") || state !== "active") return;
  if (!(await store.hasOtherAdmin(tx, id))) lastAdmin();
}
