import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

/** What a process can be asked, by name. */
type WorkerMethods = Record<string, (...input: never[]) => unknown>;

/** A process of its own, on a core of its own, that answers one question at a time. */
export type WorkerHandle<A extends WorkerMethods> = {
  call<K extends keyof A & string>(
    name: K,
    ...input: Parameters<A[K]>
  ): Promise<Awaited<ReturnType<A[K]>>>;
  stop(): void;
};

/** Starts a file of this folder. */
export function startWorker<A extends WorkerMethods>(file: string, core: number): WorkerHandle<A> {
  const child: ChildProcess = fork(path.join(import.meta.dirname, file), {
    serialization: "advanced",
    execArgv: ["--expose-gc", ...profilingArgs(file)],
    env: { ...process.env, NODE_ENV: "production" },
  });
  execFileSync("taskset", ["-acp", String(core), String(child.pid)]);
  process.once("exit", () => child.kill());
  const died = once(child, "exit").then(() => {
    throw new Error(`${file} has ended`);
  });
  died.catch(() => undefined);
  return {
    async call(name, ...input) {
      child.send({ name, input });
      const [{ output, error }] = await Promise.race([once(child, "message"), died]);
      if (error) throw new Error(`${file}: ${error}`);
      return output;
    },
    stop: () => child.disconnect(),
  };
}

/** Answers the process that started this one, until that lets go of it. */
export function serveWorker(answers: WorkerMethods): void {
  process.on("message", async ({ name, input }: { name: string; input: never[] }) => {
    try {
      process.send?.({ output: await answers[name]?.(...input) });
    } catch (error) {
      process.send?.({ error: String(error) });
    }
  });
  process.once("disconnect", () => process.exit());
}

/** A clock that all processes of the machine share, in milliseconds. */
export const clockMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** PLAZA_BENCH_PROFILE names the folder to which servers write where their time goes. */
function profilingArgs(file: string): string[] {
  const folder = process.env["PLAZA_BENCH_PROFILE"];
  return folder && file.startsWith("serve") ? ["--cpu-prof", `--cpu-prof-dir=${folder}`] : [];
}
