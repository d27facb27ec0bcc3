import type { DescService } from "@bufbuild/protobuf";
import type { Client, ServiceImpl } from "@connectrpc/connect";
import type { Config } from "../config.ts";
import type { Pool } from "../db/database.ts";
import type { EventHandler } from "../events/event-handler.ts";
import type { PubSub } from "../pubsub/pubsub.ts";
import type { Logger } from "../telemetry/log.ts";

/** Dependencies of a service. Clock and ids are functions, so that tests can replace them. */
export type Deps = {
  /** The service's own database. */
  readonly db: Pool;
  /** Creates a client of another service, local or remote. */
  client<T extends DescService>(contract: T): Client<T>;
  readonly now: () => Date;
  /** Creates a UUIDv7. */
  readonly newId: () => string;
  readonly config: Config;
  readonly log: Logger;
  /** Pub/sub between the processes that host the service. */
  readonly pubsub: PubSub;
};

/** A periodic job. It must be safe to run twice, and in two processes at once. */
export type Task = {
  readonly name: string;
  readonly intervalMs: number;
  run(): Promise<void>;
};

/** What a service creates: handlers of calls, handlers of events, periodic jobs. */
export type ServiceInstance<T extends DescService> = {
  readonly implementation: ServiceImpl<T>;
  readonly eventHandlers?: readonly EventHandler[];
  readonly tasks?: readonly Task[];
  /** Creates the demo data of development unless it exists. Runs after all services have started. */
  seed?(): Promise<void>;
  /** Closes long-lived streams at shutdown. */
  closeStreams?(): void;
};

/** The definition of a service, the same for all placements. */
export type Service<T extends DescService = DescService> = {
  /** A noun like `posts`; part of the names of its database and settings. */
  readonly name: string;
  readonly contract: T;
  /** The folder of its migrations. */
  readonly migrations: URL;
  create(deps: Deps): ServiceInstance<T>;
};

/** Defines a service. A function, so that TypeScript checks the handlers against the contract. */
export function defineService<T extends DescService>(service: Service<T>): Service {
  return service as unknown as Service;
}

/** The name of the service that owns a contract: `plaza.posts.v1.PostService` → `posts`. */
export function serviceNameOf(contract: DescService): string {
  return contract.file.proto.package.split(".")[1] ?? contract.typeName;
}
