import assert from "node:assert/strict";
import { connect } from "node:http2";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, type ConnectError, createClient } from "@connectrpc/connect";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { Health, HealthCheckResponse_ServingStatus } from "@plaza/grpc/health";
import type { AdmissionQueue } from "@plaza/kit/overload/admission-queue";
import { overloadedFault } from "@plaza/kit/overload/overloaded-fault";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import { transportOver } from "../testing/protocol-transports.ts";
import { connectRaw } from "../testing/raw-socket.ts";
import { postId as id, type TestGateway, testGateway } from "../testing/test-gateway.ts";

const get = `GET /v1/posts/${id} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
const statuses = (answers: string) => answers.match(/HTTP\/1\.1 \d+/g)?.map((one) => +one.slice(9));

let isFull = false;
const admissionQueue: AdmissionQueue = {
  isOverloaded: () => isFull,
  acquire: () => (isFull ? Promise.reject(overloadedFault) : () => undefined),
};

/** Runs something while the process is overloaded; fails when a call reaches a service. */
async function whileFull(plaza: TestGateway, run: () => Promise<void>): Promise<void> {
  plaza.calls.length = 0;
  isFull = true;
  await run().finally(() => {
    isFull = false;
  });
  assert.deepEqual(plaza.calls, []);
}

describe("an overloaded gateway", () => {
  const plaza = testGateway({}, { admissionQueue });

  it("rejects calls, and returns when to retry", async () => {
    await whileFull(plaza, async () => {
      const answer = await fetch(`${plaza.url()}/v1/posts/${id}`);
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get("retry-after"), "1");
      assert.equal(answer.headers.get("content-type"), "application/json");
      assert.match(await answer.text(), /"reason":"OVERLOADED"/);
    });
  });

  it("rejects RPCs in their own protocol", async () => {
    for (const protocol of ["Connect over HTTP/1.1", "gRPC"] as const) {
      const posts = createClient(PostService, transportOver(protocol, plaza.url()));
      await whileFull(plaza, async () => {
        await assert.rejects(posts.getPost({ id }), (error: ConnectError) => {
          assert.equal(error.code, Code.Unavailable);
          return true;
        });
      });
      assert.equal((await posts.getPost({ id })).id, id);
    }
    isFull = true;
    const grpc = createClient(PostService, transportOver("gRPC", plaza.url()));
    const refused = await grpc.getPost({ id }).catch((error) => error);
    assert.equal(reasonOf(refused), "OVERLOADED");
    isFull = false;
  });

  it("rejects calls over HTTP/2 too", async () => {
    const session = connect(plaza.url());
    await whileFull(plaza, async () => {
      const stream = session.request({ ":path": `/v1/posts/${id}` });
      assert.match(await text(stream), /OVERLOADED/);
    });
    session.close();
  });

  it("serves probes and pages", async () => {
    await whileFull(plaza, async () => {
      for (const path of ["/livez", "/readyz", "/metrics", "/docs"]) {
        assert.equal((await fetch(`${plaza.url()}${path}`)).status, 200, path);
      }
    });
  });

  it("serves health checks, over gRPC and over Connect", async () => {
    for (const protocol of ["gRPC", "Connect over HTTP/1.1"] as const) {
      const transport = transportOver(protocol, plaza.url());
      await whileFull(plaza, async () => {
        const { status } = await createClient(Health, transport).check({});
        assert.equal(status, HealthCheckResponse_ServingStatus.SERVING);
      });
    }
  });

  it("rejects without reading the body", async () => {
    await whileFull(plaza, async () => {
      const raw = await connectRaw(plaza.port());
      raw.write("POST /v1/posts HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{");
      assert.deepEqual(statuses(await raw.readUntil("OVERLOADED")), [503]);
      raw.socket.destroy();
    });
  });
});

describe("an overloaded gateway that leaves all reading of HTTP to Node", () => {
  const plaza = testGateway({ PLAZA_EARLY_REJECTION: "off" }, { admissionQueue });

  it("rejects calls all the same", async () => {
    const isServed = async () => (await fetch(`${plaza.url()}/v1/posts/${id}`)).status === 200;
    assert.equal(await isServed(), true);
    await whileFull(plaza, async () => assert.equal(await isServed(), false));
    assert.equal(await isServed(), true);
  });
});

describe("a connection whose calls are rejected before they are parsed", () => {
  const plaza = testGateway({}, { admissionQueue });
  const post = (body: string, more = "") =>
    `POST /v1/posts HTTP/1.1\r\nhost: localhost\r\n${more}content-length: ${body.length}\r\n\r\n${body}`;

  /** The responses to texts sent one after the other, without that to a first call, which is served. */
  async function answersTo(...texts: string[]): Promise<string> {
    isFull = false;
    const raw = await connectRaw(plaza.port());
    raw.write(get);
    const first = await raw.readUntil("nobody");
    isFull = true;
    for (const one of texts) {
      raw.write(one);
      await sleep(60);
    }
    const all = await raw.readUntil("OVERLOADED");
    isFull = false;
    raw.write(get);
    await sleep(60);
    const answers = await raw.readUntil("HTTP");
    raw.socket.destroy();
    assert.ok(all.length > first.length);
    return answers.slice(first.length);
  }

  it("serves later calls", async () => {
    for (const one of [get, post("{}"), get.replace("GET", "DELETE")]) {
      assert.deepEqual(statuses(await answersTo(one, one)), [503, 503, 200], one);
    }
  });

  it("answers requests in pieces, or pipelined, each once and in order", async () => {
    assert.deepEqual(statuses(await answersTo(get.slice(0, 20), get.slice(20))), [503, 200]);
    assert.deepEqual(statuses(await answersTo(get + get)), [503, 503, 200]);
    assert.deepEqual(
      statuses(await answersTo(get + get.slice(0, 9), get.slice(9))),
      [503, 503, 200],
    );
    const whole = post("{}");
    assert.deepEqual(statuses(await answersTo(whole.slice(0, -1), whole.slice(-1))), [503, 200]);
    assert.deepEqual(statuses(await answersTo(get, get + get, get)), [503, 503, 503, 503, 200]);
  });

  it("answers HEAD without a body", async () => {
    const answers = await answersTo(get.replace("GET", "HEAD"), get);
    assert.deepEqual(statuses(answers), [503, 503, 200]);
    assert.equal(answers.match(/OVERLOADED/g)?.length, 1);
  });

  it("leaves ambiguous requests to the parser", async () => {
    for (const one of [
      post("{}", "content-length: 2\r\n"),
      post("0\r\n\r\n", "transfer-encoding: chunked\r\n"),
      `GET /v1/posts HTTP/1.1\r\nhost: localhost\r\nx: y\n\r\n\r\n`,
      `GET /v1/posts HTTP/1.1\r\nhost: localhost\r\ncontent-length : 0\r\n\r\n`,
      `GET /v1/posts HTTP/1.1\r\nhost: localhost\r\n x: y\r\n\r\n`,
    ]) {
      isFull = false;
      const raw = await connectRaw(plaza.port());
      raw.write(get);
      await raw.readUntil("nobody");
      isFull = true;
      raw.write(one);
      assert.deepEqual(statuses(await raw.readUntil()), [200, 400], one);
    }
    isFull = false;
  });
});
