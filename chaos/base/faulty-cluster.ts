import { createGateway } from "@plaza/gateway/gateway";
import { readConfig } from "@plaza/kit/config";
import type { ConnectionConfig } from "@plaza/kit/db/connection-config";
import type { Pool } from "@plaza/kit/db/database";
import { startHost } from "@plaza/kit/runtime/host";
import type { Service } from "@plaza/kit/runtime/service";
import { silentLogger } from "@plaza/kit/telemetry/log";
import { TestDatabases } from "@plaza/kit/testing/databases";
import { loadServices, serviceNames } from "../../apps/cli/services.ts";
import type { PasswordHasher } from "../../services/auth/crypto/password-hasher.ts";
import { defineAuthService } from "../../services/auth/main.ts";
import { acquire } from "./cleanup.ts";
import { type SendRequest, type SystemUnderTest, sendRequest } from "./system-under-test.ts";

/** A seeded fault: a faulty service, a database trigger, or a faulty transport. */
export type ServiceFault = {
  readonly service: Service;
  readonly breakDatabase?: (db: Pool) => Promise<unknown>;
  readonly send?: SendRequest;
};

/** Stores passwords as they are: no seeded fault concerns auth, and argon2 takes 45 ms each time. */
const plainHasher: PasswordHasher = {
  hash: async (password) => password,
  verify: async (password, stored) => password === stored,
  needsRehash: () => false,
};

/** Runs Plaza in this process with one faulty service, on its own databases. */
export class FaultyClusters {
  readonly #cleanup: AsyncDisposableStack;
  /** One for all clusters: a process may acquire the test server only once at a time. */
  readonly #databases = new TestDatabases();
  #lastDatabases: Promise<unknown> = Promise.resolve();

  constructor(cleanup: AsyncDisposableStack) {
    this.#cleanup = cleanup;
    cleanup.defer(() => this.#databases.close());
  }

  /** Runs a cluster while `run` runs; several may run at the same time. */
  async with<T>(
    { service, breakDatabase, send = sendRequest }: ServiceFault,
    run: (target: SystemUnderTest) => Promise<T>,
  ): Promise<T> {
    await using cleanup = this.#cleanup.use(new AsyncDisposableStack());
    const correct = await loadServices(serviceNames());
    const replacements = new Map(
      [defineAuthService(plainHasher), service].map((one) => [one.name, one]),
    );
    const services = correct.map((one) => replacements.get(one.name) ?? one);
    const connections = await this.#createDatabases(services);
    const config = readConfig({
      PLAZA_PORT: "0",
      PLAZA_RATE_LIMIT: "0",
      PLAZA_TRUST_PROXY: "1",
      PLAZA_FRIENDS_DECLINE_PAUSE_SECONDS: "0",
      PLAZA_SHOP_HOLD_SECONDS: "1",
      PLAZA_SHOP_MAX_UNPAID_ORDERS: "0",
      PLAZA_SHOP_MAX_RESERVED_PIECES: "0",
    });
    const database = (name: string) => connections.get(name) ?? this.#databases.createEmpty();
    const start = () => startHost({ services, config, log: silentLogger, database });
    const host = await acquire(cleanup, start, (one) => one.close());
    const contracts = services.map(({ contract }) => contract);
    const gateway = createGateway({ host, contracts, config, log: silentLogger });
    cleanup.defer(() => gateway.close());
    await host.seed();
    await breakDatabase?.(host.database(service.name));
    host.startWorkers();
    const { url } = await gateway.listen();
    const running = new AbortController();
    cleanup.defer(() => running.abort(new Error("The faulty cluster is stopped.")));
    return await run({ url: async () => url, send, signal: running.signal });
  }

  /** Copies one template after the other: making one takes both connections to the test server. */
  #createDatabases(services: readonly Service[]): Promise<Map<string, ConnectionConfig>> {
    const create = async (): Promise<Map<string, ConnectionConfig>> => {
      const connections = new Map<string, ConnectionConfig>();
      for (const { name, migrations } of services)
        connections.set(name, await this.#databases.createMigrated(migrations));
      return connections;
    };
    const creating = this.#lastDatabases.then(create);
    this.#lastDatabases = creating.catch(() => {});
    return creating;
  }
}
