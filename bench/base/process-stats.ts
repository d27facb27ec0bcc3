import { readdirSync, readFileSync } from "node:fs";

/** Linux reports processor time in ticks of a hundredth of a second (USER_HZ), on all architectures. */
export const msPerTick = 10;

/** Processor time that a process has used so far, user and system, in milliseconds. */
export function processorTimeMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

/** Resident memory of a process in MB. */
export function residentMb(pid: number): number {
  const [, kb] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kb) / 1_024;
}

/** Memory in MB of a process and its descendants, with what they share counted once (PSS). */
export function treeMemoryMb(root: number): { node: number; postgres: number } {
  const processes = listProcesses();
  const tree = new Set([root]);
  for (let before = 0; before !== tree.size; ) {
    before = tree.size;
    for (const { pid, parent } of processes) if (tree.has(parent)) tree.add(pid);
  }
  const sum = { node: 0, postgres: 0 };
  for (const { pid, name, mb } of processes) {
    if (tree.has(pid)) sum[name === "postgres" ? "postgres" : "node"] += mb;
  }
  return sum;
}

function listProcesses(): { pid: number; parent: number; name: string; mb: number }[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [, name = "", parent = ""] = /^\d+ \((.*)\) \S (\d+)/.exec(stat) ?? [];
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      const kb = Number(/^Pss: +(\d+)/m.exec(rollup)?.[1] ?? 0);
      return [{ pid: Number(pid), parent: Number(parent), name, mb: kb / 1_024 }];
    } catch {
      return []; // It has ended, or belongs to another user.
    }
  });
}
