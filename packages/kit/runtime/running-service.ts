import type { DescService } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { EventService } from "@plaza/contract/kit/v1/events";
import type { Config } from "../config.ts";
import { type ConnectionConfig, toOperatorError } from "../db/connection-config.ts";
import { connect, type Pool } from "../db/database.ts";
import { migrateService } from "../db/migrate.ts";
import type { ConsumerOptions } from "../events/consumer.ts";
import { eventService } from "../events/event-log.ts";
import { newId } from "../id.ts";
import { postgresBackend } from "../pubsub/postgres-backend.ts";
import { createPubSub, type PubSub } from "../pubsub/pubsub.ts";
import { redisBackend } from "../pubsub/redis-backend.ts";
import {
  createLocalTransport,
  type HostedService,
  type LocalTransportOptions,
} from "../rpc/local-transport.ts";
import { withMiddleware } from "../rpc/pipeline.ts";
import type { Logger } from "../telemetry/log.ts";
import type { Service, ServiceInstance } from "./service.ts";
import type { ServiceRegistry } from "./service-registry.ts";

/** Options of `startService`. */
export type StartServiceOptions = LocalTransportOptions & {
  readonly config: Config;
  readonly log: Logger;
  /** Connection parameters of the database of a service, which exists. */
  readonly database: (service: string) => ConnectionConfig | Promise<ConnectionConfig>;
  readonly now?: () => Date;
  /** Aborts when this process shuts down. */
  readonly closing: AbortSignal;
};

/** A service running in this process. */
export type RunningService = {
  readonly name: string;
  readonly db: Pool;
  readonly pubsub: PubSub;
  readonly instance: ServiceInstance<DescService>;
  /** The contract with the handlers, wrapped in the pipeline. */
  readonly hosted: HostedService;
  readonly consumers: readonly ConsumerOptions[];
};

/**
 * Starts a service: connects and migrates its database, creates it, wraps its handlers in the pipeline and
 * registers it.
 */
export async function startService(
  service: Service,
  registry: ServiceRegistry,
  options: StartServiceOptions,
): Promise<RunningService> {
  const { name, contract } = service;
  const log = options.log.child({ service: name });
  const db = connect(await options.database(name), { name: `plaza ${name}` });
  try {
    await migrateService(db, service.migrations);
  } catch (error) {
    await db.end();
    throw toOperatorError(error, db.connectionConfig);
  }
  const { REDIS_URL } = options.config;
  const backend = REDIS_URL
    ? redisBackend(REDIS_URL, `plaza ${name}`, log)
    : postgresBackend(db.connectionConfig, `plaza ${name} pubsub`);
  const pubsub = createPubSub(backend);
  const instance = service.create({
    db,
    pubsub,
    client: (contract) => registry.client(contract, name),
    now: options.now ?? (() => new Date()),
    newId,
    config: options.config,
    log,
  });
  const { authenticate, watch } = registry.authenticator;
  const hosted = {
    contract,
    implementation: withMiddleware(contract, instance.implementation, { authenticate, watch, log }),
  };
  const events = hostEventService(new Map([[name, db]]), registry, log, options.closing);
  registry.register(name, createLocalTransport([hosted, events], options));
  return {
    name,
    db,
    pubsub,
    instance,
    hosted,
    consumers: consumersOf(name, instance, registry, db, log),
  };
}

/** EventService over the given event logs, wrapped in the pipeline; calls wait for events until `closing` aborts. */
export function hostEventService(
  logs: ReadonlyMap<string, Pool>,
  { authenticator }: ServiceRegistry,
  log: Logger,
  closing: AbortSignal,
): HostedService {
  const { authenticate } = authenticator;
  const implementation = eventService(logs, closing);
  const wrapped = withMiddleware(EventService, implementation, { authenticate, log });
  return { contract: EventService, implementation: wrapped as HostedService["implementation"] };
}

function consumersOf(
  name: string,
  { eventHandlers = [] }: ServiceInstance<DescService>,
  registry: ServiceRegistry,
  db: Pool,
  log: Logger,
): ConsumerOptions[] {
  return [...Map.groupBy(eventHandlers, ({ source }) => source)].map(([source, handlers]) => {
    const eventClient = createClient(EventService, registry.transport(source, name));
    return { source, eventHandlers: handlers, db, log, eventClient };
  });
}
