import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "@plaza/kit/config";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import { freePort } from "@plaza/kit/free-port";
import { issueCertificates } from "./certificate-files.ts";
import type { CleanupStack } from "./cleanup-stack.ts";
import { openDatabases } from "./databases.ts";
import { seedDatabases } from "./seed-databases.ts";
import { serviceNames } from "./services.ts";
import { startupBanner } from "./startup-banner.ts";

const main = path.join(import.meta.dirname, "main.ts");
const readyTimeoutMs = 30_000;
const restartDelayMs = 500;

/** Runs each service and the gateway in a process of its own on this machine, and supervises them. */
export async function startSplit(config: Config, cleanup: CleanupStack): Promise<void> {
  const services = serviceNames();
  const databases = await openDatabases(config, services);
  cleanup.defer(() => databases.close());
  if (config.PLAZA_ENV === "development") await seedDatabases(config, databases);

  const ports = await Promise.all(services.map(freePort));
  const commonEnv: Record<string, string> = {
    PLAZA_SERVICE_KEY: config.PLAZA_SERVICE_KEY ?? randomBytes(32).toString("base64url"),
  };
  for (const [index, service] of services.entries()) {
    commonEnv[`PLAZA_${service.toUpperCase()}_ADDRESS`] = `https://127.0.0.1:${ports[index]}`;
  }
  const certificates = path.resolve(config.PLAZA_DATA, "certs");
  const tls = await issueCertificates(certificates, [...services, "gateway"]);
  const supervisor = new ProcessSupervisor(cleanup);
  await Promise.all(
    services.map(async (service, index) => {
      const ownEnv = {
        PLAZA_GRPC_PORT: String(ports[index]),
        ...(await databases.environment(service)),
      };
      await supervisor.start(service, { ...commonEnv, ...ownEnv, ...tls.get(service) });
    }),
  );
  const output = await supervisor.start("gateway", { ...commonEnv, ...tls.get("gateway") });
  process.stdout.write(startupBanner(config, output.trim().split(" ").at(-1) ?? ""));
}

/** Supervises child processes: restarts those that die, until it is stopped. */
class ProcessSupervisor {
  readonly #running = new Map<string, ChildProcess>();
  #isStopping = false;

  constructor(cleanup: CleanupStack) {
    cleanup.defer(() => this.#stop());
  }

  /** Starts a service or the gateway; returns its standard output once it is ready. */
  async start(name: string, env: Record<string, string>): Promise<string> {
    const child = fork(main, ["start", name], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    this.#running.set(name, child);
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      output += String(chunk);
    });
    child.once("exit", () => void this.#restart(name, env));
    const ready = once(child, "message").then(() => true);
    const exited = once(child, "exit").then(() => false);
    const timedOut = sleep(readyTimeoutMs, false, { ref: false });
    if (await Promise.race([ready, exited, timedOut])) return output;
    throw new OperatorError(`${name} did not start; see plaza.log in the data folder.`);
  }

  async #restart(name: string, env: Record<string, string>): Promise<void> {
    if (this.#isStopping) return;
    await sleep(restartDelayMs);
    if (!this.#isStopping) await this.start(name, env).catch(() => undefined);
  }

  async #stop(): Promise<void> {
    this.#isStopping = true;
    const children = [...this.#running.values()].filter(
      ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
    );
    await Promise.all(
      children.map((child) => {
        child.kill("SIGTERM");
        return once(child, "exit");
      }),
    );
  }
}
