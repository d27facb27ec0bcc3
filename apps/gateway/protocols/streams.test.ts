import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import { createConnection } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Code,
  ConnectError,
  createClient,
  type HandlerContext,
  type ServiceImpl,
  type Transport,
} from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  createGrpcTransport as createOurTransport,
  type GrpcTransport,
} from "@plaza/grpc/transport";
import { createLocalTransport } from "@plaza/kit/rpc/local-transport";
import { startTestGrpcServer } from "@plaza/kit/testing/grpc-server";
import { maxStreamDurationMs, maxStreamsPerCaller } from "../base/limits.ts";
import { type Note, NoteService } from "../testing/note-service.ts";
import { mainRpcProtocols, transportOver } from "../testing/protocol-transports.ts";
import { testGateway } from "../testing/test-gateway.ts";

const ndjson = { "content-type": "application/x-ndjson" };
const sse = { accept: "text/event-stream" };
const mebibyte = 1 << 20;

/** What was heard of the newest call. */
const heard = {
  signal: new AbortController().signal,
  timeoutMs: 0 as number | undefined,
  header: new Headers(),
  told: 0,
};

function hear({ signal, timeoutMs, requestHeader }: HandlerContext): void {
  Object.assign(heard, { signal, timeoutMs: timeoutMs(), header: requestHeader, told: 0 });
}

const notes = {
  async *watch({ board, cursor }: Note, context: HandlerContext) {
    hear(context);
    context.responseHeader.set("plaza-secret-of-ours", "nobody's business");
    if (board === "refused") throw new ConnectError("no such board", Code.NotFound);
    yield { text: `${board} after ${cursor}`, cursor: "c1" };
    if (board === "broken") throw new Error("password=hunter2");
    if (board === "quiet") await once(context.signal, "abort");
    for (; board === "large"; heard.told++) yield { text: "x".repeat(64 * 1024) };
  },
  async pin(requests: AsyncIterable<Note>, context: HandlerContext) {
    hear(context);
    const texts: string[] = [];
    for await (const note of requests) {
      texts.push(`${note.board}: ${note.text}`);
      heard.told++;
    }
    return { text: texts.join(", ") };
  },
  async *echo(requests: AsyncIterable<Note>) {
    for await (const { board, text: said } of requests) yield { board, text: said };
  },
} as unknown as ServiceImpl<typeof NoteService>;

async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !isTrue(); i++) await sleep(10);
  assert.ok(isTrue());
}

/** The two ways to a service: within this process, and over gRPC. */
const ways: Record<string, () => Transport> = {
  "of this process": () =>
    createLocalTransport([{ contract: NoteService, implementation: notes as never }]),
  "over gRPC": () => remote,
};

let service: Awaited<ReturnType<typeof startTestGrpcServer>>;
let remote: GrpcTransport;
before(async () => {
  service = await startTestGrpcServer((router) => router.service(NoteService, notes));
  remote = createOurTransport({ address: service.address });
});
after(async () => {
  remote.close();
  await service.close();
});

for (const [way, transport] of Object.entries(ways)) {
  describe(`a stream of replies of a service ${way}`, () => {
    const plaza = testGateway({}, { extraService: { contract: NoteService, transport } });
    const watch = (board: string, headers = {}, signal?: AbortSignal) =>
      fetch(`${plaza.url()}/v1/boards/${board}:watch`, { headers, ...(signal && { signal }) });

    it("comes in the form that is asked for", async () => {
      const lines = await watch("1");
      assert.equal(lines.headers.get("content-type"), "application/x-ndjson");
      assert.equal(lines.headers.get("cache-control"), "no-store");
      assert.match(lines.headers.get("trace-id") ?? "", /^[0-9a-f]{32}$/);
      assert.equal(lines.headers.get("plaza-secret-of-ours"), null);
      assert.equal(await lines.text(), '{"result":{"text":"1 after ","cursor":"c1"}}\n');
      const events = await watch("1", { ...sse, "last-event-id": "c0" });
      assert.equal(events.headers.get("content-type"), "text/event-stream");
      const event = 'id: c1\ndata: {"text":"1 after c0","cursor":"c1"}\n\n';
      assert.equal(await events.text(), `${event}event: end\ndata: {}\n\n`);
      assert.equal((await watch("1", { accept: "application/json" })).status, 406);
    });

    it("comes over HTTP/2 too, and ends with its reader there", async () => {
      const session = connect(plaza.url());
      const stream = session.request({ ":path": "/v1/boards/quiet:watch", ...sse });
      assert.match(String((await once(stream, "data"))[0]), /^id: c1\n/);
      stream.close();
      await until(() => heard.signal.aborted);
      session.close();
    });

    it("ends with its reader", async () => {
      const hangUp = new AbortController();
      const answer = await watch("quiet", {}, hangUp.signal);
      await answer.body?.getReader().read();
      assert.equal(heard.signal.aborted, false);
      hangUp.abort();
      await until(() => heard.signal.aborted);
    });

    it("waits for a slow reader", async () => {
      const socket = createConnection(plaza.port(), "127.0.0.1");
      socket.write("GET /v1/boards/large:watch HTTP/1.1\r\nhost: localhost\r\n\r\n");
      await once(socket, "data");
      socket.pause();
      for (let before = -1; before !== heard.told; await sleep(300)) before = heard.told;
      assert.ok(heard.told * 65_536 < 32 * mebibyte, `${heard.told}`);
      socket.destroy();
      await until(() => heard.signal.aborted);
    });

    it("tells an error by its status, or in the stream that has begun", async () => {
      const refused = await watch("refused", sse);
      assert.equal(refused.status, 404);
      assert.match(await refused.text(), /no such board/);
      const broken = await watch("broken");
      const [, last = ""] = (await broken.text()).split("\n");
      assert.deepEqual(JSON.parse(last), { error: { code: 13, message: "internal error" } });
    });

    it("lasts as long as its caller says, but no longer than a stream may", async () => {
      const late = await watch("quiet", { ...sse, "grpc-timeout": "100m" });
      assert.match(await late.text(), /\n\nevent: error\ndata: \{"code":4,/);
      for (const headers of [{}, { "grpc-timeout": "10H" }]) {
        await (await watch("1", headers)).text();
        assert.ok(
          Math.abs((heard.timeoutMs ?? 0) - maxStreamDurationMs) < 5_000,
          `${heard.timeoutMs}`,
        );
      }
    });

    it("is refused to a request that cannot be decoded", async () => {
      const answer = await fetch(`${plaza.url()}/plaza.test.v1.NoteService/Watch`, {
        method: "POST",
        headers: { "content-type": "application/connect+proto" },
        body: Buffer.from([0, 0, 0, 0, 2, 0x0a, 5]),
      });
      assert.match(await answer.text(), /"code":"invalid_argument"/);
    });

    it("is admitted as any call is", async () => {
      const before = heard.header;
      const bad = await watch("1", { authorization: "Bearer made.up" });
      assert.equal(bad.status, 401);
      assert.equal(heard.header, before);
      await (await watch("1", { cookie: `plaza_session=${plaza.signIn()}` })).text();
      assert.match(heard.header.get("authorization") ?? "", /^Bearer /);
      assert.deepEqual(
        [...heard.header.keys()].filter((name) => name === "cookie"),
        [],
      );
    });

    for (const protocol of mainRpcProtocols) {
      it(`comes over ${protocol}`, async () => {
        const client = createClient(NoteService, transportOver(protocol, plaza.url()));
        const [note, ...more] = await Array.fromAsync(client.watch({ board: "1" }));
        assert.deepEqual([note?.text, more], ["1 after ", []]);
        const broken = Array.fromAsync(client.watch({ board: "broken" }));
        await assert.rejects(broken, ({ code, rawMessage }: ConnectError) => {
          assert.deepEqual([code, rawMessage], [Code.Internal, "internal error"]);
          return true;
        });
      });
    }
  });
}

describe("streams of one caller", () => {
  const plaza = testGateway(
    {},
    { extraService: { contract: NoteService, transport: () => remote } },
  );

  for (const who of ["a visitor", "a member"]) {
    it(`are no more than so many at a time, and are counted until they end: ${who}`, async () => {
      const headers: Record<string, string> =
        who === "a member" ? { authorization: `Bearer ${plaza.signIn()}` } : {};
      const hangUp = new AbortController();
      const watch = (signal?: AbortSignal) =>
        fetch(`${plaza.url()}/v1/boards/quiet:watch`, { headers, ...(signal && { signal }) });
      const open = Array.from({ length: maxStreamsPerCaller }, () => watch(hangUp.signal));
      for (const answer of await Promise.all(open)) assert.equal(answer.status, 200);
      const refused = await watch();
      assert.equal(refused.status, 429);
      assert.match(await refused.text(), /TOO_MANY_STREAMS/);
      const grpc = createClient(NoteService, createGrpcTransport({ baseUrl: plaza.url() }));
      const call = Array.fromAsync(grpc.watch({ board: "1" }, { headers }));
      await assert.rejects(call, ({ code }: ConnectError) => code === Code.ResourceExhausted);
      hangUp.abort();
      let status = 429;
      for (let i = 0; i < 100 && status === 429; i++) {
        await sleep(10);
        const again = new AbortController();
        ({ status } = await watch(again.signal));
        again.abort();
      }
      assert.equal(status, 200);
    });
  }
});

describe("a request of many messages", () => {
  const plaza = testGateway(
    {},
    { extraService: { contract: NoteService, transport: () => remote } },
  );
  const pin = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${plaza.url()}/v1/boards/1:pin`, {
      method: "POST",
      headers: { ...ndjson, authorization: `Bearer ${plaza.signIn()}`, ...headers },
      body,
    });
  const said = ["a", "b"].map((one) => ({ board: "1", text: one }));
  async function* both() {
    yield* said;
  }

  it("is read line by line, or item by item", async () => {
    const lines = await pin('{"text":"a"}\n{"text":"b"}\n');
    assert.deepEqual(await lines.json(), { text: "1: a, 1: b" });
    const items = await pin('[{"text":"a"},{"text":"b"}]', { "content-type": "application/json" });
    assert.deepEqual(await items.json(), { text: "1: a, 1: b" });
  });

  it("may be larger than any message of it", async () => {
    const line = `{"text":"${"x".repeat(1000)}"}\n`;
    assert.equal((await pin(line.repeat(3_000))).status, 200);
    assert.equal(heard.told, 3_000);
    const long = await pin(`{"text":"a"}\n{"text":"${"x".repeat(mebibyte)}"}\n`);
    assert.equal(long.status, 413);
    assert.match(await long.text(), /line 2 is larger than/);
  });

  it("fails as a whole when one of them does not fit", async () => {
    const refused = await pin('{"text":"a"}\n{"txet":"b"}\n');
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /line 2: txet: no such field/);
    await until(() => heard.signal.aborted);
  });

  it("is refused in a form that pages of other sites can send", async () => {
    assert.equal((await pin("a=b", { "content-type": "text/plain" })).status, 415);
  });

  it("fails when its sender goes", async () => {
    const { signal } = heard;
    const socket = createConnection(plaza.port(), "127.0.0.1");
    socket.write(
      `POST /v1/boards/1:pin HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\n` +
        `authorization: Bearer ${plaza.signIn()}\r\ncontent-length: 100\r\n\r\n{"text":"a"}\n`,
    );
    await until(() => heard.signal !== signal && heard.told === 1);
    socket.destroy();
    await until(() => heard.signal.aborted);
  });

  it("is answered by many where the method is so", async () => {
    const answer = await fetch(`${plaza.url()}/v1/boards/1:echo`, {
      method: "POST",
      headers: ndjson,
      body: '{"text":"a"}\n{"text":"b"}\n',
    });
    const results = said.map((result) => `${JSON.stringify({ result })}\n`);
    assert.equal(await answer.text(), results.join(""));
  });

  it("is taken over HTTP/2", async () => {
    const session = connect(plaza.url());
    const stream = session.request({
      ":method": "POST",
      ":path": "/v1/boards/1:echo",
      ...ndjson,
    });
    stream.end('{"text":"a"}\n');
    assert.equal(await text(stream), '{"result":{"board":"1","text":"a"}}\n');
    session.close();
  });

  for (const protocol of ["Connect over HTTP/1.1", "gRPC"] as const) {
    it(`is taken over ${protocol}, and from members only where it says so`, async () => {
      const headers = { authorization: `Bearer ${plaza.signIn()}` };
      const client = createClient(NoteService, transportOver(protocol, plaza.url()));
      assert.equal((await client.pin(both(), { headers })).text, "1: a, 1: b");
      const bad = client.pin(both(), { headers: { authorization: "Bearer made.up" } });
      await assert.rejects(bad, ({ code }: ConnectError) => code === Code.Unauthenticated);
    });
  }

  it("is answered by many over gRPC", async () => {
    const client = createClient(NoteService, createGrpcTransport({ baseUrl: plaza.url() }));
    const answers = await Array.fromAsync(client.echo(both()));
    assert.deepEqual(
      answers.map((note) => note.text),
      ["a", "b"],
    );
  });
});
