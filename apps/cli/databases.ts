import path from "node:path";
import type { Config } from "@plaza/kit/config";
import {
  type ConnectionConfig,
  parseConnectionUrl,
  toConnectionUrl,
} from "@plaza/kit/db/connection-config";
import { ensureDatabase } from "@plaza/kit/db/ensure-database";
import { startEmbeddedServer } from "@plaza/kit/postgres/embedded-server";
import { lockInstance } from "@plaza/kit/postgres/instance-lock";
import { type Logger, silentLogger } from "@plaza/kit/telemetry/log";

/** The databases of services, and the embedded server if one of them needs it. */
export type Databases = {
  /** Connection parameters of the database of a service; creates it if necessary. */
  connectionConfig(service: string): Promise<ConnectionConfig>;
  /** Environment variables with which another process connects to the database of a service. */
  environment(service: string): Promise<Record<string, string>>;
  /** Stops the embedded server and releases the data folder. */
  close(): Promise<void>;
};

/**
 * Opens the databases of the named services. Starts the embedded PostgreSQL unless all of them are configured;
 * then this process locks the data folder.
 */
export async function openDatabases(
  config: Config,
  services: readonly string[],
  log: Logger = silentLogger,
): Promise<Databases> {
  const configured = (service: string) => config.databases[service] ?? config.DATABASE_URL;
  if (services.every(configured)) {
    return {
      connectionConfig: (service) => configuredDatabase(config, service),
      environment: async () => ({}),
      close: async () => {},
    };
  }
  const dataDir = path.resolve(config.PLAZA_DATA);
  const lock = lockInstance(dataDir);
  const server = await startEmbeddedServer({ dataDir, log }).catch((error: unknown) => {
    lock.release();
    throw error;
  });
  const connectionConfig = (service: string) =>
    configured(service)
      ? configuredDatabase(config, service)
      : ensureDatabase(server.connectionConfig("postgres"), `plaza_${service}`);
  return {
    connectionConfig,
    async environment(service) {
      return {
        [`PLAZA_${service.toUpperCase()}_DATABASE_URL`]: toConnectionUrl(
          await connectionConfig(service),
        ),
      };
    },
    async close() {
      await server.stop();
      lock.release();
    },
  };
}

async function configuredDatabase(config: Config, service: string): Promise<ConnectionConfig> {
  const own = config.databases[service];
  if (own) return parseConnectionUrl(own, `PLAZA_${service.toUpperCase()}_DATABASE_URL`);
  const shared = parseConnectionUrl(config.DATABASE_URL ?? "");
  return ensureDatabase(shared, `${shared.database}_${service}`);
}
