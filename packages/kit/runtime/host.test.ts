import assert from "node:assert/strict";
import { it } from "node:test";
import { readConfig } from "../config.ts";
import { parseConnectionUrl } from "../db/connection-config.ts";
import { OperatorError } from "../errors/operator-error.ts";
import { silentLogger } from "../telemetry/log.ts";
import { SayService } from "../testing/contract.ts";
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
