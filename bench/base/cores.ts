import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { requirePrograms } from "./required-programs.ts";

/** Cores as `taskset` names them: the process under test has one, the load generator and all else the other. */
export type Cores = {
  readonly measured: string;
  readonly load: string;
  readonly both: string;
};

/** The first two cores that this process may run on; one and the same where there is only one. */
export function chooseCores(): Cores {
  requirePrograms("taskset");
  const status = readFileSync("/proc/self/status", "utf8");
  const [, list = "0"] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status) ?? [];
  const allowed = list.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
  });
  const [measured = "0", load = measured] = allowed;
  return { measured, load, both: measured === load ? measured : `${measured},${load}` };
}

/** Moves a process, with all its threads, to the given cores; those that it starts later follow it. */
export function pinProcess(cores: string, pid: number | undefined = process.pid): void {
  execFileSync("taskset", ["-acp", cores, String(pid)]);
}
