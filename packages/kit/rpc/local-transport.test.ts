import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type ServiceImpl } from "@connectrpc/connect";
import { SayRequestSchema, SayService } from "../testing/contract.ts";
import { deepFreeze } from "../testing/plaza.ts";
import { createLocalTransport } from "./local-transport.ts";

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);

before(() => process.on("unhandledRejection", note));
after(async () => {
  await sleep(10);
  process.off("unhandledRejection", note);
  assert.deepEqual(unhandled, []);
});

function client(implementation: Partial<ServiceImpl<typeof SayService>>, inspect?: () => void) {
  const hosted = [{ contract: SayService, implementation: implementation as never }];
  return createClient(SayService, createLocalTransport(hosted, inspect ? { inspect } : {}));
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

describe("createLocalTransport", () => {
  it("passes request and response by reference", async () => {
    const request = create(SayRequestSchema, { text: "hello" });
    let seen: unknown;
    const answer = create(SayService.method.say.output, { text: "hello yourself" });
    const said = await client({
      say(received) {
        seen = received;
        return answer;
      },
    }).say(request);

    assert.equal(seen, request);
    assert.equal(said, answer);
  });

  it("lets tests catch a handler that changes its request", async () => {
    const frozen = createClient(
      SayService,
      createLocalTransport(
        [
          {
            contract: SayService,
            implementation: {
              say(request: { inner?: { text: string } }) {
                if (request.inner) request.inner.text = "changed";
                return {};
              },
            } as never,
          },
        ],
        { inspect: deepFreeze },
      ),
    );

    await assert.rejects(frozen.say({ inner: { text: "mine" } }), { code: Code.Internal });
  });

  it("calls inspect with each message, in both directions", async () => {
    const seen: unknown[] = [];
    const inspect = (message?: unknown) => seen.push(message);
    const sayClient = client(
      {
        say: () => ({ text: "answer" }),
        async *sayOften() {
          yield { count: 1 };
          yield { count: 2 };
        },
      },
      inspect,
    );
    await sayClient.say({ text: "question" });
    for await (const _ of sayClient.sayOften({ text: "often" }));

    assert.equal(seen.length, 5);
  });

  it("does not start a call that is already cancelled", async () => {
    let calls = 0;
    const { say, sayOften } = client({
      say() {
        calls += 1;
        return {};
      },
      async *sayOften() {
        calls += 1;
        yield {};
      },
    });
    const signal = AbortSignal.abort();

    await assert.rejects(say({}, { signal }), { code: Code.Canceled });
    await assert.rejects(sayOften({}, { signal })[Symbol.asyncIterator]().next(), {
      code: Code.Canceled,
    });
    assert.equal(calls, 0);
  });

  it("aborts the handler's signal at the end of the call, as over the network", async () => {
    let kept: AbortSignal | undefined;
    await client({
      say(_request, { signal }) {
        kept = signal;
        return {};
      },
    }).say({});

    assert.ok(kept?.aborted);
  });

  it("accepts deadlines beyond the range of timers", async () => {
    const sayClient = client({ say: () => sleep(5).then(() => ({ text: "done" })) });
    assert.equal((await sayClient.say({}, { timeoutMs: 2 ** 40 })).text, "done");
  });
});

describe("createLocalTransport, after many calls", () => {
  const calls = 10_000;

  it("leaves no listener on a long-lived signal, and no timer", async () => {
    const { signal } = new AbortController();
    const before = timers();
    const { say, sayOften } = client({
      say: ({ text }) => {
        if (text === "fail") throw new ConnectError("no", Code.NotFound);
        return Promise.resolve({});
      },
      async *sayOften({ text }) {
        yield {};
        if (text === "fail") throw new ConnectError("no", Code.NotFound);
        yield {};
      },
    });
    for (let n = 0; n < calls; n += 1) {
      const request = { text: n % 3 === 0 ? "fail" : "" };
      const options = { signal, timeoutMs: 60_000 };
      await say(request, options).catch(() => undefined);
      if (n % 10 === 0) await drain(sayOften(request, options)).catch(() => undefined);
    }

    assert.equal(getEventListeners(signal, "abort").length, 0);
    assert.equal(timers(), before);
  });

  it("leaves none of an abandoned stream, once its deadline has passed", async () => {
    const { signal } = new AbortController();
    const before = timers();
    let left = 0;
    const { sayOften } = client({
      async *sayOften() {
        try {
          for (;;) yield {};
        } finally {
          left += 1;
        }
      },
    });
    for (let n = 0; n < 100; n += 1) {
      for await (const _ of sayOften({}, { signal, timeoutMs: 20 })) break;
    }
    await sleep(60);

    assert.equal(left, 100);
    assert.equal(getEventListeners(signal, "abort").length, 0);
    assert.equal(timers(), before);
  });

  it("has no unhandled rejections when handlers fail after cancellation", async () => {
    const { say } = client({
      async say() {
        await sleep(5);
        throw new Error("too late to matter");
      },
    });
    const late = Array.from({ length: 100 }, () => say({}, { timeoutMs: 1 }));
    const settled = await Promise.allSettled(late);
    await sleep(20);

    assert.ok(settled.every(({ status }) => status === "rejected"));
    assert.deepEqual(unhandled, []);
  });
});

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}
