import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import { createConnection } from "node:net";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { Code, type ConnectError, createClient } from "@connectrpc/connect";
import { NoteService } from "../testing/note-service.ts";
import { duplexProtocols, transportOver } from "../testing/protocol-transports.ts";
import { lastCall, serveRecordingNotes, until } from "../testing/recording-notes.ts";
import { testGateway } from "../testing/test-gateway.ts";

const ndjson = { "content-type": "application/x-ndjson" };
const mebibyte = 1 << 20;
const remote = serveRecordingNotes();

describe("a request of many messages", () => {
  const plaza = testGateway({}, { extraService: { contract: NoteService, transport: remote } });
  const pin = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${plaza.url()}/v1/boards/1:pin`, {
      method: "POST",
      headers: { ...ndjson, authorization: `Bearer ${plaza.signIn()}`, ...headers },
      body,
    });
  const sentNotes = ["a", "b"].map((one) => ({ board: "1", text: one }));
  async function* both() {
    yield* sentNotes;
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
    assert.equal(lastCall.messageCount, 3_000);
    const long = await pin(`{"text":"a"}\n{"text":"${"x".repeat(mebibyte)}"}\n`);
    assert.equal(long.status, 413);
    assert.match(await long.text(), /line 2 is larger than/);
  });

  it("fails as a whole when one of them does not fit", async () => {
    const refused = await pin('{"text":"a"}\n{"txet":"b"}\n');
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /line 2: txet: unknown field/);
    await until(() => lastCall.signal.aborted);
  });

  it("is refused in a form that pages of other sites can send", async () => {
    assert.equal((await pin("a=b", { "content-type": "text/plain" })).status, 415);
  });

  it("fails when its sender goes", async () => {
    const { signal } = lastCall;
    const socket = createConnection(plaza.port(), "127.0.0.1");
    socket.write(
      `POST /v1/boards/1:pin HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\n` +
        `authorization: Bearer ${plaza.signIn()}\r\ncontent-length: 100\r\n\r\n{"text":"a"}\n`,
    );
    await until(() => lastCall.signal !== signal && lastCall.messageCount === 1);
    socket.destroy();
    await until(() => lastCall.signal.aborted);
  });

  it("is answered by many where the method is so", async () => {
    const answer = await fetch(`${plaza.url()}/v1/boards/1:echo`, {
      method: "POST",
      headers: ndjson,
      body: '{"text":"a"}\n{"text":"b"}\n',
    });
    const results = sentNotes.map((result) => `${JSON.stringify({ result })}\n`);
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
    it(`is taken over ${protocol}, and from members only where the contract requires it`, async () => {
      const headers = { authorization: `Bearer ${plaza.signIn()}` };
      const client = createClient(NoteService, transportOver(protocol, plaza.url()));
      assert.equal((await client.pin(both(), { headers })).text, "1: a, 1: b");
      const bad = client.pin(both(), { headers: { authorization: "Bearer made.up" } });
      await assert.rejects(bad, ({ code }: ConnectError) => code === Code.Unauthenticated);
    });
  }

  for (const protocol of duplexProtocols) {
    it(`is answered message by message over ${protocol}`, async () => {
      const client = createClient(NoteService, transportOver(protocol, plaza.url()));
      let turn = Promise.withResolvers<void>();
      async function* requests() {
        for (const text of ["a", "b", "c"]) {
          yield { text };
          await turn.promise;
        }
      }
      const answers: string[] = [];
      for await (const note of client.echo(requests())) {
        answers.push(note.text);
        turn.resolve();
        turn = Promise.withResolvers();
      }
      assert.deepEqual(answers, ["a", "b", "c"]);
    });
  }

  it("is answered message by message over REST on HTTP/2", async () => {
    const session = connect(plaza.url());
    const head = { ":method": "POST", ":path": "/v1/boards/1:echo", ...ndjson };
    const stream = session.request(head, { endStream: false });
    for (const one of ["a", "b"]) {
      stream.write(`{"text":"${one}"}\n`);
      const [line] = await once(stream, "data");
      assert.equal(String(line), `{"result":{"board":"1","text":"${one}"}}\n`);
    }
    stream.end();
    assert.equal(await text(stream), "");
    session.close();
  });
});
