import { once } from "node:events";
import { type PlazaOptions, type RunningPlaza, startPlaza } from "../../test/base/running-plaza.ts";
import { acquire } from "./cleanup.ts";

/** A process of Plaza that the nemesis kills and restarts. */
export type RestartableProcess = {
  /** Waits until it is up, and returns the last address that it printed: the gateway's, if it runs one. */
  url(): Promise<string>;
  /** Kills it without warning and starts it again; `url` waits for that from now on. */
  killAndRestart(): Promise<void>;
};

/** Starts a process of Plaza; the cleanup stops it, or the one that replaced it. */
export async function startRestartable(
  cleanup: AsyncDisposableStack,
  options: PlazaOptions & { readonly dataDir: string },
): Promise<RestartableProcess> {
  let isStopped = false;
  const stopCurrent = async (): Promise<void> => {
    isStopped = true;
    await running.then(
      (one) => one.stop(),
      () => {},
    );
  };
  let running: Promise<RunningPlaza> = acquire(cleanup, () => startPlaza(options), stopCurrent);
  await running;

  async function replace({ process: child }: RunningPlaza): Promise<RunningPlaza> {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }
    if (isStopped) throw new Error("The cluster is stopped.");
    return startPlaza(options);
  }

  return {
    url: async () => lastAddress(await running),
    async killAndRestart() {
      running = running.then(replace);
      await running;
    },
  };
}

function lastAddress({ output }: RunningPlaza): string {
  return (
    output()
      .match(/http:\/\/[\w.]+:\d+/g)
      ?.at(-1) ?? ""
  );
}
