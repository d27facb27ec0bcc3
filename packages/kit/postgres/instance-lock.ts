import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { OperatorError } from "../errors/operator-error.ts";

/** A file lock, held until `release` or the death of the process. */
export type FileLock = { release(): void };

/** Keeps the handles reachable: a garbage-collected one would release its lock. */
const heldLocks = new Set<DatabaseSync>();

/**
 * Locks the data folder `dataDir`, which is created if it is missing, so that one process at a time runs
 * Plaza on it. Throws an OperatorError with the process id of the holder when it is locked.
 */
export function lockInstance(dataDir: string): FileLock {
  const pidFile = join(dataDir, "plaza.pid");
  mkdirSync(dataDir, { recursive: true });
  const lock = acquireFileLock(join(dataDir, "plaza.lock"), 0);
  if (lock) {
    writeFileSync(pidFile, `${process.pid}\n`);
    return lock;
  }
  throw new OperatorError(
    `Plaza is already running on ${dataDir}${describeHolder(pidFile)}; stop it first, or set PLAZA_DATA to another folder.`,
  );
}

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

function describeHolder(pidFile: string): string {
  try {
    const pid = Number(readFileSync(pidFile, "utf8"));
    process.kill(pid, 0);
    return ` (process ${pid})`;
  } catch {
    return "";
  }
}

/** SQLITE_BUSY (https://sqlite.org/rescode.html). */
const isSqliteBusy = (error: unknown): boolean => (error as { errcode?: number }).errcode === 5;
