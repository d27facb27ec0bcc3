import type { DescMethodUnary, DescService } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";

/** A client of the unary methods of a service. */
export type UnaryClient<Service extends DescService> = {
  [Name in keyof Client<Service> as Service["method"][Name] extends DescMethodUnary
    ? Name
    : never]: Client<Service>[Name];
};

/**
 * Makes a client that is loaded at its first call. From then on, calls are sent in the turn in which they are made,
 * for the account that is active then. A call rejects when the client cannot be loaded; the next one tries again.
 */
export function createLazyClient<Service extends DescService>(
  load: () => Promise<Client<Service>>,
): UnaryClient<Service> {
  type Method = (...args: readonly unknown[]) => Promise<unknown>;
  let loaded: Record<string, Method> | undefined;
  const loadOnce = async () => {
    loaded = (await load()) as Record<string, Method>;
    return loaded;
  };
  const call =
    (name: string): Method =>
    async (...args) =>
      (loaded ?? (await loadOnce()))[name]?.(...args);
  return new Proxy({} as UnaryClient<Service>, { get: (_, name) => call(String(name)) });
}
