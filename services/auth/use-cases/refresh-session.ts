import type { CallOptions } from "@connectrpc/connect";
import type { Tx } from "@plaza/kit/db/database";
import { findProfile } from "../clients/users.ts";
import type { ServiceContext } from "../context.ts";
import { newSalt, nextRotatingPart, parseRefreshToken, sha256 } from "../crypto/secrets.ts";
import {
  checkRefreshToken,
  invalidRefreshToken,
  type LiveSession,
  refreshTokenReused,
  sessionTtlMs,
} from "../domain/session.ts";
import { addMs } from "../domain/time.ts";
import * as store from "../store/sessions.ts";
import { endSession } from "./end-sessions.ts";
import type { SignInResult } from "./new-session.ts";

/** Exchanges a refresh token for the next one. Throws INVALID_REFRESH_TOKEN or REFRESH_TOKEN_REUSED. */
export async function refreshSession(
  deps: ServiceContext,
  refreshToken: string,
  calls: CallOptions,
): Promise<SignInResult> {
  const { db, now, tokens } = deps;
  const { secret, rotatingPart } = parseRefreshToken(refreshToken) ?? invalidRefreshToken();
  const found = await store.findLiveBySecret(db, sha256(secret), now());
  const session = found?.kind === "tokens" ? found : invalidRefreshToken();
  const account = { id: session.accountId, sessionId: session.id, roles: session.roles };
  const accessToken = await tokens.issue(account);
  // All that can fail comes before the rotation, so that a failed refresh leaves the token valid.
  const user = (await findProfile(deps, account.id, accessToken, calls)) ?? invalidRefreshToken();

  const next = await db.begin((tx) => rotateRefreshToken(tx, session, rotatingPart, now()));
  if (!next) refreshTokenReused();
  return { session, token: { secret, rotatingPart: next }, user, accessToken };
}

/**
 * The rotating part of the next refresh token. Undefined when the one presented was used before: the
 * session is deleted then, and because that must be committed, this does not throw.
 */
async function rotateRefreshToken(
  tx: Tx,
  { id, accountId }: LiveSession,
  part: string,
  now: Date,
): Promise<string | undefined> {
  const session = (await store.lockSession(tx, id)) ?? invalidRefreshToken();
  const tokenHash = sha256(part);
  switch (checkRefreshToken(session, tokenHash, now)) {
    case "replay":
      return nextRotatingPart(part, session.salt ?? invalidRefreshToken());
    case "reused":
      await endSession(tx, accountId, id, now);
      return undefined;
    case "rotate": {
      const salt = newSalt();
      const next = nextRotatingPart(part, salt);
      await store.saveRotation(tx, {
        ...session,
        tokenHash: sha256(next),
        usedTokenHash: tokenHash,
        salt,
        rotateTime: now,
        lastUseTime: now,
        expireTime: addMs(now, sessionTtlMs),
      });
      return next;
    }
  }
}
