import type { ServiceImpl } from "@connectrpc/connect";
import type { AuthService } from "@plaza/contract/auth/v1/auth";
import type { Tx } from "@plaza/kit/db/database";
import { profileOf } from "../clients/users.ts";
import type { Parts } from "../context.ts";
import { digest, newSalt, nextPart, parseRefreshToken } from "../crypto/secrets.ts";
import {
  after,
  invalidRefreshToken,
  type LiveSession,
  presented,
  refreshTokenReused,
  sessionLifeMs,
} from "../domain/account.ts";
import * as store from "../store/sessions.ts";
import { signedIn } from "./new-session.ts";

export function refresh(parts: Parts): Pick<ServiceImpl<typeof AuthService>, "refresh"> {
  const { db, now, tokens } = parts;
  return {
    async refresh({ refreshToken }, context) {
      const { secret, part } = parseRefreshToken(refreshToken) ?? invalidRefreshToken();
      const found = await store.findLiveBySecret(db, digest(secret), now());
      const session = found?.kind === "tokens" ? found : invalidRefreshToken();
      const account = { id: session.accountId, sessionId: session.id, roles: session.roles };
      const token = await tokens.mint(account);
      // Everything that can fail comes before the swap: a refused refresh has used nothing up.
      const user = (await profileOf(parts, account.id, token, context)) ?? invalidRefreshToken();

      const next = await db.begin((tx) => swap(tx, session, part, now()));
      if (!next) refreshTokenReused();
      return signedIn({ session, token: { secret, part: next } }, user, token, context);
    },
  };
}

/**
 * The part of the refresh token that follows on the one presented. Undefined when that was used
 * before: the session is ended then, which must be committed, so it is no throw.
 */
async function swap(
  tx: Tx,
  { id, accountId }: LiveSession,
  part: string,
  now: Date,
): Promise<string | undefined> {
  const session = (await store.lockSession(tx, id)) ?? invalidRefreshToken();
  const tokenHash = digest(part);
  switch (presented(session, tokenHash, now)) {
    case "replay":
      return nextPart(part, session.salt ?? invalidRefreshToken());
    case "reused":
      await store.deleteSession(tx, accountId, id);
      return undefined;
    case "rotate": {
      const salt = newSalt();
      const next = nextPart(part, salt);
      await store.saveRotation(tx, {
        ...session,
        tokenHash: digest(next),
        usedTokenHash: tokenHash,
        salt,
        rotateTime: now,
        lastUseTime: now,
        expireTime: after(now, sessionLifeMs),
      });
      return next;
    }
  }
}
