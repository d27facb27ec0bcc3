import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { type SignInResponseSchema, SessionKind as WireKind } from "@plaza/contract/auth/v1/auth";
import type { User } from "@plaza/contract/users/v1/users";
import { expiresInSeconds } from "../crypto/access-tokens.ts";
import {
  cookieOf,
  digest,
  newSecret,
  type RefreshToken,
  refreshTokenOf,
} from "../crypto/secrets.ts";
import { after, type Session, type SessionKind, sessionLifeMs } from "../domain/account.ts";
import type { Origin } from "../mappers/client-info.ts";

/** A session that is about to be, with its secrets, which are never to be seen again. */
export type NewSession = { readonly session: Session; readonly token: RefreshToken };

/** The header in which the edge gets a cookie's value, or an empty one to take the cookie away. */
export const cookieHeader = "plaza-session";

export function newSession(
  id: string,
  accountId: string,
  kind: SessionKind,
  { address, userAgent }: Origin,
  now: Date,
): NewSession {
  const token = { secret: newSecret(), part: newSecret() };
  const session: Session = {
    id,
    accountId,
    kind,
    secretHash: digest(token.secret),
    tokenHash: kind === "tokens" ? digest(token.part) : null,
    usedTokenHash: null,
    salt: null,
    rotateTime: null,
    userAgent,
    address,
    createTime: now,
    lastUseTime: now,
    expireTime: after(now, sessionLifeMs),
  };
  return { session, token };
}

export function kindOf(wire: WireKind): SessionKind {
  return wire === WireKind.COOKIE ? "cookie" : "tokens";
}

/** The answer to a sign-in. A cookie's value goes to the edge only, beside the answer. */
export function signedIn(
  { session, token }: NewSession,
  user: User,
  accessToken: string,
  { responseHeader }: HandlerContext,
): MessageInitShape<typeof SignInResponseSchema> {
  if (session.kind === "cookie") {
    responseHeader.set(cookieHeader, cookieOf(token.secret));
    return { user, expiresIn: sessionLifeMs / 1_000 };
  }
  return { user, accessToken, refreshToken: refreshTokenOf(token), expiresIn: expiresInSeconds };
}
