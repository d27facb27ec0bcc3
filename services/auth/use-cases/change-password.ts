import type { AccountCaller } from "@plaza/kit/identity/caller";
import type { ServiceContext } from "../context.ts";
import { rejectCommonPassword } from "../crypto/common-passwords.ts";
import { wrongPassword } from "../domain/account.ts";
import { throwInvalidSession } from "../domain/session.ts";
import { passwordKey } from "../login-throttle.ts";
import * as accounts from "../store/accounts.ts";
import { endSessions } from "./end-sessions.ts";
import { requireSession } from "./require-session.ts";

/** Changes the caller's password and ends their other sessions. */
export async function changePassword(
  { db, now, hasher, throttle }: ServiceContext,
  caller: AccountCaller,
  currentPassword: string,
  newPassword: string,
): Promise<void> {
  const { id, accountId } = await requireSession(db, caller, now());
  const before = (await accounts.findAccount(db, accountId)) ?? throwInvalidSession();
  await rejectCommonPassword("new_password", newPassword);
  const check = () => hasher.verify(currentPassword, before.passwordHash);
  if (!(await throttle.attempt([passwordKey(accountId)], check, Boolean))) wrongPassword();

  const passwordHash = await hasher.hash(newPassword);
  await db.begin(async (tx) => {
    const account = (await accounts.lockAccount(tx, accountId)) ?? throwInvalidSession();
    // Of two concurrent changes, the second one was checked against a password that is replaced now.
    if (account.passwordHash !== before.passwordHash) wrongPassword();
    await requireSession(tx, caller, now());
    await accounts.saveAccount(tx, { ...account, passwordHash });
    await endSessions(tx, accountId, now(), id);
  });
}
