import assert from "node:assert/strict";
import { once } from "node:events";
import { request as ask } from "node:http";
import { connect } from "node:http2";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, type ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import { connectRaw } from "../testing/raw-socket.ts";
import { postId, testGateway } from "../testing/test-gateway.ts";
import { http1Limits, protocolDetectionTimeoutMs } from "./limits.ts";

const json = { "content-type": "application/json" };
const tooMuch = "x".repeat(1024 * 1024);

describe("a limit on open calls", () => {
  const plaza = testGateway({ PLAZA_RATE_LIMIT: "30", PLAZA_TRUST_PROXY: "1" });

  it("holds for all calls of a network, and ends with them", async () => {
    const head = `PATCH /v1/posts/${postId} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nx-forwarded-for: 192.0.2.1\r\nauthorization: Bearer ${plaza.signIn()}\r\ncontent-length: 24\r\n\r\n`;
    const open = await Promise.all(Array.from({ length: 40 }, () => connectRaw(plaza.port())));
    for (const raw of open) raw.write(head);
    const get = async (address: string) => {
      const headers = { "x-forwarded-for": address };
      const response = await fetch(`${plaza.url()}/v1/posts/${postId}`, { headers });
      return response.status === 200 ? "served" : await response.text();
    };
    while ((await get("192.0.2.1")) === "served") await sleep(10);
    assert.match(await get("192.0.2.1"), /TOO_MANY_CALLS/);
    assert.equal(await get("192.0.2.2"), "served");
    for (const raw of open) raw.socket.destroy();
    while ((await get("192.0.2.1")) !== "served") await sleep(10);
  });
});

describe("a limit on requests", () => {
  const plaza = testGateway({ PLAZA_RATE_LIMIT: "1", PLAZA_TRUST_PROXY: "1" }, { now: () => 0 });
  const from = (address: string) => ({ "x-forwarded-for": address });
  const use = async (headers: Record<string, string>) => {
    for (let i = 0; i < 10; i++) {
      assert.equal((await fetch(`${plaza.url()}/v1/posts/${postId}`, { headers })).status, 200);
    }
  };

  it("allows a burst of ten seconds' worth, and returns when to retry", async () => {
    await use(from("192.0.2.1"));
    const refused = await fetch(`${plaza.url()}/v1/posts/${postId}`, {
      headers: from("192.0.2.1"),
    });
    assert.equal(refused.status, 429);
    const seconds = Number(refused.headers.get("retry-after"));
    assert.ok(seconds >= 1 && seconds <= 10, `${seconds}`);
    assert.match(await refused.text(), /TOO_MANY_REQUESTS/);
  });

  it("counts per address, and per network for IPv6", async () => {
    await use(from("2001:db8:1:1::1"));
    const status = async (address: string) =>
      (await fetch(`${plaza.url()}/v1/posts/${postId}`, { headers: from(address) })).status;
    assert.equal(await status("2001:db8:1:1:ffff::2"), 429);
    assert.equal(await status("2001:db8:1:2::1"), 200);
  });

  it("cannot be passed by claiming to be a proxy", async () => {
    await use(from("192.0.2.7"));
    const headers = from("198.51.100.1, 192.0.2.7");
    assert.equal((await fetch(`${plaza.url()}/v1/posts/${postId}`, { headers })).status, 429);
  });

  it("holds for RPCs, in their own protocol", async () => {
    const headers = from("192.0.2.2");
    await use(headers);
    for (const transport of [
      createConnectTransport({ baseUrl: plaza.url(), httpVersion: "1.1" }),
      createGrpcTransport({ baseUrl: plaza.url() }),
    ]) {
      const posts = createClient(PostService, transport);
      await assert.rejects(posts.getPost({ id: postId }, { headers }), (error: ConnectError) => {
        assert.equal(error.code, Code.ResourceExhausted);
        assert.equal(reasonOf(error), "TOO_MANY_REQUESTS");
        return true;
      });
    }
  });

  it("holds for pages, and never for probes", async () => {
    const headers = from("192.0.2.3");
    await use(headers);
    assert.equal((await fetch(`${plaza.url()}/docs`, { headers })).status, 429);
    assert.equal((await fetch(`${plaza.url()}/livez`, { headers })).status, 200);
  });
});

describe("limits that contracts state", () => {
  const plaza = testGateway({ PLAZA_RATE_LIMIT: "1000", PLAZA_TRUST_PROXY: "1" }, { now: () => 0 });
  const post = (path: string, body: object, headers: Record<string, string>) =>
    fetch(`${plaza.url()}${path}`, {
      method: "POST",
      headers: { ...json, ...headers },
      body: JSON.stringify(body),
    });
  const login = (address: string) =>
    post("/v1/auth:login", { login: "a", password: "wrong" }, { "x-forwarded-for": address });
  const publish = (secret: string, address: string) => {
    const headers = { authorization: `Bearer ${secret}`, "x-forwarded-for": address };
    return post("/v1/posts", { title: "A", body: "a" }, headers);
  };

  it("count calls from a network before authentication", async () => {
    for (let i = 0; i < 30; i++) assert.equal((await login("192.0.2.1")).status, 401);
    const asked = plaza.calls.length;
    const refused = await login("192.0.2.1");
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get("retry-after"), "2");
    assert.equal(plaza.calls.length, asked);
    assert.equal((await login("192.0.2.2")).status, 401);
    const headers = { "x-forwarded-for": "192.0.2.1" };
    assert.equal((await fetch(`${plaza.url()}/v1/posts`, { headers })).status, 200);
  });

  it("count calls of an account, wherever they come from and in whichever session", async () => {
    const [one, other] = [plaza.signIn(), plaza.signIn()];
    for (let i = 0; i < 30; i++) {
      assert.equal((await publish(i % 2 ? one : other, `192.0.2.${i}`)).status, 200);
    }
    assert.equal((await publish(one, "198.51.100.1")).status, 429);
    const transport = createGrpcTransport({ baseUrl: plaza.url() });
    const headers = { authorization: `Bearer ${other}` };
    const call = createClient(PostService, transport).createPost({ title: "A" }, { headers });
    await assert.rejects(call, (error: ConnectError) => reasonOf(error) === "TOO_MANY_REQUESTS");
  });
});

describe("a limit on sizes", () => {
  const plaza = testGateway();

  it("refuses a body over 1 MiB, whether its length is stated or not", async () => {
    const body = JSON.stringify({ title: "A", body: tooMuch });
    const init = { method: "POST", headers: json };
    assert.equal((await fetch(`${plaza.url()}/v1/posts`, { ...init, body })).status, 413);
    const asked = ask(`${plaza.url()}/v1/posts`, init);
    asked.on("error", () => undefined);
    asked.write(body.slice(0, 700_000));
    asked.write(body.slice(700_000));
    const [answer] = await once(asked, "response");
    assert.equal(answer.statusCode, 413);
    asked.destroy();
    assert.equal(plaza.calls.filter(({ name }) => name.endsWith("CreatePost")).length, 0);
  });

  it("refuses a message over 1 MiB over gRPC", async () => {
    const posts = createClient(PostService, createGrpcTransport({ baseUrl: plaza.url() }));
    const call = posts.createPost({ title: "A", body: tooMuch });
    await assert.rejects(call, ({ code }: ConnectError) => code === Code.ResourceExhausted);
  });

  it("leaves no stream open after a refusal, over gRPC or REST", async () => {
    const session = connect(plaza.url());
    for (const [path, type] of [
      ["/plaza.posts.v1.PostService/CreatePost", "application/grpc"],
      ["/v1/posts", "application/json"],
    ] as const) {
      const headers = { ":method": "POST", ":path": path, "content-type": type };
      const stream = session.request(headers).resume();
      const closed = once(stream, "close");
      stream.end(Buffer.alloc(2 * 1024 * 1024, 1));
      await closed;
      assert.equal(stream.rstCode, 0, path);
    }
    session.close();
  });
});

describe("a client that does not send its headers", () => {
  const detectionTimeoutMs = 500;
  const plaza = testGateway({}, { detectionTimeoutMs });

  it("is cut off before its first byte, and within its headers", async () => {
    const startedAt = performance.now();
    const silent = await connectRaw(plaza.port());
    const slowly = await connectRaw(plaza.port());
    slowly.write("GET /livez HTTP/1.1\r\nhost: localhost\r\n");
    const drip = setInterval(() => slowly.write("x: y\r\n"), detectionTimeoutMs / 20);
    const [nothing, answer] = await Promise.all([silent.readUntil(), slowly.readUntil()]);
    clearInterval(drip);
    assert.equal(nothing, "");
    assert.match(answer, /^HTTP\/1\.1 408 /);
    assert.ok(performance.now() - startedAt >= 0.9 * detectionTimeoutMs);
  });

  it("has ten seconds by default, checked each second", () => {
    assert.equal(protocolDetectionTimeoutMs, 10_000);
    const { headersTimeout, connectionsCheckingInterval } = http1Limits();
    assert.deepEqual([headersTimeout, connectionsCheckingInterval], [10_000, 1_000]);
  });
});

describe("a client that disconnects", () => {
  let cancelled = 0;
  let begun = 0;
  const plaza = testGateway(
    {},
    {
      posts: {
        async getPost({ id }, { signal }) {
          begun++;
          signal.addEventListener("abort", () => cancelled++);
          await sleep(5_000, undefined, { signal }).catch(() => undefined);
          return { id };
        },
      },
    },
  );
  const untilBoth = async (count: number) => {
    for (let i = 0; i < 100 && !(begun === count && cancelled === count); i++) await sleep(10);
    assert.deepEqual([begun, cancelled], [count, count]);
  };

  it("cancels its REST call", async () => {
    const asked = ask(`${plaza.url()}/v1/posts/${postId}`).end();
    asked.on("error", () => undefined);
    while (begun === 0) await sleep(5);
    asked.destroy();
    await untilBoth(1);
  });

  it("cancels its gRPC call", async () => {
    const posts = createClient(PostService, createGrpcTransport({ baseUrl: plaza.url() }));
    const controller = new AbortController();
    const call = posts.getPost({ id: postId }, { signal: controller.signal });
    while (begun === 1) await sleep(5);
    controller.abort();
    await assert.rejects(call, ({ code }: ConnectError) => code === Code.Canceled);
    await untilBoth(2);
  });

  it("may set a timeout", async () => {
    const headers = { "grpc-timeout": "50m" };
    const answer = await fetch(`${plaza.url()}/v1/posts/${postId}`, { headers });
    assert.equal(answer.status, 504);
    const posts = createClient(PostService, createGrpcTransport({ baseUrl: plaza.url() }));
    const call = posts.getPost({ id: postId }, { timeoutMs: 50 });
    await assert.rejects(call, ({ code }: ConnectError) => code === Code.DeadlineExceeded);
  });
});
