import type { ChildProcess } from "node:child_process";
import { execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { OperatorError } from "../errors/operator-error.ts";

/** The number of CAP_DAC_READ_SEARCH (linux/capability.h). */
const capDacReadSearch = 2n;

/** The system user that owns the data and runs the server. */
export type OsUser = { readonly uid: number; readonly gid: number };

/**
 * Chooses who runs PostgreSQL, which refuses to run as root: the current user; or, when that is
 * root, the owner of the data folder if there is one, else the user `postgres`, else `nobody`.
 */
export function chooseOsUser(dataDir: string): OsUser {
  const uid = process.getuid?.() ?? 0;
  if (uid !== 0) return { uid, gid: process.getgid?.() ?? 0 };
  if (existsSync(dataDir)) {
    const folder = statSync(dataDir);
    if (folder.uid !== 0) return { uid: folder.uid, gid: folder.gid };
  }
  const owner = findOsUser("postgres") ?? findOsUser("nobody");
  if (owner) return owner;
  throw new OperatorError(
    'PostgreSQL refuses to run as root and this system has no user "postgres" or "nobody"; run Plaza as another user, or set DATABASE_URL.',
  );
}

/**
 * Starts a program of PostgreSQL as `owner`. Root may have put `paths` (the program, the data)
 * where the owner cannot go, as in a home folder; the owner's process is then given the one
 * capability to pass through folders and read files (capabilities(7), CAP_DAC_READ_SEARCH).
 */
export function spawnAsUser(
  user: OsUser,
  program: string,
  args: readonly string[],
  paths: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  if (user.uid === process.getuid?.()) return spawn(program, args, options);
  const blocked = [program, ...paths].find((path) => !canTraverse(user, path));
  if (blocked === undefined) return spawn(program, args, { ...options, ...user });
  if (!canGrantCapability()) {
    throw new OperatorError(
      `PostgreSQL refuses to run as root, and the user with id ${user.uid} that should run it may not enter the folders above ${blocked}; move Plaza or its data elsewhere, run Plaza as another user, or set DATABASE_URL.`,
    );
  }
  const capability = "+dac_read_search";
  const drop = [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
  const keep = [`--inh-caps=${capability}`, `--ambient-caps=${capability}`];
  // Without this, access(2), with which PostgreSQL looks for its programs, ignores the capability.
  const checks = "--securebits=+no_setuid_fixup";
  return spawn("setpriv", [...drop, ...keep, checks, "--", program, ...args], options);
}

/** Says whether the owner may pass through every folder above `path`; access lists do not count. */
function canTraverse({ uid, gid }: OsUser, path: string): boolean {
  const parent = dirname(path);
  if (parent === path) return true;
  const { mode, uid: ownerId, gid: groupId } = statSync(parent);
  const search = ownerId === uid ? 0o100 : groupId === gid ? 0o010 : 0o001;
  return (mode & search) !== 0 && canTraverse({ uid, gid }, parent);
}

function findOsUser(user: string): OsUser | undefined {
  try {
    const id = (flag: string) => Number(execFileSync("id", [flag, user], { stdio: "pipe" }));
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return undefined;
  }
}

/** Containers often run without the capability, and small systems without the program. */
function canGrantCapability(): boolean {
  try {
    execFileSync("setpriv", ["--version"], { stdio: "ignore" });
    const permitted = /^CapPrm:\s*(\w+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    return (BigInt(`0x${permitted}`) & (1n << capDacReadSearch)) !== 0n;
  } catch {
    return false;
  }
}
