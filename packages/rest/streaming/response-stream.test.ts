import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.ts";
import { createMessage, errorInfoOf } from "../testing/contract.ts";
import { createNote, noteFixture, yieldNotes } from "../testing/note-service.ts";

const watch = "/v1/boards/1/notes:watch";
const sse = { accept: "text/event-stream" };
const gone = new ConnectError("the board is gone", Code.NotFound, undefined, [
  { desc: ErrorInfoSchema, value: { reason: "BOARD_GONE" } },
]);
const goneStatus = {
  code: 5,
  message: "the board is gone",
  details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "BOARD_GONE" }],
};

async function piecesOf(pieces: AsyncIterable<string | Uint8Array>): Promise<string[]> {
  return (await Array.fromAsync(pieces)).map((piece) => Buffer.from(piece as string).toString());
}

describe("streams of replies, in NDJSON", () => {
  const { send, openStream } = noteFixture({
    watch: ({ board }) =>
      yieldNotes(board === "1" ? ["a", "b\nc"] : [], board === "9" ? gone : undefined),
    search: ({ note: like }) => yieldNotes([`like ${like?.text}`]),
  });

  it("36: each line is a result", async () => {
    const reply = await send("GET", watch);
    assert.equal(reply.status, 200);
    assert.equal(reply.body, '{"result":{"text":"a"}}\n{"result":{"text":"b\\nc"}}\n');
    assert.equal(reply.headers.get("content-type"), "application/x-ndjson");
  });

  it("36: nothing on the way keeps them, or waits for more", async () => {
    const { headers } = await send("GET", watch, { headers: { "accept-encoding": "gzip" } });
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("x-accel-buffering"), "no");
    assert.equal(headers.get("content-encoding"), null);
  });

  it("36: each message is a piece of its own", async () => {
    const { chunks } = await openStream(watch);
    assert.equal((await piecesOf(chunks)).length, 2);
  });

  it("36: a client that accepts neither format is refused before the RPC begins", async () => {
    const reply = await send("GET", watch, { headers: { accept: "application/json" } });
    assert.deepEqual([reply.status, errorInfoOf(reply).reason], [406, "NOT_ACCEPTABLE"]);
    assert.match(String(reply.body), /application\/x-ndjson or text\/event-stream/);
  });

  it("36: a request with a body may be answered so too", async () => {
    const reply = await send("POST", "/v1/notes:search", { body: '{"note":{"text":"a"}}' });
    assert.deepEqual(reply.json, { result: { text: "like a" } });
    const bad = await send("POST", "/v1/notes:search", { body: '{"nota":{}}' });
    assert.deepEqual([bad.status, errorInfoOf(bad).reason], [400, "UNKNOWN_FIELD"]);
  });

  it("37: an empty stream is 200 with an empty body", async () => {
    const reply = await send("GET", "/v1/boards/2/notes:watch");
    assert.deepEqual([reply.status, reply.body], [200, ""]);
    assert.equal(reply.headers.get("content-type"), "application/x-ndjson");
  });

  it("37: an error before the first message has a status of its own", async () => {
    for (const headers of [{}, sse]) {
      const reply = await send("GET", "/v1/boards/9/notes:watch", { headers });
      assert.deepEqual([reply.status, reply.json], [404, goneStatus]);
      assert.equal(reply.headers.get("content-type"), "application/json");
    }
  });

  it("37: an error after it is the last line", async () => {
    const late = noteFixture({ watch: () => yieldNotes(["a"], gone) });
    const reply = await late.send("GET", watch);
    assert.equal(reply.status, 200);
    const [result, error, ...more] = String(reply.body).split("\n");
    assert.equal(result, '{"result":{"text":"a"}}');
    assert.deepEqual(JSON.parse(error ?? ""), { error: goneStatus });
    assert.deepEqual(more, [""]);
  });

  it("37: an internal error after it discloses nothing", async () => {
    const late = noteFixture({ watch: () => yieldNotes(["a"], new Error("password=hunter2")) });
    const { body } = await late.send("GET", watch);
    assert.match(String(body), /\n\{"error":\{"code":13,"message":"internal error"\}\}\n$/);
  });

  it("37: HEAD is answered as GET, and ends the call", async () => {
    let signal: AbortSignal | undefined;
    const endless = noteFixture({
      async *watch(_, context) {
        signal = context.signal;
        for (;;) yield createNote("a");
      },
    });
    const reply = await endless.send("HEAD", watch);
    assert.deepEqual([reply.status, reply.body], [200, ""]);
    assert.equal(reply.headers.get("content-type"), "application/x-ndjson");
    assert.equal(signal?.aborted, true);
  });

  it("41: headers of the RPC are sent, but not in place of the stream's own", async () => {
    const { send: asking } = noteFixture({
      async *watch(_, { responseHeader }: HandlerContext) {
        responseHeader.set("x-own", "1");
        responseHeader.set("cache-control", "public");
        yield createNote("a");
      },
    });
    const { headers } = await asking("GET", watch);
    assert.equal(headers.get("x-own"), "1");
    assert.equal(headers.get("cache-control"), "no-store");
  });
});

describe("streams of replies, as server-sent events", () => {
  it("36: each message is an event, and so is the end", async () => {
    const { send } = noteFixture({ watch: () => yieldNotes(["a", "b\r\nc"]) });
    const reply = await send("GET", watch, { headers: sse });
    assert.equal(reply.headers.get("content-type"), "text/event-stream");
    const events = ['data: {"text":"a"}', 'data: {"text":"b\\r\\nc"}', "event: end\ndata: {}"];
    assert.equal(reply.body, events.map((event) => `${event}\n\n`).join(""));
  });

  it("37: an empty stream has no events", async () => {
    const { send } = noteFixture({ watch: () => yieldNotes([]) });
    const reply = await send("GET", watch, { headers: sse });
    assert.deepEqual([reply.status, reply.body], [200, "event: end\ndata: {}\n\n"]);
  });

  it("37: an error after the first message is an event, and there is no end", async () => {
    const { send } = noteFixture({ watch: () => yieldNotes(["a"], gone) });
    const { body } = await send("GET", watch, { headers: sse });
    const error = `event: error\ndata: ${JSON.stringify(goneStatus)}\n\n`;
    assert.equal(body, `data: {"text":"a"}\n\n${error}`);
  });

  it("37: an error with a retry delay sets the reconnection time of browsers", async () => {
    const retryDelay = create(DurationSchema, { seconds: 2n, nanos: 1 });
    const busy = new ConnectError("busy", Code.Unavailable, undefined, [
      { desc: RetryInfoSchema, value: { retryDelay } },
    ]);
    const { send } = noteFixture({ watch: () => yieldNotes(["a"], busy) });
    const { body } = await send("GET", watch, { headers: sse });
    assert.match(String(body), /\n\nretry: 3000\nevent: error\ndata: \{"code":14,/);
  });

  it("37: a message with a resume position gives the event its id", async () => {
    const { send } = noteFixture({
      async *watch() {
        yield createNote("a", "c1");
        yield createNote("b");
        yield createNote("c", "c3");
      },
    });
    const { body } = await send("GET", watch, { headers: sse });
    const ids = String(body).match(/^id: .*$/gm);
    assert.deepEqual(ids, ["id: c1", "id: c3"]);
    assert.match(String(body), /^id: c1\ndata: \{"text":"a","cursor":"c1"\}\n\ndata:/);
  });

  it("37: an id that would break out of its line is left out", async () => {
    const { send } = noteFixture({
      async *watch() {
        yield createNote("a", "c1\ndata: forged\n\n");
        yield createNote("a", "é");
      },
    });
    const { body } = await send("GET", watch, { headers: sse });
    assert.doesNotMatch(String(body), /^id:|^data: forged/m);
  });

  it("37: a client that reconnects continues after the last id", async () => {
    const { send } = noteFixture({
      watch: ({ board, after }) => yieldNotes([`${board} after ${after}`]),
    });
    const said = async (url: string, headers: Record<string, string>) =>
      /"text":"(.*?)"/.exec(String((await send("GET", url, { headers })).body))?.[1];
    assert.equal(await said(watch, { ...sse, "last-event-id": "c3" }), "1 after c3");
    assert.equal(await said(`${watch}?after=c1`, { ...sse, "last-event-id": "c3" }), "1 after c3");
    assert.equal(await said(`${watch}?after=c1`, { ...sse, "last-event-id": "" }), "1 after c1");
    assert.equal(await said(`${watch}?after=c1`, { "last-event-id": "c3" }), "1 after c1");
  });
});

describe("a stream that is quiet", () => {
  async function* slowly(ms: number) {
    yield createNote("a");
    await sleep(ms);
    yield createNote("b");
  }

  it("37: shows that it is alive, in either form", async () => {
    const { openStream } = noteFixture({ watch: () => slowly(250) }, { keepAliveIntervalMs: 100 });
    const events = await piecesOf((await openStream(watch, sse)).chunks);
    assert.deepEqual(events.slice(1, -2), [":\n\n", ":\n\n"]);
    const lines = await piecesOf((await openStream(watch)).chunks);
    assert.deepEqual(lines.slice(1, -1), ["\n", "\n"]);
    assert.equal(lines.at(-1), '{"result":{"text":"b"}}\n');
  });

  it("37: begins before its first message, and reports errors in the stream from then on", async () => {
    const { openStream } = noteFixture(
      {
        async *watch() {
          await sleep(100);
          yield* yieldNotes([], gone);
        },
      },
      { firstMessageTimeoutMs: 20 },
    );
    const reply = await openStream(watch, sse);
    assert.equal(reply.status, 200);
    const [first, second = "", ...more] = await piecesOf(reply.chunks);
    assert.equal(first, ":\n\n");
    assert.match(second, /^event: error\ndata: \{"code":5,/);
    assert.deepEqual(more, []);
  });

  it("37: ends with its client, who hangs up or reads no further", async () => {
    let signal: AbortSignal | undefined;
    const { openStream } = noteFixture(
      {
        async *watch(_, context) {
          ({ signal } = context);
          yield createNote("a");
          await new Promise(() => undefined);
        },
      },
      { keepAliveIntervalMs: 20 },
    );
    const hangUp = new AbortController();
    const { chunks } = await openStream(watch, {}, hangUp.signal);
    hangUp.abort();
    await piecesOf(chunks);
    assert.equal(signal?.aborted, true);
    for await (const piece of (await openStream(watch)).chunks) if (piece === "\n") break;
    assert.equal(signal?.aborted, true);
  });
});

describe("streams of other replies", () => {
  it("29: response_body holds for each message", async () => {
    const { send } = noteFixture({ watch: () => yieldNotes(["a", ""]) });
    const { body } = await send("GET", "/v1/boards/1/texts:watch");
    assert.equal(body, '{"result":"a"}\n{"result":""}\n');
  });

  it("31: a message over the limit is an error, the first one with its status", async () => {
    const long = "x".repeat(100);
    const limits = { maxResponseBytes: 50 };
    const first = await noteFixture({ watch: () => yieldNotes([long]) }, limits).send("GET", watch);
    assert.deepEqual([first.status, errorInfoOf(first).reason], [500, "RESPONSE_TOO_LARGE"]);
    let signal: AbortSignal | undefined;
    const later = noteFixture(
      {
        async *watch(_, context) {
          signal = context.signal;
          yield* yieldNotes(["a", long, "b"]);
        },
      },
      limits,
    );
    const { body } = await later.send("GET", watch);
    assert.match(String(body), /^\{"result":.*\}\n\{"error":.*RESPONSE_TOO_LARGE.*\}\n$/);
    assert.equal(signal?.aborted, true);
  });

  it("32: google.api.HttpBody messages are their bytes, under the first one's type", async () => {
    const { send } = noteFixture({
      async *scan() {
        yield { contentType: "image/png", data: new Uint8Array([1, 2]) };
        yield { data: new Uint8Array([3]) };
      },
      async *watch() {
        const scan = { contentType: "image/gif", data: new Uint8Array([7]) };
        yield createMessage("Note", { scan });
      },
    });
    const reply = await send("GET", "/v1/boards/1/scan", { headers: { accept: "image/*" } });
    assert.equal(reply.headers.get("content-type"), "image/png");
    assert.equal(reply.body, "\x01\x02\x03");
    const field = await send("GET", "/v1/boards/1/scans:watch");
    assert.deepEqual([field.headers.get("content-type"), field.body], ["image/gif", "\x07"]);
  });

  it("32: an error in the middle of such bytes breaks them off", async () => {
    const { openStream, send } = noteFixture({
      async *scan({ board }) {
        if (board === "1") yield { contentType: "image/png", data: new Uint8Array([1]) };
        throw gone;
      },
    });
    await assert.rejects(
      piecesOf((await openStream("/v1/boards/1/scan")).chunks),
      /the board is gone/,
    );
    assert.equal((await send("GET", "/v1/boards/2/scan")).status, 404);
  });
});
