import { randomBytes } from "node:crypto";
import { type DescService, toJson } from "@bufbuild/protobuf";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { AuthService, JwksSchema } from "@plaza/contract/auth/v1/auth";
import { createGrpcTransport } from "@plaza/grpc/transport";
import type { JSONWebKeySet } from "jose";
import type { Config } from "../config.ts";
import { OperatorError } from "../errors/operator-error.ts";
import { type Authenticator, createAuthenticator } from "../identity/authenticator.ts";
import { type FetchJwks, jwksTimeoutMs } from "../identity/jwks.ts";
import type { TlsCredentials } from "../identity/tls-files.ts";
import { withServiceIdentity } from "../rpc/service-transport.ts";
import { serviceNameOf } from "./service.ts";

/** What a directory is made with. */
export type ServiceRegistryOptions = {
  readonly config: Config;
  /** The services that this process will host; each is entered once it is up. */
  readonly hosted: ReadonlySet<string>;
  /** The certificates with which it reaches the others, for each connection; without, in cleartext. */
  readonly tls?: (() => TlsCredentials) | undefined;
  /** Transports to services elsewhere, by name, instead of those at configured addresses. */
  readonly transports?: ReadonlyMap<string, Transport>;
  /** Replaces the call to auth for the public keys of access tokens. */
  readonly fetchJwks?: FetchJwks;
};

/**
 * Where each service is reached from this process: here, or at its address. Transports are looked up at
 * each call, so that services can be made before their neighbours are.
 */
export class ServiceRegistry {
  readonly authenticator: Authenticator;
  readonly #transports: Map<string, Transport>;
  readonly #hosted: ReadonlySet<string>;

  constructor({ config, hosted, tls, transports, fetchJwks }: ServiceRegistryOptions) {
    const remote = Object.entries(config.addresses).map(
      ([service, address]) => [service, createRemoteTransport(address, tls)] as const,
    );
    this.#transports = new Map([...remote, ...(transports ?? [])]);
    this.#hosted = hosted;
    this.authenticator = createAuthenticator({
      serviceKey: serviceKeyOf(config),
      fetchJwks: fetchJwks ?? jwksFetcher(createClient(AuthService, this.transport("auth"))),
    });
  }

  /** Enters a service that this process hosts. */
  register(service: string, transport: Transport): void {
    this.#transports.set(service, transport);
  }

  /**
   * A transport to a service. With a name it calls as that service; without one it passes on calls of
   * people outside, whose headers and deadline are for its user to set. Throws a StartError when the
   * service is neither here nor at an address.
   */
  transport(service: string, as?: string): Transport {
    if (!this.#hosted.has(service) && !this.#transports.has(service)) {
      const variable = `PLAZA_${service.toUpperCase()}_ADDRESS`;
      const who = as ?? "Plaza";
      throw new OperatorError(
        `${who} needs ${service}: start it in this process, or set ${variable}.`,
      );
    }
    const found = () => this.#transports.get(service) ?? throwNotStarted(service);
    const bare: Transport = {
      unary: (...call) => found().unary(...call),
      stream: (...call) => found().stream(...call),
    };
    return as === undefined
      ? bare
      : withServiceIdentity(() => this.authenticator.serviceToken(as), bare);
  }

  /** A client of the service that owns the contract, calling as the named service. */
  client<T extends DescService>(contract: T, as: string): Client<T> {
    return createClient(contract, this.transport(serviceNameOf(contract), as));
  }
}

/** Of several servers the one with the fewest calls under way is called: a slow one gets fewer. */
function createRemoteTransport(
  address: readonly string[],
  tls: ServiceRegistryOptions["tls"],
): Transport {
  return createGrpcTransport({
    address,
    loadBalancingPolicy: "least_outstanding",
    ...(tls && { tls }),
  });
}

function serviceKeyOf(config: Config): string {
  if (config.PLAZA_SERVICE_KEY) return config.PLAZA_SERVICE_KEY;
  if (Object.keys(config.addresses).length === 0) return randomBytes(32).toString("base64url");
  throw new OperatorError(
    "PLAZA_SERVICE_KEY must be set, the same in all processes, when services run in several.",
  );
}

function jwksFetcher(auth: Client<typeof AuthService>): FetchJwks {
  return async (signal) => {
    const keySet = await auth.getJwks({}, { signal, timeoutMs: jwksTimeoutMs });
    return toJson(JwksSchema, keySet) as unknown as JSONWebKeySet;
  };
}

function throwNotStarted(service: string): never {
  throw new Error(`${service} is not up`);
}
