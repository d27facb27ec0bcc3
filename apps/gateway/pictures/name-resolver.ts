import { Resolver } from "node:dns/promises";
import type { ResolveName } from "./public-address.ts";

const tryTimeoutMs = 2_000;
const tries = 2;

/**
 * Asks name servers, by default those of the system. Not `dns.lookup`, which occupies a thread that other work of
 * the process needs: a name server that does not answer could hold it for half a minute.
 */
export function createNameResolver(servers?: readonly string[]): ResolveName {
  const resolver = new Resolver({ timeout: tryTimeoutMs, tries });
  if (servers) resolver.setServers(servers);
  return async (hostname) => {
    const found = await Promise.allSettled([
      resolver.resolve4(hostname).then((all) => all.map((address) => ({ address, family: 4 }))),
      resolver.resolve6(hostname).then((all) => all.map((address) => ({ address, family: 6 }))),
    ]);
    return found.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  };
}
