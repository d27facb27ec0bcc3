import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { createServer } from "../server.ts";
import { CLIENT_PREFACE_MAGIC, settings } from "../testing/frames.ts";
import { request } from "../testing/messages.ts";
import { RawPeer } from "../testing/peer.ts";
import { emptyResponse, playScript } from "../testing/script.ts";
import { fuzzService } from "./fuzz-service.ts";
import { findSeededFaults, runGrpcFuzz } from "./fuzzer.ts";
import { seededFaultNames } from "./seeded-faults.ts";

const n = 10_000;
const seed = Date.now() % 1_000_000;

describe(`the fuzzer, from seed ${seed}`, () => {
  it(`finds no crash, hang or leak with ${n} mutated frames`, async () => {
    const { server, client } = await runGrpcFuzz({ n, seed });

    assert.deepEqual([...server.faults, ...client.faults], []);
    assert.ok(server.counters.mutated + client.counters.mutated >= n);
    assert.ok(client.succeeded > 0, "some calls succeed in spite of all");
  });

  it("finds that a call is answered wherever its bytes are split", async () => {
    const server = createServer({ routes: (router) => router.service(TestService, fuzzService) });
    await server.listen({ port: 0 });
    const bytes = Buffer.concat([CLIENT_PREFACE_MAGIC, settings(), request(1), request(3)]);
    for (let cut = 1; cut < bytes.length; cut++) {
      const peer = await RawPeer.connect(server.port);
      peer.write(bytes.subarray(0, cut));
      await turn();
      await playScript(peer, [bytes.subarray(cut), emptyResponse(1), emptyResponse(3)]);
      peer.destroy();
    }
    await server.close();
  });

  it("finds each seeded fault", async () => {
    assert.deepEqual(await findSeededFaults(seed), seededFaultNames);
  });
});
