import type { Config } from "@plaza/kit/config";
import { startHost } from "@plaza/kit/runtime/host";
import { silentLogger } from "@plaza/kit/telemetry/log";
import type { Databases } from "./databases.ts";
import { loadServices, serviceNames } from "./services.ts";

/** Brings all databases up to date and creates the demo data, with all services in this process for the while. */
export async function seedDatabases(config: Config, databases: Databases): Promise<void> {
  const services = await loadServices(serviceNames());
  const alone = { ...config, addresses: {} };
  const hosted = await startHost({
    services,
    config: alone,
    log: silentLogger,
    database: databases.connectionConfig,
  });
  try {
    await hosted.seed();
  } finally {
    await hosted.close();
  }
}
