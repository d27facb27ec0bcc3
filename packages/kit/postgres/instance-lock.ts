import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OperatorError } from "../errors/operator-error.ts";
import { acquireFileLock, type FileLock } from "./file-lock.ts";

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
    `Plaza is already running with the data folder ${dataDir}${describeHolder(pidFile)}; stop it first, or set PLAZA_DATA to another folder.`,
  );
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
