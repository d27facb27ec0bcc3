import type { ServiceContext } from "./context.ts";
import { deleteOldDeclines } from "./decline-store.ts";

const yearMs = 365 * 24 * 60 * 60 * 1_000;

/** Forgets declines a year after the longest pause. */
export async function sweep({
  db,
  now,
  declinePausesMs,
}: Pick<ServiceContext, "db" | "now" | "declinePausesMs">): Promise<void> {
  const ttlMs = Math.max(0, ...declinePausesMs) + yearMs;
  await deleteOldDeclines(db, new Date(now().getTime() - ttlMs));
}
