import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorCode, rstStream } from "../testing/frames.ts";
import { RESPONSE, responseTrailersFrame, wholeResponse } from "../testing/messages.ts";
import { startScriptedServer } from "../testing/scripted-server.ts";
import { createTestClient, startTestServer, type TestServiceServer } from "../testing/server.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";

const failure = (stream: number): Buffer =>
  responseTrailersFrame(stream, [...RESPONSE, ["grpc-status", String(Code.DeadlineExceeded)]]);

/** Runs `work` beside a server, and asserts that nothing is left of it. */
async function withServer(work: (test: TestServiceServer) => Promise<void>) {
  const test = await startTestServer({}, { emptyCall: () => turn({}) });
  try {
    await work(test);
  } finally {
    await test.close();
  }
  assertNoUncaughtErrors();
}

const codeOfCall = (call: Promise<unknown>): Promise<Code | undefined> =>
  call.then(
    () => undefined,
    (error) => ConnectError.from(error).code,
  );

/** Runs `count` calls, so many at once. */
async function inTurn(count: number, atOnce: number, call: (n: number) => Promise<unknown>) {
  let next = 0;
  const worker = async () => {
    while (next < count) await call(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Makes calls on one connection, of which one in `every` is called off while its handler runs. */
async function callOff({ count, every }: { count: number; every: number }) {
  const codes = new Map<Code | undefined, number>();
  await withServer(async (test) => {
    const client = test.createClient();
    await inTurn(count, 64, async (n) => {
      const controller = new AbortController();
      const call = client.emptyCall({}, { signal: controller.signal });
      if (n % every === 0) controller.abort();
      const code = await codeOfCall(call);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    });
    assert.equal(test.server.connectionCount, 1);
  });
  return codes;
}

describe("a busy client without bad intent", () => {
  it("may cancel one in a hundred of 20,000 calls on a connection", async () => {
    const codes = await callOff({ count: 20_000, every: 100 });
    assert.deepEqual([codes.get(undefined), codes.get(Code.Canceled)], [19_800, 200]);
  });

  it("may cancel one in five, as clients do that hedge", async () => {
    const codes = await callOff({ count: 20_000, every: 5 });
    assert.deepEqual([codes.get(undefined), codes.get(Code.Canceled)], [16_000, 4_000]);
  });

  it("may make 5,000 calls at once as its first", () =>
    withServer(async (test) => {
      const client = test.createClient();
      const calls = Array.from({ length: 5_000 }, () => codeOfCall(client.emptyCall({})));
      assert.deepEqual([...new Set(await Promise.all(calls))], [undefined]);
    }));

  it("may make 500 calls at once as its first, while one of its servers is down", () =>
    withServer(async (test) => {
      const client = createTestClient([test.address, "http://127.0.0.1:1"]);
      const calls = Array.from({ length: 500 }, () => codeOfCall(client.emptyCall({})));
      assert.deepEqual([...new Set(await Promise.all(calls))], [undefined]);
      client.transport.close();
    }));

  const ends: readonly (readonly [how: string, frames: (stream: number) => Buffer, Code])[] = [
    [
      "with trailers twice, as C core ends a call at its deadline",
      (stream) => Buffer.concat([failure(stream), failure(stream)]),
      Code.DeadlineExceeded,
    ],
    [
      "with RST_STREAM and trailers behind it, as Java ends a call at its deadline",
      (stream) => Buffer.concat([rstStream(stream, ErrorCode.CANCEL), failure(stream)]),
      Code.Canceled,
    ],
    [
      "with RST_STREAM and a whole response behind it",
      (stream) => Buffer.concat([rstStream(stream, ErrorCode.CANCEL), wholeResponse(stream)]),
      Code.Canceled,
    ],
  ];
  for (const [how, frames, code] of ends) {
    it(`may make 20,000 calls on a connection whose server ends each ${how}`, async () => {
      const server = await startScriptedServer(frames);
      const client = createTestClient(server.address);
      const codes = new Set<Code | undefined>();
      await inTurn(20_000, 64, async () => codes.add(await codeOfCall(client.emptyCall({}))));
      client.transport.close();
      server.close();
      assert.deepEqual([...codes], [code]);
    });
  }

  it("may make 20,000 calls on a connection whose server resets each after its response", async () => {
    const server = await startScriptedServer((stream) =>
      Buffer.concat([wholeResponse(stream), rstStream(stream, ErrorCode.NO_ERROR)]),
    );
    const client = createTestClient(server.address);
    const codes = new Set<Code | undefined>();
    await inTurn(20_000, 64, async () => codes.add(await codeOfCall(client.emptyCall({}))));
    client.transport.close();
    server.close();
    assert.deepEqual([...codes], [undefined]);
  });
});
