import type { Config } from "@plaza/kit/config";
import { startHost } from "@plaza/kit/runtime/host";
import { silentLogger } from "@plaza/kit/telemetry/log";
import type { Databases } from "./databases.ts";
import { loadServices, serviceNames } from "./services.ts";

/** Migrates all databases and creates the demo data; hosts all services in this process to do so. */
export async function seedDatabases(config: Config, databases: Databases): Promise<void> {
  const services = await loadServices(serviceNames());
  const localConfig = { ...config, addresses: {} };
  const host = await startHost({
    services,
    config: localConfig,
    log: silentLogger,
    database: databases.connectionConfig,
  });
  try {
    await host.seed();
  } finally {
    await host.close();
  }
}
