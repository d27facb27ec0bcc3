import type { ServiceImpl } from "@connectrpc/connect";
import type { AuthService } from "@plaza/contract/auth/v1/auth";
import type { Tx } from "@plaza/kit/db/database";
import { findProfile } from "../clients/users.ts";
import type { ServiceContext } from "../context.ts";
import { newSalt, nextRotatingPart, parseRefreshToken, sha256 } from "../crypto/secrets.ts";
import {
  addMs,
  checkRefreshToken,
  invalidRefreshToken,
  type LiveSession,
  refreshTokenReused,
  sessionTtlMs,
} from "../domain/account.ts";
import * as store from "../store/sessions.ts";
import { toSignInResponse } from "./new-session.ts";

export function refresh(deps: ServiceContext): Pick<ServiceImpl<typeof AuthService>, "refresh"> {
  const { db, now, tokens } = deps;
  return {
    async refresh({ refreshToken }, context) {
      const { secret, rotatingPart } = parseRefreshToken(refreshToken) ?? invalidRefreshToken();
      const found = await store.findLiveBySecret(db, sha256(secret), now());
      const session = found?.kind === "tokens" ? found : invalidRefreshToken();
      const account = { id: session.accountId, sessionId: session.id, roles: session.roles };
      const token = await tokens.issue(account);
      // Everything that can fail comes before the swap: a refused refresh has used nothing up.
      const user = (await findProfile(deps, account.id, token, context)) ?? invalidRefreshToken();

      const next = await db.begin((tx) => rotateRefreshToken(tx, session, rotatingPart, now()));
      if (!next) refreshTokenReused();
      return toSignInResponse(
        { session, token: { secret, rotatingPart: next } },
        user,
        token,
        context,
      );
    },
  };
}

/**
 * The part of the refresh token that follows on the one presented. Undefined when that was used
 * before: the session is ended then, which must be committed, so it is no throw.
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
      await store.deleteSession(tx, accountId, id);
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
