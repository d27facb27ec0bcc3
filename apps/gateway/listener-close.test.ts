import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { PostService } from "@plaza/contract/posts/v1/posts";
import type { AdmissionQueue } from "./overload/admission-queue.ts";
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
  let isFull = false;
  let waiting = 0;
  const admissionQueue: AdmissionQueue = {
    isFull: () => isFull,
    isOverloaded: () => isFull,
    acquire: () => () => undefined,
    enqueue: () => waiting++,
  };
  const plaza = testGateway({}, { admissionQueue });
  const get = `GET /v1/posts/${postId} HTTP/1.1\r\nhost: localhost\r\n\r\n`;

  it("rejects them with connection: close", async () => {
    const held = await Promise.all(Array.from({ length: 5 }, () => connectRaw(plaza.port())));
    for (const raw of held) {
      raw.write(get);
      await raw.readUntil("nobody");
    }
    isFull = true;
    for (const raw of held) raw.write(get);
    while (waiting < held.length) await sleep(5);
    const [answers] = await Promise.all([
      Promise.all(held.map((raw) => raw.readUntil())),
      plaza.gateway().close(),
    ]);
    for (const answer of answers) {
      const [, refusal = ""] = answer.split("HTTP/1.1 503 ");
      assert.match(refusal, /\r\nconnection: close\r\n.*"reason":"OVERLOADED".*\}$/s);
    }
  });
});
