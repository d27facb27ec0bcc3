import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { createClient } from "@connectrpc/connect";
import { EventService } from "@plaza/contract/kit/v1/events";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { readConfig } from "../config.ts";
import { parseConnectionUrl } from "../db/connection-config.ts";
import { OperatorError } from "../errors/operator-error.ts";
import { createAuthenticator, serviceTokenHeader } from "../identity/authenticator.ts";
import { silentLogger } from "../telemetry/log.ts";
import { SayService } from "../testing/contract.ts";
import { emptyDatabase } from "../testing/db.ts";
import { serveGrpc } from "./grpc-server.ts";
import { startHost } from "./host.ts";
import { defineService } from "./service.ts";

it("a service does not start without its database, and the error says so in a sentence", async () => {
  const service = defineService({
    name: "say",
    contract: SayService,
    migrations: new URL("../db/migrations/", import.meta.url),
    create: () => assert.fail("it was made without its database"),
  });
  const config = readConfig({
    PLAZA_AUTH_ADDRESS: "http://127.0.0.1:2",
    PLAZA_SERVICE_KEY: "a key that is there for this test",
  });
  const database = async () => parseConnectionUrl("postgres://nobody@127.0.0.1:1/nothing");
  await assert.rejects(
    startHost({ services: [service], config, log: silentLogger, database }),
    (error: unknown) => error instanceof OperatorError && error.message.includes("127.0.0.1:1"),
  );
});

it("readiness is checked once for concurrent probes", async () => {
  const config = readConfig({
    PLAZA_AUTH_ADDRESS: "http://127.0.0.1:2",
    PLAZA_SERVICE_KEY: "a key that is there for this test",
  });
  const database = () => assert.fail("there is no service that has one");
  const hosted = await startHost({ services: [], config, log: silentLogger, database });
  assert.equal(hosted.readinessProblems(), hosted.readinessProblems());
  assert.deepEqual(await hosted.readinessProblems(), []);
  await hosted.close();
});

describe("a served host", () => {
  const database = emptyDatabase();
  const noMigrations = pathToFileURL(mkdtempSync(path.join(tmpdir(), "plaza-migrations-")));
  after(() => rmSync(noMigrations, { recursive: true }));

  it("closes while another process waits for events", { timeout: 8_000 }, async () => {
    const serviceKey = "a key that is there for this test";
    const config = readConfig({
      PLAZA_AUTH_ADDRESS: "http://127.0.0.1:2",
      PLAZA_SERVICE_KEY: serviceKey,
    });
    const service = defineService({
      name: "say",
      contract: SayService,
      migrations: noMigrations,
      create: () => ({ implementation: { say: () => ({}) } as never }),
    });
    const host = await startHost({ services: [service], config, log: silentLogger, database });
    const server = await serveGrpc(host, { port: 0, host: "127.0.0.1" });
    const transport = createGrpcTransport({ address: `http://127.0.0.1:${server.port}` });
    const { serviceToken } = createAuthenticator({
      serviceKey,
      fetchJwks: async () => ({ keys: [] }),
    });
    const headers = { [serviceTokenHeader]: await serviceToken("test") };
    const request = { source: "say", waitMs: 30_000 };
    const waiting = createClient(EventService, transport).readEvents(request, { headers });
    await sleep(100);
    await server.close();
    assert.deepEqual((await waiting).events, []);
    await host.close();
  });
});
