import type { HandlerContext } from "@connectrpc/connect";
import type { Db } from "@plaza/kit/db/database";
import { Fault } from "@plaza/kit/errors/fault";
import { requireAccount } from "@plaza/kit/identity/caller";
import { invalidSession, type LiveSession } from "../domain/account.ts";
import { findLiveById } from "../store/sessions.ts";

/**
 * The session that the call is made with, as it is at this moment: an access token outlives its
 * session by minutes. Throws INVALID_SESSION when it has ended.
 */
export async function requireSession(
  db: Db,
  context: HandlerContext,
  now: Date,
): Promise<LiveSession> {
  const { id, sessionId } = requireAccount(context);
  const session = await findLiveById(db, sessionId, now);
  return session?.accountId === id ? session : invalidSession();
}

/** The same for what only admins may do: throws ROLE_REQUIRED when the account is none any more. */
export async function requireAdmin(db: Db, context: HandlerContext, now: Date): Promise<void> {
  const { roles } = await requireSession(db, context, now);
  if (roles.includes("admin")) return;
  throw new Fault("forbidden", "ROLE_REQUIRED", "this takes the role admin", {
    metadata: { role: "admin" },
  });
}
