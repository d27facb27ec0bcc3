import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Client } from "@connectrpc/connect";
import { createServer, type Server } from "@plaza/grpc/server";
import { readConfig } from "../config.ts";
import { SayService } from "../testing/contract.ts";
import { ServiceRegistry } from "./service-registry.ts";

describe("a service at several addresses", () => {
  const names = ["first", "second"] as const;
  let servers: Server[];
  let client: Client<typeof SayService>;
  before(async () => {
    servers = await Promise.all(
      names.map(async (text) => {
        const server = createServer({
          routes: (router) => router.service(SayService, { say: () => ({ text }) }),
        });
        await server.listen({ port: 0 });
        return server;
      }),
    );
    const config = readConfig({
      PLAZA_TEST_ADDRESS: servers.map(({ port }) => `http://127.0.0.1:${port}`).join(","),
      PLAZA_SERVICE_KEY: "k".repeat(32),
    });
    const fetchJwks = async () => ({ keys: [] });
    client = new ServiceRegistry({ config, hosted: new Set(), fetchJwks }).client(
      SayService,
      "caller",
    );
  });
  after(() => Promise.all(servers.map((server) => server.close({ graceMs: 0 }))));

  /** The servers that answer ten calls. */
  async function answering(): Promise<string[]> {
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.say({})));
    return [...new Set(answers.map(({ text }) => text))].sort();
  }

  it("is called at all of them, and at the rest when one is down", async () => {
    assert.deepEqual(await answering(), ["first", "second"]);
    await servers[0]?.close();
    assert.deepEqual(await answering(), ["second"]);
  });
});
