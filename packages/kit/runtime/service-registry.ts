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
import { Revocations } from "../identity/revocations.ts";
import type { TlsCredentials } from "../identity/tls-files.ts";
import { withServiceIdentity } from "../rpc/service-transport.ts";
import { serviceNameOf } from "./service.ts";

/** Options of the service registry. */
export type ServiceRegistryOptions = {
  readonly config: Config;
  /** The services that this process hosts; each is registered once it has started. */
  readonly hosted: ReadonlySet<string>;
  /** TLS credentials for new connections to other processes; without them, connections are in cleartext. */
  readonly tls?: (() => TlsCredentials) | undefined;
  /** Transports by service name; they replace configured addresses. */
  readonly transports?: ReadonlyMap<string, Transport>;
  /** The public keys of an issuer of access tokens other than auth; none of its tokens is taken back. */
  readonly fetchJwks?: FetchJwks;
};

/**
 * Service discovery: maps service names to transports, local or remote. A transport is resolved at each call,
 * so that services can start in any order.
 */
export class ServiceRegistry {
  readonly authenticator: Authenticator;
  /** Undefined when auth is not the issuer of access tokens. */
  readonly revocations: Revocations | undefined;
  readonly #transports: Map<string, Transport>;
  readonly #hosted: ReadonlySet<string>;

  constructor({ config, hosted, tls, transports, fetchJwks }: ServiceRegistryOptions) {
    const remote = Object.entries(config.addresses).map(
      ([service, address]) => [service, createRemoteTransport(address, tls)] as const,
    );
    this.#transports = new Map([...remote, ...(transports ?? [])]);
    this.#hosted = hosted;
    this.revocations = fetchJwks ? undefined : new Revocations();
    this.authenticator = createAuthenticator({
      revocations: this.revocations,
      serviceKey: serviceKeyOf(config),
      fetchJwks: fetchJwks ?? jwksFetcher(createClient(AuthService, this.transport("auth"))),
    });
  }

  /** Registers a hosted service. */
  register(service: string, transport: Transport): void {
    this.#transports.set(service, transport);
  }

  /**
   * The transport to a service. With `as` it calls in the name of that service; without it, as the gateway
   * does, it adds no credentials and no deadline. Throws an OperatorError when the service is neither hosted
   * here nor has an address.
   */
  transport(service: string, as?: string): Transport {
    if (!this.#hosted.has(service) && !this.#transports.has(service)) {
      const variable = `PLAZA_${service.toUpperCase()}_ADDRESS`;
      const caller = as ?? "Plaza";
      throw new OperatorError(
        `${caller} needs the service ${service}; start it in this process, or set ${variable}.`,
      );
    }
    const resolve = () => this.#transports.get(service) ?? throwNotStarted(service);
    const transport: Transport = {
      unary: (...call) => resolve().unary(...call),
      stream: (...call) => resolve().stream(...call),
    };
    return as === undefined
      ? transport
      : withServiceIdentity(() => this.authenticator.serviceToken(as), transport);
  }

  /** A client of the service that owns the contract; it calls in the name of the service `as`. */
  client<T extends DescService>(contract: T, as: string): Client<T> {
    return createClient(contract, this.transport(serviceNameOf(contract), as));
  }
}

/** Balances by least outstanding requests, so that a slow server gets fewer calls. */
function createRemoteTransport(
  address: readonly string[],
  tls: ServiceRegistryOptions["tls"],
): Transport {
  return createGrpcTransport({
    address,
    loadBalancingPolicy: "least_outstanding",
    // Plaza's own servers permit it. Otherwise a machine that is gone holds its calls until their deadlines.
    limits: { keepaliveIntervalMs: 30_000 },
    ...(tls && { tls }),
  });
}

function serviceKeyOf(config: Config): string {
  if (config.PLAZA_SERVICE_KEY) return config.PLAZA_SERVICE_KEY;
  if (Object.keys(config.addresses).length === 0) return randomBytes(32).toString("base64url");
  throw new OperatorError(
    "PLAZA_SERVICE_KEY must be set to the same value in all processes when Plaza runs in more than one.",
  );
}

function jwksFetcher(auth: Client<typeof AuthService>): FetchJwks {
  return async (signal) => {
    const keySet = await auth.getJwks({}, { signal, timeoutMs: jwksTimeoutMs });
    return toJson(JwksSchema, keySet) as unknown as JSONWebKeySet;
  };
}

function throwNotStarted(service: string): never {
  throw new Error(`${service} has not started`);
}
