import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import {
  type CallOptions,
  Code,
  ConnectError,
  createClient,
  type HandlerContext,
  type ServiceImpl,
} from "@connectrpc/connect";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { Fault } from "../errors/fault.ts";
import { anonymousCaller, type Caller, callerOf } from "../identity/caller.ts";
import { createStreamLogger } from "../telemetry/log.ts";
import { metricsRegistry } from "../telemetry/metrics.ts";
import { traceIdOf } from "../telemetry/spans.ts";
import { assertRefused } from "../testing/assert-refused.ts";
import { type SayRequest, SayService } from "../testing/contract.ts";
import { createLocalTransport } from "./local-transport.ts";
import { withMiddleware } from "./pipeline.ts";

type Line = Record<string, unknown> & { err?: { message: string; cause?: unknown } };

let lines: Line[] = [];
let text = "";
let caller: Caller;
beforeEach(() => {
  lines = [];
  text = "";
  caller = { account: { id: "a1", sessionId: "s1", roles: ["member"] }, service: "gateway" };
});

const log = createStreamLogger(
  {
    write(line) {
      text += line;
      lines.push(JSON.parse(line));
    },
  },
  "trace",
);

function clientOf<T extends typeof SayService | typeof PostService | typeof AuthService>(
  contract: T,
  implementation: Partial<ServiceImpl<T>>,
) {
  const wrapped = withMiddleware(contract, implementation as ServiceImpl<T>, {
    authenticate: (headers) => {
      if (headers.get("authorization") === "bad") {
        throw new Fault("unauthenticated", "INVALID_TOKEN", "bad token");
      }
      return headers.has("x-slow") ? Promise.resolve(caller) : caller;
    },
    log,
  });
  const hosted = [{ contract, implementation: wrapped as never }];
  return createClient(contract, createLocalTransport(hosted));
}

const sayClient = (implementation: Partial<ServiceImpl<typeof SayService>>) =>
  clientOf(SayService, implementation);

async function countMessages(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of stream) count += 1;
  return count;
}

async function callCount(method: string, code: string): Promise<number> {
  const metric = await metricsRegistry.getSingleMetric("plaza_calls_total")?.get();
  const found = metric?.values.find(
    ({ labels }) =>
      labels["method"] === `plaza.test.v1.SayService/${method}` && labels["code"] === code,
  );
  return found?.value ?? 0;
}

describe("withMiddleware", () => {
  const bad = { title: " ", body: "" };
  const id = "0190163d-8694-739b-aea5-966c26f8ad90";

  it("authenticates, authorizes, validates, then calls the handler", async () => {
    let calls = 0;
    const posts = clientOf(PostService, {
      createPost() {
        calls += 1;
        return {};
      },
    });
    const headers = { authorization: "bad" };
    caller = anonymousCaller;
    await assertRefused(posts.createPost(bad, { headers }), Code.Unauthenticated, "INVALID_TOKEN");
    await assertRefused(posts.createPost(bad), Code.Unauthenticated, "NOT_SIGNED_IN");
    caller = { account: { id, sessionId: "s", roles: [] } };
    await assertRefused(posts.createPost(bad), Code.InvalidArgument, "INVALID_REQUEST");
    assert.equal(calls, 0);

    await posts.createPost({ title: "t", body: "b" });
    assert.equal(calls, 1);
  });

  for (const headers of [{}, { "x-slow": "1" }]) {
    const how = "x-slow" in headers ? "that takes a while to know" : "that is known at once";
    it(`stores the caller for the handler, one ${how}`, async () => {
      const seen: Caller[] = [];
      const { say, sayOften } = sayClient({
        say(_request, context) {
          seen.push(callerOf(context));
          return {};
        },
        async *sayOften(_request, context) {
          seen.push(callerOf(context));
          yield {};
        },
      });
      await say({}, { headers });
      await countMessages(sayOften({}, { headers }));
      assert.deepEqual(seen, [caller, caller]);
    });
  }

  it("refuses a call whose deadline had passed on arrival", async () => {
    let calls = 0;
    const wrapped = withMiddleware(
      SayService,
      {
        say() {
          calls += 1;
          return {};
        },
        async *sayOften() {},
      },
      { authenticate: () => anonymousCaller, log },
    );
    const late = {
      requestHeader: new Headers(),
      timeoutMs: () => 0,
      values: { get: () => anonymousCaller, set: () => undefined },
    };
    const call = wrapped.say({} as SayRequest, late as never) as Promise<unknown>;
    await assertRefused(call, Code.DeadlineExceeded, "DEADLINE_EXCEEDED");
    assert.equal(calls, 0);
  });

  it("binds handlers to their implementation", async () => {
    class Greeter {
      readonly #greeting = "hello";
      say() {
        return { text: this.#greeting };
      }
    }
    const answer = await sayClient(new Greeter() as never).say({});
    assert.equal(answer.text, "hello");
  });

  it("answers UNIMPLEMENTED for a method without a handler", async () => {
    await assertRefused(sayClient({}).say({}), Code.Unimplemented, "NOT_IMPLEMENTED");
    const first = sayClient({}).sayOften({})[Symbol.asyncIterator]().next();
    await assertRefused(first, Code.Unimplemented, "NOT_IMPLEMENTED");
  });

  it("ends a stream when its caller may no longer call the method, even while it is silent", async () => {
    let onChange = (): void => undefined;
    let isEnded = false;
    let isClosed = false;
    const { promise: forever } = Promise.withResolvers<never>();
    const implementation = {
      async *sayOften(_request: unknown, { signal }: HandlerContext) {
        signal.addEventListener("abort", () => {
          isClosed = true;
        });
        yield { text: "one" };
        await forever;
      },
    };
    const wrapped = withMiddleware(SayService, implementation as never, {
      authenticate: () => {
        if (!isEnded) return caller;
        throw new Fault("unauthenticated", "INVALID_SESSION", "the session has ended");
      },
      watch: (_caller, change) => {
        onChange = change;
        return () => undefined;
      },
      log,
    });
    const hosted = [{ contract: SayService, implementation: wrapped as never }];
    const { sayOften } = createClient(SayService, createLocalTransport(hosted));
    const messages = sayOften({})[Symbol.asyncIterator]();
    assert.equal((await messages.next()).done, false);
    const next = messages.next();
    onChange();
    await new Promise((resolve) => setImmediate(resolve));
    isEnded = true;
    onChange();
    await assertRefused(next, Code.Unauthenticated, "INVALID_SESSION");
    assert.ok(isClosed);
  });

  it("treats streams alike: validation, faults before and between messages, bugs", async () => {
    const { sayOften } = sayClient({
      async *sayOften({ text }) {
        if (text === "early") throw new Fault("conflict", "EARLY", "early");
        yield {};
        if (text === "amid") throw new Fault("exhausted", "AMID", "amid");
        if (text === "bug") throw new Error("canary");
        yield {};
      },
    });
    assert.equal(await countMessages(sayOften({ text: "fine" })), 2);
    const long = countMessages(sayOften({ text: "x".repeat(101) }));
    await assertRefused(long, Code.InvalidArgument, "INVALID_REQUEST");
    await assertRefused(countMessages(sayOften({ text: "early" })), Code.AlreadyExists, "EARLY");
    await assertRefused(countMessages(sayOften({ text: "amid" })), Code.ResourceExhausted, "AMID");
    await assert.rejects(countMessages(sayOften({ text: "bug" })), {
      message: "[internal] internal error",
    });
    assert.deepEqual(
      lines.map(({ code }) => code),
      ["ok", "invalid_argument", "already_exists", "resource_exhausted", "internal"],
    );
  });
});

describe("withMiddleware, log and metrics", () => {
  it("logs one line for each call: method, status, reason, duration, trace and caller", async () => {
    let trace: string | undefined;
    const { say } = sayClient({
      say({ text }, context) {
        trace = traceIdOf(context);
        if (text === "no") throw new Fault("not_found", "NO_SUCH_THING", "no");
        return {};
      },
    });
    const traceparent = `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01`;
    await say({}, { headers: { traceparent } });
    await say({ text: "no" }).catch(() => undefined);

    const [first, second] = lines;
    assert.equal(lines.length, 2);
    assert.equal(first?.["method"], "plaza.test.v1.SayService/Say");
    assert.equal(first["code"], "ok");
    assert.equal(first["trace"], "ab".repeat(16));
    assert.equal(first["account"], "a1");
    assert.equal(first["caller"], "gateway");
    assert.equal(typeof first["ms"], "number");
    assert.equal(second?.["code"], "not_found");
    assert.equal(second["reason"], "NO_SUCH_THING");
    assert.equal(second["trace"], trace);
    assert.equal(second["level"], 30);
  });

  it("logs a bug with its stack, as an error", async () => {
    const { say } = sayClient({
      say() {
        throw new TypeError("the cause of it all", { cause: new Error("and its cause") });
      },
    });
    await say({}).catch(() => undefined);
    const [line] = lines;
    assert.equal(line?.["level"], 50);
    assert.equal(line.err?.message, "the cause of it all");
    assert.match(JSON.stringify(line.err), /and its cause/);
    assert.match(JSON.stringify(line.err), /pipeline\.test\.ts/);
  });

  it("counts each call once, by status", async () => {
    const before = await callCount("SayOften", "canceled");
    const { sayOften, say } = sayClient({
      say: () => ({}),
      async *sayOften() {
        for (;;) yield {};
      },
    });
    const ok = await callCount("Say", "ok");
    await say({});
    assert.equal(await callCount("Say", "ok"), ok + 1);

    const controller = new AbortController();
    const reading = (async () => {
      for await (const _ of sayOften({}, { signal: controller.signal })) controller.abort();
    })();
    await assert.rejects(reading, { code: Code.Canceled });
    assert.equal(await callCount("SayOften", "canceled"), before + 1);
    assert.deepEqual(
      lines.map(({ code }) => code),
      ["ok", "canceled"],
    );
  });

  it("records deadline_exceeded for a stream that timed out", async () => {
    const { sayOften } = sayClient({
      async *sayOften(_request, { signal }) {
        yield {};
        await new Promise((_, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason)),
        );
      },
    });
    await assert.rejects(countMessages(sayOften({}, { timeoutMs: 20 })), {
      code: Code.DeadlineExceeded,
    });
    await new Promise(setImmediate);
    assert.deepEqual(
      lines.map(({ code }) => code),
      ["deadline_exceeded"],
    );
  });
});

describe("withMiddleware, personal data in logs", () => {
  const canary = "canary-7f3a";
  const email = `${canary}@example.org`;
  const password = `${canary} PASSWORD`;
  const request = { text: "fine", email, password, inner: { email: `inner-${email}` } };

  type Throw = (request: SayRequest) => unknown;
  const failures: [string, Throw][] = [
    ["a fault", () => new Fault("conflict", "TAKEN", "taken")],
    ["an error that quotes the request", (r) => new Error(`cannot save ${JSON.stringify(r)}`)],
    ["an error that quotes it in lower case", (r) => new Error(`no ${r.password.toLowerCase()}`)],
    ["a text", (r) => `cannot save ${r.email}`],
    ["the request itself", (r) => r],
    ["a cause that quotes it", (r) => new Error("failed", { cause: new Error(r.password) })],
    [
      "an error of an upstream service that quotes it",
      (r) => new ConnectError(r.email, Code.NotFound),
    ],
    [
      "a constraint's error",
      (r) =>
        Object.assign(new Error("duplicate key value violates unique constraint"), {
          name: "PostgresError",
          code: "23505",
          detail: `Key (email)=(${r.email}) already exists.`,
          query: `insert into account values ('${r.password}')`,
          parameters: [r.email],
        }),
    ],
    [
      "a data exception",
      (r) =>
        Object.assign(new Error(`invalid input syntax for type uuid: "${r.email.slice(2)}"`), {
          name: "PostgresError",
          code: "22P02",
        }),
    ],
    [
      "an error that is its own cause",
      (r) => {
        const looped = new Error(`again ${r.inner?.email}`);
        looped.cause = looped;
        return looped;
      },
    ],
  ];
  for (const [name, thrown] of failures) {
    it(`logs no personal data or secret when the handler throws ${name}`, async () => {
      const { say, sayOften } = sayClient({
        say(received) {
          throw thrown(received);
        },
        async *sayOften(received) {
          yield {};
          throw thrown(received);
        },
      });
      const options: CallOptions = { headers: { authorization: `Bearer ${canary}` } };
      await say(request, options).catch(() => undefined);
      await countMessages(sayOften(request, options)).catch(() => undefined);

      assert.equal(lines.length, 2);
      assert.doesNotMatch(text, /canary-|nary-7f3a/i);
    });
  }

  it("logs nothing of a valid or invalid request", async () => {
    const { say } = sayClient({ say: () => ({}) });
    await say(request);
    await say({ ...request, email: `${email}\0` }).catch(() => undefined);
    await say({ ...request, text: "x".repeat(101) }).catch(() => undefined);
    const auth = clientOf(AuthService, {});
    await auth.login({ login: email, password }).catch(() => undefined);
    await auth.register({ email: canary, password, nickname: canary }).catch(() => undefined);

    assert.equal(lines.length, 5);
    assert.doesNotMatch(text, /canary/);
  });

  it("still logs message and stack of the error", async () => {
    const { say } = sayClient({
      say(received) {
        throw new RangeError(`no room for ${received.email} at table 4`);
      },
    });
    await say(request).catch(() => undefined);
    assert.equal(lines[0]?.err?.message, "no room for [redacted] at table 4");
    assert.match(text, /pipeline\.test\.ts/);
  });
});
