import assert from "node:assert/strict";
import { it } from "node:test";
import { readConfig } from "../config.ts";
import { parseTarget } from "../db/connection-config.ts";
import { StartError } from "../errors/operator-error.ts";
import { silent } from "../telemetry/log.ts";
import { SayService } from "../testing/contract.ts";
import { host } from "./host.ts";
import { defineService } from "./service.ts";

it("a service whose database cannot be reached says so in a sentence, and does not start", async () => {
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
  const database = async () => parseTarget("postgres://nobody@127.0.0.1:1/nothing");
  await assert.rejects(
    host({ services: [service], config, log: silent, database }),
    (error: unknown) => error instanceof StartError && error.message.includes("127.0.0.1:1"),
  );
});

it("what keeps a process from serving is looked up once for all who ask", async () => {
  const config = readConfig({
    PLAZA_AUTH_ADDRESS: "http://127.0.0.1:2",
    PLAZA_SERVICE_KEY: "a key that is there for this test",
  });
  const database = () => assert.fail("there is no service that has one");
  const hosted = await host({ services: [], config, log: silent, database });
  assert.equal(hosted.problems(), hosted.problems());
  assert.deepEqual(await hosted.problems(), []);
  await hosted.close();
});
