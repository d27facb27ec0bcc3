import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connectRaw, roundTrip } from "./testing/raw-socket.ts";
import { testGateway } from "./testing/test-gateway.ts";

const host = "host: localhost\r\n";
const end = "connection: close\r\n\r\n";

describe("malformed HTTP/1.1", () => {
  const plaza = testGateway();
  const refusals: Record<string, [text: string, status: number]> = {
    "two lengths": [
      `POST /v1/posts HTTP/1.1\r\n${host}content-length: 2\r\ncontent-length: 3\r\n\r\n{}x`,
      400,
    ],
    "a length and chunks": [
      `POST /v1/posts HTTP/1.1\r\n${host}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\n${host}\r\n`,
      400,
    ],
    "chunks under a disguised name": [
      `POST /v1/posts HTTP/1.1\r\n${host}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    "a blank before the colon": [
      `GET /livez HTTP/1.1\r\n${host}content-length : 5\r\n\r\nhello`,
      400,
    ],
    "a folded header": [`GET /livez HTTP/1.1\r\n${host}x-a: b\r\n c\r\n${end}`, 400],
    "bare line feeds in a header": [`GET /livez HTTP/1.1\n${host}x: y\rz\r\n\r\n`, 400],
    "a length that is no number": [
      `POST /v1/posts HTTP/1.1\r\n${host}content-length: +2\r\n\r\n{}`,
      400,
    ],
    "no host": ["GET /livez HTTP/1.1\r\n\r\n", 400],
    "no HTTP at all": ["\x16\x03\x01\x02\x00\x01\x00", 400],
    "headers without end": [`GET /livez HTTP/1.1\r\n${host}x: ${"a".repeat(20_000)}\r\n\r\n`, 431],
    "a preface that is almost one of HTTP/2": ["PRI * HTTP/2.0\r\n\r\nSX\r\n\r\n", 400],
  };

  for (const [name, [text, status]] of Object.entries(refusals)) {
    it(`is refused: ${name}`, async () => {
      plaza.calls.length = 0;
      const answer = await roundTrip(plaza.port(), text);
      assert.match(
        answer,
        new RegExp(`^HTTP/1\\.1 ${status} `),
        JSON.stringify(answer.slice(0, 200)),
      );
      assert.equal(answer.match(/HTTP\/1\.1 \d/g)?.length, 1, "no second request was seen in it");
      assert.deepEqual(plaza.calls, []);
    });
  }

  it("is refused for a request target that is no path", async () => {
    for (const target of ["http://evil.example/v1/posts", "*", "//", "/\\evil"]) {
      const answer = await roundTrip(plaza.port(), `GET ${target} HTTP/1.1\r\n${host}${end}`);
      assert.match(answer, /^HTTP\/1\.1 4\d\d /, target);
    }
  });

  it("is refused for a host that is none", async () => {
    for (const name of ["a b", "[::", "%", "a/b@c:d"]) {
      for (const path of ["/plaza.posts.v1.PostService/GetPost", "/v1/posts"]) {
        const text = `POST ${path} HTTP/1.1\r\nhost: ${name}\r\ncontent-type: application/json\r\n`;
        const answer = await roundTrip(plaza.port(), `${text}content-length: 2\r\n${end}{}`);
        assert.match(answer, /^HTTP\/1\.1 4\d\d /, `${name} ${path}`);
      }
    }
  });

  it("never makes a 500 of a path or a query", async () => {
    const odd = [
      "%",
      "%zz",
      "%c3%28",
      "%00",
      "%2e%2e/%2e%2e/etc/passwd",
      "..%2f..",
      "a//b",
      "\x7f",
      "%F0%9F",
      "💥",
    ];
    const places = [
      "/v1/posts/",
      "/v1/users/",
      "/assets/",
      "/docs/",
      "/openapi/",
      "/plaza.posts.v1.PostService/",
      "/v1/posts?pageSize=",
      "/v1/posts?",
      "/",
    ];
    for (const place of places) {
      for (const part of odd) {
        const answer = await roundTrip(
          plaza.port(),
          `GET ${place}${part} HTTP/1.1\r\n${host}${end}`,
        );
        const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
        assert.ok(status >= 200 && status < 500, `${place}${JSON.stringify(part)}: ${status}`);
      }
    }
  });

  it("keeps a connection for further requests", async () => {
    const raw = await connectRaw(plaza.port());
    raw.write(`GET /livez HTTP/1.1\r\n${host}\r\nGET /livez HTTP/1.1\r\n${host}${end}`);
    const answer = await raw.readUntil();
    assert.equal(answer.match(/HTTP\/1\.1 200/g)?.length, 2);
  });

  it("is distinguished from HTTP/2 however its bytes arrive", async () => {
    const raw = await connectRaw(plaza.port());
    for (const byte of `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`) {
      raw.write(byte);
      await sleep(2);
    }
    raw.write(new Uint8Array([0, 0, 0, 4, 0, 0, 0, 0, 0]));
    // The server's own SETTINGS frame, whose type is 4.
    const answer = await Promise.race([raw.readUntil("\x04"), sleep(2_000, "")]);
    assert.equal(answer.charCodeAt(3), 4);
    raw.socket.destroy();
  });

  it("does not take a body for the next request when it was refused unread", async () => {
    const length = 2 * 1024 * 1024;
    const inner = `GET /v1/posts HTTP/1.1\r\n${host}\r\n`;
    const raw = await connectRaw(plaza.port());
    raw.write(`POST /v1/posts HTTP/1.1\r\n${host}content-type: application/json\r\n`);
    raw.write(`content-length: ${length}\r\n\r\n${inner}`);
    assert.match(await raw.readUntil("BODY_TOO_LARGE"), /^HTTP\/1\.1 413 /);
    raw.write("x".repeat(length - inner.length));
    raw.write(`GET /livez HTTP/1.1\r\n${host}${end}`);
    const statuses = (await raw.readUntil()).match(/HTTP\/1\.1 \d+/g);
    assert.deepEqual(statuses, ["HTTP/1.1 413", "HTTP/1.1 200"]);
  });
});
