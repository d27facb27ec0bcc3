import { readdirSync } from "node:fs";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import type { Service } from "@plaza/kit/runtime/service";

const servicesDir = new URL("../../services/", import.meta.url);

/** The names of all services (the folders of services/), in the order in which they are seeded. */
export function serviceNames(): string[] {
  const names = readdirSync(servicesDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  return names.sort((a, b) => seedRank(a) - seedRank(b) || a.localeCompare(b));
}

/** Loads the named services: from each folder's main.ts the export of the same name. */
export function loadServices(names: readonly string[]): Promise<Service[]> {
  return Promise.all(
    names.map(async (name) => {
      if (!serviceNames().includes(name)) {
        throw new OperatorError(
          `Unknown service "${name}"; the services are ${serviceNames().join(", ")}.`,
        );
      }
      const module = (await import(new URL(`${name}/main.ts`, servicesDir).href)) as Record<
        string,
        Service
      >;
      return module[name] ?? throwNotExported(name);
    }),
  );
}

// Accounts before profiles, and both before the data of members.
function seedRank(name: string): number {
  const rank = ["auth", "users"].indexOf(name);
  return rank < 0 ? 2 : rank;
}

function throwNotExported(name: string): never {
  throw new Error(`services/${name}/main.ts exports no "${name}"`);
}
