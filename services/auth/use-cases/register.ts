import type { CallOptions } from "@connectrpc/connect";
import { clientNetwork } from "@plaza/kit/identity/client-network";
import type { ServiceContext } from "../context.ts";
import { rejectCommonPassword } from "../crypto/common-passwords.ts";
import { sha256 } from "../crypto/secrets.ts";
import {
  emailTaken,
  normalizeEmail,
  registrationInProgress,
  registrationLeaseMs,
} from "../domain/account.ts";
import type { SessionKind } from "../domain/session.ts";
import { addressKey } from "../login-throttle.ts";
import type { ClientInfo } from "../mappers/client-info.ts";
import { insertKnownAddress } from "../store/known-addresses.ts";
import { insertSession } from "../store/sessions.ts";
import { newSession, type SignInResult } from "./new-session.ts";
import { acquireRegistration, finishRegistration } from "./registration.ts";

const roles = ["member"];

/** What a client registers with. */
type RegisterRequest = {
  readonly email: string;
  readonly password: string;
  readonly nickname: string;
  readonly sessionKind: SessionKind;
};

/** Creates an account with its profile and signs it in. */
export async function register(
  deps: ServiceContext,
  { password, nickname, sessionKind, ...request }: RegisterRequest,
  client: ClientInfo,
  calls: CallOptions,
): Promise<SignInResult> {
  const { now, newId, tokens, throttle } = deps;
  const email = normalizeEmail(request.email);
  const network = clientNetwork(client.address);
  await rejectCommonPassword("password", password);
  // EMAIL_TAKEN reveals that there is an account: it counts like a wrong password.
  const lease = await throttle.attempt(
    [addressKey(network)],
    () => acquireRegistration(deps, { email, password }, calls),
    (acquired) => typeof acquired === "object",
  );
  if (lease === "taken") emailTaken();
  if (lease === "in_progress") registrationInProgress(registrationLeaseMs);

  const { accountId } = lease;
  const opened = newSession(newId(), accountId, sessionKind, client, now());
  const user = await finishRegistration(deps, lease, { email, nickname, roles }, async (tx) => {
    await insertSession(tx, opened.session);
    await insertKnownAddress(tx, accountId, sha256(network), now());
  });
  const accessToken = await tokens.issue({ id: accountId, sessionId: opened.session.id, roles });
  return { ...opened, user, accessToken };
}
