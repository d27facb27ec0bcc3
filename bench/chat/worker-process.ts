import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { pinProcess } from "../base/cores.ts";
import type { Scope } from "../base/scope.ts";

/** Methods of a worker process. */
type WorkerMethods = Record<string, (...input: never[]) => unknown>;

/** A worker process pinned to a core; one call at a time. */
export type WorkerHandle<A extends WorkerMethods> = {
  call<K extends keyof A & string>(
    name: K,
    ...input: Parameters<A[K]>
  ): Promise<Awaited<ReturnType<A[K]>>>;
};

/** Starts a file of this folder. It ends with the scope. */
export function startWorker<A extends WorkerMethods>(
  scope: Scope,
  file: string,
  cores: string,
): WorkerHandle<A> {
  let child: ChildProcess | undefined;
  scope.defer(async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    if (child.connected) child.disconnect();
    else child.kill("SIGKILL");
    await ended;
  });
  const worker = fork(path.join(import.meta.dirname, file), {
    serialization: "advanced",
    execArgv: ["--expose-gc", ...profilingArgs(file)],
    env: { ...process.env, NODE_ENV: "production" },
  });
  child = worker;
  pinProcess(cores, worker.pid);
  const died = once(worker, "exit").then(() => {
    throw new Error(`${file} has ended`);
  });
  died.catch(() => undefined);
  return {
    async call(name, ...input) {
      worker.send({ name, input });
      const [{ output, error }] = await Promise.race([once(worker, "message"), died]);
      if (error) throw new Error(`${file}: ${error}`);
      return output;
    },
  };
}

/** Serves calls of the parent process until it disconnects. */
export function serveWorker(methods: WorkerMethods): void {
  process.on("message", async ({ name, input }: { name: string; input: never[] }) => {
    try {
      process.send?.({ output: await methods[name]?.(...input) });
    } catch (error) {
      process.send?.({ error: String(error) });
    }
  });
  process.once("disconnect", () => process.exit());
}

/** A clock that all processes of the machine share, in milliseconds. */
export const clockMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** PLAZA_BENCH_PROFILE names the folder to which servers write their CPU profiles. */
function profilingArgs(file: string): string[] {
  const folder = process.env["PLAZA_BENCH_PROFILE"];
  return folder && file.startsWith("serve") ? ["--cpu-prof", `--cpu-prof-dir=${folder}`] : [];
}
