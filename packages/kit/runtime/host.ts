import type { DescService } from "@bufbuild/protobuf";
import type { Client, Transport } from "@connectrpc/connect";
import type { Router } from "@plaza/grpc/calls";
import type { Pool } from "../db/database.ts";
import { memoizeFor } from "../memoize-ttl.ts";
import { requirePolicies } from "../rpc/policy.ts";
import {
  hostEventService,
  type RunningService,
  type StartServiceOptions,
  startService,
} from "./running-service.ts";
import { type Service, serviceNameOf } from "./service.ts";
import { ServiceRegistry, type ServiceRegistryOptions } from "./service-registry.ts";
import { Workers } from "./workers.ts";

/** What hosting services takes. */
export type HostOptions = StartServiceOptions &
  Pick<ServiceRegistryOptions, "transports" | "fetchJwks" | "tls"> & {
    readonly services: readonly Service[];
  };

/** So often databases are asked whether they are there, however many probes and watchers ask. */
const readinessIntervalMs = 1_000;

/** Services, up and running in this process. */
export type Host = {
  /** A client of any service, local or remote, that calls in the name of the given service. */
  client<T extends DescService>(contract: T, as: string): Client<T>;
  /**
   * A transport to the service that owns the contract. With a name it calls as that service; without
   * one it passes on calls of people outside, whose headers and deadline are for its user to set.
   */
  transport(contract: DescService, as?: string): Transport;
  /** Puts everything hosted here on a router, so that other processes can call it. */
  routes(router: Router): void;
  /** The contracts hosted here. */
  readonly contracts: readonly DescService[];
  /** What keeps this process from serving, in words, as of the last second; empty when it is ready. */
  readinessProblems(): Promise<string[]>;
  /** Creates the demo data. */
  seed(): Promise<void>;
  /** Starts what services do on their own: following others and repeating tasks. */
  startWorkers(): void;
  /** Waits until everything announced so far by hosted services has been handled by their followers. */
  drainEvents(): Promise<void>;
  /** Ends the streams of hosted services, whose readers are to look elsewhere. */
  closeStreams(): void;
  /** The database of a hosted service. */
  database(service: string): Pool;
  close(): Promise<void>;
};

/**
 * Makes services run: connects and migrates their databases, wraps their handlers in the chain, and
 * connects them with each other and with the services at configured addresses. Throws a StartError
 * that says what is missing.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const { services, log } = options;
  for (const { contract } of services) requirePolicies(contract);
  const directory = new ServiceRegistry({
    ...options,
    hosted: new Set(services.map(({ name }) => name)),
  });
  const units = await startServices(options, directory);
  const databases = new Map(units.map(({ name, db }) => [name, db]));
  const served = [
    ...units.map(({ hosted }) => hosted),
    hostEventService(databases, directory, log),
  ];
  const followers = units.flatMap(({ consumers }) => consumers);
  const workers = new Workers(log);

  return {
    client: (contract, as) => directory.client(contract, as),
    transport: (contract, as) => directory.transport(serviceNameOf(contract), as),
    contracts: services.map(({ contract }) => contract),
    routes(router) {
      for (const { contract, implementation } of served) router.service(contract, implementation);
    },
    readinessProblems: memoizeFor(readinessIntervalMs, async () =>
      (await Promise.all(units.map(readinessProblemsOf))).flat(),
    ),
    async seed() {
      for (const { instance } of units) await instance.seed?.();
    },
    startWorkers() {
      for (const follower of followers) workers.consume(follower);
      for (const task of units.flatMap(({ instance }) => instance.tasks ?? []))
        workers.repeat(task);
    },
    drainEvents: () => workers.drain(followers),
    database: (name) => databases.get(name) ?? throwNotHosted(name),
    closeStreams() {
      for (const { instance } of units) instance.closeStreams?.();
    },
    async close() {
      for (const { instance } of units) instance.closeStreams?.();
      await workers.stop();
      await Promise.all(units.map(({ pubsub }) => pubsub.close()));
      await Promise.all(units.map(({ db }) => db.end()));
    },
  };
}

/** Starts all or none: when one cannot start, the others let go of their databases. */
async function startServices(
  options: HostOptions,
  directory: ServiceRegistry,
): Promise<RunningService[]> {
  const starting = options.services.map((service) => startService(service, directory, options));
  const results = await Promise.allSettled(starting);
  const started = results.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = results.find((one) => one.status === "rejected");
  if (!failed) return started;
  await Promise.all(started.map(({ db }) => db.end()));
  throw failed.reason;
}

async function readinessProblemsOf({ name, db }: RunningService): Promise<string[]> {
  return db`select 1`.then(
    () => [],
    () => [`the database of ${name} cannot be reached`],
  );
}

function throwNotHosted(name: string): never {
  throw new Error(`${name} is not hosted in this process`);
}
