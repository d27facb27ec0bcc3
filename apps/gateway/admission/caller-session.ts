import { Fault, invalidSession } from "@plaza/kit/errors/fault";
import { decodeJwt } from "jose";
import type { IncomingCall } from "../methods/call.ts";
import { requireNamedAccount } from "./named-account.ts";
import type { Resolution, ResolvedSession, SessionCache } from "./session-cache.ts";

/** Finds the session of a credential, as of now; undefined without one. A look-up while nothing has changed. */
export function createSessionFinder(
  sessionCache: SessionCache,
  credential: string | undefined,
): () => Promise<ResolvedSession | undefined> {
  let resolution: Resolution | undefined;
  return async () => {
    if (!credential) return undefined;
    if (!resolution?.isCurrent()) resolution = sessionCache.resolve(credential);
    return resolution.session;
  };
}

/** The credential in an Authorization header; empty when there is none. */
export function bearerCredential(authorization: string): string {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? "";
}

/**
 * Throws unless a call may go on with the session that was found for it. A client that sends a token is never
 * treated as anonymous: INVALID_TOKEN even for public methods. Browsers cannot help sending an expired cookie:
 * INVALID_SESSION, but public methods go on anonymously. OTHER_ACCOUNT for another account than the one named.
 */
export function requireUsableSession(
  { request, access }: IncomingCall,
  session: ResolvedSession | undefined,
  hasCookie: boolean,
): void {
  if (!session && request.headers.authorization !== undefined) {
    throw new Fault("unauthenticated", "INVALID_TOKEN", "the token is invalid, expired or revoked");
  }
  if (!session && hasCookie && !access.isPublic) throw invalidSession();
  requireNamedAccount(request, session?.accountId);
}

/** Throws INVALID_SESSION unless the session is of the same account as before, and has all its roles. */
export function requireSameCaller(
  before: ResolvedSession | undefined,
  now: ResolvedSession | undefined,
): void {
  if (now === before) return;
  if (now?.accountId !== before?.accountId) throw invalidSession();
  const roles = rolesOf(now);
  if (!rolesOf(before).every((role) => roles.includes(role))) throw invalidSession();
}

/** The roles in the access token, which needs no verification: it came from auth. */
function rolesOf(session: ResolvedSession | undefined): readonly string[] {
  return session ? (decodeJwt(session.accessToken)["roles"] as string[]) : [];
}
