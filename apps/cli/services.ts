import { readdirSync } from "node:fs";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import type { Service } from "@plaza/kit/runtime/service";

const servicesDir = new URL("../../services/", import.meta.url);

/** The names of all services: the folders of services/, in the order in which they are seeded. */
export function serviceNames(): string[] {
  const names = readdirSync(servicesDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  return names.sort((a, b) => seedRank(a) - seedRank(b) || a.localeCompare(b));
}

/** Loads the named services, each the export of its folder's main.ts that bears its name. */
export function loadServices(names: readonly string[]): Promise<Service[]> {
  return Promise.all(
    names.map(async (name) => {
      if (!serviceNames().includes(name)) {
        throw new OperatorError(
          `There is no service "${name}"; there are ${serviceNames().join(", ")}.`,
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

// Accounts come before profiles, and both before what members write.
function seedRank(name: string): number {
  const first = ["auth", "users"].indexOf(name);
  return first < 0 ? 2 : first;
}

function throwNotExported(name: string): never {
  throw new Error(`services/${name}/main.ts exports no "${name}"`);
}
