import type { ChildProcess } from "node:child_process";
import { execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { OperatorError } from "../errors/operator-error.ts";

/** CAP_DAC_READ_SEARCH (linux/capability.h). */
const capDacReadSearch = 2n;

/** The OS user that owns the data and runs the server. */
export type OsUser = { readonly uid: number; readonly gid: number };

/**
 * Chooses the OS user that runs PostgreSQL, which refuses to run as root: the current user; for root, the
 * owner of the data folder if it exists, else the user `postgres`, else `nobody`. Throws an OperatorError
 * when there is none.
 */
export function chooseOsUser(dataDir: string): OsUser {
  const uid = process.getuid?.() ?? 0;
  if (uid !== 0) return { uid, gid: process.getgid?.() ?? 0 };
  if (existsSync(dataDir)) {
    const folder = statSync(dataDir);
    if (folder.uid !== 0) return { uid: folder.uid, gid: folder.gid };
  }
  const user = findOsUser("postgres") ?? findOsUser("nobody");
  if (user) return user;
  throw new OperatorError(
    'PostgreSQL refuses to run as root and this system has no user "postgres" or "nobody"; run Plaza as another user, or set DATABASE_URL.',
  );
}

/**
 * Spawns a program of PostgreSQL as `user`. When `user` cannot traverse to the program or to `paths`, for
 * example below root's home folder, the process gets CAP_DAC_READ_SEARCH (capabilities(7)), with which it may
 * traverse any folder and read any file. Throws an OperatorError when that cannot be granted.
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
      `PostgreSQL does not run as root, and the user with id ${user.uid}, which would run it, has no access to the folders above ${blocked}; move Plaza or its data elsewhere, run Plaza as another user, or set DATABASE_URL.`,
    );
  }
  const capability = "+dac_read_search";
  const drop = [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
  const keep = [`--inh-caps=${capability}`, `--ambient-caps=${capability}`];
  // Otherwise access(2), with which PostgreSQL looks for its programs, would ignore the capability.
  const securebits = "--securebits=+no_setuid_fixup";
  return spawn("setpriv", [...drop, ...keep, securebits, "--", program, ...args], options);
}

/** Whether the user may traverse all folders above `path`; ignores access control lists. */
function canTraverse({ uid, gid }: OsUser, path: string): boolean {
  const parent = dirname(path);
  if (parent === path) return true;
  const { mode, uid: ownerId, gid: groupId } = statSync(parent);
  const search = ownerId === uid ? 0o100 : groupId === gid ? 0o010 : 0o001;
  return (mode & search) !== 0 && canTraverse({ uid, gid }, parent);
}

function findOsUser(name: string): OsUser | undefined {
  try {
    const id = (flag: string) => Number(execFileSync("id", [flag, name], { stdio: "pipe" }));
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return undefined;
  }
}

/** Containers may lack the capability, and small systems setpriv. */
function canGrantCapability(): boolean {
  try {
    execFileSync("setpriv", ["--version"], { stdio: "ignore" });
    const permitted = /^CapPrm:\s*(\w+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    return (BigInt(`0x${permitted}`) & (1n << capDacReadSearch)) !== 0n;
  } catch {
    return false;
  }
}
