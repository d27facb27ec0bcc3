import path from "node:path";
import type { Config } from "@plaza/kit/config";
import { parseTarget, type Target, targetUrl } from "@plaza/kit/db/connection-config";
import { ensureDatabase } from "@plaza/kit/db/database";
import { startEmbedded } from "@plaza/kit/postgres/embedded-server";
import { lockInstance } from "@plaza/kit/postgres/instance-lock";
import { type Logger, silent } from "@plaza/kit/telemetry/log";

/** Where the databases of services are, and the server that was started for them, if one was. */
export type Databases = {
  /** The database of a service; it exists. */
  of(service: string): Promise<Target>;
  /** The environment that leads another process to the database of a service. */
  envOf(service: string): Promise<Record<string, string>>;
  /** Stops the server that was started, and lets the data folder go. */
  close(): Promise<void>;
};

/**
 * Opens the databases of the named services: those at configured addresses, or else the embedded
 * PostgreSQL in the data folder, which is then this process's alone.
 */
export async function openDatabases(
  config: Config,
  services: readonly string[],
  log: Logger = silent,
): Promise<Databases> {
  const configured = (service: string) => config.databases[service] ?? config.DATABASE_URL;
  if (services.every(configured)) {
    return {
      of: (service) => configuredTarget(config, service),
      envOf: async () => ({}),
      close: async () => {},
    };
  }
  const dataDir = path.resolve(config.PLAZA_DATA);
  const lock = lockInstance(dataDir);
  const server = await startEmbedded({ dataDir, log }).catch((error: unknown) => {
    lock.release();
    throw error;
  });
  const of = (service: string) =>
    configured(service)
      ? configuredTarget(config, service)
      : ensureDatabase(server.target("postgres"), `plaza_${service}`);
  return {
    of,
    async envOf(service) {
      return { [`PLAZA_${service.toUpperCase()}_DATABASE_URL`]: targetUrl(await of(service)) };
    },
    async close() {
      await server.stop();
      lock.release();
    },
  };
}

async function configuredTarget(config: Config, service: string): Promise<Target> {
  const own = config.databases[service];
  if (own) return parseTarget(own, `PLAZA_${service.toUpperCase()}_DATABASE_URL`);
  const shared = parseTarget(config.DATABASE_URL ?? "");
  return ensureDatabase(shared, `${shared.database}_${service}`);
}
