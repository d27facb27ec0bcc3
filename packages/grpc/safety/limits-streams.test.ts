import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { TestService } from "../gen/grpc/testing/test_pb.ts";
import { startTestServer, type TestClient } from "../testing/server.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";

const message = { payload: { body: new Uint8Array(1_000) } };
// What lies in the queue of the sender, the window, and a socket's worth of either.
const mostAhead = (64 * 1024 + 65_535) / 1_000 + 20;

/** Runs `work` with a client of a server with these handlers, and asserts that nothing is left. */
async function withHandlers(
  handlers: Partial<ServiceImpl<typeof TestService>>,
  work: (client: TestClient) => Promise<void>,
) {
  const test = await startTestServer({}, handlers);
  try {
    await work(test.createClient());
  } finally {
    await test.close();
  }
  assertNoUncaughtErrors();
}

/** An endless source, and what is known of it. */
function source() {
  const state = { pulls: 0, endings: 0 };
  async function* messages() {
    try {
      for (;;) {
        state.pulls += 1;
        yield message;
      }
    } finally {
      state.endings += 1;
    }
  }
  return { state, messages };
}

async function until(isDone: () => boolean): Promise<void> {
  for (let round = 0; round < 200 && !isDone(); round++) await sleep(10);
  assert.ok(isDone());
}

const codeOf = (call: Promise<unknown>): Promise<Code | undefined> =>
  call.then(
    () => undefined,
    (error) => ConnectError.from(error).code,
  );

describe("flow control holds a sender back", () => {
  it("when a handler does not read its requests", async () => {
    const release = Promise.withResolvers<void>();
    const { state, messages } = source();
    const streamingInputCall = () => release.promise.then(() => ({}));
    await withHandlers({ streamingInputCall }, async (client) => {
      const call = client.streamingInputCall(messages());
      await sleep(200);
      assert.ok(state.pulls > 60 && state.pulls < mostAhead, `${state.pulls} pulls`);
      release.resolve();
      await call;
      await until(() => state.endings === 1);
    });
  });

  it("in both directions, when neither side of a dialogue reads", async () => {
    const answers = source();
    const requests = source();
    const controller = new AbortController();
    await withHandlers({ fullDuplexCall: answers.messages }, async (client) => {
      const replies = client
        .fullDuplexCall(requests.messages(), controller)
        [Symbol.asyncIterator]();
      await replies.next();
      await sleep(200);
      for (const { pulls } of [answers.state, requests.state]) {
        assert.ok(pulls > 60 && pulls < mostAhead, `${pulls} pulls`);
      }
      controller.abort();
      await until(() => answers.state.endings === 1 && requests.state.endings === 1);
    });
  });

  it("until the reader goes on, and then loses nothing", async () => {
    const count = 2_000;
    async function* some() {
      for (let n = 0; n < count; n++) yield { payload: { body: new Uint8Array(n) } };
    }
    await withHandlers({ streamingOutputCall: some }, async (client) => {
      let n = 0;
      for await (const { payload } of client.streamingOutputCall({})) {
        assert.equal(payload?.body.length, n++);
        if (n % 500 === 0) await sleep(20);
      }
      assert.equal(n, count);
    });
  });
});

describe("a call that ends early", () => {
  const ends: readonly {
    readonly how: string;
    readonly code: Code | undefined;
    run(client: TestClient): Promise<unknown>;
  }[] = [
    {
      how: "because the caller aborts it",
      code: Code.Canceled,
      async run(client) {
        const controller = new AbortController();
        for await (const _ of client.streamingOutputCall({}, { signal: controller.signal })) {
          controller.abort();
        }
      },
    },
    {
      how: "at its deadline",
      code: Code.DeadlineExceeded,
      async run(client) {
        for await (const _ of client.streamingOutputCall({}, { timeoutMs: 50 })) await sleep(1);
      },
    },
  ];
  for (const { how, code, run } of ends) {
    it(`${how} ends the handler's generator, and aborts its signal`, async () => {
      const { state, messages } = source();
      const signals: AbortSignal[] = [];
      const handlers: Partial<ServiceImpl<typeof TestService>> = {
        streamingOutputCall(_, { signal }) {
          signals.push(signal);
          return messages();
        },
      };
      await withHandlers(handlers, async (client) => {
        assert.equal(await codeOf(run(client)), code);
        await until(() => state.endings === 1);
        assert.deepEqual(
          signals.map(({ aborted }) => aborted),
          [true],
        );
      });
    });
  }

  it("at its deadline ends for the caller though the handler goes on", async () => {
    const release = Promise.withResolvers<void>();
    const codes: unknown[] = [];
    const handlers: Partial<ServiceImpl<typeof TestService>> = {
      async emptyCall(_, { signal }) {
        signal.addEventListener("abort", () => codes.push(ConnectError.from(signal.reason).code));
        await release.promise;
        return {};
      },
    };
    await withHandlers(handlers, async (client) => {
      const begin = performance.now();
      assert.equal(await codeOf(client.emptyCall({}, { timeoutMs: 80 })), Code.DeadlineExceeded);
      assert.ok(performance.now() - begin < 1_000);
      await until(() => codes.length === 1);
      assert.ok([Code.DeadlineExceeded, Code.Canceled].includes(codes[0] as Code));
      release.resolve();
    });
  });

  it("because its input throws is cancelled at the server", async () => {
    const signals: AbortSignal[] = [];
    const handlers: Partial<ServiceImpl<typeof TestService>> = {
      async streamingInputCall(requests, { signal }) {
        signals.push(signal);
        for await (const _ of requests);
        return {};
      },
    };
    async function* broken() {
      yield message;
      await sleep(20);
      throw new Error("no more");
    }
    await withHandlers(handlers, async (client) => {
      assert.equal(await codeOf(client.streamingInputCall(broken())), Code.Aborted);
      await until(() => signals[0]?.aborted === true);
    });
  });

  const strange = [
    { what: "an input whose end throws", end: () => assert.fail("at the end") },
    { what: "an input whose end is no promise", end: () => ({ done: true, value: undefined }) },
  ];
  for (const { what, end } of strange) {
    it(`survives ${what}`, async () => {
      const never = { next: () => new Promise<never>(() => undefined), return: end };
      const input = { [Symbol.asyncIterator]: () => never } as unknown as AsyncIterable<never>;
      await withHandlers({}, async (client) => {
        const call = client.streamingInputCall(input, { timeoutMs: 50 });
        assert.equal(await codeOf(call), Code.DeadlineExceeded);
        assert.equal(await codeOf(client.emptyCall({})), undefined);
      });
    });
  }

  it("because of metadata that cannot be sent leaves no stream open", async () => {
    await withHandlers({}, async (client) => {
      await client.emptyCall({});
      for (let n = 0; n < 1_100; n++) {
        assert.notEqual(await codeOf(client.emptyCall({}, { headers: { "a b": "c" } })), undefined);
      }
      assert.equal(await codeOf(client.emptyCall({})), undefined);
    });
  });
});
