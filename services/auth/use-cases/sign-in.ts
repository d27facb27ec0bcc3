import type { CallOptions } from "@connectrpc/connect";
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
import type { SessionKind } from "../domain/session.ts";
import { addressKey, knownAddressKey, loginKey, type ThrottleKey } from "../login-throttle.ts";
import type { ClientInfo } from "../mappers/client-info.ts";
import * as accounts from "../store/accounts.ts";
import { insertKnownAddress, isKnownAddress } from "../store/known-addresses.ts";
import { insertSession } from "../store/sessions.ts";
import { newSession, type SignInResult } from "./new-session.ts";

/** What a client signs in with: the login is an e-mail address or a nickname. */
type SignInRequest = {
  readonly login: string;
  readonly password: string;
  readonly sessionKind: SessionKind;
};

/** Opens a session. Throws WRONG_CREDENTIALS, ACCOUNT_DEACTIVATED or TOO_MANY_ATTEMPTS. */
export async function signIn(
  deps: ServiceContext,
  request: SignInRequest,
  client: ClientInfo,
  calls: CallOptions,
): Promise<SignInResult> {
  const { db, now, newId, tokens, hasher } = deps;
  const network = clientNetwork(client.address);
  const account = await authenticate(deps, request, network, calls);
  if (account.state === "deactivated") accountDeactivated();

  const opened = newSession(newId(), account.id, request.sessionKind, client, now());
  const { id: sessionId } = opened.session;
  const accessToken = await tokens.issue({ id: account.id, sessionId, roles: account.roles });
  const user = (await findProfile(deps, account.id, accessToken, calls)) ?? wrongCredentials();
  const rehashed = hasher.needsRehash(account.passwordHash)
    ? await hasher.hash(request.password)
    : account.passwordHash;
  await db.begin(async (tx) => {
    await assertUnchanged(tx, account);
    if (rehashed !== account.passwordHash) {
      await accounts.saveAccount(tx, { ...account, passwordHash: rehashed });
    }
    await insertSession(tx, opened.session);
    await insertKnownAddress(tx, account.id, sha256(network), now());
  });
  return { ...opened, user, accessToken };
}

/** The account of the login. Throws WRONG_CREDENTIALS unless the password is the account's. */
async function authenticate(
  deps: ServiceContext,
  { login, password }: SignInRequest,
  network: string,
  calls: CallOptions,
): Promise<Account> {
  const account = await findAccountByLogin(deps, login, calls);
  const keys = await throttleKeysFor(deps, login, account, network);
  const check = () => deps.hasher.verify(password, account?.passwordHash);
  const isCorrect = await deps.throttle.attempt(keys, check, Boolean);
  return account && isCorrect ? account : wrongCredentials();
}

async function findAccountByLogin(
  deps: ServiceContext,
  login: string,
  calls: CallOptions,
): Promise<Account | undefined> {
  if (login.includes("@")) {
    const found = await accounts.findAccountByEmail(deps.db, normalizeEmail(login));
    return found?.state === "pending" ? undefined : found;
  }
  const id = await findAccountIdByNickname(deps, login, calls);
  return accounts.findAccount(deps.db, id ?? nilUuid);
}

/**
 * Attempts from networks where the account has signed in before have a counter of their own, so that
 * an attacker elsewhere can block the login, but not for its owner.
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

/** Throws when the password was changed, or the account deactivated, since it was read. */
async function assertUnchanged(tx: Tx, before: Account): Promise<void> {
  const account = (await accounts.lockAccount(tx, before.id)) ?? wrongCredentials();
  if (account.state === "deactivated") accountDeactivated();
  if (account.passwordHash !== before.passwordHash) wrongCredentials();
}
