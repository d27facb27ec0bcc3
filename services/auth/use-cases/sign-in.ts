import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { AuthService, LoginRequest } from "@plaza/contract/auth/v1/auth";
import type { Tx } from "@plaza/kit/db/database";
import { accountIdOf, profileOf } from "../clients/users.ts";
import type { Parts } from "../context.ts";
import { digest } from "../crypto/secrets.ts";
import {
  type Account,
  accountDeactivated,
  normalEmail,
  wrongCredentials,
} from "../domain/account.ts";
import { atLogin, fromAddress, fromKnownAddress, type Target } from "../login-throttle.ts";
import { networkOf, originOf } from "../mappers/client-info.ts";
import * as accounts from "../store/accounts.ts";
import { insertKnownAddress, isKnownAddress } from "../store/login-attempts.ts";
import { insertSession } from "../store/sessions.ts";
import { kindOf, newSession, signedIn } from "./new-session.ts";

const nobodysId = "00000000-0000-0000-0000-000000000000";

export function signIn(parts: Parts): Pick<ServiceImpl<typeof AuthService>, "login"> {
  const { db, now, newId, tokens, hasher } = parts;
  return {
    async login(request, context) {
      const origin = originOf(context);
      const account = await prove(parts, request, networkOf(origin.address), context);
      if (account.state === "deactivated") accountDeactivated();

      const opened = newSession(newId(), account.id, kindOf(request.session), origin, now());
      const { id: sessionId } = opened.session;
      const token = await tokens.mint({ id: account.id, sessionId, roles: account.roles });
      const user = (await profileOf(parts, account.id, token, context)) ?? wrongCredentials();
      const rehashed = hasher.isOutdated(account.passwordHash)
        ? await hasher.hash(request.password)
        : account.passwordHash;
      await db.begin(async (tx) => {
        await stillHolds(tx, account);
        if (rehashed !== account.passwordHash) {
          await accounts.saveAccount(tx, { ...account, passwordHash: rehashed });
        }
        await insertSession(tx, opened.session);
        const network = digest(networkOf(origin.address));
        await insertKnownAddress(tx, account.id, network, now());
      });
      return signedIn(opened, user, token, context);
    },
  };
}

/** The account that the login names, if the password is its own. Throws WRONG_CREDENTIALS otherwise. */
async function prove(
  parts: Parts,
  { login, password }: LoginRequest,
  network: string,
  context: HandlerContext,
): Promise<Account> {
  const account = await accountFor(parts, login, context);
  const targets = await targetsOf(parts, login, account, network);
  const check = () => parts.hasher.verify(password, account?.passwordHash);
  const isRight = await parts.throttle.guess(targets, check, Boolean);
  return account && isRight ? account : wrongCredentials();
}

async function accountFor(
  parts: Parts,
  login: string,
  context: HandlerContext,
): Promise<Account | undefined> {
  if (login.includes("@")) {
    const found = await accounts.findAccountByEmail(parts.db, normalEmail(login));
    return found?.state === "pending" ? undefined : found;
  }
  const id = await accountIdOf(parts, login, context);
  return accounts.findAccount(parts.db, id ?? nobodysId);
}

/**
 * Whoever guesses from elsewhere blocks a login, but not for its owner: where the account was signed
 * in from before, guesses are counted apart.
 */
async function targetsOf(
  { db }: Parts,
  login: string,
  account: Account | undefined,
  network: string,
): Promise<Target[]> {
  const id = account?.id ?? nobodysId;
  const isKnown = await isKnownAddress(db, id, digest(network));
  return isKnown ? [fromKnownAddress(id, network)] : [atLogin(login), fromAddress(network)];
}

/** A session must not come out of a password that was changed, or an account barred, meanwhile. */
async function stillHolds(tx: Tx, proved: Account): Promise<void> {
  const account = (await accounts.lockAccount(tx, proved.id)) ?? wrongCredentials();
  if (account.state === "deactivated") accountDeactivated();
  if (account.passwordHash !== proved.passwordHash) wrongCredentials();
}
