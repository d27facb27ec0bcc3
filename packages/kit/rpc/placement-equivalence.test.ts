import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type CallOptions,
  type Client,
  Code,
  ConnectError,
  createClient,
  type HandlerContext,
} from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@plaza/contract/google/rpc/error_details";
import { createGrpcTransport } from "@plaza/grpc/transport";
import fc from "fast-check";
import { Fault, type FaultKind } from "../errors/fault.ts";
import { anonymousCaller } from "../identity/caller.ts";
import { silentLogger } from "../telemetry/log.ts";
import { type SayRequest, SayService } from "../testing/contract.ts";
import { startTestGrpcServer } from "../testing/grpc-server.ts";
import { propagate } from "./call-options.ts";
import { createLocalTransport } from "./local-transport.ts";
import { withMiddleware } from "./pipeline.ts";
import { withServiceIdentity } from "./service-transport.ts";

type SayClient = Client<typeof SayService>;

/** A script for the handler; a request carries it as JSON in `items`. */
type Script = {
  header?: Record<string, string>;
  trailer?: Record<string, string>;
  /** Messages to send before the end. */
  messages?: number;
  fault?: { kind: FaultKind; reason: string; text: string; facts?: Record<string, string> };
  bug?: string;
  delayMs?: number;
  /** Waits until the signal aborts, and records its reason. */
  hang?: boolean;
  /** Makes a call of its own, with the propagated options. */
  forward?: Script;
  echo?: boolean;
};

/** A call as its caller observes it. */
type CallOutcome = Awaited<ReturnType<typeof outcomeOf>>;

const abortReasons: string[] = [];
const nextHop: { client?: SayClient } = {};

async function runHandlerScript(script: Script, context: HandlerContext): Promise<void> {
  for (const [name, value] of Object.entries(script.header ?? {})) {
    context.responseHeader.set(name, value);
  }
  for (const [name, value] of Object.entries(script.trailer ?? {})) {
    context.responseTrailer.set(name, value);
  }
  if (script.delayMs) await sleep(script.delayMs);
  if (script.hang) {
    await new Promise((_, reject) => {
      context.signal.addEventListener("abort", () => {
        abortReasons.push(ConnectError.from(context.signal.reason).message);
        reject(context.signal.reason);
      });
    });
  }
  if (script.forward) await nextHop.client?.say(requestOf(script.forward), propagate(context));
}

function throwScripted({ fault, bug }: Script): void {
  if (bug !== undefined) throw new Error(bug);
  if (!fault) return;
  throw new Fault(fault.kind, fault.reason, fault.text, {
    metadata: fault.facts ?? {},
    violations: [{ field: "a.b", reason: "BAD", description: fault.text }],
    retryAfterMs: 1_234,
  });
}

const implementation = withMiddleware(
  SayService,
  {
    async say(request: SayRequest, context) {
      const script = scriptOf(request);
      await runHandlerScript(script, context);
      throwScripted(script);
      const seen = context.requestHeader.get("x-asked") ?? "";
      return { text: script.echo ? seen : request.text, count: leftOf(context) };
    },
    async *sayOften(request: SayRequest, context) {
      const script = scriptOf(request);
      await runHandlerScript(script, context);
      for (let n = 1; n <= (script.messages ?? 0); n += 1) yield { text: request.text, count: n };
      throwScripted(script);
    },
  },
  { authenticate: () => anonymousCaller, log: silentLogger },
);

let stop: () => Promise<void>;
const placements: Record<"local" | "remote", SayClient | undefined> = {
  local: undefined,
  remote: undefined,
};

before(async () => {
  const server = await startTestGrpcServer((router) => router.service(SayService, implementation));
  const hosted = [{ contract: SayService, implementation: implementation as never }];
  const token = async () => "token";
  const local = withServiceIdentity(token, createLocalTransport(hosted));
  const remote = withServiceIdentity(token, createGrpcTransport({ address: server.address }));
  placements.local = createClient(SayService, local);
  placements.remote = createClient(SayService, remote);
  stop = server.close;
});
after(() => stop());

const script = (text: string, asked: Script = {}) => ({ text, items: [JSON.stringify(asked)] });
const requestOf = (asked: Script) => script("x", asked);
const scriptOf = ({ items: [text = "{}"] }: SayRequest): Script => JSON.parse(text);
// Exact times differ; the remaining seconds must be equal.
const leftOf = (context: HandlerContext) => Math.round((context.timeoutMs() ?? -100_000) / 1_000);

async function outcomeOf(client: SayClient, asked: Script, options: CallOptions, stream: boolean) {
  const messages: unknown[] = [];
  const seen: Record<string, unknown> = {};
  const watched: CallOptions = {
    ...options,
    onHeader: (headers) => Object.assign(seen, { header: own(headers) }),
    onTrailer: (headers) => Object.assign(seen, { trailer: own(headers) }),
  };
  try {
    if (stream) {
      for await (const message of client.sayOften(script("hello", asked), watched)) {
        messages.push(plain(message));
      }
    } else messages.push(plain(await client.say(script("hello", asked), watched)));
    return { messages, ...seen };
  } catch (error) {
    return { messages, ...seen, error: describeError(error) };
  }
}

const plain = ({ text, count }: { text: string; count: number }) => ({ text, count });
const own = (headers: Headers) => [...headers].filter(([name]) => name.startsWith("x-")).sort();

function describeError(error: unknown): object {
  assert.ok(error instanceof ConnectError);
  const details = [ErrorInfoSchema, BadRequestSchema, RetryInfoSchema].map((schema) =>
    error.findDetails(schema).map((found) => JSON.stringify(found, replaceBigints)),
  );
  return { code: Code[error.code], text: error.rawMessage, details, metadata: own(error.metadata) };
}

const replaceBigints = (_key: string, value: unknown) =>
  typeof value === "bigint" ? String(value) : value;

async function compareOutcomes(
  asked: Script,
  options: () => CallOptions = () => ({}),
  stream = false,
) {
  const [local, remote] = await Promise.all(
    [placements.local, placements.remote].map((client) => {
      assert.ok(client);
      return outcomeOf(client, asked, options(), stream);
    }),
  );
  assert.deepEqual(local, remote);
  return local as CallOutcome & { error?: { code: string; text: string } };
}

describe("a caller cannot tell a local service from a remote one", () => {
  const headers = { header: { "x-a": "1" }, trailer: { "x-b": "2" } };
  const fault = {
    kind: "conflict",
    reason: "TAKEN",
    text: "taken – 100%",
    facts: { a: "b" },
  } as const;

  for (const stream of [false, true]) {
    const kind = stream ? "in a stream" : "in a unary call";

    it(`by responses, headers and trailers ${kind}`, async () => {
      const outcome = await compareOutcomes({ ...headers, messages: 3 }, undefined, stream);
      assert.equal(outcome.messages.length, stream ? 3 : 1);
      assert.deepEqual(Object.keys(outcome), ["messages", "header", "trailer"]);
    });

    it(`by a fault ${kind}, its details and its metadata`, async () => {
      const { error } = await compareOutcomes(
        { ...headers, fault, messages: 2 },
        undefined,
        stream,
      );
      assert.equal(error?.code, "AlreadyExists");
    });

    it(`by a fault before the first message ${kind}`, async () => {
      await compareOutcomes({ fault }, undefined, stream);
      await compareOutcomes({ ...headers, fault }, undefined, stream);
    });

    it(`by a bug ${kind}, which neither reveals`, async () => {
      const { error } = await compareOutcomes({ bug: "canary", messages: 1 }, undefined, stream);
      assert.equal(error?.text, "internal error");
    });

    it(`by a deadline that passes ${kind}`, async () => {
      const { error } = await compareOutcomes({ hang: true }, () => ({ timeoutMs: 30 }), stream);
      assert.equal(error?.code, "DeadlineExceeded");
    });

    it(`by cancellation ${kind}`, async () => {
      const reasons = [
        undefined,
        new Error("enough"),
        new ConnectError("late", Code.DeadlineExceeded),
      ];
      for (const reason of reasons) {
        const { error } = await compareOutcomes(
          { hang: true },
          () => ({ signal: abortIn(30, reason) }),
          stream,
        );
        assert.ok(error);
      }
    });

    it(`by cancellation before the call, ${kind}`, async () => {
      await compareOutcomes({}, () => ({ signal: AbortSignal.abort() }), stream);
    });
  }

  it("by the headers that the handler gets", async () => {
    const options = () => ({ headers: { "X-Asked": "what?" } });
    const { messages } = await compareOutcomes({ echo: true }, options);
    assert.deepEqual(messages, [{ text: "what?", count: 5 }]);
  });

  it("by the deadline that the handler gets: the caller's, or 5 seconds", async () => {
    for (const [timeoutMs, left] of [
      [2_000, 2],
      [undefined, 5],
      [0, -100],
    ] as const) {
      const { messages } = await compareOutcomes({}, () =>
        timeoutMs === undefined ? {} : { timeoutMs },
      );
      assert.deepEqual(messages, [{ text: "hello", count: left }]);
    }
  });

  it("by a method that the other side does not have", async () => {
    const server = await startTestGrpcServer(() => undefined);
    const nowhere = [createLocalTransport([]), createGrpcTransport({ address: server.address })];
    const codes = await Promise.all(
      nowhere.map((transport) =>
        createClient(SayService, transport)
          .say({})
          .catch((error: ConnectError) => Code[error.code]),
      ),
    );
    await server.close();
    assert.deepEqual(codes, ["Unimplemented", "Unimplemented"]);
  });

  it("by any random script", async () => {
    const name = fc.stringMatching(/^x-[a-z]{1,8}$/);
    const values = fc.dictionary(name, fc.stringMatching(/^[!-~]{1,20}$/), { maxKeys: 3 });
    const kinds = ["invalid", "not_found", "conflict", "exhausted", "unavailable"] as const;
    const asked = fc.record<Script>(
      {
        header: values,
        trailer: values,
        messages: fc.nat(5),
        fault: fc.record({
          kind: fc.constantFrom(...kinds),
          reason: fc.stringMatching(/^[A-Z_]{3,20}$/),
          text: fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
          facts: fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { maxKeys: 3 }),
        }),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(asked, fc.boolean(), async (asked, stream) => {
        // A trailer of the same name would be merged with the header over HTTP/2 only.
        for (const header of Object.keys(asked.header ?? {})) delete asked.trailer?.[header];
        await compareOutcomes(asked, undefined, stream);
      }),
      { numRuns: 200 },
    );
  });
});

describe("a handler's signal aborts with its call, in either placement", () => {
  for (const placement of ["local", "remote"] as const) {
    for (const [why, options] of [
      ["gave up", () => ({ signal: abortIn(30) })],
      ["ran out of time", () => ({ timeoutMs: 30 })],
    ] as const) {
      it(`${placement}: when the caller ${why}`, async () => {
        abortReasons.length = 0;
        await placements[placement]
          ?.say(requestOf({ hang: true }), options())
          .catch(() => undefined);
        for (let n = 0; n < 100 && abortReasons.length === 0; n += 1) await sleep(10);
        assert.equal(abortReasons.length, 1);
      });
    }

    for (const next of ["local", "remote"] as const) {
      it(`${placement}, then ${next}: deadline and cancellation reach the second hop`, async () => {
        abortReasons.length = 0;
        const client = placements[next];
        assert.ok(client);
        nextHop.client = client;
        const error = await placements[placement]
          ?.say(requestOf({ forward: { hang: true } }), { timeoutMs: 60 })
          .catch((err: ConnectError) => err.code);
        for (let n = 0; n < 100 && abortReasons.length === 0; n += 1) await sleep(10);
        assert.equal(error, Code.DeadlineExceeded);
        assert.equal(abortReasons.length, 1);
      });
    }
  }
});

function abortIn(ms: number, reason?: unknown): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), ms);
  return controller.signal;
}
