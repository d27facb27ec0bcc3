import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { Code, ConnectError } from "@connectrpc/connect";
import { errorInfoOf } from "../testing/contract.ts";
import { noteFixture } from "../testing/note-service.ts";

const pin = "/v1/boards/1/notes:pin";
const json = { "content-type": "application/json" };
const ndjson = { "content-type": "application/x-ndjson; charset=utf-8" };

/** A board that remembers what was pinned to it, and how the last attempt ended. */
function board(options = {}) {
  const pinned: string[] = [];
  const state = { pinned, begun: 0, failed: false };
  const { send } = noteFixture(
    {
      async pin(requests) {
        state.begun++;
        let count = 0;
        try {
          for await (const { board: name, note } of requests) {
            pinned.push(`${name}: ${note?.text ?? "-"}`);
            count++;
          }
        } catch (error) {
          state.failed = true;
          throw error;
        }
        return { count };
      },
    },
    options,
  );
  return {
    ...state,
    state,
    ask: send,
    post: (body: Body, headers = ndjson) => send("POST", pin, { body, headers }),
  };
}

type Body = string | Uint8Array | AsyncIterable<Uint8Array>;

/** A body in chunks of so many bytes. */
async function* chunked(body: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(body as string);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe("requests of many messages, in NDJSON", () => {
  it("38: every line is a message, and the reply is one", async () => {
    const { post, pinned } = board();
    const reply = await post('{"text":"a"}\n{"text":"b"}\n');
    assert.deepEqual([reply.status, reply.json], [200, { count: 2 }]);
    assert.equal(reply.headers.get("content-type"), "application/json");
    assert.deepEqual(pinned, ["1: a", "1: b"]);
  });

  it("38: the last line need not end, blank lines are skipped, and CR LF is a line feed", async () => {
    const { post, pinned } = board();
    assert.equal((await post('\r\n{"text":"a"}\r\n \n\n{"text":"b"}')).status, 200);
    assert.deepEqual(pinned, ["1: a", "1: b"]);
  });

  it("38: no line is no message", async () => {
    for (const body of ["", "\n\n"]) assert.deepEqual((await board().post(body)).json, {});
  });

  it("38: lines may be cut anywhere on the way", async () => {
    const body = '{"text":"é"}\n\n{"text":"💥"}\n{"text":"c"}';
    for (const size of [1, 2, 3, 5, 7, 1000]) {
      const { post, pinned } = board();
      assert.equal((await post(chunked(body, size))).status, 200);
      assert.deepEqual(pinned, ["1: é", "1: 💥", "1: c"], `${size}`);
    }
  });

  it("38: the path fills every message, and wins over the body", async () => {
    const { ask, pinned } = board();
    await ask("POST", "/v1/boards/2/notes:pin", { body: '{"text":"a"}', headers: ndjson });
    const body = '{"board":"3","note":{"text":"a"}}\n{"board":"4"}';
    await ask("POST", "/v1/notes:pin", { body, headers: ndjson });
    assert.deepEqual(pinned, ["2: a", "3: a", "4: -"]);
  });

  it("38: a method without a body takes one message", async () => {
    const { ask, pinned } = board();
    assert.deepEqual((await ask("POST", "/v1/boards/7:mark")).json, { count: 1 });
    assert.deepEqual(pinned, ["7: -"]);
    const extra = await ask("POST", "/v1/boards/7:mark", { body: "{}" });
    assert.deepEqual([extra.status, errorInfoOf(extra).reason], [400, "BODY_NOT_ALLOWED"]);
  });

  it("29: response_body holds for the reply", async () => {
    const { ask } = board();
    const reply = await ask("POST", "/v1/notes:count", { body: "{}\n{}", headers: ndjson });
    assert.equal(reply.body, "2");
  });

  it("38: an error names its line, and fails the call", async () => {
    for (const [line, reason, message] of [
      ['{"text":', "MALFORMED_JSON", /^line 3: the body is not valid JSON/],
      ['{"nota":1}', "UNKNOWN_FIELD", /^line 3: note\.nota: unknown field/],
      ['{"text":5}', "INVALID_FIELD", /^line 3: note\.text: /],
      ['{"text":"a"} {"text":"b"}', "MALFORMED_JSON", /^line 3: /],
      ["[]", "INVALID_FIELD", /^line 3: /],
    ] as const) {
      const { post, state } = board();
      const reply = await post(`{"text":"a"}\n\n${line}\n{"text":"c"}\n`);
      assert.deepEqual([reply.status, errorInfoOf(reply).reason], [400, reason], line);
      assert.match((reply.json as { message: string }).message, message);
      assert.deepEqual([state.pinned, state.failed], [["1: a"], true], line);
    }
  });

  it("38: the fields at fault are named as ever", async () => {
    const reply = await board().post('{"nota":1}');
    assert.deepEqual(errorInfoOf(reply).fields, ["note.nota"]);
  });

  it("38: text that is not UTF-8 is refused", async () => {
    const reply = await board().post(Buffer.from('{"text":"\xff"}', "latin1"));
    assert.deepEqual([reply.status, errorInfoOf(reply).reason], [400, "MALFORMED_BODY"]);
  });

  it("38: the limit is on a message, not on their number", async () => {
    const long = `{"text":"${"x".repeat(80)}"}\n`;
    const { post, pinned } = board({ maxRequestBytes: 100 });
    assert.equal((await post(chunked(long.repeat(50), 33))).status, 200);
    assert.equal(pinned.length, 50);
    const longer = `{"text":"a"}\n{"text":"${"x".repeat(200)}`;
    const reply = await post(chunked(longer, 33));
    assert.deepEqual([reply.status, errorInfoOf(reply).reason], [413, "BODY_TOO_LARGE"]);
    assert.match(String(reply.body), /line 2 is larger than 100 bytes/);
  });

  it("38: a line without end is refused before it has come", async () => {
    let sent = 0;
    const endless = (async function* () {
      for (;;) {
        sent += 1000;
        yield Buffer.alloc(1000, "x");
      }
    })();
    assert.equal((await board({ maxRequestBytes: 10_000 }).post(endless)).status, 413);
    assert.ok(sent <= 12_000, `${sent}`);
  });

  it("33: in gzip too, as it comes", async () => {
    const gzip = { ...ndjson, "content-encoding": "gzip" };
    const { post, pinned } = board();
    const body = gzipSync('{"text":"a"}\n{"text":"b"}\n');
    assert.equal((await post(chunked(body, 5), gzip)).status, 200);
    assert.deepEqual(pinned, ["1: a", "1: b"]);
    const cut = await post(body.subarray(0, 20), gzip);
    assert.deepEqual([cut.status, errorInfoOf(cut).reason], [400, "MALFORMED_BODY"]);
    const bomb = await board({ maxRequestBytes: 10_000 }).post(
      gzipSync(Buffer.alloc(1e6, "x")),
      gzip,
    );
    assert.equal(bomb.status, 413);
    const other = await post("x", { ...ndjson, "content-encoding": "br" } as typeof ndjson);
    assert.deepEqual([other.status, errorInfoOf(other).reason], [415, "UNSUPPORTED_ENCODING"]);
  });

  it("38: another type of body is refused before the RPC begins", async () => {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/x-ndjson;charset=latin1",
    ]) {
      const { post, state } = board();
      const reply = await post('{"text":"a"}', { "content-type": type });
      assert.deepEqual(
        [reply.status, errorInfoOf(reply).reason],
        [415, "UNSUPPORTED_MEDIA_TYPE"],
        type,
      );
      assert.equal(reply.headers.get("accept"), "application/x-ndjson, application/json");
      assert.equal(state.begun, 0);
    }
  });

  it("38: a service need not read them to their end", async () => {
    const { send } = noteFixture({
      async pin(requests) {
        for await (const _ of requests) return { count: 1 };
        return {};
      },
    });
    let isLetGo = false;
    const endless = (async function* () {
      try {
        for (;;) yield Buffer.from('{"text":"a"}\n');
      } finally {
        isLetGo = true;
      }
    })();
    const reply = await send("POST", pin, { body: endless, headers: ndjson });
    assert.deepEqual(reply.json, { count: 1 });
    assert.equal(isLetGo, true);
  });

  it("38: a refusal of the service is the reply", async () => {
    const { send } = noteFixture({
      async pin() {
        throw new ConnectError("the board is full", Code.FailedPrecondition);
      },
    });
    const reply = await send("POST", pin, { body: '{"text":"a"}', headers: ndjson });
    assert.deepEqual([reply.status, reply.json], [400, { code: 9, message: "the board is full" }]);
  });
});

describe("requests of many messages, in a JSON array", () => {
  const odd = '{"text":"],[{}\\"\\\\"}';

  it("38: every item is a message, however the array is cut on the way", async () => {
    const body = ` \n[ {"text":"é"} ,${odd},\r\n{"text":"c"}\t] \n`;
    for (const size of [1, 2, 3, 7, 1000]) {
      const { post, pinned } = board();
      assert.equal((await post(chunked(body, size), json)).status, 200);
      assert.deepEqual(pinned, ["1: é", '1: ],[{}"\\', "1: c"], `${size}`);
    }
  });

  for (const [name, body, headers] of [
    ["an array", '[{"text":"a"},{"text":"b"}]', json],
    ["lines", '{"text":"a"}\n{"text":"b"}\n', ndjson],
  ] as const) {
    it(`30: a byte order mark is skipped before ${name}, and refused further in`, async () => {
      for (const size of [1, 2, 1000]) {
        const { post, pinned } = board();
        assert.equal((await post(chunked(`\ufeff${body}`, size), headers)).status, 200);
        assert.deepEqual(pinned, ["1: a", "1: b"]);
      }
      const further = body.replace('{"text":"b"}', '\ufeff{"text":"b"}');
      assert.equal((await board().post(further, headers)).status, 400);
    });
  }

  it("38: an empty array is no message", async () => {
    for (const body of ["[]", " [ \n] "]) {
      assert.deepEqual((await board().post(body, json)).json, {});
    }
  });

  for (const [name, body, message] of [
    ["an object", '{"text":"a"}', /the body must be a JSON array/],
    ["a text", '"a"', /the body must be a JSON array/],
    ["nothing", "", /the array is not closed/],
    ["no end", '[{"text":"a"}', /the array is not closed/],
    ["an item without end", '[{"text":"a"}]'.slice(0, -3), /the array is not closed/],
    ["a text without end", '["a]', /the array is not closed/],
    ["something behind it", '[{"text":"a"}] []', /unexpected data after the array/],
    ["a comma at its end", '[{"text":"a"},]', /item 2 is missing/],
    ["a comma at its begin", '[,{"text":"a"}]', /item 1 is missing/],
    ["two values in an item", '[{"text":"a"} {}]', /item 1: the body is not valid JSON/],
    ["brackets that do not match", '[{"text":"a"],{}]', /item 1: the body is not valid JSON/],
    ["a brace too many", "[}]", /item 1: the body is not valid JSON/],
    ["an item of another kind", "[{},7]", /item 2: /],
  ] as const) {
    it(`38: what is not one is refused: ${name}`, async () => {
      const reply = await board().post(body, json);
      assert.equal(reply.status, 400);
      assert.match((reply.json as { message: string }).message, message);
    });
  }

  it("38: the limit is on an item", async () => {
    const item = `{"text":"${"x".repeat(80)}"}`;
    const { post, pinned } = board({ maxRequestBytes: 100 });
    assert.equal((await post(chunked(`[${Array(50).fill(item)}]`, 33), json)).status, 200);
    assert.equal(pinned.length, 50);
    const reply = await post(chunked(`[{},"${"x".repeat(200)}"]`, 33), json);
    assert.equal(reply.status, 413);
    assert.match(String(reply.body), /item 2 is larger than 100 bytes/);
  });
});

describe("requests of many messages of bytes", () => {
  it("32: chunks are google.api.HttpBody messages, under the path and the type of all", async () => {
    const seen: [board: string, type: string | undefined, data: string][] = [];
    const { send } = noteFixture({
      async hang(requests) {
        for await (const { board: name, scan } of requests) {
          seen.push([name, scan?.contentType, Buffer.from(scan?.data ?? "").toString()]);
        }
        return { count: seen.length };
      },
    });
    const headers = { "content-type": "image/png" };
    await send("PUT", "/v1/boards/1/scan", { body: chunked("abcd", 3), headers });
    assert.deepEqual(seen.splice(0), [
      ["1", "image/png", "abc"],
      ["1", "image/png", "d"],
    ]);
    await send("PUT", "/v1/boards/1/scan", { body: chunked("", 3), headers });
    assert.deepEqual(seen, [["1", "image/png", ""]]);
  });
});

describe("requests and replies of many messages", () => {
  const { send } = noteFixture({
    async *echo(requests) {
      for await (const one of requests) yield one;
    },
  });
  const echo = (body: Body) => send("POST", "/v1/notes:echo", { body, headers: ndjson });

  it("38: both ways at once", async () => {
    const { body } = await echo('{"text":"a"}\n{"text":"b"}\n');
    assert.equal(body, '{"result":{"text":"a"}}\n{"result":{"text":"b"}}\n');
  });

  it("38: a line that does not fit ends the replies with an error that names it", async () => {
    const { body } = await echo('{"text":"a"}\n{"nota":"b"}\n');
    assert.match(String(body), /^\{"result":.*\}\n\{"error":.*line 2: nota: unknown field.*\}\n$/);
    const first = await echo('{"nota":"b"}\n');
    assert.deepEqual([first.status, errorInfoOf(first).reason], [400, "UNKNOWN_FIELD"]);
  });

  it("38: a response is sent before the next request is read", async () => {
    const log: string[] = [];
    const asked = (async function* () {
      for (const text of ["a", "b", "c"]) {
        log.push(`asks ${text}`);
        yield Buffer.from(`{"text":"${text}"}\n`);
      }
    })();
    const slow = noteFixture({
      async *echo(requests) {
        for await (const one of requests) {
          log.push(`answers ${one.text}`);
          yield one;
        }
      },
    });
    await slow.send("POST", "/v1/notes:echo", { body: asked, headers: ndjson });
    assert.deepEqual(log, ["asks a", "answers a", "asks b", "answers b", "asks c", "answers c"]);
  });
});
