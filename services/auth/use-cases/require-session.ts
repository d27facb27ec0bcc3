import type { Db } from "@plaza/kit/db/database";
import { Fault } from "@plaza/kit/errors/fault";
import type { AccountCaller } from "@plaza/kit/identity/caller";
import { type LiveSession, throwInvalidSession } from "../domain/session.ts";
import { findLiveById } from "../store/sessions.ts";

/**
 * The caller's session, read now: an access token outlives its session by minutes. Throws
 * INVALID_SESSION when the session has ended.
 */
export async function requireSession(
  db: Db,
  { id, sessionId }: AccountCaller,
  now: Date,
): Promise<LiveSession> {
  const session = await findLiveById(db, sessionId, now);
  return session?.accountId === id ? session : throwInvalidSession();
}

/** Throws INVALID_SESSION, or ROLE_REQUIRED when the caller's account is no longer an admin. */
export async function requireAdmin(db: Db, caller: AccountCaller, now: Date): Promise<void> {
  const { roles } = await requireSession(db, caller, now);
  if (roles.includes("admin")) return;
  throw new Fault("forbidden", "ROLE_REQUIRED", "this requires the role admin", {
    metadata: { role: "admin" },
  });
}
