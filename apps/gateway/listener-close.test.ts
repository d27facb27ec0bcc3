import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { PostService } from "@plaza/contract/posts/v1/posts";
import type { AdmissionQueue } from "@plaza/kit/overload/admission-queue";
import { connectRaw } from "./testing/raw-socket.ts";
import { postId, testGateway } from "./testing/test-gateway.ts";

describe("closing", () => {
  let begun = 0;
  const plaza = testGateway(
    {},
    {
      posts: {
        async getPost({ id }) {
          begun++;
          await sleep(300);
          return { id };
        },
      },
    },
  );

  it("finishes calls in flight, ends idle connections, and accepts no more", async () => {
    const idle = await connectRaw(plaza.port());
    const kept = await connectRaw(plaza.port());
    kept.write("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await kept.readUntil("ok");
    const posts = createClient(PostService, createGrpcTransport({ baseUrl: plaza.url() }));
    const inFlight = Promise.all([
      fetch(`${plaza.url()}/v1/posts/${postId}`).then(async (answer) => {
        assert.equal(answer.headers.get("connection"), "close");
        return answer.json();
      }),
      posts.getPost({ id: postId }),
    ]);
    while (begun < 2) await sleep(5);
    const startedAt = performance.now();
    await Promise.all([plaza.gateway().close(), idle.readUntil(), kept.readUntil()]);
    assert.ok(performance.now() - startedAt < 3_000);
    const [overRest, overGrpc] = await inFlight;
    assert.deepEqual([overRest, overGrpc.id], [{ id: postId }, postId]);
    await assert.rejects(fetch(`${plaza.url()}/livez`));
  });
});

describe("closing with queued calls", () => {
  const queued: (() => void)[] = [];
  const admissionQueue: AdmissionQueue = {
    isOverloaded: () => false,
    acquire: () => new Promise((resolve) => queued.push(() => resolve(() => undefined))),
  };
  const plaza = testGateway({}, { admissionQueue });

  it("serves them", async () => {
    const get = `GET /v1/posts/${postId} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
    const all = await Promise.all(Array.from({ length: 5 }, () => connectRaw(plaza.port())));
    for (const raw of all) raw.write(get);
    while (queued.length < all.length) await sleep(5);
    const closed = plaza.gateway().close();
    for (const admit of queued) admit();
    for (const answer of await Promise.all(all.map((raw) => raw.readUntil()))) {
      assert.match(answer, /^HTTP\/1\.1 200 .*\r\nconnection: close\r\n/is);
    }
    await closed;
  });
});
