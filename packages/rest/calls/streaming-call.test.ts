import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createNote, startNoteServer } from "../testing/note-service.ts";

const watch = "/v1/boards/1/notes:watch";
const mebibyte = 1 << 20;

/** What buffers of two sockets and two streams hold at the most, with room to spare. */
const buffersBytes = 24 * mebibyte;

/** Waits until a count has not changed for a while. Answers it. */
async function settled(count: () => number): Promise<number> {
  for (let before = -1; before !== count(); await sleep(300)) before = count();
  return count();
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !isTrue(); i++) await sleep(10);
  assert.ok(isTrue());
}

describe("streams of replies, over a socket", () => {
  const seen = { told: 0, signals: [] as AbortSignal[] };
  let goOn = () => {};
  const online = startNoteServer({
    async *watch({ board }, { signal }) {
      seen.signals.push(signal);
      seen.told = 0;
      if (board === "silent") await once(signal, "abort");
      for (;;) {
        yield createNote(board === "large" ? "x".repeat(64 * 1024) : `${seen.told}`);
        seen.told++;
        if (board === "ends") return;
        if (board !== "large") await new Promise<void>((resolve) => (goOn = resolve));
      }
    },
    async *scan({ board }) {
      yield { contentType: "image/png", data: new Uint8Array([1]) };
      if (board !== "breaks") return;
      await sleep(50);
      throw new Error("no more");
    },
  });
  const aborted = () => seen.signals.at(-1)?.aborted === true;

  it("37: a message is sent when there is one", async () => {
    const hangUp = new AbortController();
    const { body } = await fetch(`${online.origin()}${watch}`, { signal: hangUp.signal });
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await reader?.read())?.value, '{"result":{"text":"0"}}\n');
    goOn();
    assert.equal((await reader?.read())?.value, '{"result":{"text":"1"}}\n');
    hangUp.abort();
    await until(aborted);
  });

  it("37: a client that hangs up ends the call, be the connection closed or reset", async () => {
    for (const leave of ["end", "resetAndDestroy"] as const) {
      const calls = seen.signals.length;
      const socket = connect(online.port(), "127.0.0.1");
      socket.write(`GET ${watch} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
      await once(socket, "data");
      socket[leave]();
      await until(() => seen.signals.length === calls + 1 && aborted());
    }
  });

  it("37: a slow reader stops the source, and holds no more than buffers do", async () => {
    const socket = connect(online.port(), "127.0.0.1");
    socket.write("GET /v1/boards/large/notes:watch HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let readBytes = (await once(socket, "data"))[0].length;
    socket.on("data", (chunk: Buffer) => {
      readBytes += chunk.length;
    });
    socket.pause();
    const told = await settled(() => seen.told);
    assert.ok(told * 65_536 < readBytes + buffersBytes, `${told} messages for ${readBytes} bytes`);
    socket.resume();
    await until(() => readBytes > 2 * buffersBytes);
    assert.ok(seen.told * 65_536 < readBytes + buffersBytes);
    socket.destroy();
    await until(aborted);
  });

  it("37: a stream that has ended is distinguished from one that was aborted", async () => {
    const whole = await fetch(`${online.origin()}/v1/boards/ends/notes:watch`);
    assert.equal(await whole.text(), '{"result":{"text":"0"}}\n');
    const file = await fetch(`${online.origin()}/v1/boards/1/scan`);
    assert.equal(await file.text(), "\x01");
    const cut = await fetch(`${online.origin()}/v1/boards/breaks/scan`);
    assert.equal(cut.status, 200);
    await assert.rejects(cut.text());
  });

  it("37: a deadline has a status before the first message, and is an error after it", async () => {
    const headers = { "grpc-timeout": "200m" };
    const late = await fetch(`${online.origin()}${watch}`, { headers });
    assert.match(await late.text(), /^\{"result":.*\}\n\{"error":\{"code":4,.*\}\}\n$/);
    const none = await fetch(`${online.origin()}/v1/boards/silent/notes:watch`, { headers });
    assert.equal(none.status, 504);
  });
});

describe("requests of many messages, over a socket", () => {
  const seen = { count: 0, failed: 0 };
  let isHeld = false;
  const online = startNoteServer({
    async pin(requests) {
      seen.count = 0;
      try {
        for await (const _ of requests) {
          seen.count++;
          while (isHeld) await sleep(10);
        }
      } catch (error) {
        seen.failed++;
        throw error;
      }
      return { count: seen.count };
    },
  });

  function post() {
    const headers = { "content-type": "application/x-ndjson" };
    const asked = request(`${online.origin()}/v1/notes:pin`, { method: "POST", headers });
    const answered = once(asked, "response") as Promise<[IncomingMessage]>;
    answered.catch(() => undefined);
    return { asked, answered };
  }

  it("38: a message is there when its line is", async () => {
    const { asked, answered } = post();
    for (let lines = 1; lines <= 3; lines++) {
      asked.write("{}\n");
      await until(() => seen.count === lines);
    }
    asked.end();
    const [answer] = await answered;
    assert.equal(await text(answer), '{"count":3}');
  });

  it("38: a service that reads slowly stops the sender", async () => {
    isHeld = true;
    const { asked, answered } = post();
    const line = `{"note":{"text":"${"x".repeat(64 * 1024)}"}}\n`;
    let sentBytes = 0;
    const send = () =>
      asked.write(line, () => {
        sentBytes += line.length;
      });
    for (let i = 0; i < 1000; i++) send();
    assert.ok((await settled(() => sentBytes)) < buffersBytes, `${sentBytes} bytes`);
    isHeld = false;
    asked.end();
    const [answer] = await answered;
    assert.equal(await text(answer), '{"count":1000}');
  });

  it("38: a sender that goes fails the call", async () => {
    const { asked } = post();
    const before = seen.failed;
    asked.on("error", () => undefined);
    asked.write("{}\n{");
    await until(() => seen.count === 1);
    asked.destroy();
    await until(() => seen.failed === before + 1);
  });

  it("38: a refusal in the middle leaves the connection fit for the next request", async () => {
    const socket = connect(online.port(), "127.0.0.1");
    let answers = "";
    socket.on("data", (chunk) => {
      answers += chunk;
    });
    const chunk = (lines: string) => socket.write(`${lines.length.toString(16)}\r\n${lines}\r\n`);
    socket.write("POST /v1/notes:pin HTTP/1.1\r\nhost: localhost\r\n");
    socket.write("content-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n");
    chunk("{}\n[]\n");
    await until(() => answers.includes("line 2"));
    chunk("{}\n".repeat(100_000));
    chunk("");
    socket.write("POST /v1/boards/1:mark HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await until(() => answers.includes('{"count":1}'));
    assert.deepEqual(answers.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 400", "HTTP/1.1 200"]);
    socket.destroy();
  });
});
