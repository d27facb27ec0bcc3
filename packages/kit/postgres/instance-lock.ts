import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartError } from "../errors/operator-error.ts";

/** A lock that this process holds until it releases it or dies, however it dies. */
export type Lock = { release(): void };

/** The locks of this process. A lock that only its caller knew could be collected as garbage. */
const held = new Set<DatabaseSync>();

/**
 * Makes this process the only one that runs Plaza on the data folder `dataDir`, which is created if
 * it is missing. Throws a StartError that names the other process when there is one.
 */
export function lockInstance(dataDir: string): Lock {
  const pidFile = join(dataDir, "plaza.pid");
  mkdirSync(dataDir, { recursive: true });
  const lock = takeLock(join(dataDir, "plaza.lock"), 0);
  if (lock) {
    writeFileSync(pidFile, `${process.pid}\n`);
    return lock;
  }
  throw new StartError(
    `Plaza is already running on ${dataDir}${readHolder(pidFile)}; stop it first, or set PLAZA_DATA to another folder.`,
  );
}

/**
 * Takes the lock `file`, created if missing, and answers it, or undefined when another process
 * still has it after `waitMs`. The thread stands still meanwhile.
 *
 * Node has no file locks of its own; SQLite, which is part of it, locks its databases with them on
 * every system. The system drops such a lock with its process, so none is ever stale.
 */
export function takeLock(file: string, waitMs: number): Lock | undefined {
  const database = new DatabaseSync(file, { timeout: waitMs });
  try {
    database.exec("begin exclusive");
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  held.add(database);
  return {
    release() {
      if (held.delete(database)) database.close();
    },
  };
}

function readHolder(pidFile: string): string {
  try {
    const pid = Number(readFileSync(pidFile, "utf8"));
    process.kill(pid, 0);
    return ` (process ${pid})`;
  } catch {
    return "";
  }
}

/** SQLITE_BUSY (https://sqlite.org/rescode.html). */
const isBusy = (error: unknown): boolean => (error as { errcode?: number }).errcode === 5;
