import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { EventService } from "@plaza/contract/kit/v1/events";
import type { Router } from "@plaza/grpc/calls";
import type { Pool } from "../db/database.ts";
import { memoizeFor } from "../memoize-ttl.ts";
import { requirePolicies } from "../rpc/policy.ts";
import type { Logger } from "../telemetry/log.ts";
import { consumeRevocations } from "./revocation-consumer.ts";
import { reportRevocations } from "./revocation-metrics.ts";
import {
  hostEventService,
  type RunningService,
  type StartServiceOptions,
  startService,
} from "./running-service.ts";
import { type Service, serviceNameOf } from "./service.ts";
import { ServiceRegistry, type ServiceRegistryOptions } from "./service-registry.ts";
import { Workers } from "./workers.ts";

/** Options of `startHost`. */
export type HostOptions = Omit<StartServiceOptions, "closing"> &
  Pick<ServiceRegistryOptions, "transports" | "fetchJwks" | "tls"> & {
    readonly services: readonly Service[];
  };

/** Readiness is checked at most this often, however many probes and watchers there are. */
const readinessIntervalMs = 1_000;

/** The services running in this process. */
export type Host = {
  /** A client of any service, local or remote; it calls in the name of the service `as`. */
  client<T extends DescService>(contract: T, as: string): Client<T>;
  /**
   * The transport to the service that owns the contract. With `as` it calls in the name of that service;
   * without it, as the gateway does, it adds no credentials and no deadline.
   */
  transport(contract: DescService, as?: string): Transport;
  /** Registers the hosted services on a router, for calls from other processes. */
  routes(router: Router): void;
  /** The contracts of the hosted services. */
  readonly contracts: readonly DescService[];
  /** Why this process is not ready, in words, cached for a second; empty when it is ready. */
  readinessProblems(): Promise<string[]>;
  /** Creates the demo data of all hosted services. */
  seed(): Promise<void>;
  /** Starts event consumers and periodic jobs. */
  startWorkers(): void;
  /** Waits until hosted services have consumed all events published so far. */
  drainEvents(): Promise<void>;
  /** Ends streams and long polls at shutdown; clients reconnect to another process. */
  closeStreams(): void;
  /** The database of a hosted service. */
  database(service: string): Pool;
  close(): Promise<void>;
};

/**
 * Starts services in this process, and connects them with each other and with services at configured
 * addresses. Throws an OperatorError when a service cannot start.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const { services, log } = options;
  for (const { contract } of services) requirePolicies(contract);
  const registry = new ServiceRegistry({
    ...options,
    hosted: new Set(services.map(({ name }) => name)),
  });
  const closing = new AbortController();
  const running = await startServices({ ...options, closing: closing.signal }, registry);
  const databases = new Map(running.map(({ name, db }) => [name, db]));
  const hostedServices = [
    ...running.map(({ hosted }) => hosted),
    hostEventService(databases, registry, log, closing.signal),
  ];
  const consumers = running.flatMap(({ consumers }) => consumers);
  const consumingRevocations =
    services.length > 0 && startRevocationConsumer(registry, log, closing.signal);
  const workers = new Workers(log);
  const closeStreams = (): void => {
    closing.abort();
    for (const { instance } of running) instance.closeStreams?.();
  };

  return {
    client: (contract, as) => registry.client(contract, as),
    transport: (contract, as) => registry.transport(serviceNameOf(contract), as),
    contracts: services.map(({ contract }) => contract),
    routes(router) {
      for (const { contract, implementation } of hostedServices)
        router.service(contract, implementation);
    },
    readinessProblems: memoizeFor(readinessIntervalMs, async () =>
      (await Promise.all(running.map(readinessProblemsOf))).flat(),
    ),
    async seed() {
      for (const { instance } of running) await instance.seed?.();
    },
    startWorkers() {
      for (const consumer of consumers) workers.consume(consumer);
      for (const task of running.flatMap(({ instance }) => instance.tasks ?? []))
        workers.repeat(task);
    },
    drainEvents: () => workers.drain(consumers),
    database: (name) => databases.get(name) ?? throwNotHosted(name),
    closeStreams,
    async close() {
      closeStreams();
      await Promise.all([workers.stop(), consumingRevocations]);
      await Promise.all(running.map(({ pubsub }) => pubsub.close()));
      await Promise.all(running.map(({ db }) => db.end()));
    },
  };
}

/** Starts all or none: when one fails, closes the pools of the others. */
async function startServices(
  options: HostOptions & StartServiceOptions,
  registry: ServiceRegistry,
): Promise<RunningService[]> {
  const starting = options.services.map((service) => startService(service, registry, options));
  const results = await Promise.allSettled(starting);
  const started = results.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = results.find((one) => one.status === "rejected");
  if (!failed) return started;
  await Promise.all(started.map(({ db }) => db.end()));
  throw failed.reason;
}

async function startRevocationConsumer(
  registry: ServiceRegistry,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { revocations } = registry;
  if (!revocations) return;
  const events = createClient(EventService, registry.transport("auth", "plaza"));
  reportRevocations(revocations);
  await consumeRevocations(revocations, events, log, signal);
}

async function readinessProblemsOf({ name, db }: RunningService): Promise<string[]> {
  return db`select 1`.then(
    () => [],
    () => [`the database of ${name} is unavailable`],
  );
}

function throwNotHosted(name: string): never {
  throw new Error(`${name} is not hosted in this process`);
}
