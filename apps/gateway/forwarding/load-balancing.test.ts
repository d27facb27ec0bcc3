import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { Router } from "@plaza/grpc/calls";
import { createServer, type Server as GrpcServer } from "@plaza/grpc/server";
import { readConfig } from "@plaza/kit/config";
import { ServiceRegistry } from "@plaza/kit/runtime/service-registry";
import { NoteService } from "../testing/note-service.ts";
import { testGateway } from "../testing/test-gateway.ts";

/** Each server's calls, and how it treats them. */
const servers = ["a", "b", "c"].map((name) => ({ name, calls: 0, slowMs: 0, isBroken: false }));
type Server = (typeof servers)[number];

function notesOf(server: Server) {
  return {
    async pin() {
      server.calls++;
      await sleep(server.slowMs);
      if (server.isBroken) throw new ConnectError("broken", Code.Internal);
      return { text: server.name };
    },
  } as Partial<ServiceImpl<typeof NoteService>> as ServiceImpl<typeof NoteService>;
}

describe("a service at several addresses", () => {
  const running: GrpcServer[] = [];
  let directory: ServiceRegistry;

  before(async () => {
    for (const server of servers) {
      const routes = (router: Router) => router.service(NoteService, notesOf(server));
      const one = createServer({ routes });
      await one.listen({ port: 0 });
      running.push(one);
    }
    const addresses = running.map(({ port }) => `http://127.0.0.1:${port}`);
    directory = new ServiceRegistry({
      config: readConfig({
        PLAZA_TEST_ADDRESS: addresses.join(","),
        PLAZA_AUTH_ADDRESS: addresses[0],
        PLAZA_SERVICE_KEY: randomUUID(),
      }),
      hosted: new Set(),
    });
  });
  const plaza = testGateway(
    {},
    { extraService: { contract: NoteService, transport: () => directory.transport("test") } },
  );
  after(() => Promise.all(running.map((one) => one.close({ graceMs: 0 }))));
  beforeEach(() => {
    for (const server of servers) Object.assign(server, { calls: 0, slowMs: 0, isBroken: false });
  });

  async function pin(): Promise<number> {
    const answer = await fetch(`${plaza.url()}/v1/boards/1:pin`, {
      method: "POST",
      headers: {
        "content-type": "application/x-ndjson",
        authorization: `Bearer ${plaza.signIn()}`,
      },
      body: '{"text":"a"}\n',
    });
    await answer.text();
    return answer.status;
  }

  it("has its calls shared by all of them", async () => {
    for (let i = 0; i < 30; i++) assert.equal(await pin(), 200);
    for (const { calls } of servers) assert.equal(calls, 10);
  });

  it("has fewer calls wait for one that is slow", async () => {
    const [slow] = servers as [Server];
    slow.slowMs = 300;
    const caller = async () => {
      for (let i = 0; i < 20; i++) assert.equal(await pin(), 200);
    };
    await Promise.all([caller(), caller(), caller()]);
    assert.ok(slow.calls <= 10, `${slow.calls}`);
  });

  it("leaves out one that fails", async () => {
    const [broken] = servers as [Server];
    broken.isBroken = true;
    const statuses: number[] = [];
    for (let i = 0; i < 60; i++) statuses.push(await pin());
    assert.equal(broken.calls, 5);
    assert.equal(statuses.filter((status) => status === 500).length, 5);
  });

  it("loses no call when one stops", async () => {
    const calls = Array.from({ length: 100 }, async (_, i) => {
      await sleep(i * 3);
      return pin();
    });
    await sleep(100);
    await running[1]?.close();
    assert.deepEqual([...new Set(await Promise.all(calls))], [200]);
  });
});
