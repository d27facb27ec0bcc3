import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, type ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { Health } from "@plaza/grpc/health";
import { ServerReflection } from "@plaza/grpc/reflection";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import { maxStreamDurationMs, maxStreamsPerCaller } from "../base/limits.ts";
import { testGateway } from "../testing/test-gateway.ts";
import { withStreamTimeout } from "./stream-timeout.ts";

async function* untilAborted(signal: AbortSignal) {
  yield { messageRequest: { case: "listServices" as const, value: "" } };
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
}

type Open = (transport: Transport, signal: AbortSignal) => AsyncIterable<unknown>;
const streams: Record<string, Open> = {
  "of health": (transport, signal) => createClient(Health, transport).watch({}, { signal }),
  "of reflection": (transport, signal) =>
    createClient(ServerReflection, transport).serverReflectionInfo(untilAborted(signal), {
      signal,
    }),
};

for (const [name, open] of Object.entries(streams)) {
  describe(`streams ${name}`, () => {
    const plaza = testGateway();

    it("are limited in number per caller", async () => {
      const transport = createGrpcTransport({ baseUrl: plaza.url() });
      const hangUp = new AbortController();
      const begin = () => open(transport, hangUp.signal)[Symbol.asyncIterator]();
      const all = Array.from({ length: maxStreamsPerCaller }, begin);
      await Promise.all(all.map((one) => one.next()));
      await assert.rejects(begin().next(), (error: ConnectError) => {
        assert.equal(reasonOf(error), "TOO_MANY_STREAMS");
        return true;
      });
      hangUp.abort();
      for (let i = 0; i < 200; i++) {
        const again = new AbortController();
        const one = open(transport, again.signal)[Symbol.asyncIterator]();
        const answer = await one.next().catch(() => undefined);
        again.abort();
        if (answer) return;
        await sleep(10);
      }
      assert.fail("streams that have ended still count");
    });
  });

  describe(`an open stream ${name}`, () => {
    const plaza = testGateway();

    it("ends at the longest duration of streams", async () => {
      const hangUp = new AbortController();
      mock.timers.enable({ apis: ["setTimeout"] });
      try {
        for (const transport of [
          createGrpcTransport({ baseUrl: plaza.url() }),
          ...(name === "of health"
            ? [createConnectTransport({ baseUrl: plaza.url(), httpVersion: "1.1" })]
            : []),
        ]) {
          const stream = open(transport, hangUp.signal)[Symbol.asyncIterator]();
          await stream.next();
          const next = stream.next();
          mock.timers.tick(maxStreamDurationMs);
          await assert.rejects(next, ({ code }: ConnectError) => code === Code.DeadlineExceeded);
        }
      } finally {
        mock.timers.reset();
        hangUp.abort();
      }
    });
  });
}

describe("withStreamTimeout", () => {
  it("yields the messages, and closes the source in the end", async () => {
    let isLeft = false;
    async function* numbers() {
      try {
        for (let i = 1; ; i++) yield i;
      } finally {
        isLeft = true;
      }
    }
    const seen: number[] = [];
    for await (const one of withStreamTimeout(60_000, numbers())) if (seen.push(one) === 3) break;
    assert.deepEqual([seen, isLeft], [[1, 2, 3], true]);
  });

  it("times out even when nothing was requested meanwhile", async () => {
    const ticks = withStreamTimeout(
      10,
      (async function* () {
        for (;;) yield 1;
      })(),
    );
    await ticks.next();
    await sleep(30);
    await assert.rejects(ticks.next(), ({ code }: ConnectError) => code === Code.DeadlineExceeded);
  });
});
