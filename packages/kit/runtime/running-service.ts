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

/** What starting a service takes. */
export type StartServiceOptions = LocalTransportOptions & {
  readonly config: Config;
  readonly log: Logger;
  /** Where the database of a service is; it exists. */
  readonly database: (service: string) => ConnectionConfig | Promise<ConnectionConfig>;
  readonly now?: () => Date;
};

/** A service that runs in this process. */
export type RunningService = {
  readonly name: string;
  readonly db: Pool;
  readonly pubsub: PubSub;
  readonly instance: ServiceInstance<DescService>;
  /** Its contract, served by its handlers inside the chain. */
  readonly hosted: HostedService;
  readonly consumers: readonly ConsumerOptions[];
};

/** Makes a service run: its database migrated, its handlers in the chain, itself in the directory. */
export async function startService(
  service: Service,
  directory: ServiceRegistry,
  options: StartServiceOptions,
): Promise<RunningService> {
  const { name, contract } = service;
  const log = options.log.child({ unit: name });
  const db = connect(await options.database(name), { name: `plaza ${name}` });
  try {
    await migrateService(db, service.migrations);
  } catch (error) {
    await db.end();
    throw toOperatorError(error, db.connectionConfig);
  }
  const { REDIS_URL } = options.config;
  const carrier = REDIS_URL
    ? redisBackend(REDIS_URL, `plaza ${name}`, log)
    : postgresBackend(db.connectionConfig, `plaza ${name} fan-out`);
  const pubsub = createPubSub(carrier);
  const instance = service.create({
    db,
    pubsub,
    client: (contract) => directory.client(contract, name),
    now: options.now ?? (() => new Date()),
    newId,
    config: options.config,
    log,
  });
  const { authenticate } = directory.authenticator;
  const hosted = {
    contract,
    implementation: withMiddleware(contract, instance.implementation, { authenticate, log }),
  };
  const events = hostEventService(new Map([[name, db]]), directory, log);
  directory.register(name, createLocalTransport([hosted, events], options));
  return {
    name,
    db,
    pubsub,
    instance,
    hosted,
    consumers: consumersOf(name, instance, directory, db, log),
  };
}

/** The event logs of services, served by call. */
export function hostEventService(
  logs: ReadonlyMap<string, Pool>,
  { authenticator }: ServiceRegistry,
  log: Logger,
): HostedService {
  const { authenticate } = authenticator;
  const implementation = withMiddleware(EventService, eventService(logs), { authenticate, log });
  return {
    contract: EventService,
    implementation: implementation as HostedService["implementation"],
  };
}

function consumersOf(
  name: string,
  { eventHandlers = [] }: ServiceInstance<DescService>,
  directory: ServiceRegistry,
  db: Pool,
  log: Logger,
): ConsumerOptions[] {
  return [...Map.groupBy(eventHandlers, ({ source }) => source)].map(([source, handlers]) => {
    const eventClient = createClient(EventService, directory.transport(source, name));
    return { source, eventHandlers: handlers, db, log, eventClient };
  });
}
