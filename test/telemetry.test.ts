import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { ListPostsResponseSchema } from "@plaza/contract/posts/v1/posts";
import { apiClient } from "./base/api-client.ts";
import { type OtlpStub, type Span, startOtlpStub } from "./base/otlp-stub.ts";
import { type RunningPlaza, startPlaza } from "./base/running-plaza.ts";

/** Of SpanKind in OTLP. */
const [server, client] = [2, 3];

describe("a request for a post", () => {
  let collector: OtlpStub;
  let plaza: RunningPlaza;
  let traceId = "";
  let trace: Span[] = [];

  before(async () => {
    collector = await startOtlpStub();
    plaza = await startPlaza({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
    const list = await apiClient(plaza.url)("GET /v1/posts?pageSize=1&readMask=id");
    const [post] = list.as(ListPostsResponseSchema).posts;
    const answer = await apiClient(plaza.url)(`GET /v1/posts/${post?.id}`);
    traceId = answer.headers.get("trace-id") ?? "";
    const ended = once(plaza.process, "exit");
    plaza.process.kill("SIGINT");
    await ended;
    trace = collector.spans.filter((span) => span.traceId === traceId);
  });
  after(async () => {
    await plaza.stop();
    collector.close();
  });

  it("makes one trace: from the gateway to posts, and from posts to users", () => {
    assert.deepEqual(spanBranch(trace, undefined), [
      ["plaza.posts.v1.PostService/GetPost", server],
      ["plaza.posts.v1.PostService/GetPost", server],
      ["plaza.users.v1.UserService/BatchGetUsers", client],
      ["plaza.users.v1.UserService/BatchGetUsers", server],
    ]);
    assert.equal(trace.length, 4);
  });

  it("leaves a line in the log for each service, with the id that the answer carries", () => {
    const lines = readFileSync(path.join(plaza.dataDir, "plaza.log"), "utf8").split("\n");
    const methods = lines
      .filter((line) => line.includes(`"trace":"${traceId}"`))
      .map((line) => (JSON.parse(line) as { method: string }).method);
    assert.deepEqual(methods.sort(), [
      "plaza.posts.v1.PostService/GetPost",
      "plaza.users.v1.UserService/BatchGetUsers",
    ]);
  });
});

/** Names and kinds from a span down, where each has one child at most. */
function spanBranch(spans: readonly Span[], parent: string | undefined): [string, number][] {
  const span = spans.find(({ parentSpanId }) => (parentSpanId || undefined) === parent);
  return span ? [[span.name, span.kind], ...spanBranch(spans, span.spanId)] : [];
}
