import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { OperatorError } from "../errors/operator-error.ts";

/** A lock that this process holds until it releases it or dies, however it dies. */
export type FileLock = { release(): void };

/** The locks of this process. A lock that only its caller knew could be collected as garbage. */
const heldLocks = new Set<DatabaseSync>();

/**
 * Makes this process the only one that runs Plaza on the data folder `dataDir`, which is created if
 * it is missing. Throws a StartError that names the other process when there is one.
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
 * Takes the lock `file`, created if missing, and answers it, or undefined when another process
 * still has it after `waitMs`. The thread stands still meanwhile.
 *
 * Node has no file locks of its own; SQLite, which is part of it, locks its databases with them on
 * every system. The system drops such a lock with its process, so none is ever stale.
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
