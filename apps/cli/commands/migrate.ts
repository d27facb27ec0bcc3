import { readConfig } from "@plaza/kit/config";
import { connect } from "@plaza/kit/db/database";
import {
  type MigrationStatus,
  migrateDown,
  migrateService,
  migrationStatus,
} from "@plaza/kit/db/migrate";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import type { Service } from "@plaza/kit/runtime/service";
import { openDatabases } from "../databases.ts";
import { loadServices, serviceNames } from "../services.ts";

type MigrateAction = (
  db: ReturnType<typeof connect>,
  service: Service,
) => Promise<MigrationStatus[]>;

const actions: Record<string, MigrateAction> = {
  up: (db, service) => migrateService(db, service.migrations),
  down: (db, service) => migrateDown(db, service.migrations),
  status: (db, service) => migrationStatus(db, service.migrations),
};

/** `plaza migrate up|down|status [service…]`: for the named services, or for all. */
export async function run([verb = "", ...names]: string[]): Promise<void> {
  const action = actions[verb] ?? throwUsage();
  const config = readConfig(process.env);
  const services = await loadServices(names.length > 0 ? names : serviceNames());
  const databases = await openDatabases(
    config,
    services.map(({ name }) => name),
  );
  try {
    for (const service of services) {
      const db = connect(await databases.connectionConfig(service.name), { max: 1 });
      printStatuses(service.name, await action(db, service).finally(() => db.end()));
    }
  } finally {
    await databases.close();
  }
}

function printStatuses(service: string, steps: readonly MigrationStatus[]): void {
  if (steps.length === 0) process.stdout.write(`${service}: nothing to do\n`);
  for (const { name, appliedAt } of steps) {
    process.stdout.write(
      `${service}: ${name} ${appliedAt ? `applied ${appliedAt.toISOString()}` : "not applied"}\n`,
    );
  }
}

function throwUsage(): never {
  throw new OperatorError("Wrong arguments; usage: plaza migrate up|down|status [service…].");
}
