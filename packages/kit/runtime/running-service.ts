import type { DescService } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { EventService } from "@plaza/contract/kit/v1/events";
import type { Config } from "../config.ts";
import { explainConnectFailure, type Target } from "../db/connection-config.ts";
import { connect, type Pool } from "../db/database.ts";
import { migrateService } from "../db/migrate.ts";
import type { FollowerOptions } from "../events/consumer.ts";
import { eventService } from "../events/outbox.ts";
import { newId } from "../id.ts";
import { postgresCarrier } from "../pubsub/postgres-backend.ts";
import { createFanOut, type FanOut } from "../pubsub/pubsub.ts";
import { redisCarrier } from "../pubsub/redis-backend.ts";
import { createLocalTransport, type Hosted, type LocalOptions } from "../rpc/local-transport.ts";
import { chain } from "../rpc/pipeline.ts";
import type { Logger } from "../telemetry/log.ts";
import type { Running, Service } from "./service.ts";
import type { Directory } from "./service-registry.ts";

/** What starting a service takes. */
export type UnitOptions = LocalOptions & {
  readonly config: Config;
  readonly log: Logger;
  /** Where the database of a service is; it exists. */
  readonly database: (service: string) => Target | Promise<Target>;
  readonly now?: () => Date;
};

/** A service that runs in this process. */
export type Unit = {
  readonly name: string;
  readonly db: Pool;
  readonly fanOut: FanOut;
  readonly running: Running<DescService>;
  /** Its contract, served by its handlers inside the chain. */
  readonly own: Hosted;
  readonly followers: readonly FollowerOptions[];
};

/** Makes a service run: its database migrated, its handlers in the chain, itself in the directory. */
export async function startUnit(
  service: Service,
  directory: Directory,
  options: UnitOptions,
): Promise<Unit> {
  const { name, contract } = service;
  const log = options.log.child({ unit: name });
  const db = connect(await options.database(name), { name: `plaza ${name}` });
  try {
    await migrateService(db, service.migrations);
  } catch (error) {
    await db.end();
    throw explainConnectFailure(error, db.target);
  }
  const { REDIS_URL } = options.config;
  const carrier = REDIS_URL
    ? redisCarrier(REDIS_URL, `plaza ${name}`, log)
    : postgresCarrier(db.target, `plaza ${name} fan-out`);
  const fanOut = createFanOut(carrier);
  const running = service.create({
    db,
    fanOut,
    client: (contract) => directory.client(contract, name),
    now: options.now ?? (() => new Date()),
    newId,
    config: options.config,
    log,
  });
  const { identify } = directory.identity;
  const own = {
    contract,
    implementation: chain(contract, running.implementation, { identify, log }),
  };
  const events = servedEvents(new Map([[name, db]]), directory, log);
  directory.enter(name, createLocalTransport([own, events], options));
  return {
    name,
    db,
    fanOut,
    running,
    own,
    followers: followersOf(name, running, directory, db, log),
  };
}

/** The event logs of services, served by call. */
export function servedEvents(
  logs: ReadonlyMap<string, Pool>,
  { identity }: Directory,
  log: Logger,
): Hosted {
  const { identify } = identity;
  const implementation = chain(EventService, eventService(logs), { identify, log });
  return { contract: EventService, implementation: implementation as Hosted["implementation"] };
}

function followersOf(
  name: string,
  { follows = [] }: Running<DescService>,
  directory: Directory,
  db: Pool,
  log: Logger,
): FollowerOptions[] {
  return [...Map.groupBy(follows, ({ source }) => source)].map(([source, follows]) => {
    const events = createClient(EventService, directory.transport(source, name));
    return { source, follows, db, log, events };
  });
}
