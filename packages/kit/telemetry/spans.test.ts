import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createClient, type Transport } from "@connectrpc/connect";
import { SpanKind, SpanStatusCode, TraceFlags, trace } from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { UserService } from "@plaza/contract/users/v1/users";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { Fault } from "../errors/fault.ts";
import { anonymousCaller } from "../identity/caller.ts";
import { propagate } from "../rpc/call-options.ts";
import { createLocalTransport } from "../rpc/local-transport.ts";
import { withMiddleware } from "../rpc/pipeline.ts";
import { withServiceIdentity } from "../rpc/service-transport.ts";
import { startTestGrpcServer } from "../testing/grpc-server.ts";
import { silentLogger } from "./log.ts";
import { endSpan, startSpan, traceIdOf, traceparentOf } from "./spans.ts";

const id = "0190163d-8694-739b-aea5-966c26f8ad90";
const parentTrace = "0af7651916cd43dd8448eb211c80319c";
const parent = `00-${parentTrace}-b7ad6b7169203331-01`;

const pipelineOptions = { authenticate: () => anonymousCaller, log: silentLogger };
const token = async () => "token";
let traces: (string | undefined)[] = [];

const users = withMiddleware(
  UserService,
  {
    async getUser(_request: unknown, context: Parameters<typeof traceIdOf>[0]) {
      traces.push(traceIdOf(context));
      if (context.requestHeader.has("x-fail")) throw new Fault("not_found", "NO_SUCH_USER", "gone");
      return { nickname: "ann" };
    },
  } as never,
  pipelineOptions,
);

function posts(toUsers: Transport) {
  const client = createClient(UserService, withServiceIdentity(token, toUsers));
  return withMiddleware(
    PostService,
    {
      async getPostAuthor({ id }: { id: string }, context: Parameters<typeof traceIdOf>[0]) {
        traces.push(traceIdOf(context));
        return client.getUser({ id }, propagate(context));
      },
    } as never,
    pipelineOptions,
  );
}

const placements: Record<string, Transport> = {};
const closes: (() => Promise<void>)[] = [];
before(async () => {
  const local = (contract: object, implementation: object) =>
    createLocalTransport([{ contract, implementation } as never]);
  placements["local"] = local(PostService, posts(local(UserService, users)));
  const usersServer = await startTestGrpcServer((router) => router.service(UserService, users));
  const remote = posts(createGrpcTransport({ address: usersServer.address }));
  const postsServer = await startTestGrpcServer((router) => router.service(PostService, remote));
  placements["remote"] = createGrpcTransport({ address: postsServer.address });
  closes.push(usersServer.close, postsServer.close);
});
after(() => Promise.all(closes.map((close) => close())));

async function call(placement: string, headers: Record<string, string>): Promise<void> {
  traces = [];
  const transport = placements[placement];
  assert.ok(transport);
  const client = createClient(PostService, withServiceIdentity(token, transport));
  await client.getPostAuthor({ id }, { headers });
}

describe("a trace that is not recorded", () => {
  for (const placement of ["local", "remote"]) {
    it(`has one id at every hop of a ${placement} call`, async () => {
      await call(placement, {});
      assert.equal(traces.length, 2);
      assert.match(traces[0] ?? "", /^[0-9a-f]{32}$/);
      assert.equal(traces[0], traces[1]);

      await call(placement, { traceparent: parent });
      assert.deepEqual(traces, [parentTrace, parentTrace]);
    });
  }

  it("gives each span an id of its own, and keeps the sampled flag", () => {
    const span = startSpan("a", SpanKind.SERVER, parent);
    const { spanId, traceFlags } = span.spanContext();
    assert.notEqual(spanId, "b7ad6b7169203331");
    assert.equal(traceFlags, TraceFlags.SAMPLED);
    assert.equal(traceparentOf(span), `00-${parentTrace}-${spanId}-01`);
    assert.match(traceparentOf(startSpan("a", SpanKind.SERVER, null)), /-00$/);
  });

  const malformed = [
    "",
    "garbage",
    `01-${parentTrace}-b7ad6b7169203331-01`,
    `00-${"0".repeat(32)}-b7ad6b7169203331-01`,
    `00-${parentTrace}-${"0".repeat(16)}-01`,
    `00-${parentTrace.toUpperCase()}-b7ad6b7169203331-01`,
    `${parent}-more`,
  ];
  for (const header of malformed) {
    it(`starts a new trace for the header ${JSON.stringify(header)}`, () => {
      const { traceId } = startSpan("a", SpanKind.SERVER, header).spanContext();
      assert.match(traceId, /^[0-9a-f]{32}$/);
      assert.notEqual(traceId, parentTrace);
    });
  }
});

describe("a trace that is recorded", () => {
  const exporter = new InMemorySpanExporter();
  before(() => {
    const spanProcessors = [new SimpleSpanProcessor({ exporter })];
    trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors }));
  });

  type Tree = { name: string; kind: string; code: unknown; status: string; below: Tree[] };

  function treeBelow(spans: readonly ReadableSpan[], parentId: string | undefined): Tree[] {
    return spans
      .filter((span) => span.parentSpanContext?.spanId === parentId)
      .map((span) => ({
        name: span.name,
        kind: SpanKind[span.kind],
        code: span.attributes["rpc.grpc.status_code"],
        status: SpanStatusCode[span.status.code],
        below: treeBelow(spans, span.spanContext().spanId),
      }));
  }

  async function recorded(placement: string, headers: Record<string, string>): Promise<Tree[]> {
    exporter.reset();
    await call(placement, headers).catch(() => undefined);
    const spans = exporter.getFinishedSpans();
    assert.equal(spans.length, 4);
    assert.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 1);
    assert.equal(
      new Set(spans.map((span) => span.spanContext().traceId)).has(traces[0] ?? ""),
      true,
    );
    return treeBelow(spans, headers["traceparent"]?.split("-")[2]);
  }

  const author = "plaza.posts.v1.PostService/GetPostAuthor";
  const user = "plaza.users.v1.UserService/GetUser";
  const chainOf = (...names: string[]): Tree[] =>
    names.reduceRight<Tree[]>(
      (below, name, n) => [
        { name, kind: n % 2 ? "SERVER" : "CLIENT", code: "ok", status: "UNSET", below },
      ],
      [],
    );

  for (const headers of [{}, { traceparent: parent }]) {
    it(`has the same spans in either placement${"traceparent" in headers ? ", below the caller's" : ""}`, async () => {
      const expected = chainOf(author, author, user, user);
      assert.deepEqual(await recorded("local", headers), expected);
      assert.deepEqual(await recorded("remote", headers), expected);
    });
  }

  it("records where a call failed, in either placement", async () => {
    const bad = `00-${parentTrace}-b7ad6b7169203331-01`;
    const failing = async (placement: string) => {
      exporter.reset();
      const transport = placements[placement];
      assert.ok(transport);
      const client = createClient(PostService, withServiceIdentity(token, transport));
      await client.getPostAuthor({ id: "no id" }, { headers: { traceparent: bad } }).catch(() => 0);
      return treeBelow(exporter.getFinishedSpans(), "b7ad6b7169203331");
    };
    const expected = chainOf(author, author).map((root) => ({
      ...root,
      code: "invalid_argument",
      status: "ERROR",
      below: root.below.map((one) => ({ ...one, code: "invalid_argument", status: "ERROR" })),
    }));
    assert.deepEqual(await failing("local"), expected);
    assert.deepEqual(await failing("remote"), expected);
  });

  it("records the status and attributes given to endSpan", () => {
    exporter.reset();
    endSpan(startSpan("a", SpanKind.SERVER, undefined), "ok", { "http.response.status_code": 200 });
    const [span] = exporter.getFinishedSpans();
    assert.equal(span?.attributes["http.response.status_code"], 200);
    assert.equal(span.attributes["rpc.system"], "grpc");
  });
});
