import type { User } from "@plaza/contract/users/v1/users";
import { newSecret, type RefreshToken, sha256 } from "../crypto/secrets.ts";
import { type Session, type SessionKind, sessionTtlMs } from "../domain/session.ts";
import { addMs } from "../domain/time.ts";
import type { ClientInfo } from "../mappers/client-info.ts";

/** A session with its secrets, of which the database keeps only hashes. */
export type NewSession = { readonly session: Session; readonly token: RefreshToken };

/** What a client gets when it signs in or refreshes. */
export type SignInResult = NewSession & { readonly user: User; readonly accessToken: string };

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
