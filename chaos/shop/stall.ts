import { createGateway } from "@plaza/gateway/gateway";
import { readConfig } from "@plaza/kit/config";
import { host } from "@plaza/kit/host";
import { silent } from "@plaza/kit/log";
import { TestDatabases } from "@plaza/kit/test-databases";
import { loadServices } from "../../apps/cli/services.ts";
import { plainSend, type Target } from "../kill/writer.ts";
import { type Planted, soundShop } from "./planted.ts";

/** Runs a broken shop in this process, on databases of its own, while `work` goes on. */
export async function withStall<T>(
  { service = soundShop, breakDatabase, send = plainSend }: Planted,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const databases = new TestDatabases();
  const services = [...(await loadServices(["auth", "users", "friends"])), service];
  const config = readConfig({
    PLAZA_PORT: "0",
    PLAZA_RATE_LIMIT: "0",
    PLAZA_TRUST_PROXY: "1",
    PLAZA_SHOP_HOLD_SECONDS: "1",
  });
  const hosted = await host({ services, config, log: silent, database: () => databases.empty() });
  const contracts = services.map(({ contract }) => contract);
  const edge = createGateway({ host: hosted, contracts, config, log: silent });
  try {
    await hosted.seed();
    await breakDatabase?.(hosted.database("shop"));
    hosted.work();
    const { url } = await edge.listen();
    return await work({ url: async () => url, send });
  } finally {
    await edge.close();
    await hosted.close();
    await databases.close();
  }
}
