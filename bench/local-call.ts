// `npm run bench local-call`: a call within the process, against Connect's in-memory router transport.
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
import { createAuthenticator, tokenIssuer } from "@plaza/kit/identity/authenticator";
import { createLocalTransport } from "@plaza/kit/rpc/local-transport";
import { withMiddleware } from "@plaza/kit/rpc/pipeline";
import { authorize } from "@plaza/kit/rpc/policy";
import { withServiceIdentity } from "@plaza/kit/rpc/service-transport";
import { validate } from "@plaza/kit/rpc/validate";
import { createStreamLogger } from "@plaza/kit/telemetry/log";
import { createCallRecorder } from "@plaza/kit/telemetry/metrics";
import { endSpan, startSpan, traceparentOf } from "@plaza/kit/telemetry/spans";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import {
  median,
  printResult,
  printTable,
  runRounds,
  type Series,
  seriesCells,
} from "./base/report.ts";

const perRound = 20_000;
const id = "0190163d-8694-739b-aea5-966c26f8ad90";
const post = create(PostSchema, { id, title: "A post", body: "some words ".repeat(50) });

// A handler that costs nothing, so that what is measured is the way to it.
const implementation = { getPost: () => post } as unknown as ServiceImpl<typeof PostService>;
const { publicKey, privateKey } = await generateKeyPair("EdDSA", { extractable: true });
const jwk = { ...(await exportJWK(publicKey)), kid: "bench", alg: "EdDSA" };
const identity = createAuthenticator({
  serviceKey: "a key for the benchmark, of no consequence",
  fetchJwks: async () => ({ keys: [jwk] }),
});
const log = createStreamLogger({ write: () => undefined });
const pipelined = withMiddleware(PostService, implementation, {
  authenticate: identity.authenticate,
  log,
});
const token = await new SignJWT({ sid: id, roles: ["member"] })
  .setProtectedHeader({ alg: "EdDSA", kid: "bench", typ: "at+jwt" })
  .setIssuer(tokenIssuer)
  .setAudience(tokenIssuer)
  .setSubject(id)
  .setExpirationTime("1h")
  .sign(privateKey);
const authorization = `Bearer ${token}`;

function localClient(served: ServiceImpl<typeof PostService>): Client<typeof PostService> {
  return createClient(PostService, createLocalTransport([hostedAs(served)]));
}

function hostedAs(served: ServiceImpl<typeof PostService>) {
  return { contract: PostService, implementation: served as never };
}

const bareClient = localClient(implementation);
const serviceClient = createClient(
  PostService,
  withServiceIdentity(
    () => identity.serviceToken("gateway"),
    createLocalTransport([hostedAs(pipelined)]),
  ),
);
const router = (served: ServiceImpl<typeof PostService>) =>
  createClient(
    PostService,
    createRouterTransport(({ service }) => service(PostService, served)),
  );
const connect = router(implementation);
const connectChained = router(pipelined);

/** Calls a second, one after the other: the time of the way and back, without queues. */
async function callsPerSecond(call: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  for (let n = 0; n < perRound; n += 1) await call();
  return (perRound * 1_000) / (performance.now() - startedAt);
}

const headers = { authorization };
const incoming = { authorization, "plaza-service": await identity.serviceToken("gateway") };
const served = localClient(pipelined);
const request = create(GetPostRequestSchema, { id });
const calls = await runRounds(7, {
  "Connect's router transport": () => callsPerSecond(() => connect.getPost(request)),
  "local transport": () => callsPerSecond(() => bareClient.getPost(request)),
  "Connect's router transport + chain": () =>
    callsPerSecond(() => connectChained.getPost(request, { headers })),
  "local transport + chain": () =>
    callsPerSecond(() => served.getPost(request, { headers: incoming })),
  "local transport + chain, as a service": () =>
    callsPerSecond(() => serviceClient.getPost(request, { headers })),
});

/** Microseconds that one link takes. */
async function microseconds(link: () => unknown): Promise<number> {
  const startedAt = performance.now();
  for (let n = 0; n < perRound; n += 1) link();
  return ((performance.now() - startedAt) * 1_000) / perRound;
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

const links = await runRounds(7, {
  "headers, made once": () => microseconds(() => new Headers(incoming).get("traceparent")),
  "span, client's and server's": () =>
    microseconds(() => {
      endSpan(startSpan("a", SpanKind.CLIENT, traceparent), "ok");
      endSpan(startSpan("a", SpanKind.SERVER, traceparent), "ok");
    }),
  "identity, two known tokens": () => microseconds(() => identity.authenticate(known)),
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

console.log(`one at a time, ${perRound} calls of GetPost to a round, median of 7 rounds\n`);
printTable(Object.values(calls).map((series) => seriesCells(series, "calls/s")));
console.log("\nwhat each link costs\n");
printTable(Object.values(links).map((series) => seriesCells(series, "µs", 2)));

const rate = (name: string) => median((calls[name] as Series).values);
const ratios = {
  local_vs_connect: rate("local transport") / rate("Connect's router transport"),
  local_chained_vs_connect_chained:
    rate("local transport + chain, as a service") / rate("Connect's router transport + chain"),
};
const perCall = (name: string) => 1e6 / rate(name);
const figures = {
  chain_us: perCall("local transport + chain") - perCall("local transport"),
  local_us: perCall("local transport"),
  local_chained_us: perCall("local transport + chain, as a service"),
  connect_us: perCall("Connect's router transport"),
  connect_chained_us: perCall("Connect's router transport + chain"),
};
console.log();
printTable(Object.entries(ratios).map(([name, ratio]) => [name, ratio.toFixed(1)]));
printResult("local-call", ratios, figures);
