import type { Pool } from "@plaza/kit/db/database";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import { normalizeEmail } from "../domain/account.ts";
import { findAccountByEmail, lockAccount, lockAdmins } from "../store/accounts.ts";
import { saveAccount } from "./save-account.ts";

/**
 * Makes the account with the e-mail address an admin. It creates the first admin and needs access to the
 * database. Throws an OperatorError when there is no such account.
 */
export async function grantAdmin(db: Pool, email: string): Promise<void> {
  await db.begin(async (tx) => {
    await lockAdmins(tx);
    const found = await findAccountByEmail(tx, normalizeEmail(email));
    const account = found && (await lockAccount(tx, found.id));
    if (!account) throw new OperatorError(`No account has the e-mail address ${email}.`);
    const roles = [...account.roles.filter((role) => role !== "admin"), "admin"];
    await saveAccount(tx, account, { ...account, roles });
  });
}
