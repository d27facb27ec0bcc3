import type { DescService } from "@bufbuild/protobuf";
import type { Client, Transport } from "@connectrpc/connect";
import type { Router } from "@plaza/grpc/calls/routes";
import type { Pool } from "../db/database.ts";
import { recent } from "../memoize-ttl.ts";
import { requirePolicies } from "../rpc/policy.ts";
import { servedEvents, startUnit, type Unit, type UnitOptions } from "./running-service.ts";
import { ownerOf, type Service } from "./service.ts";
import { Directory, type DirectoryOptions } from "./service-registry.ts";
import { Workers } from "./workers.ts";

/** What hosting services takes. */
export type HostOptions = UnitOptions &
  Pick<DirectoryOptions, "neighbours" | "keys" | "tls"> & { readonly services: readonly Service[] };

/** So often databases are asked whether they are there, however many probes and watchers ask. */
const problemsEveryMs = 1_000;

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
  problems(): Promise<string[]>;
  /** Creates the demo data. */
  seed(): Promise<void>;
  /** Starts what services do on their own: following others and repeating tasks. */
  work(): void;
  /** Waits until everything announced so far by hosted services has been handled by their followers. */
  settle(): Promise<void>;
  /** Ends the streams of hosted services, whose readers are to look elsewhere. */
  drain(): void;
  /** The database of a hosted service. */
  database(service: string): Pool;
  close(): Promise<void>;
};

/**
 * Makes services run: connects and migrates their databases, wraps their handlers in the chain, and
 * connects them with each other and with the services at configured addresses. Throws a StartError
 * that says what is missing.
 */
export async function host(options: HostOptions): Promise<Host> {
  const { services, log } = options;
  for (const { contract } of services) requirePolicies(contract);
  const directory = new Directory({
    ...options,
    hosted: new Set(services.map(({ name }) => name)),
  });
  const units = await startAll(options, directory);
  const databases = new Map(units.map(({ name, db }) => [name, db]));
  const served = [...units.map(({ own }) => own), servedEvents(databases, directory, log)];
  const followers = units.flatMap(({ followers }) => followers);
  const workers = new Workers(log);

  return {
    client: (contract, as) => directory.client(contract, as),
    transport: (contract, as) => directory.transport(ownerOf(contract), as),
    contracts: services.map(({ contract }) => contract),
    routes(router) {
      for (const { contract, implementation } of served) router.service(contract, implementation);
    },
    problems: recent(problemsEveryMs, async () =>
      (await Promise.all(units.map(problemsOf))).flat(),
    ),
    async seed() {
      for (const { running } of units) await running.seed?.();
    },
    work() {
      for (const follower of followers) workers.follow(follower);
      for (const task of units.flatMap(({ running }) => running.tasks ?? [])) workers.repeat(task);
    },
    settle: () => workers.settle(followers),
    database: (name) => databases.get(name) ?? notHosted(name),
    drain() {
      for (const { running } of units) running.drain?.();
    },
    async close() {
      for (const { running } of units) running.drain?.();
      await workers.stop();
      await Promise.all(units.map(({ fanOut }) => fanOut.close()));
      await Promise.all(units.map(({ db }) => db.end()));
    },
  };
}

/** Starts all or none: when one cannot start, the others let go of their databases. */
async function startAll(options: HostOptions, directory: Directory): Promise<Unit[]> {
  const starting = options.services.map((service) => startUnit(service, directory, options));
  const results = await Promise.allSettled(starting);
  const started = results.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = results.find((one) => one.status === "rejected");
  if (!failed) return started;
  await Promise.all(started.map(({ db }) => db.end()));
  throw failed.reason;
}

async function problemsOf({ name, db }: Unit): Promise<string[]> {
  return db`select 1`.then(
    () => [],
    () => [`the database of ${name} cannot be reached`],
  );
}

function notHosted(name: string): never {
  throw new Error(`${name} is not hosted in this process`);
}
