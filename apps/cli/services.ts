import { readdirSync } from "node:fs";
import { StartError } from "@plaza/kit/errors/operator-error";
import type { Service } from "@plaza/kit/runtime/service";

const folder = new URL("../../services/", import.meta.url);

/** The names of all services: the folders of services/, in the order in which they are seeded. */
export function serviceNames(): string[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  return names.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** Loads the named services, each the export of its folder's main.ts that bears its name. */
export function loadServices(names: readonly string[]): Promise<Service[]> {
  return Promise.all(
    names.map(async (name) => {
      if (!serviceNames().includes(name)) {
        throw new StartError(
          `There is no service "${name}"; there are ${serviceNames().join(", ")}.`,
        );
      }
      const module = (await import(new URL(`${name}/main.ts`, folder).href)) as Record<
        string,
        Service
      >;
      return module[name] ?? notExported(name);
    }),
  );
}

// Accounts come before profiles, and both before what members write.
function rank(name: string): number {
  const first = ["auth", "users"].indexOf(name);
  return first < 0 ? 2 : first;
}

function notExported(name: string): never {
  throw new Error(`services/${name}/main.ts exports no "${name}"`);
}
