import { randomUUIDv7 } from "node:crypto";
import { after, before } from "node:test";
import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient, type ServiceImpl, type Transport } from "@connectrpc/connect";
import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from "jose";
import { readConfig } from "../config.ts";
import type { Pool } from "../db/database.ts";
import { tokenIssuer } from "../identity/authenticator.ts";
import { createLocalTransport } from "../rpc/local-transport.ts";
import { type Host, type HostOptions, startHost } from "../runtime/host.ts";
import { type Service, serviceNameOf } from "../runtime/service.ts";
import { silentLogger } from "../telemetry/log.ts";
import { emptyDatabase } from "./db.ts";

/** Options of `testPlaza`. */
export type TestPlazaOptions = Partial<Pick<HostOptions, "log" | "now">> & {
  readonly services: readonly Service[];
  /** Stubs of other services. */
  readonly stubs?: readonly StubService[];
  /** Settings, as environment variables. */
  readonly env?: Readonly<Record<string, string>>;
};

/** A stub of a service: some handlers of its contract. */
export type StubService = {
  readonly contract: DescService;
  readonly implementation: Record<string, unknown>;
};

/** The caller of a test client: an account, a service, both, or neither. */
export type TestCaller = {
  readonly account?: { id: string; roles?: readonly string[]; sessionId?: string };
  readonly service?: string;
};

/** The services under test. */
export type TestPlaza = {
  client<T extends DescService>(contract: T, as?: TestCaller): Client<T>;
  /** The database of a service. */
  db(service: string): Pool;
  /** Waits until all events published so far have been consumed. */
  drainEvents(): Promise<void>;
  host(): Host;
};

/** Defines a stub. A function, so that TypeScript checks the handlers against the contract. */
export function stub<T extends DescService>(
  contract: T,
  implementation: Partial<ServiceImpl<T>>,
): StubService {
  return { contract, implementation };
}

/**
 * Runs services for the suite that calls it (inside `describe`), with databases of their own, the real pipeline,
 * and the local transport, which freezes messages, so that changing one throws.
 */
export function testPlaza(options: TestPlazaOptions): TestPlaza {
  const databases = new Map(options.services.map(({ name }) => [name, emptyDatabase()]));
  const tokens = testTokens();
  let started: Host | undefined;
  const host = () => started ?? throwNotStarted();

  before(async () => {
    started = await startHost({
      services: options.services,
      config: readConfig({ ...options.env }),
      log: options.log ?? silentLogger,
      database: (service) => databases.get(service)?.() ?? throwNotStarted(),
      inspect: deepFreeze,
      transports: stubTransports(options.stubs ?? []),
      fetchJwks: tokens.keys,
      ...(options.now && { now: options.now }),
    });
  });
  after(() => started?.close());

  return {
    client: (contract, as = {}) => createClient(contract, transportAs(host, contract, as, tokens)),
    db: (service) => host().database(service),
    drainEvents: () => host().drainEvents(),
    host,
  };
}

/** Freezes a message and all messages in it; not its byte arrays, which JavaScript cannot freeze. */
export function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if (ArrayBuffer.isView(value) || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
}

/** Signs access tokens for tests with a new key. */
export function testTokens(): {
  keys: () => Promise<JSONWebKeySet>;
  sign: (account: NonNullable<TestCaller["account"]>) => Promise<string>;
} {
  const pair = generateKeyPair("EdDSA", { extractable: true });
  return {
    async keys() {
      const key = await exportJWK((await pair).publicKey);
      return { keys: [{ ...key, kid: "test", alg: "EdDSA" }] };
    },
    async sign({ id, roles = ["member"], sessionId = randomUUIDv7() }) {
      return new SignJWT({ sid: sessionId, roles })
        .setProtectedHeader({ alg: "EdDSA", kid: "test", typ: "at+jwt" })
        .setIssuer(tokenIssuer)
        .setAudience(tokenIssuer)
        .setSubject(id)
        .setExpirationTime("10m")
        .sign((await pair).privateKey);
    },
  };
}

function stubTransports(stubs: readonly StubService[]): Map<string, Transport> {
  const byOwner = Map.groupBy(stubs, ({ contract }) => serviceNameOf(contract));
  const entries = [...byOwner].map(([owner, hosted]): [string, Transport] => [
    owner,
    createLocalTransport(
      hosted.map(({ contract, implementation }) => ({
        contract,
        implementation: implementation as ServiceImpl<DescService>,
      })),
      { inspect: deepFreeze },
    ),
  ]);
  return new Map(entries);
}

function transportAs(
  host: () => Host,
  contract: DescService,
  { account, service }: TestCaller,
  tokens: ReturnType<typeof testTokens>,
): Transport {
  const authorized = async (header: HeadersInit | undefined) => {
    const headers = new Headers(header);
    if (account && !headers.has("authorization")) {
      headers.set("authorization", `Bearer ${await tokens.sign(account)}`);
    }
    return headers;
  };
  const transport = () => host().transport(contract, service);
  return {
    unary: async (method, signal, timeoutMs, header, input, values) =>
      transport().unary(method, signal, timeoutMs, await authorized(header), input, values),
    stream: async (method, signal, timeoutMs, header, input, values) =>
      transport().stream(method, signal, timeoutMs, await authorized(header), input, values),
  };
}

function throwNotStarted(): never {
  throw new Error("Plaza runs from the suite's before hooks on.");
}
