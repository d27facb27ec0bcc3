import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";

/** A process of a database cluster: the server (postmaster) or one of its children. */
export type ClusterProcess = { readonly pid: number; readonly isServer: boolean };

/**
 * Lists the processes of the cluster `name`, which is part of their command lines. The process id in
 * postmaster.pid is no proof: after a crash it may belong to another program.
 */
export async function listClusterProcesses(name: string): Promise<ClusterProcess[]> {
  const lines = process.platform === "linux" ? listFromProcfs() : await listFromPs();
  return lines.flatMap(({ pid, command }) => {
    const isServer =
      /(^|\/)postgres -D /.test(command) && command.includes(` cluster_name=${name} `);
    const isChild = command.startsWith(`postgres: ${name}: `);
    return isServer || isChild ? [{ pid, isServer }] : [];
  });
}

type ProcessLine = { pid: number; command: string };

function listFromProcfs(): ProcessLine[] {
  return readdirSync("/proc").flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) return [];
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      return [{ pid, command }];
    } catch {
      return []; // The process has ended.
    }
  });
}

async function listFromPs(): Promise<ProcessLine[]> {
  const { stdout } = await promisify(execFile)("ps", ["-axww", "-o", "pid=,command="]);
  return stdout.split("\n").map((line) => {
    const [, pid = "", command = ""] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    return { pid: Number(pid), command };
  });
}
