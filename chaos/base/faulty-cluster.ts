import { createGateway } from "@plaza/gateway/gateway";
import { readConfig } from "@plaza/kit/config";
import type { Pool } from "@plaza/kit/db/database";
import { startHost } from "@plaza/kit/runtime/host";
import type { Service } from "@plaza/kit/runtime/service";
import { silentLogger } from "@plaza/kit/telemetry/log";
import { TestDatabases } from "@plaza/kit/testing/databases";
import { loadServices, serviceNames } from "../../apps/cli/services.ts";
import { type SendRequest, type SystemUnderTest, sendRequest } from "../kill/client.ts";

/** How a service is broken: other parts, another database, or another way there. */
export type ServiceFault = {
  readonly service: Service;
  readonly breakDatabase?: (db: Pool) => Promise<unknown>;
  readonly send?: SendRequest;
};

/** Runs Plaza with a broken service in this process, on databases of its own, while `work` goes on. */
export async function withFaultyCluster<T>(
  { service, breakDatabase, send = sendRequest }: ServiceFault,
  run: (target: SystemUnderTest) => Promise<T>,
): Promise<T> {
  const databases = new TestDatabases();
  const sound = await loadServices(serviceNames());
  const services = sound.map((one) => (one.name === service.name ? service : one));
  const config = readConfig({
    PLAZA_PORT: "0",
    PLAZA_RATE_LIMIT: "0",
    PLAZA_TRUST_PROXY: "1",
    PLAZA_SHOP_HOLD_SECONDS: "1",
  });
  const hosted = await startHost({
    services,
    config,
    log: silentLogger,
    database: () => databases.createEmpty(),
  });
  const contracts = services.map(({ contract }) => contract);
  const edge = createGateway({ host: hosted, contracts, config, log: silentLogger });
  try {
    await hosted.seed();
    await breakDatabase?.(hosted.database(service.name));
    hosted.startWorkers();
    const { url } = await edge.listen();
    return await run({ url: async () => url, send });
  } finally {
    await edge.close();
    await hosted.close();
    await databases.close();
  }
}
