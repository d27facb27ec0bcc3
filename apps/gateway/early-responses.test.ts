import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { after, before, describe, it } from "node:test";
import { NoteService } from "./testing/note-service.ts";
import { connectRaw } from "./testing/raw-socket.ts";
import { serveRecordingNotes } from "./testing/recording-notes.ts";
import { testGateway } from "./testing/test-gateway.ts";

const mebibyte = 1 << 20;
const filler = Buffer.alloc(1.5 * mebibyte, "x");
const createPost = "/plaza.posts.v1.PostService/CreatePost";
const pin = "/plaza.test.v1.NoteService/Pin";
const watch = "/plaza.test.v1.NoteService/Watch";

/** The prefix of a message that is larger than allowed, and its begin. */
const tooLarge = Buffer.concat([Buffer.from([0, 0, 32, 0, 0]), filler.subarray(0, 100)]);
const cut = Buffer.concat([Buffer.from([0, 0, 0, 0, 200]), filler.subarray(0, 10)]);
const bad = { authorization: "Bearer made.up" };
const rest = { "content-type": "application/json" };
const lines = { "content-type": "application/x-ndjson" };
const connectStream = { "content-type": "application/connect+proto" };
const connectUnary = { "content-type": "application/proto" };
const grpcWeb = { "content-type": "application/grpc-web+proto" };
const grpcWebText = { "content-type": "application/grpc-web-text" };

type Refusal = {
  readonly path: string;
  readonly method?: string;
  readonly headers: Record<string, string>;
  /** The begin of the body; the rest is filler. */
  readonly begin: Buffer | string;
};

/** Requests that are answered before they are complete. */
const refusals: Record<string, Refusal> = {
  "REST: too large": { path: "/v1/posts", headers: rest, begin: '{"title":"' },
  "REST: not signed in": { path: "/v1/posts", headers: { ...rest, ...bad }, begin: "{" },
  "REST: another type": {
    path: "/v1/posts",
    headers: { "content-type": "text/plain" },
    begin: "a",
  },
  "REST: no such path": { path: "/v1/nothing", headers: rest, begin: "{" },
  "REST: no such method": { path: "/v1/posts", method: "PUT", headers: rest, begin: "{" },
  "REST: a read with a body": { path: "/v1/posts", method: "GET", headers: rest, begin: "{" },
  "REST: a line too large": { path: "/v1/boards/1:echo", headers: lines, begin: '{"text":"' },
  "REST: a line that is none": { path: "/v1/boards/1:echo", headers: lines, begin: "[]\n" },
  "REST: a stream that is not admitted": {
    path: "/v1/boards/1:pin",
    headers: { ...lines, ...bad },
    begin: "{}\n",
  },
  "a page": { path: "/docs", headers: {}, begin: "a" },
  "a probe": { path: "/livez", headers: {}, begin: "a" },
  "Connect: too large": { path: createPost, headers: connectUnary, begin: "" },
  "Connect: not signed in": { path: createPost, headers: { ...connectUnary, ...bad }, begin: "" },
  "Connect: another type": { path: createPost, headers: { "content-type": "a/b" }, begin: "" },
  "Connect: no such method": { path: createPost, method: "PUT", headers: connectUnary, begin: "" },
  "Connect: no such path": { path: "/a.B/C", headers: connectUnary, begin: "" },
  "Connect: a compression that is none": {
    path: createPost,
    headers: { ...connectUnary, "content-encoding": "zstd" },
    begin: "",
  },
  "Connect: a message too large in a stream": {
    path: pin,
    headers: connectStream,
    begin: tooLarge,
  },
  "Connect: a message too large": { path: watch, headers: connectStream, begin: tooLarge },
  "Connect: a second message": {
    path: watch,
    headers: connectStream,
    begin: Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  },
  "Connect: a stream that is not admitted": {
    path: pin,
    headers: { ...connectStream, ...bad },
    begin: cut,
  },
  "gRPC-Web: too large": { path: createPost, headers: grpcWeb, begin: tooLarge },
  "gRPC-Web: a message too large": { path: watch, headers: grpcWeb, begin: tooLarge },
  "gRPC-Web: not signed in": { path: createPost, headers: { ...grpcWeb, ...bad }, begin: cut },
  "gRPC-Web: no such path": { path: "/a.B/C", headers: grpcWeb, begin: cut },
  "gRPC-Web: as text": {
    path: createPost,
    headers: grpcWebText,
    begin: tooLarge.toString("base64"),
  },
  "gRPC-Web: no base64": { path: createPost, headers: grpcWebText, begin: "{{{{" },
};

const remote = serveRecordingNotes();

describe("a request that is answered early", () => {
  const plaza = testGateway(
    {},
    { extraService: { contract: NoteService, transport: () => remote() } },
  );
  let session: ClientHttp2Session;
  before(() => {
    // The bodies that were refused count towards it, of which Node frees some late.
    session = connect(plaza.url(), { maxSessionMemory: 1_000 });
  });
  after(() => session.close());

  for (const [name, refusal] of Object.entries(refusals)) {
    for (const framing of ["with a length", "in chunks"] as const) {
      it(`leaves its connection fit for the next over HTTP/1.1, ${framing}: ${name}`, async () => {
        const { status, next } = await requestTwice(plaza.port(), refusal, framing);
        assert.ok(status !== 500 && status >= 200, `${status}`);
        assert.equal(next, 200);
      });
    }

    it(`leaves its connection fit for the next over HTTP/2: ${name}`, async () => {
      const { path, method = "POST", headers, begin } = refusal;
      const stream = session.request(
        { ":method": method, ":path": path, ...headers },
        { endStream: false },
      );
      stream.on("error", () => undefined);
      stream.write(begin);
      stream.write(filler);
      const [{ ":status": status }] = await once(stream, "response");
      assert.ok(status !== 500 && status >= 200, `${status}`);
      stream.resume();
      await once(stream, "close");
      assert.equal(stream.rstCode, 0);
      const after = session.request({ ":path": "/livez" });
      assert.equal((await once(after, "response"))[0][":status"], 200);
      after.resume();
    });
  }

  it("closes its connection when more would have to be read than is worth it", async () => {
    const raw = await connectRaw(plaza.port());
    raw.write(`POST /v1/posts HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n`);
    raw.write(`content-length: ${100 * mebibyte}\r\n\r\n{`);
    assert.match(await raw.readUntil(), /^HTTP\/1\.1 413 .*\r\nconnection: close\r\n/is);
  });
});

/** Sends a part of a request, what is left after the response, and a second request. */
async function requestTwice(
  port: number,
  { path, method = "POST", headers, begin }: Refusal,
  framing: "with a length" | "in chunks",
): Promise<{ readonly status: number; readonly next: number | undefined }> {
  const isChunked = framing === "in chunks";
  const length = Buffer.byteLength(begin) + filler.length;
  const fields = {
    ...headers,
    ...(isChunked ? { "transfer-encoding": "chunked" } : { "content-length": length }),
  };
  const head = Object.entries(fields).map(([field, value]) => `${field}: ${value}\r\n`);
  const raw = await connectRaw(port);
  const write = (bytes: Buffer | string) => {
    if (bytes.length === 0) return;
    if (isChunked) raw.write(`${Buffer.byteLength(bytes).toString(16)}\r\n`);
    raw.write(bytes);
    if (isChunked) raw.write("\r\n");
  };
  raw.write(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\n${head.join("")}\r\n`);
  write(begin);
  // Enough to exceed every limit, while more is to come.
  write(filler.subarray(0, 1.25 * mebibyte));
  await raw.readUntil("\r\n\r\n");
  write(filler.subarray(1.25 * mebibyte));
  if (isChunked) raw.write("0\r\n\r\n");
  raw.write("GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
  const statuses = [...(await raw.readUntil()).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, one]) =>
    Number(one),
  );
  return { status: statuses[0] ?? 0, next: statuses[1] };
}
