import type { ServiceImpl } from "@connectrpc/connect";
import type { AuthService } from "@plaza/contract/auth/v1/auth";
import type { ServiceContext } from "../context.ts";
import { rejectCommonPassword } from "../crypto/common-passwords.ts";
import { invalidSession, wrongPassword } from "../domain/account.ts";
import { passwordKey } from "../login-throttle.ts";
import * as accounts from "../store/accounts.ts";
import { deleteSessions } from "../store/sessions.ts";
import { requireSession } from "./require-session.ts";

export function changePassword(
  deps: ServiceContext,
): Pick<ServiceImpl<typeof AuthService>, "changePassword"> {
  const { db, now, hasher, throttle } = deps;
  return {
    async changePassword({ currentPassword, newPassword }, context) {
      const { id, accountId } = await requireSession(db, context, now());
      const before = (await accounts.findAccount(db, accountId)) ?? invalidSession();
      await rejectCommonPassword("new_password", newPassword);
      const check = () => hasher.verify(currentPassword, before.passwordHash);
      if (!(await throttle.attempt([passwordKey(accountId)], check, Boolean))) wrongPassword();

      const passwordHash = await hasher.hash(newPassword);
      await db.begin(async (tx) => {
        const account = (await accounts.lockAccount(tx, accountId)) ?? invalidSession();
        // Of two changes at once, the second has not been told the password now in force.
        if (account.passwordHash !== before.passwordHash) wrongPassword();
        await requireSession(tx, context, now());
        await accounts.saveAccount(tx, { ...account, passwordHash });
        await deleteSessions(tx, accountId, id);
      });
      return {};
    },
  };
}
