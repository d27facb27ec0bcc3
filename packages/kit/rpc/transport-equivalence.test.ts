import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import {
  type CallOptions,
  createClient,
  type HandlerContext,
  type ServiceImpl,
  type Transport,
} from "@connectrpc/connect";
import {
  connectNodeAdapter,
  createGrpcTransport as createConnectTransport,
} from "@connectrpc/connect-node";
import { createServer } from "@plaza/grpc/server";
import { TestService } from "@plaza/grpc/testing";
import { createGrpcTransport, type GrpcTransport } from "@plaza/grpc/transport";
import fc from "fast-check";
import {
  type CallObservation,
  type CallScript,
  callScripts,
  type MethodCardinality,
  runScript,
  scriptMetadata,
  toScriptedError,
} from "../testing/call-scripts.ts";
import { SayService } from "../testing/contract.ts";
import { createLocalTransport } from "./local-transport.ts";

/** The script of the current call, and its number: calls of earlier scripts may still reach handlers. */
let script: CallScript;
let turn = 0;
let handlerObservations: unknown[] = [];
let onWait: () => void = () => undefined;

const say = {
  async say({ text }: { text: string }, context: HandlerContext) {
    return { text: await lastResponse(script, [text], context) };
  },
  async *sayOften({ text }: { text: string }, context: HandlerContext) {
    for await (const answer of runCurrentScript(script, [text], context)) yield { text: answer };
  },
};

const test = {
  async streamingInputCall(requests: AsyncIterable<Message>, context: HandlerContext) {
    const answer = await lastResponse(script, await texts(requests), context);
    return { aggregatedPayloadSize: answer.length };
  },
  async *fullDuplexCall(requests: AsyncIterable<Message>, context: HandlerContext) {
    for await (const answer of runCurrentScript(script, await texts(requests), context))
      yield message(answer);
  },
} satisfies Partial<ServiceImpl<typeof TestService>>;

type Message = { readonly payload?: { readonly body: Uint8Array } | undefined };

const server = createServer({
  routes: (router) => router.service(SayService, say).service(TestService, test),
});
const local = createLocalTransport([{ contract: SayService, implementation: say as never }]);
const foreign = http2.createServer(
  connectNodeAdapter({ routes: (router) => router.service(TestService, test) }),
);
const sessions = new Set<http2.Http2Session>();
foreign.on("session", (session) => sessions.add(session));
let remote: GrpcTransport;
let connect: Transport;

before(async () => {
  await server.listen({ port: 0 });
  remote = createGrpcTransport({ address: `http://127.0.0.1:${server.port}` });
  await once(foreign.listen(0, "127.0.0.1"), "listening");
  const { port } = foreign.address() as AddressInfo;
  connect = createConnectTransport({ baseUrl: `http://127.0.0.1:${port}` });
});
after(async () => {
  remote.close();
  for (const session of sessions) session.close();
  foreign.close();
  await server.close();
});

describe("a caller cannot tell @plaza/grpc", () => {
  it("from the local transport in unary calls", async () => {
    await compare(
      { requests: "one", responses: "one" },
      () => local,
      async function* (transport, { requests }, options) {
        const { text } = await createClient(SayService, transport).say(
          { text: requests[0] ?? "" },
          options,
        );
        yield text;
      },
    );
  });

  it("from the local transport in server streams", async () => {
    await compare(
      { requests: "one", responses: "many" },
      () => local,
      async function* (transport, { requests }, options) {
        const client = createClient(SayService, transport);
        for await (const { text } of client.sayOften({ text: requests[0] ?? "" }, options))
          yield text;
      },
    );
  });

  it("from connect-node in client streams", async () => {
    await compare(
      { requests: "many", responses: "one" },
      () => connect,
      async function* (transport, { requests }, options) {
        const client = createClient(TestService, transport);
        const answer = await client.streamingInputCall(messages(requests), options);
        yield String(answer.aggregatedPayloadSize);
      },
    );
  });

  it("from connect-node in bidirectional streams", async () => {
    await compare(
      { requests: "many", responses: "many" },
      () => connect,
      async function* (transport, { requests }, options) {
        const client = createClient(TestService, transport);
        for await (const { payload } of client.fullDuplexCall(messages(requests), options)) {
          yield Buffer.from(payload?.body ?? []).toString();
        }
      },
    );
  });
});

type ScriptedCall = (
  transport: Transport,
  script: CallScript,
  options: CallOptions,
) => AsyncGenerator<string>;

async function compare(kind: MethodCardinality, other: () => Transport, call: ScriptedCall) {
  const property = fc.asyncProperty(callScripts(kind), async (next) => {
    script = next;
    const observed = await observe(remote, kind, call);
    assert.deepEqual(observed, await observe(other(), kind, call));
  });
  await fc.assert(property, { numRuns: 100 });
}

async function observe(
  transport: Transport,
  kind: MethodCardinality,
  call: ScriptedCall,
): Promise<Partial<CallObservation> & { heard?: unknown }> {
  handlerObservations = [];
  turn += 1;
  const observation: CallObservation = { responses: [] };
  const controller = new AbortController();
  const abort = () => controller.abort();
  const { interruption, requestHeader, responses } = script;
  if (interruption === "before") abort();
  const options: CallOptions = {
    headers: [["turn", String(turn)], ...requestHeader.map(pair)],
    signal: controller.signal,
    timeoutMs: interruption === "deadline" ? 60 : 3_000,
    onHeader: (header) => {
      observation.header = scriptMetadata(header);
    },
    onTrailer: (trailer) => {
      observation.trailer = scriptMetadata(trailer);
    },
  };
  const expected = kind.responses === "many" ? responses.length : 0;
  let isWaiting = false;
  const abortInTime = () => {
    if (interruption === "during" && isWaiting && observation.responses.length === expected)
      abort();
  };
  onWait = () => {
    isWaiting = true;
    abortInTime();
  };
  try {
    for await (const answer of call(transport, script, options)) {
      observation.responses.push(answer);
      abortInTime();
      if (interruption === "unread" && observation.responses.length * 2 > responses.length) break;
    }
  } catch (error) {
    observation.error = toScriptedError(error);
  }
  // Responses that the caller does not read may be missing.
  abort();
  // The number of responses before the deadline depends on timing.
  if (interruption === "deadline") return observation.error ? { error: observation.error } : {};
  return { ...observation, heard: handlerObservations };
}

const pair = ([name, value]: readonly [string, string]): [string, string] => [name, value];

async function lastResponse(
  script: CallScript,
  requests: string[],
  context: HandlerContext,
): Promise<string> {
  let last = "";
  for await (const answer of runCurrentScript(script, requests, context)) last = answer;
  return last;
}

async function* runCurrentScript(script: CallScript, requests: string[], context: HandlerContext) {
  const isLate = context.requestHeader.get("turn") !== String(turn);
  if (isLate) return;
  handlerObservations.push(
    requests,
    scriptMetadata(context.requestHeader),
    context.timeoutMs() !== undefined,
  );
  yield* runScript(script, context, onWait);
}

async function texts(requests: AsyncIterable<Message>): Promise<string[]> {
  return Array.fromAsync(requests, ({ payload }) => Buffer.from(payload?.body ?? []).toString());
}

const message = (text: string) => ({ payload: { body: new Uint8Array(Buffer.from(text)) } });

async function* messages(requests: readonly string[]) {
  for (const text of requests) yield message(text);
}
