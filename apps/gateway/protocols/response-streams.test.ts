import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:http2";
import { createConnection } from "node:net";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, type ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ChatService } from "@plaza/contract/chat/v1/chat";
import { createLocalTransport } from "@plaza/kit/rpc/local-transport";
import { maxStreamDurationMs, maxStreamsPerCaller } from "../base/limits.ts";
import { NoteService } from "../testing/note-service.ts";
import { mainRpcProtocols, transportOver } from "../testing/protocol-transports.ts";
import {
  lastCall,
  recordingNotes,
  serveRecordingNotes,
  until,
} from "../testing/recording-notes.ts";
import { createSteadyQueue } from "../testing/steady-queue.ts";
import { testGateway } from "../testing/test-gateway.ts";

const sse = { accept: "text/event-stream" };
const mebibyte = 1 << 20;
const remote = serveRecordingNotes();

/** The two transports to a service: within this process, and over gRPC. */
const serviceTransports: Record<string, () => Transport> = {
  "of this process": () =>
    createLocalTransport([{ contract: NoteService, implementation: recordingNotes as never }]),
  "over gRPC": remote,
};

for (const [place, transport] of Object.entries(serviceTransports)) {
  describe(`a stream of replies of a service ${place}`, () => {
    const plaza = testGateway({}, { extraService: { contract: NoteService, transport } });
    const watch = (board: string, headers = {}, signal?: AbortSignal) =>
      fetch(`${plaza.url()}/v1/boards/${board}:watch`, { headers, ...(signal && { signal }) });

    it("has the requested format", async () => {
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
      await until(() => lastCall.signal.aborted);
      session.close();
    });

    it("ends with its reader", async () => {
      const hangUp = new AbortController();
      const answer = await watch("quiet", {}, hangUp.signal);
      await answer.body?.getReader().read();
      assert.equal(lastCall.signal.aborted, false);
      hangUp.abort();
      await until(() => lastCall.signal.aborted);
    });

    it("waits for a slow reader", async () => {
      const socket = createConnection(plaza.port(), "127.0.0.1");
      socket.write("GET /v1/boards/large:watch HTTP/1.1\r\nhost: localhost\r\n\r\n");
      await once(socket, "data");
      socket.pause();
      for (let before = -1; before !== lastCall.messageCount; await sleep(300))
        before = lastCall.messageCount;
      assert.ok(lastCall.messageCount * 65_536 < 32 * mebibyte, `${lastCall.messageCount}`);
      socket.destroy();
      await until(() => lastCall.signal.aborted);
    });

    it("reports an error by its status, or in a stream that has begun", async () => {
      const refused = await watch("refused", sse);
      assert.equal(refused.status, 404);
      assert.match(await refused.text(), /no such board/);
      const broken = await watch("broken");
      const [, last = ""] = (await broken.text()).split("\n");
      assert.deepEqual(JSON.parse(last), { error: { code: 13, message: "internal error" } });
    });

    it("lasts until its caller's deadline, but no longer than a stream may", async () => {
      const late = await watch("quiet", { ...sse, "grpc-timeout": "100m" });
      assert.match(await late.text(), /\n\nevent: error\ndata: \{"code":4,/);
      for (const headers of [{}, { "grpc-timeout": "10H" }]) {
        await (await watch("1", headers)).text();
        assert.ok(
          Math.abs((lastCall.timeoutMs ?? 0) - maxStreamDurationMs) < 5_000,
          `${lastCall.timeoutMs}`,
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
      const before = lastCall.header;
      const bad = await watch("1", { authorization: "Bearer made.up" });
      assert.equal(bad.status, 401);
      assert.equal(lastCall.header, before);
      await (await watch("1", { cookie: `plaza_session=${plaza.signIn()}` })).text();
      assert.match(lastCall.header.get("authorization") ?? "", /^Bearer /);
      assert.deepEqual(
        [...lastCall.header.keys()].filter((name) => name === "cookie"),
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
    {
      extraService: { contract: NoteService, transport: remote },
      admissionQueue: createSteadyQueue(),
    },
  );

  for (const who of ["a visitor", "a member"]) {
    it(`are limited in number, and count until they end: ${who}`, async () => {
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

describe("a stream that is resumed with many positions", () => {
  let seen: readonly string[] = [];
  const implementation = {
    async *subscribe({ since }: { since: string[] }) {
      seen = since;
      yield { event: { case: "heartbeat" as const, value: {} } };
    },
  };
  const hosted = { contract: ChatService, implementation: implementation as never };
  const transport = () => createLocalTransport([hosted]);
  const plaza = testGateway({}, { extraService: { contract: ChatService, transport } });

  it("takes them in a body, for which a URL would be too long", async () => {
    const since = Array.from({ length: 1_000 }, (_, at) => `${randomUUID()}:${at}`);
    const answer = await fetch(`${plaza.url()}/v1/chats:subscribe`, {
      method: "POST",
      headers: {
        ...sse,
        "content-type": "application/json",
        authorization: `Bearer ${plaza.signIn()}`,
      },
      body: JSON.stringify({ since }),
    });
    assert.equal(answer.headers.get("content-type"), "text/event-stream");
    assert.equal(await answer.text(), 'data: {"heartbeat":{}}\n\nevent: end\ndata: {}\n\n');
    assert.deepEqual(seen, since);
  });
});

describe("what proxies are told of a stream", () => {
  const plaza = testGateway({}, { extraService: { contract: NoteService, transport: remote } });
  const watchRpc = "/plaza.test.v1.NoteService/Watch";
  const noMessage = Buffer.alloc(5);
  const streams: Record<
    string,
    readonly [path: string, type: string, body: Uint8Array<ArrayBuffer> | string]
  > = {
    NDJSON: ["/v1/boards/1:echo", "application/x-ndjson", "{}"],
    Connect: [watchRpc, "application/connect+proto", noMessage],
    "Connect with JSON": [watchRpc, "application/connect+json", Buffer.from("\0\0\0\0\x02{}")],
    "gRPC-Web": [watchRpc, "application/grpc-web+proto", noMessage],
    "gRPC-Web as text": [watchRpc, "application/grpc-web-text", noMessage.toString("base64")],
  };

  for (const [protocol, [path, type, body]] of Object.entries(streams)) {
    it(`keeps them from buffering and caching it: ${protocol}`, async () => {
      const headers = { "content-type": type };
      const answer = await fetch(plaza.url() + path, { method: "POST", headers, body });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("x-accel-buffering"), "no");
      assert.equal(answer.headers.get("cache-control"), "no-store");
      await answer.text();
    });
  }
});

describe("gRPC-Web as text", () => {
  const plaza = testGateway({}, { extraService: { contract: NoteService, transport: remote } });
  const note = Buffer.from("\0\0\0\0\x03\n\x011", "latin1");
  const call = async (body: string, type = "application/grpc-web-text+proto") => {
    const headers = { "content-type": type };
    const url = `${plaza.url()}/plaza.test.v1.NoteService/Watch`;
    const answer = await fetch(url, { method: "POST", headers, body });
    assert.equal(answer.headers.get("content-type"), "application/grpc-web-text+proto");
    // Each chunk is encoded, and padded, by itself.
    const parts = (await answer.text()).match(/[^=]+=*/g) ?? [];
    return Buffer.concat(parts.map((part) => Buffer.from(part, "base64"))).toString("latin1");
  };

  it("is decoded and encoded", async () => {
    for (const type of ["application/grpc-web-text", "Application/gRPC-Web-Text+proto; a=b"]) {
      assert.match(await call(note.toString("base64"), type), /1 after .*grpc-status: 0/s);
    }
  });

  it("may come in parts, each with its padding", async () => {
    const parts = [note.subarray(0, 1), note.subarray(1, 5), note.subarray(5)];
    const body = parts.map((part) => part.toString("base64")).join("");
    assert.match(await call(body), /1 after .*grpc-status: 0/s);
  });

  it("is refused when it is no base64", async () => {
    assert.match(await call("{}"), /not%20base64\r\ngrpc-status: 3\r\n/);
  });
});
