import type { DescService } from "@bufbuild/protobuf";
import type { Client, ServiceImpl } from "@connectrpc/connect";
import type { Config } from "../config.ts";
import type { Pool } from "../db/database.ts";
import type { EventHandler } from "../events/event-handler.ts";
import type { PubSub } from "../pubsub/pubsub.ts";
import type { Logger } from "../telemetry/log.ts";

/** What a service is given. Clock and ids are functions, so that tests can set them. */
export type Deps = {
  /** The service's own database. */
  readonly db: Pool;
  /** A client of a service of Plaza, wherever that one runs. */
  client<T extends DescService>(contract: T): Client<T>;
  readonly now: () => Date;
  /** A new UUIDv7. */
  readonly newId: () => string;
  readonly config: Config;
  readonly log: Logger;
  /** Tells all processes that host the service. */
  readonly pubsub: PubSub;
};

/** Work that a service repeats on its own; it must be harmless to run twice or in two processes. */
export type Task = {
  readonly name: string;
  readonly intervalMs: number;
  run(): Promise<void>;
};

/** A service made ready: its handlers, what it follows, and what it repeats. */
export type ServiceInstance<T extends DescService> = {
  readonly implementation: ServiceImpl<T>;
  readonly eventHandlers?: readonly EventHandler[];
  readonly tasks?: readonly Task[];
  /** Creates the demo data of development, unless it is there. Runs once all services are up. */
  seed?(): Promise<void>;
  /** Ends the streams that would go on for as long as their readers stay, because the process stops. */
  closeStreams?(): void;
};

/** The one description of a service, from which any placement is made. */
export type Service<T extends DescService = DescService> = {
  /** A noun: `posts`. Names its database, its log lines and its address. */
  readonly name: string;
  readonly contract: T;
  /** The folder of its migrations. */
  readonly migrations: URL;
  create(deps: Deps): ServiceInstance<T>;
};

/** States a service; here only so that the types of contract and handlers meet. */
export function defineService<T extends DescService>(service: Service<T>): Service {
  return service as unknown as Service;
}

/** The name of the service that owns a contract: `plaza.posts.v1.PostService` → `posts`. */
export function serviceNameOf(contract: DescService): string {
  return contract.file.proto.package.split(".")[1] ?? contract.typeName;
}
