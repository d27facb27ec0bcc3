import type { ServiceImpl } from "@connectrpc/connect";
import type { AuthService } from "@plaza/contract/auth/v1/auth";
import { callerOf, hasRole, requireAccount } from "@plaza/kit/identity/caller";
import type { ServiceContext } from "../context.ts";
import { noSuchAccount, notYourAccount } from "../domain/account.ts";
import { toAccount } from "../mappers/account.ts";
import * as store from "../store/accounts.ts";

type Methods = "getAccount" | "getCurrentAccount" | "batchGetAccounts" | "filterActiveAccounts";

export function accountReads({
  db,
}: ServiceContext): Pick<ServiceImpl<typeof AuthService>, Methods> {
  return {
    async getAccount(request, context) {
      const own = requireAccount(context).id;
      const id = request.id === "me" ? own : request.id.toLowerCase();
      if (id !== own && !hasRole(callerOf(context), "admin")) notYourAccount();
      return toAccount((await store.findAccount(db, id)) ?? noSuchAccount(id));
    },

    async getCurrentAccount(_, context) {
      const id = callerOf(context).account?.id;
      const found = id && (await store.findAccount(db, id));
      return found ? { account: toAccount(found) } : {};
    },

    async batchGetAccounts({ ids }) {
      const found = await store.findAccounts(db, ids);
      const byId = new Map(found.map((account) => [account.id, toAccount(account)]));
      return { accounts: ids.flatMap((id) => byId.get(id.toLowerCase()) ?? []) };
    },

    async filterActiveAccounts({ ids }) {
      const found = await store.findAccounts(db, ids);
      const active = new Set(found.filter(({ state }) => state === "active").map(({ id }) => id));
      return { ids: ids.map((id) => id.toLowerCase()).filter((id) => active.has(id)) };
    },
  };
}
