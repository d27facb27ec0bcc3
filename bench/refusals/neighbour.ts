import { spawn } from "node:child_process";
import { once } from "node:events";
import { pinProcess } from "../base/cores.ts";
import type { Scope } from "../base/scope.ts";

/** Starts a process on the given cores that computes all the time, as another customer of the machine does. */
export async function startNeighbour(scope: Scope, cores: string): Promise<void> {
  const child = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
  scope.defer(() => child.kill("SIGKILL"));
  await once(child, "spawn");
  pinProcess(cores, child.pid);
}
