import { randomBytes } from "node:crypto";
import { type DescService, toJson } from "@bufbuild/protobuf";
import { type Client, type ConnectRouter, createClient, type Transport } from "@connectrpc/connect";
import { AuthService, JwksSchema } from "@plaza/contract/auth/v1/auth";
import { EventService } from "@plaza/contract/kit/v1/events";
import type { JSONWebKeySet } from "jose";
import { chain } from "./chain.ts";
import type { Config } from "./config.ts";
import { connect, type Pool } from "./db.ts";
import type { Target } from "./db-target.ts";
import { eventService } from "./events.ts";
import { newId } from "./id.ts";
import { createIdentity, type Identity } from "./identity.ts";
import { createLocalTransport, type Hosted, type LocalOptions } from "./local-transport.ts";
import type { Logger } from "./log.ts";
import { migrate } from "./migrate.ts";
import { requirePolicies } from "./policy.ts";
import { type Follow, ownerOf, type Running, type Service } from "./service.ts";
import { StartError } from "./start-error.ts";
import { callingAs, createRemoteTransport } from "./transports.ts";
import { Workers } from "./workers.ts";

/** What hosting services takes. */
export type HostOptions = LocalOptions & {
  readonly services: readonly Service[];
  readonly config: Config;
  readonly log: Logger;
  /** Where the database of a service is; it exists. */
  readonly database: (service: string) => Target | Promise<Target>;
  readonly now?: () => Date;
  /** Transports to services elsewhere, by name, instead of those at configured addresses. */
  readonly neighbours?: ReadonlyMap<string, Transport>;
  /** The public keys of access tokens, instead of auth's. */
  readonly keys?: () => Promise<JSONWebKeySet>;
};

/** Services, up and running in this process. */
export type Host = {
  /** A client of any service, local or remote, that calls in the name of the given service. */
  client<T extends DescService>(contract: T, as: string): Client<T>;
  /**
   * A transport to the service that owns the contract. With a name it calls as that service; without
   * one it passes on calls of people outside, whose headers and deadline are for its user to set.
   */
  transport(contract: DescService, as?: string): Transport;
  /** Puts everything hosted here on a Connect router, so that other processes can call it. */
  routes(router: ConnectRouter): void;
  /** The contracts hosted here. */
  readonly contracts: readonly DescService[];
  /** What keeps this process from serving, in words; empty when it is ready. */
  problems(): Promise<string[]>;
  /** Creates the demo data. */
  seed(): Promise<void>;
  /** Starts what services do on their own: following others and repeating tasks. */
  work(): void;
  /** Waits until everything announced so far by hosted services has been handled by their followers. */
  settle(): Promise<void>;
  /** The database of a hosted service. */
  database(service: string): Pool;
  close(): Promise<void>;
};

type Unit = { service: Service; db: Pool; running: Running<DescService>; hosted: Hosted[] };

/** The name under which the edge calls. */
export const gatewayName = "gateway";

/** The tables that every service's database has: the event log and its readers' cursors. */
export const kitMigrations = new URL("./migrations/", import.meta.url);

/**
 * Makes services run: connects and migrates their databases, wraps their handlers in the chain, and
 * connects them with each other and with the services at configured addresses. Throws a StartError
 * that says what is missing.
 */
export async function host(options: HostOptions): Promise<Host> {
  const { services, config, log } = options;
  for (const { contract } of services) requirePolicies(contract);
  const names = new Set(services.map(({ name }) => name));
  const transports = new Map<string, Transport>(options.neighbours);
  const serviceKey = serviceKeyOf(config);
  const identity = createIdentity({ serviceKey, keys: options.keys ?? keysOfAuth() });

  function keysOfAuth(): () => Promise<JSONWebKeySet> {
    const auth = createClient(AuthService, transport("auth"));
    return async () => jwks(await auth.getJwks({}));
  }

  function transport(owner: string, as?: string): Transport {
    const address = config.addresses[owner];
    const elsewhere = !names.has(owner) && !transports.has(owner);
    if (elsewhere && !address) {
      const variable = `PLAZA_${owner.toUpperCase()}_ADDRESS`;
      throw new StartError(
        `${as ?? gatewayName} needs ${owner}: start it in this process, or set ${variable}.`,
      );
    }
    if (elsewhere && address) {
      transports.set(owner, createRemoteTransport(address));
    }
    const bare = late(transports, owner);
    return as === undefined ? bare : callingAs(() => identity.serviceToken(as), bare);
  }
  function client<T extends DescService>(contract: T, as: string): Client<T> {
    return createClient(contract, transport(ownerOf(contract), as));
  }

  const units = await Promise.all(
    services.map((service) => start(service, options, identity, client)),
  );
  for (const { service, hosted } of units) {
    transports.set(service.name, createLocalTransport(hosted, options));
  }
  const workers = new Workers(log);
  const followers = units.flatMap((unit) =>
    [...bySource(unit.running.follows ?? [])].map(([source, follows]) => ({
      source,
      follows,
      db: unit.db,
      log,
      events: createClient(EventService, transport(source, unit.service.name)),
    })),
  );
  const logs = new Map(units.map(({ service, db }) => [service.name, db]));
  const allEvents = chain(EventService, eventService(logs), { identify: identity.identify, log });

  return {
    client,
    transport: (contract, as) => transport(ownerOf(contract), as),
    contracts: units.map(({ service }) => service.contract),
    routes(router) {
      for (const { hosted } of units) {
        const [own] = hosted;
        if (own) router.service(own.contract, own.implementation);
      }
      router.service(EventService, allEvents);
    },
    async problems() {
      const found = await Promise.all(
        units.map(({ service, db }) =>
          db`select 1`.then(
            () => [],
            () => [`the database of ${service.name} cannot be reached`],
          ),
        ),
      );
      return found.flat();
    },
    async seed() {
      for (const { running } of units) await running.seed?.();
    },
    work() {
      for (const follower of followers) workers.follow(follower);
      for (const { running } of units) for (const task of running.tasks ?? []) workers.repeat(task);
    },
    async settle() {
      await workers.settle(followers);
    },
    database: (name) => logs.get(name) ?? unknownService(name),
    async close() {
      await workers.stop();
      await Promise.all(units.map(({ db }) => db.end()));
    },
  };
}

async function start(
  service: Service,
  options: HostOptions,
  identity: Identity,
  client: <T extends DescService>(contract: T, as: string) => Client<T>,
): Promise<Unit> {
  const { config } = options;
  const log = options.log.child({ service: service.name });
  const db = connect(await options.database(service.name), { name: `plaza ${service.name}` });
  await migrate(db, kitMigrations, "kit_migration");
  await migrate(db, service.migrations);
  const running = service.create({
    db,
    client: (contract) => client(contract, service.name),
    now: options.now ?? (() => new Date()),
    newId,
    config,
    log,
  });
  const steps = { identify: identity.identify, log };
  const events = eventService(new Map([[service.name, db]]));
  const hosted: Hosted[] = [
    {
      contract: service.contract,
      implementation: chain(service.contract, running.implementation, steps),
    },
    { contract: EventService, implementation: chain(EventService, events, steps) as never },
  ];
  return { service, db, running, hosted };
}

/** A transport that is looked up at each call, so that services can be made before their neighbours. */
function late(transports: ReadonlyMap<string, Transport>, owner: string): Transport {
  const found = () => transports.get(owner) ?? unknownService(owner);
  return {
    unary: (...call) => found().unary(...call),
    stream: (...call) => found().stream(...call),
  };
}

function unknownService(name: string): never {
  throw new Error(`${name} is not up`);
}

function bySource(follows: readonly Follow[]): Map<string, Follow[]> {
  return Map.groupBy(follows, ({ source }) => source);
}

function serviceKeyOf(config: Config): string {
  if (config.PLAZA_SERVICE_KEY) return config.PLAZA_SERVICE_KEY;
  if (Object.keys(config.addresses).length === 0) return randomBytes(32).toString("base64url");
  throw new StartError(
    "PLAZA_SERVICE_KEY must be set, the same in all processes, when services run in several.",
  );
}

function jwks(keys: Awaited<ReturnType<Client<typeof AuthService>["getJwks"]>>): JSONWebKeySet {
  return toJson(JwksSchema, keys) as unknown as JSONWebKeySet;
}
