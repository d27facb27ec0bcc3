import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { NoteService } from "./testing/note-service.ts";
import { rpcProtocols, transportOver } from "./testing/protocol-transports.ts";
import { connectRaw, roundTrip } from "./testing/raw-socket.ts";
import { postId, testGateway } from "./testing/test-gateway.ts";

const end = "connection: close\r\n\r\n";

describe("a request by method", () => {
  const plaza = testGateway();
  const ask = (method: string, path: string) => fetch(plaza.url() + path, { method });

  it("of OPTIONS gets what is allowed", async () => {
    for (const [path, allow] of [
      ["/", "GET, HEAD, OPTIONS"],
      ["/livez", "GET, HEAD, OPTIONS"],
      ["/v1/posts", "GET, HEAD, POST, OPTIONS"],
      ["/plaza.posts.v1.PostService/CreatePost", "POST, OPTIONS"],
      ["/plaza.posts.v1.PostService/GetPost", "POST, GET, OPTIONS"],
    ] as const) {
      const response = await ask("OPTIONS", path);
      assert.deepEqual([response.status, response.headers.get("allow")], [204, allow], path);
    }
    const balancer = await roundTrip(plaza.port(), "OPTIONS / HTTP/1.0\r\n\r\n");
    assert.match(balancer, /^HTTP\/1\.1 204 /);
    assert.match(
      await roundTrip(plaza.port(), `OPTIONS * HTTP/1.1\r\nhost: a\r\n${end}`),
      /^HTTP\/1\.1 204 /,
    );
  });

  it("to a probe is GET or HEAD", async () => {
    for (const path of ["/livez", "/readyz", "/metrics"]) {
      const head = await ask("HEAD", path);
      assert.deepEqual([head.status, await head.text()], [200, ""], path);
      for (const method of ["POST", "DELETE"]) {
        const refused = await ask(method, path);
        assert.deepEqual([refused.status, refused.headers.get("allow")], [405, "GET, HEAD"], path);
      }
    }
  });
});

describe("a request target in absolute form", () => {
  const plaza = testGateway();
  const get = (target: string, host: string) =>
    roundTrip(plaza.port(), `GET ${target} HTTP/1.1\r\nhost: ${host}\r\n${end}`);

  it("is served when it names the host", async () => {
    assert.match(await get("http://localhost/livez", "localhost"), /^HTTP\/1\.1 200 .*ok\n/s);
    assert.match(await get("HTTP://LocalHost:80/livez?a", "localhost"), /^HTTP\/1\.1 200 .*ok\n/s);
    assert.match(
      await get("https://a.example/v1/posts?pageSize=1", "a.example:443"),
      /"posts"|\{\}/,
    );
    const rpc = `http://a/plaza.posts.v1.PostService/GetPost?encoding=json&message=%7B%22id%22%3A%22${postId}%22%7D`;
    assert.match(await get(rpc, "a"), /^HTTP\/1\.1 200 .*"authorId":"nobody"/s);
    const options = `OPTIONS http://a HTTP/1.1\r\nhost: a\r\n${end}`;
    assert.match(await roundTrip(plaza.port(), options), /^HTTP\/1\.1 204 /);
  });

  it("is refused when it names another", async () => {
    for (const [target, host] of [
      ["http://evil.example/livez", "localhost"],
      ["https://localhost/livez", "localhost:80"],
      ["http://a@localhost:1/livez", "localhost"],
      ["http:///livez", "localhost"],
    ] as const) {
      assert.match(await get(target, host), /^HTTP\/1\.1 400 .*INVALID_HOST/s, target);
    }
  });
});

describe("a transfer coding other than chunked", () => {
  const plaza = testGateway();

  it("is refused, and leaves the connection fit for the next request", async () => {
    for (const coding of ["gzip, chunked", "deflate, Chunked"]) {
      const raw = await connectRaw(plaza.port());
      raw.write(`POST /v1/posts HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`);
      raw.write(`transfer-encoding: ${coding}\r\n\r\n2\r\n{}\r\n0\r\n\r\n`);
      raw.write(`GET /livez HTTP/1.1\r\nhost: localhost\r\n${end}`);
      const statuses = (await raw.readUntil()).match(/HTTP\/1\.1 \d+/g);
      assert.deepEqual(statuses, ["HTTP/1.1 501", "HTTP/1.1 200"], coding);
    }
  });
});

describe("an RPC that no service has", () => {
  const plaza = testGateway();

  for (const protocol of rpcProtocols) {
    it(`is UNIMPLEMENTED over ${protocol}`, async () => {
      const client = createClient(NoteService, transportOver(protocol, plaza.url()));
      const isUnimplemented = (error: unknown) => {
        assert.equal(ConnectError.from(error).code, Code.Unimplemented, String(error));
        return true;
      };
      await assert.rejects(Array.fromAsync(client.watch({ board: "1" })), isUnimplemented);
    });
  }

  it("is told in the protocol of its caller", async () => {
    const call = (type: string, method = "POST", headers = {}) =>
      fetch(`${plaza.url()}/plaza.none.v1.Service/X`, {
        method,
        headers: { "content-type": type, ...headers },
        ...(method === "POST" && { body: "" }),
      });
    const unary = await call("application/proto");
    assert.equal(unary.status, 404);
    assert.equal(((await unary.json()) as { code: string }).code, "unimplemented");
    const json = await call("application/json", "POST", { "connect-protocol-version": "1" });
    assert.equal(((await json.json()) as { code: string }).code, "unimplemented");
    const web = await call("application/grpc-web+proto");
    assert.deepEqual([web.status, web.headers.get("grpc-status")], [200, "12"]);
    assert.equal(web.headers.get("content-type"), "application/grpc-web+proto");
    const rest = await call("application/json");
    assert.match(await rest.text(), /"reason":"NO_SUCH_ROUTE"/);
  });
});

describe("what Accept-Encoding says", () => {
  const body = "words ".repeat(2_000);
  const plaza = testGateway(
    {},
    { posts: { getPost: ({ id }) => ({ id, body }), listPosts: () => ({ posts: [{ body }] }) } },
  );
  const accepted: Record<string, string | null> = {
    gzip: "gzip",
    "GZIP;q=0.5, identity;q=0.2": "gzip",
    "*": "gzip",
    "br, *;q=0.1": "gzip",
    "gzip;q=0": null,
    "gzip;q=0, *": null,
    "identity, gzip;q=0.5": null,
    "gzipped, x-gzip-not": null,
    "": null,
  };

  it("holds alike over REST, over Connect and for files", async () => {
    for (const [value, coding] of Object.entries(accepted)) {
      for (const path of [
        "/v1/posts",
        `/plaza.posts.v1.PostService/GetPost?encoding=json&message={"id":"${postId}"}`,
        "/docs/swagger-ui.css",
      ]) {
        const headers = { "accept-encoding": value };
        const found = (await fetch(plaza.url() + path, { headers })).headers;
        // Files come in Brotli too.
        if (path.startsWith("/docs") && /br|\*/.test(value)) continue;
        assert.equal(found.get("content-encoding"), coding, `${path} ${value}`);
      }
    }
  });
});

describe("a call whose Content-Type has parameters", () => {
  const plaza = testGateway();
  const call = (path: string, type: string) =>
    fetch(plaza.url() + path, {
      method: "POST",
      headers: { "content-type": type },
      body: JSON.stringify({ id: postId }),
    });
  const rpc = "/plaza.posts.v1.PostService/GetPost";

  it("is as lenient over Connect as over REST", async () => {
    for (const type of [
      "application/json;charset=UTF-8",
      'Application/JSON ; charset="utf-8"; x=y',
      "application/json;x=y",
    ]) {
      assert.equal((await call(rpc, type)).status, 200, type);
      assert.notEqual((await call("/v1/posts", type)).status, 415, type);
    }
    for (const type of ["application/json;charset=latin1", "text/json", "a"]) {
      assert.equal((await call(rpc, type)).status, 415, type);
      assert.equal((await call("/v1/posts", type)).status, 415, type);
    }
  });
});

describe("a deadline longer than any call may last", () => {
  const plaza = testGateway();

  for (const protocol of rpcProtocols) {
    it(`is clamped over ${protocol}`, async () => {
      const posts = createClient(PostService, transportOver(protocol, plaza.url()));
      for (const ms of [9 * 60_000, 2 ** 31, 9_999_999_999]) {
        const hours = `${Math.ceil(ms / 3_600_000)}H`;
        const headers = { "connect-timeout-ms": `${ms}`, "grpc-timeout": hours };
        assert.equal((await posts.getPost({ id: postId }, { headers })).id, postId);
      }
    });
  }

  it("is clamped over REST", async () => {
    for (const value of ["28H", "597H", "99999999H"]) {
      const headers = { "grpc-timeout": value };
      const response = await fetch(`${plaza.url()}/v1/posts/${postId}`, { headers });
      assert.equal(response.status, 200, value);
    }
  });
});
