import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, type ConnectError, createClient } from "@connectrpc/connect";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { Health, HealthCheckResponse_ServingStatus } from "@plaza/grpc/health";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import { mainRpcProtocols, transportOver } from "../testing/protocol-transports.ts";
import { connectRaw } from "../testing/raw-socket.ts";
import { testGateway } from "../testing/test-gateway.ts";
import type { AdmissionQueue, QueuedCall } from "./admission-queue.ts";
import { createLoadShedder } from "./load-shedder.ts";
import { overloadedError } from "./overloaded-error.ts";

const id = "01900000-0000-7000-8000-0000000000aa";
const get = `GET /v1/posts/${id} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
const statuses = (answers: string) => answers.match(/HTTP\/1\.1 \d+/g)?.map((one) => +one.slice(9));

let isFull = false;
const admissionQueue: AdmissionQueue = {
  isFull: () => isFull,
  isOverloaded: () => isFull,
  acquire: () => (isFull ? Promise.reject(overloadedError) : () => undefined),
  enqueue: ({ reject }) => setImmediate(reject),
};

describe("a gateway with too many calls", () => {
  const plaza = testGateway({}, { admissionQueue });

  async function whileFull(run: () => Promise<void>): Promise<void> {
    plaza.calls.length = 0;
    isFull = true;
    await run().finally(() => {
      isFull = false;
    });
    assert.deepEqual(plaza.calls, []);
  }

  it("refuses them, and says when to come again", async () => {
    await whileFull(async () => {
      const answer = await fetch(`${plaza.url()}/v1/posts/${id}`);
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get("retry-after"), "1");
      assert.equal(answer.headers.get("content-type"), "application/json");
      assert.match(await answer.text(), /"reason":"OVERLOADED"/);
    });
  });

  it("refuses RPCs in their own terms", async () => {
    for (const protocol of ["Connect over HTTP/1.1", "gRPC"] as const) {
      const posts = createClient(PostService, transportOver(protocol, plaza.url()));
      await whileFull(async () => {
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

  it("refuses over HTTP/2 too", async () => {
    const session = connect(plaza.url());
    await whileFull(async () => {
      const stream = session.request({ ":path": `/v1/posts/${id}` });
      assert.match(await text(stream), /OVERLOADED/);
    });
    session.close();
  });

  it("answers probes, and serves pages", async () => {
    await whileFull(async () => {
      for (const path of ["/livez", "/readyz", "/metrics", "/docs"]) {
        assert.equal((await fetch(`${plaza.url()}${path}`)).status, 200, path);
      }
    });
  });

  it("answers health checks, over gRPC and over Connect", async () => {
    for (const protocol of ["gRPC", "Connect over HTTP/1.1"] as const) {
      const transport = transportOver(protocol, plaza.url());
      await whileFull(async () => {
        const { status } = await createClient(Health, transport).check({});
        assert.equal(status, HealthCheckResponse_ServingStatus.SERVING);
      });
    }
  });

  it("refuses without reading the body", async () => {
    await whileFull(async () => {
      const raw = await connectRaw(plaza.port());
      raw.write("POST /v1/posts HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{");
      assert.deepEqual(statuses(await raw.readUntil("OVERLOADED")), [503]);
      raw.socket.destroy();
    });
  });
});

describe("a connection on which calls are refused before they are parsed", () => {
  const plaza = testGateway({}, { admissionQueue });
  const post = (body: string, more = "") =>
    `POST /v1/posts HTTP/1.1\r\nhost: localhost\r\n${more}content-length: ${body.length}\r\n\r\n${body}`;

  /** What is answered, besides a first call that is served, to texts that come one after the other. */
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

  it("stays fit for calls that are served", async () => {
    for (const one of [get, post("{}"), get.replace("GET", "DELETE")]) {
      assert.deepEqual(statuses(await answersTo(one, one)), [503, 503, 200], one);
    }
  });

  it("answers what comes in pieces, or several at once, each once and in turn", async () => {
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

  it("leaves to the parser what there could be two opinions about", async () => {
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

describe("a call whose connection is gone before there is room for it", () => {
  const waiting: QueuedCall[] = [];
  let isBusy = false;
  const shedding = createLoadShedder({
    admissionQueue: {
      ...admissionQueue,
      isFull: () => isBusy,
      enqueue: (one) => waiting.push(one),
    },
    overloadedResponse: Buffer.from(""),
    finalOverloadedResponse: Buffer.from(""),
  });
  const paths: (string | undefined)[] = [];
  const sockets: Socket[] = [];
  const server = createServer(({ url }, response) => {
    paths.push(url);
    response.end("done");
  });
  server.on("request", shedding.onRequest);
  server.on("connection", (socket) => {
    sockets.push(socket);
    shedding.onConnection(socket);
  });
  before(async () => {
    await once(server.listen(0), "listening");
  });
  after(() => server.close());

  it("is not made on the next one, which has its parser", async () => {
    const { port } = server.address() as AddressInfo;
    const to = (path: string) => get.replace(/(?<=GET )\S+/, path);
    const lost = await connectRaw(port);
    lost.write(to("/v1/first"));
    await lost.readUntil("done");
    isBusy = true;
    lost.write(to("/v1/lost"));
    while (waiting.length === 0) await sleep(2);
    sockets[0]?.destroy();
    await lost.readUntil();
    isBusy = false;
    const next = await connectRaw(port);
    next.write(to("/v1/next").slice(0, 10));
    await sleep(50);
    waiting[0]?.admit();
    next.write(to("/v1/next").slice(10));
    await next.readUntil("done");
    next.socket.destroy();
    assert.deepEqual(paths, ["/v1/first", "/v1/next"]);
  });
});

describe("a call that is over", () => {
  const plaza = testGateway();

  it("leaves its room to others, whatever its protocol", async () => {
    const baseUrl = plaza.url();
    const transports = mainRpcProtocols.map((protocol) => transportOver(protocol, baseUrl));
    const calls = [
      async () => assert.ok((await fetch(`${baseUrl}/v1/posts/${id}`)).ok),
      ...transports.map((one) => () => createClient(PostService, one).getPost({ id })),
    ];
    for (const call of calls) {
      // Far more than may be under way at once, within the time for which calls count.
      for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 15 }, () => call()));
    }
  });
});

describe("callers that keep their bodies back", () => {
  const plaza = testGateway();
  const status = async () => (await fetch(`${plaza.url()}/v1/posts/${id}`)).status;

  for (const [protocol, path] of [
    ["REST", "/v1/posts"],
    ["Connect", "/plaza.posts.v1.PostService/CreatePost"],
  ] as const) {
    it(`keep nobody from the others, and are served in the end: ${protocol}`, async () => {
      const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`;
      const signedIn = `${head}authorization: Bearer ${plaza.signIn()}\r\n`;
      const slow = await Promise.all(Array.from({ length: 100 }, () => connectRaw(plaza.port())));
      const body = '{"title":"A","body":"a"}';
      for (const raw of slow) raw.write(`${signedIn}content-length: ${body.length}\r\n\r\n`);
      await sleep(50);
      assert.equal(await status(), 200);
      assert.equal(await status(), 200);
      for (const raw of slow) raw.write(body);
      for (const raw of slow) assert.match(await raw.readUntil("\r\n\r\n"), /^HTTP\/1\.1 200 /);
      for (const raw of slow) raw.socket.destroy();
    });
  }
});

describe("a body that comes when there is no room any more", () => {
  const plaza = testGateway({}, { admissionQueue });

  for (const [path, type] of [
    ["/v1/posts", "application/json"],
    ["/plaza.posts.v1.PostService/CreatePost", "application/json"],
    ["/plaza.posts.v1.PostService/CreatePost", "application/grpc-web+proto"],
  ] as const) {
    it(`is refused: ${path} in ${type}`, async () => {
      const before = plaza.calls.length;
      const raw = await connectRaw(plaza.port());
      raw.write(
        `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\ncontent-length: 5\r\n\r\n`,
      );
      await sleep(50);
      isFull = true;
      raw.write(Buffer.alloc(5));
      const answer = await raw.readUntil("Plaza").finally(() => {
        isFull = false;
      });
      raw.socket.destroy();
      assert.match(answer, /Plaza(%20| )has(%20| )more/);
      assert.equal(plaza.calls.length, before);
    });
  }
});

describe("a service that hangs", () => {
  let isHanging = true;
  const hung: (() => void)[] = [];
  const plaza = testGateway(
    {},
    {
      posts: {
        async getPost() {
          if (isHanging) await new Promise<void>((resolve) => hung.push(resolve));
          return { id };
        },
      },
    },
  );

  it("keeps callers from the others for a second at the most", async () => {
    const status = async (path: string) => (await fetch(`${plaza.url()}${path}`)).status;
    const calls = Array.from({ length: 200 }, () => status(`/v1/posts/${id}`));
    for (let i = 0; i < 200 && hung.length < 64; i++) await sleep(5);
    assert.ok(hung.length >= 64);
    await sleep(1_300);
    assert.equal(await status("/v1/posts"), 200);
    isHanging = false;
    for (const goOn of hung) goOn();
    const statuses = new Set(await Promise.all(calls));
    assert.deepEqual([...statuses].sort(), [200, 503]);
  });
});
