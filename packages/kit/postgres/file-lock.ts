import { DatabaseSync } from "node:sqlite";

/** A file lock, held until `release` or the death of the process. */
export type FileLock = { release(): void };

/** Keeps the handles reachable: a garbage-collected one would release its lock. */
const heldLocks = new Set<DatabaseSync>();

/**
 * Acquires a lock on `file`, which is created if it is missing; undefined when another process still holds it
 * after `waitMs`. Blocks the thread while it waits.
 *
 * Node has no API for file locks, but it includes SQLite, which locks its databases with them on every system.
 * The system releases such a lock when its process dies, so none is ever stale.
 */
export function acquireFileLock(file: string, waitMs: number): FileLock | undefined {
  const database = new DatabaseSync(file, { timeout: waitMs });
  try {
    database.exec("begin exclusive");
  } catch (error) {
    database.close();
    if (isSqliteBusy(error)) return undefined;
    throw error;
  }
  heldLocks.add(database);
  return {
    release() {
      if (heldLocks.delete(database)) database.close();
    },
  };
}

/** SQLITE_BUSY (https://sqlite.org/rescode.html). */
const isSqliteBusy = (error: unknown): boolean => (error as { errcode?: number }).errcode === 5;
