// A call within the process, against Connect's in-memory router transport.
import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import {
  type Client,
  createClient,
  createRouterTransport,
  type ServiceImpl,
} from "@connectrpc/connect";
import { SpanKind } from "@opentelemetry/api";
import { RegisterRequestSchema } from "@plaza/contract/auth/v1/auth";
import { Access } from "@plaza/contract/kit/v1/options";
import {
  CreatePostRequestSchema,
  GetPostRequestSchema,
  PostSchema,
  PostService,
  UpdatePostRequestSchema,
} from "@plaza/contract/posts/v1/posts";
import { createAuthenticator } from "@plaza/kit/identity/authenticator";
import { createLocalTransport } from "@plaza/kit/rpc/local-transport";
import { withMiddleware } from "@plaza/kit/rpc/pipeline";
import { authorize } from "@plaza/kit/rpc/policy";
import { withServiceIdentity } from "@plaza/kit/rpc/service-transport";
import { validate } from "@plaza/kit/rpc/validate";
import { createStreamLogger } from "@plaza/kit/telemetry/log";
import { createCallRecorder } from "@plaza/kit/telemetry/metrics";
import { endSpan, startSpan, traceparentOf } from "@plaza/kit/telemetry/spans";
import { createTokenKeys, signAuthorization } from "./base/access-token.ts";
import { parseBenchOptions } from "./base/options.ts";
import {
  medianOf,
  printResult,
  printTable,
  roundsOf,
  runRounds,
  seriesCells,
} from "./base/report.ts";

const options = parseBenchOptions({ n: 7, calls: 20_000 }, { n: 1, calls: 500 });
const rounds = roundsOf(options);
const id = "0190163d-8694-739b-aea5-966c26f8ad90";
const post = create(PostSchema, { id, title: "A post", body: "some words ".repeat(50) });

// A handler that costs nothing, so that only the transport and the pipeline are measured.
const implementation = { getPost: () => post } as unknown as ServiceImpl<typeof PostService>;
const { publicKey, privateKey } = await createTokenKeys();
const identity = createAuthenticator({
  serviceKey: "a key for the benchmark, of no consequence",
  fetchJwks: async () => ({ keys: [publicKey] }),
});
const log = createStreamLogger({ write: () => undefined });
const pipelined = withMiddleware(PostService, implementation, {
  authenticate: identity.authenticate,
  log,
});
const authorization = await signAuthorization(privateKey, id);

function localClient(served: ServiceImpl<typeof PostService>): Client<typeof PostService> {
  return createClient(PostService, createLocalTransport([hosted(served)]));
}

function hosted(served: ServiceImpl<typeof PostService>) {
  return { contract: PostService, implementation: served as never };
}

const bareClient = localClient(implementation);
const serviceClient = createClient(
  PostService,
  withServiceIdentity(
    () => identity.serviceToken("gateway"),
    createLocalTransport([hosted(pipelined)]),
  ),
);
const router = (served: ServiceImpl<typeof PostService>) =>
  createClient(
    PostService,
    createRouterTransport(({ service }) => service(PostService, served)),
  );
const connect = router(implementation);
const connectPipelined = router(pipelined);

/** Calls a second, one after the other: latency without queueing. */
async function callsPerSecond(call: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  for (let n = 0; n < options.calls; n += 1) await call();
  return (options.calls * 1_000) / (performance.now() - startedAt);
}

const headers = { authorization };
const incoming = { authorization, "plaza-service": await identity.serviceToken("gateway") };
const served = localClient(pipelined);
const request = create(GetPostRequestSchema, { id });
const calls = await runRounds(rounds, {
  "Connect's router transport": () => callsPerSecond(() => connect.getPost(request)),
  "local transport": () => callsPerSecond(() => bareClient.getPost(request)),
  "Connect's router transport + pipeline": () =>
    callsPerSecond(() => connectPipelined.getPost(request, { headers })),
  "local transport + pipeline": () =>
    callsPerSecond(() => served.getPost(request, { headers: incoming })),
  "local transport + pipeline, as a service": () =>
    callsPerSecond(() => serviceClient.getPost(request, { headers })),
});

/** Microseconds that one step of the pipeline takes. */
async function microseconds(step: () => unknown): Promise<number> {
  const startedAt = performance.now();
  for (let n = 0; n < options.calls; n += 1) step();
  return ((performance.now() - startedAt) * 1_000) / options.calls;
}

const validating = <T extends DescMessage>(schema: T, message: Message) => {
  return () => microseconds(() => validate(schema, message));
};

await identity.authenticate(new Headers(incoming));
const known = new Headers(incoming);
const span = startSpan("a", SpanKind.SERVER, undefined);
const traceparent = traceparentOf(span);
const meter = createCallRecorder("bench");
const policy = { $typeName: "plaza.kit.v1.Policy", access: Access.MEMBER, role: "" } as const;
const caller = { account: { id, sessionId: id, roles: ["member"] } };
const line = {
  method: "bench",
  code: "ok",
  ms: 0.12,
  trace: span.spanContext().traceId,
  account: id,
};
const title = "A title";

const steps = await runRounds(rounds, {
  "headers, constructed once": () => microseconds(() => new Headers(incoming).get("traceparent")),
  "span, client's and server's": () =>
    microseconds(() => {
      endSpan(startSpan("a", SpanKind.CLIENT, traceparent), "ok");
      endSpan(startSpan("a", SpanKind.SERVER, traceparent), "ok");
    }),
  "authentication, two cached tokens": () => microseconds(() => identity.authenticate(known)),
  policy: () => microseconds(() => authorize(policy, caller)),
  "validation: GetPost": validating(GetPostRequestSchema, request),
  "validation: UpdatePost": validating(
    UpdatePostRequestSchema,
    create(UpdatePostRequestSchema, { post: { id, title }, updateMask: { paths: ["title"] } }),
  ),
  "validation: Register": validating(
    RegisterRequestSchema,
    create(RegisterRequestSchema, { email: "a@b.org", password: "long enough", nickname: "ann" }),
  ),
  "validation: CreatePost, 550 characters": validating(
    CreatePostRequestSchema,
    create(CreatePostRequestSchema, { title, body: post.body, idempotencyKey: id }),
  ),
  metrics: () => microseconds(() => meter("ok", 0.12)),
  "log line": () => microseconds(() => log.info(line, "call")),
});

console.log(
  `one at a time, ${options.calls} calls of GetPost to a round, median of ${options.n} rounds\n`,
);
printTable(Object.values(calls).map((series) => seriesCells(series, "calls/s")));
console.log("\ncost of each step\n");
printTable(Object.values(steps).map((series) => seriesCells(series, "µs", 2)));

const rate = (name: string) => medianOf(calls, name);
const ratios = {
  local_vs_connect: rate("local transport") / rate("Connect's router transport"),
  local_pipeline_vs_connect_pipeline:
    rate("local transport + pipeline, as a service") /
    rate("Connect's router transport + pipeline"),
};
const perCall = (name: string) => 1e6 / rate(name);
const figures = {
  pipeline_us: perCall("local transport + pipeline") - perCall("local transport"),
  local_us: perCall("local transport"),
  local_pipeline_us: perCall("local transport + pipeline, as a service"),
  connect_us: perCall("Connect's router transport"),
  connect_pipeline_us: perCall("Connect's router transport + pipeline"),
};
console.log();
printTable(Object.entries(ratios).map(([name, ratio]) => [name, ratio.toFixed(1)]));
printResult({ bench: "local-call", ratios, figures, smoke: options.smoke });
