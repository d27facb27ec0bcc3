import { randomBytes } from "node:crypto";
import { type DescService, toJson } from "@bufbuild/protobuf";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { AuthService, JwksSchema } from "@plaza/contract/auth/v1/auth";
import { createGrpcTransport } from "@plaza/grpc/transport";
import type { JSONWebKeySet } from "jose";
import type { Config } from "../config.ts";
import { StartError } from "../errors/operator-error.ts";
import { createIdentity, type Identity } from "../identity/authenticator.ts";
import type { Tls } from "../identity/tls-files.ts";
import { callingAs } from "../rpc/service-transport.ts";
import { ownerOf } from "./service.ts";

/** What a directory is made with. */
export type DirectoryOptions = {
  readonly config: Config;
  /** The services that this process will host; each is entered once it is up. */
  readonly hosted: ReadonlySet<string>;
  /** The certificates with which it reaches the others, for each connection; without, in cleartext. */
  readonly tls?: (() => Tls) | undefined;
  /** Transports to services elsewhere, by name, instead of those at configured addresses. */
  readonly neighbours?: ReadonlyMap<string, Transport>;
  /** The public keys of access tokens, instead of auth's. */
  readonly keys?: () => Promise<JSONWebKeySet>;
};

/**
 * Where each service is reached from this process: here, or at its address. Transports are looked up at
 * each call, so that services can be made before their neighbours are.
 */
export class Directory {
  readonly identity: Identity;
  readonly #transports: Map<string, Transport>;
  readonly #hosted: ReadonlySet<string>;

  constructor({ config, hosted, tls, neighbours, keys }: DirectoryOptions) {
    const remote = Object.entries(config.addresses).map(
      ([service, address]) => [service, transportTo(address, tls)] as const,
    );
    this.#transports = new Map([...remote, ...(neighbours ?? [])]);
    this.#hosted = hosted;
    this.identity = createIdentity({
      serviceKey: serviceKeyOf(config),
      keys: keys ?? keysOf(createClient(AuthService, this.transport("auth"))),
    });
  }

  /** Enters a service that this process hosts. */
  enter(service: string, transport: Transport): void {
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
      throw new StartError(
        `${who} needs ${service}: start it in this process, or set ${variable}.`,
      );
    }
    const found = () => this.#transports.get(service) ?? notUp(service);
    const bare: Transport = {
      unary: (...call) => found().unary(...call),
      stream: (...call) => found().stream(...call),
    };
    return as === undefined ? bare : callingAs(() => this.identity.serviceToken(as), bare);
  }

  /** A client of the service that owns the contract, calling as the named service. */
  client<T extends DescService>(contract: T, as: string): Client<T> {
    return createClient(contract, this.transport(ownerOf(contract), as));
  }
}

/** Of several servers the one with the fewest calls under way is called: a slow one gets fewer. */
function transportTo(address: readonly string[], tls: DirectoryOptions["tls"]): Transport {
  return createGrpcTransport({ address, balancing: "least_outstanding", ...(tls && { tls }) });
}

function serviceKeyOf(config: Config): string {
  if (config.PLAZA_SERVICE_KEY) return config.PLAZA_SERVICE_KEY;
  if (Object.keys(config.addresses).length === 0) return randomBytes(32).toString("base64url");
  throw new StartError(
    "PLAZA_SERVICE_KEY must be set, the same in all processes, when services run in several.",
  );
}

function keysOf(auth: Client<typeof AuthService>): () => Promise<JSONWebKeySet> {
  return async () => toJson(JwksSchema, await auth.getJwks({})) as unknown as JSONWebKeySet;
}

function notUp(service: string): never {
  throw new Error(`${service} is not up`);
}
