import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type ClientHttp2Session, connect, constants } from "node:http2";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { after, afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { requestHttp2 } from "../testing/http2-request.ts";
import { memberId, postId, testGateway } from "../testing/test-gateway.ts";

const script = "x".repeat(3_000_000);

describe("HTTP/2", () => {
  const webDir = mkdtempSync(path.join(tmpdir(), "plaza-http2-"));
  writeFileSync(path.join(webDir, "index.html"), "<!doctype html>");
  writeFileSync(path.join(webDir, "large.js"), script);
  after(() => rmSync(webDir, { recursive: true }));
  let begun = 0;
  let endedBy: Code | undefined;
  const plaza = testGateway(
    {},
    {
      webDir,
      posts: {
        async listPosts(_, { signal }) {
          begun++;
          await once(signal, "abort");
          endedBy = ConnectError.from(signal.reason).code;
          return {};
        },
      },
    },
  );
  let session: ClientHttp2Session;
  beforeEach(() => {
    session = connect(plaza.url());
  });
  afterEach(() => session.close());

  it("joins cookies that were split", async () => {
    const cookie = ["theme=dark", `plaza_session=${plaza.signIn()}`];
    const { stream } = await requestHttp2(session, { ":path": `/v1/posts/${postId}`, cookie });
    assert.equal(JSON.parse(await text(stream)).authorId, memberId);
  });

  it("strips connection-specific headers from responses", async () => {
    const { stream, headers } = await requestHttp2(session, { ":path": "/livez" });
    assert.equal(await text(stream), "ok\n");
    for (const name of ["connection", "keep-alive", "transfer-encoding"]) {
      assert.equal(headers[name], undefined, name);
    }
  });

  it("answers HEAD without a body", async () => {
    const { stream, headers } = await requestHttp2(session, {
      ":method": "HEAD",
      ":path": "/large.js",
    });
    assert.equal(await text(stream), "");
    assert.equal(headers[":status"], 200);
  });

  it("sends a large file completely to a slow reader", async () => {
    const { stream } = await requestHttp2(session, { ":path": "/large.js" });
    let length = 0;
    for await (const chunk of stream) {
      length += chunk.length;
      if (length < 300_000) await sleep(5);
    }
    assert.equal(length, script.length);
  });

  it("rejects heads that are not valid", async () => {
    for (const head of [
      { ":method": "NO SUCH", ":path": "/livez" },
      { ":path": "livez" },
      { ":path": "/a b" },
      { ":path": "/livez", ":authority": "localhost", host: "other.example" },
      { ":path": "/livez", ":authority": "a/b@c:d" },
    ]) {
      const { stream, headers } = await requestHttp2(session, head);
      assert.equal(headers[":status"], 400, JSON.stringify(head));
      stream.resume();
    }
  });

  const createPost = () => ({
    ":method": "POST",
    ":path": "/v1/posts",
    "content-type": "application/json",
    authorization: `Bearer ${plaza.signIn()}`,
  });

  it("takes a body of any method, with and without a length", async () => {
    const title = { title: "A", body: "a" };
    for (const [method, path] of [
      ["POST", "/v1/posts"],
      ["PATCH", `/v1/posts/${postId}`],
      ["DELETE", "/v1/users/me"],
    ] as const) {
      for (const length of [false, true]) {
        const body = method === "DELETE" ? "{}" : JSON.stringify(title);
        const { stream, headers } = await requestHttp2(
          session,
          {
            ":method": method,
            ":path": path,
            "content-type": "application/json",
            authorization: `Bearer ${plaza.signIn()}`,
            ...(length && { "content-length": body.length }),
          },
          body,
        );
        const answer = await text(stream);
        if (method === "POST") assert.equal(JSON.parse(answer).title, "A");
        else if (method === "DELETE") assert.match(answer, /BODY_NOT_ALLOWED/);
        else assert.equal(headers[":status"], 501, answer);
      }
    }
  });

  it("asks for the body of a request that expects it, and refuses other expectations", async () => {
    const stream = session.request(
      { ...createPost(), expect: "100-continue" },
      { endStream: false },
    );
    await once(stream, "continue");
    stream.end('{"title":"A","body":"a"}');
    assert.equal((await once(stream, "response"))[0][":status"], 200);
    stream.resume();
    const odd = await requestHttp2(session, { ...createPost(), expect: "a miracle" }, "{}");
    assert.equal(odd.headers[":status"], 417);
    odd.stream.resume();
  });

  it("takes trailers for the end of a body", async () => {
    const stream = session.request(createPost(), { endStream: false, waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-a": "b" }));
    stream.end('{"title":"A","body":"a"}');
    assert.equal((await once(stream, "response"))[0][":status"], 200);
    assert.equal(JSON.parse(await text(stream)).title, "A");
  });

  it("cancels a call when its client disconnects", async () => {
    const stream = session.request({ ":path": "/v1/posts" });
    while (begun === 0) await sleep(5);
    stream.close(constants.NGHTTP2_CANCEL);
    while (endedBy === undefined) await sleep(5);
    assert.equal(endedBy, Code.Canceled);
  });

  it("gives the reason when it cannot decode a gRPC message", async () => {
    const headers = {
      ":method": "POST",
      ":path": "/plaza.posts.v1.PostService/GetPost",
      "content-type": "application/grpc",
      te: "trailers",
    };
    const response = await requestHttp2(session, headers, Buffer.from([0, 0, 0, 0, 2, 0xff, 0xff]));
    assert.equal(response.headers["grpc-status"], String(Code.InvalidArgument));
    const details = Buffer.from(`${response.headers["grpc-status-details-bin"]}`, "base64");
    assert.match(details.toString("latin1"), /UNREADABLE_MESSAGE/);
  });
});
