import type { Db, Tx } from "@plaza/kit/db/database";
import type { Declines } from "./declines.ts";

export async function findDeclines(
  db: Db,
  requesterId: string,
  declinerId: string,
): Promise<Declines | undefined> {
  const [declines] = await db<Declines[]>`
    select count, decline_time from decline
    where requester_id = ${requesterId} and decliner_id = ${declinerId}`;
  return declines;
}

/** Lock the users first. */
export async function insertDecline(
  tx: Tx,
  requesterId: string,
  declinerId: string,
  now: Date,
): Promise<void> {
  await tx`
    insert into decline (requester_id, decliner_id, count, decline_time)
    values (${requesterId}, ${declinerId}, 1, ${now})
    on conflict (requester_id, decliner_id) do update
    set count = decline.count + 1, decline_time = excluded.decline_time`;
}

export async function deleteDeclines(
  tx: Tx,
  requesterId: string,
  declinerId: string,
): Promise<void> {
  await tx`
    delete from decline where requester_id = ${requesterId} and decliner_id = ${declinerId}`;
}

export async function deleteDeclinesOf(tx: Tx, userId: string): Promise<void> {
  await tx`delete from decline where requester_id = ${userId} or decliner_id = ${userId}`;
}

/** Deletes those whose last decline is from before that time. */
export async function deleteOldDeclines(db: Db, before: Date): Promise<void> {
  await db`delete from decline where decline_time < ${before}`;
}
