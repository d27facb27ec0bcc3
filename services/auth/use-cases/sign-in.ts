import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { AuthService, LoginRequest } from "@plaza/contract/auth/v1/auth";
import type { Tx } from "@plaza/kit/db/database";
import { clientNetwork } from "@plaza/kit/identity/client-network";
import { nilUuid } from "@plaza/kit/rpc/pagination";
import { findAccountIdByNickname, findProfile } from "../clients/users.ts";
import type { ServiceContext } from "../context.ts";
import { sha256 } from "../crypto/secrets.ts";
import {
  type Account,
  accountDeactivated,
  normalizeEmail,
  wrongCredentials,
} from "../domain/account.ts";
import { addressKey, knownAddressKey, loginKey, type ThrottleKey } from "../login-throttle.ts";
import { clientInfoOf } from "../mappers/client-info.ts";
import * as accounts from "../store/accounts.ts";
import { insertKnownAddress, isKnownAddress } from "../store/login-attempts.ts";
import { insertSession } from "../store/sessions.ts";
import { fromSessionKind, newSession, toSignInResponse } from "./new-session.ts";

export function signIn(deps: ServiceContext): Pick<ServiceImpl<typeof AuthService>, "login"> {
  const { db, now, newId, tokens, hasher } = deps;
  return {
    async login(request, context) {
      const origin = clientInfoOf(context);
      const account = await authenticate(deps, request, clientNetwork(origin.address), context);
      if (account.state === "deactivated") accountDeactivated();

      const opened = newSession(
        newId(),
        account.id,
        fromSessionKind(request.session),
        origin,
        now(),
      );
      const { id: sessionId } = opened.session;
      const token = await tokens.issue({ id: account.id, sessionId, roles: account.roles });
      const user = (await findProfile(deps, account.id, token, context)) ?? wrongCredentials();
      const rehashed = hasher.needsRehash(account.passwordHash)
        ? await hasher.hash(request.password)
        : account.passwordHash;
      await db.begin(async (tx) => {
        await assertUnchanged(tx, account);
        if (rehashed !== account.passwordHash) {
          await accounts.saveAccount(tx, { ...account, passwordHash: rehashed });
        }
        await insertSession(tx, opened.session);
        const network = sha256(clientNetwork(origin.address));
        await insertKnownAddress(tx, account.id, network, now());
      });
      return toSignInResponse(opened, user, token, context);
    },
  };
}

/** The account that the login names, if the password is its own. Throws WRONG_CREDENTIALS otherwise. */
async function authenticate(
  deps: ServiceContext,
  { login, password }: LoginRequest,
  network: string,
  context: HandlerContext,
): Promise<Account> {
  const account = await findAccountByLogin(deps, login, context);
  const targets = await throttleKeysFor(deps, login, account, network);
  const check = () => deps.hasher.verify(password, account?.passwordHash);
  const isRight = await deps.throttle.attempt(targets, check, Boolean);
  return account && isRight ? account : wrongCredentials();
}

async function findAccountByLogin(
  deps: ServiceContext,
  login: string,
  context: HandlerContext,
): Promise<Account | undefined> {
  if (login.includes("@")) {
    const found = await accounts.findAccountByEmail(deps.db, normalizeEmail(login));
    return found?.state === "pending" ? undefined : found;
  }
  const id = await findAccountIdByNickname(deps, login, context);
  return accounts.findAccount(deps.db, id ?? nilUuid);
}

/**
 * Whoever guesses from elsewhere blocks a login, but not for its owner: where the account was signed
 * in from before, guesses are counted apart.
 */
async function throttleKeysFor(
  { db }: ServiceContext,
  login: string,
  account: Account | undefined,
  network: string,
): Promise<ThrottleKey[]> {
  const id = account?.id ?? nilUuid;
  const isKnown = await isKnownAddress(db, id, sha256(network));
  return isKnown ? [knownAddressKey(id, network)] : [loginKey(login), addressKey(network)];
}

/** A session must not come out of a password that was changed, or an account barred, meanwhile. */
async function assertUnchanged(tx: Tx, before: Account): Promise<void> {
  const account = (await accounts.lockAccount(tx, before.id)) ?? wrongCredentials();
  if (account.state === "deactivated") accountDeactivated();
  if (account.passwordHash !== before.passwordHash) wrongCredentials();
}
