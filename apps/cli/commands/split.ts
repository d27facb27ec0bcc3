import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "@plaza/kit/config";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import { freePort } from "@plaza/kit/free-port";
import { issueCertificates } from "../certificate-files.ts";
import type { CleanupStack } from "../cleanup-stack.ts";
import { openDatabases } from "../databases.ts";
import { seedDatabases } from "../seed-databases.ts";
import { serviceNames } from "../services.ts";
import { startupBanner } from "../startup-banner.ts";

const main = path.join(import.meta.dirname, "..", "main.ts");
const readyTimeoutMs = 30_000;
const restartDelayMs = 500;

/** Runs each service and the gateway in a process of its own on this machine, and keeps them running. */
export async function startSplit(config: Config, teardown: CleanupStack): Promise<void> {
  const services = serviceNames();
  const databases = await openDatabases(config, services);
  teardown.defer(() => databases.close());
  if (config.PLAZA_ENV === "development") await seedDatabases(config, databases);

  const ports = await Promise.all(services.map(freePort));
  const shared: Record<string, string> = {
    PLAZA_SERVICE_KEY: config.PLAZA_SERVICE_KEY ?? randomBytes(32).toString("base64url"),
  };
  for (const [index, service] of services.entries()) {
    shared[`PLAZA_${service.toUpperCase()}_ADDRESS`] = `https://127.0.0.1:${ports[index]}`;
  }
  const certificates = path.resolve(config.PLAZA_DATA, "certs");
  const tls = await issueCertificates(certificates, [...services, "gateway"]);
  const children = new ProcessSupervisor(teardown);
  await Promise.all(
    services.map(async (service, index) => {
      const own = {
        PLAZA_GRPC_PORT: String(ports[index]),
        ...(await databases.environment(service)),
      };
      await children.start(service, { ...shared, ...own, ...tls.get(service) });
    }),
  );
  const url = await children.start("gateway", { ...shared, ...tls.get("gateway") });
  process.stdout.write(startupBanner(config, url.trim().split(" ").at(-1) ?? ""));
}

/** Processes that are started again when they die, until they are stopped. */
class ProcessSupervisor {
  readonly #running = new Map<string, ChildProcess>();
  #stopping = false;

  constructor(teardown: CleanupStack) {
    teardown.defer(() => this.#stop());
  }

  /** Starts a part of Plaza and answers what it printed once it serves. */
  async start(part: string, env: Record<string, string>): Promise<string> {
    const child = fork(main, ["start", part], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    this.#running.set(part, child);
    let printed = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      printed += String(chunk);
    });
    child.once("exit", () => void this.#restart(part, env));
    const ready = once(child, "message").then(() => true);
    const gone = once(child, "exit").then(() => false);
    const late = sleep(readyTimeoutMs, false, { ref: false });
    if (await Promise.race([ready, gone, late])) return printed;
    throw new OperatorError(`${part} did not start; see plaza.log in the data folder.`);
  }

  async #restart(part: string, env: Record<string, string>): Promise<void> {
    if (this.#stopping) return;
    await sleep(restartDelayMs);
    if (!this.#stopping) await this.start(part, env).catch(() => undefined);
  }

  async #stop(): Promise<void> {
    this.#stopping = true;
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
