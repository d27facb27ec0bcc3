import { SessionsEndedSchema } from "@plaza/contract/auth/v1/events";
import type { Tx } from "@plaza/kit/db/database";
import { publish } from "@plaza/kit/events/outbox";
import { accessTokenTtlMs } from "@plaza/kit/identity/caller";
import { type Session, useWriteIntervalMs } from "../domain/session.ts";
import { addMs, maxClockSkewMs } from "../domain/time.ts";
import * as store from "../store/sessions.ts";

/** Time after a recorded use within which an access token of the session may still be valid. */
const maxTokenAgeMs = useWriteIntervalMs + accessTokenTtlMs + maxClockSkewMs;

/** Ends a session of the account, publishes that and returns the session; undefined when there is none. */
export async function endSession(
  tx: Tx,
  accountId: string,
  id: string,
  now: Date,
): Promise<Session | undefined> {
  const session = await store.deleteSession(tx, accountId, id);
  if (session) await publishSessionsEnded(tx, accountId, [session], now);
  return session;
}

/** Ends the sessions of the account, but `exceptId`, and publishes that. */
export async function endSessions(
  tx: Tx,
  accountId: string,
  now: Date,
  exceptId?: string,
): Promise<void> {
  const sessions = await store.deleteSessions(tx, accountId, exceptId);
  await publishSessionsEnded(tx, accountId, sessions, now);
}

/** Leaves out sessions without a valid access token: nobody needs to learn that they ended. */
async function publishSessionsEnded(
  tx: Tx,
  accountId: string,
  sessions: readonly Session[],
  now: Date,
): Promise<void> {
  const sessionIds = sessions
    .filter(({ lastUseTime }) => now < addMs(lastUseTime, maxTokenAgeMs))
    .map(({ id }) => id);
  if (sessionIds.length > 0)
    await publish(tx, SessionsEndedSchema, { accountId, sessionIds }, accountId);
}
