import { type EmbeddedServer, startEmbeddedServer } from "@plaza/kit/postgres/embedded-server";
import type { Scope } from "./scope.ts";

/** Starts PostgreSQL in a folder of its own. It runs where this process may run, and ends with the scope. */
export async function startPostgres(scope: Scope): Promise<EmbeddedServer> {
  const starting = startEmbeddedServer({ dataDir: scope.makeFolder() });
  scope.defer(async () => {
    const server = await starting.catch(() => undefined);
    await server?.stop();
  });
  return starting;
}
