import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { type SignInResponseSchema, SessionKind as WireKind } from "@plaza/contract/auth/v1/auth";
import type { User } from "@plaza/contract/users/v1/users";
import { accessTokenTtlSeconds } from "../crypto/access-tokens.ts";
import {
  formatCookie,
  formatRefreshToken,
  newSecret,
  type RefreshToken,
  sha256,
} from "../crypto/secrets.ts";
import { addMs, type Session, type SessionKind, sessionTtlMs } from "../domain/account.ts";
import type { ClientInfo } from "../mappers/client-info.ts";

/** A session that is about to be, with its secrets, which are never to be seen again. */
export type NewSession = { readonly session: Session; readonly token: RefreshToken };

/** The header in which the edge gets a cookie's value, or an empty one to take the cookie away. */
export const sessionCookieHeader = "plaza-session";

export function newSession(
  id: string,
  accountId: string,
  kind: SessionKind,
  { address, userAgent }: ClientInfo,
  now: Date,
): NewSession {
  const token = { secret: newSecret(), rotatingPart: newSecret() };
  const session: Session = {
    id,
    accountId,
    kind,
    secretHash: sha256(token.secret),
    tokenHash: kind === "tokens" ? sha256(token.rotatingPart) : null,
    usedTokenHash: null,
    salt: null,
    rotateTime: null,
    userAgent,
    address,
    createTime: now,
    lastUseTime: now,
    expireTime: addMs(now, sessionTtlMs),
  };
  return { session, token };
}

export function fromSessionKind(wire: WireKind): SessionKind {
  return wire === WireKind.COOKIE ? "cookie" : "tokens";
}

/** The answer to a sign-in. A cookie's value goes to the edge only, beside the answer. */
export function toSignInResponse(
  { session, token }: NewSession,
  user: User,
  accessToken: string,
  { responseHeader }: HandlerContext,
): MessageInitShape<typeof SignInResponseSchema> {
  if (session.kind === "cookie") {
    responseHeader.set(sessionCookieHeader, formatCookie(token.secret));
    return { user, expiresIn: sessionTtlMs / 1_000 };
  }
  return {
    user,
    accessToken,
    refreshToken: formatRefreshToken(token),
    expiresIn: accessTokenTtlSeconds,
  };
}
