import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorInfoOf, transcoderFixture } from "../testing/contract.ts";
import { noteFixture, yieldNotes } from "../testing/note-service.ts";

async function forwarded(
  headers: Record<string, string>,
  remoteAddress?: string,
): Promise<Headers> {
  const { send, calls } = transcoderFixture(["LibraryService"]);
  const reply = await send("GET", "/v1/books/1", {
    headers,
    ...(remoteAddress ? { remoteAddress } : {}),
  });
  assert.equal(reply.status, 200, JSON.stringify(reply.json));
  return calls[0]?.headers ?? new Headers();
}

describe("headers of requests", () => {
  it("41: end-to-end headers are forwarded under their own names", async () => {
    const sent = {
      authorization: "Bearer x",
      "accept-language": "de",
      traceparent: "00-1",
      "x-own": "1",
    };
    assert.deepEqual(Object.fromEntries(await forwarded(sent)), sent);
  });

  it("41: hop-by-hop headers are not, nor are those that Connection names", async () => {
    const headers = await forwarded({
      connection: "keep-alive, X-Secret",
      "x-secret": "1",
      "keep-alive": "5",
      te: "trailers",
      "transfer-encoding": "chunked",
      upgrade: "h2c",
      "proxy-authorization": "p",
    });
    assert.deepEqual([...headers.keys()], []);
  });

  it("41: headers about a body that is encoded again are not", async () => {
    const sent = { "content-length": "0", "content-type": "text/plain", "accept-encoding": "gzip" };
    assert.deepEqual([...(await forwarded(sent)).keys()], []);
  });

  it("41: a client does not speak for gRPC or Connect", async () => {
    const sent = {
      "grpc-encoding": "gzip",
      "connect-protocol-version": "1",
      "grpc-metadata-x-role": "admin",
    };
    assert.deepEqual([...(await forwarded(sent)).keys()], []);
  });

  it("41: -bin headers are forwarded in base64, with padding or without", async () => {
    const headers = await forwarded({ "x-a-bin": "AQI=", "x-b-bin": "AQI, -_8" });
    assert.deepEqual([headers.get("x-a-bin"), headers.get("x-b-bin")], ["AQI=", "AQI, -_8"]);
  });

  it("41: a -bin header that is not base64 is 400", async () => {
    const { send } = transcoderFixture(["LibraryService"]);
    const reply = await send("GET", "/v1/books/1", { headers: { "x-a-bin": "a*b" } });
    assert.deepEqual([reply.status, errorInfoOf(reply).reason], [400, "INVALID_HEADER"]);
  });

  it("41: a value that is not printable ASCII is left out", async () => {
    const headers = await forwarded({ "x-name": "J\u00fcrgen", "x-tab": "a\tb", "x-plain": "a b" });
    assert.deepEqual([...headers.keys()], ["x-plain"]);
  });

  it("41: X-Forwarded-For gets the peer appended, X-Forwarded-Host the host", async () => {
    const sent = { host: "example.org", "x-forwarded-for": "10.0.0.1,10.0.0.2" };
    const headers = await forwarded(sent, "10.0.0.3");
    assert.equal(headers.get("x-forwarded-for"), "10.0.0.1, 10.0.0.2, 10.0.0.3");
    assert.equal(headers.get("x-forwarded-host"), "example.org");
    assert.equal((await forwarded({}, "::1")).get("x-forwarded-for"), "::1");
    const behind = await forwarded({ host: "inner", "x-forwarded-host": "outer" });
    assert.equal(behind.get("x-forwarded-host"), "outer");
  });

  it("41: other metadata can be made of a request, instead", async () => {
    const requestHeaders = () => new Headers({ "x-caller": "7" });
    const { send, calls } = transcoderFixture(["LibraryService"], { requestHeaders });
    await send("GET", "/v1/books/1", { headers: { authorization: "x" } });
    assert.deepEqual(Object.fromEntries(calls[0]?.headers ?? []), { "x-caller": "7" });
  });

  for (const [text, timeoutMs] of [
    ["1H", 3_600_000],
    ["2M", 120_000],
    ["3S", 3000],
    ["4m", 4],
    ["5000u", 5],
    // Whole milliseconds are what any transport can write, of which the longest is 27 hours.
    ["99999999n", 100],
    ["1n", 1],
    ["28H", 99_999_999],
    ["597H", 99_999_999],
    ["99999999H", 99_999_999],
  ] as const) {
    it(`41: Grpc-Timeout ${text} is ${timeoutMs} ms`, async () => {
      const { send, calls } = transcoderFixture(["LibraryService"]);
      await send("GET", "/v1/books/1", { headers: { "grpc-timeout": text } });
      assert.equal(calls[0]?.timeoutMs, timeoutMs);
    });
  }

  for (const text of ["0S", "0n", "00000000H"]) {
    it(`41: Grpc-Timeout ${text} leaves no time for a call`, async () => {
      const { send, calls } = transcoderFixture(["LibraryService"]);
      const { status } = await send("GET", "/v1/books/1", { headers: { "grpc-timeout": text } });
      assert.deepEqual([status, calls.length], [504, 0]);
      const board = noteFixture({
        watch: () => yieldNotes(["a"]),
        pin: async () => ({ count: 1 }),
      });
      for (const [method, url, body] of [
        ["GET", "/v1/boards/1/notes:watch", ""],
        ["POST", "/v1/boards/1/notes:pin", "[]"],
      ] as const) {
        const reply = await board.send(method, url, { body, headers: { "grpc-timeout": text } });
        assert.equal(reply.status, 504, url);
      }
    });
  }

  for (const text of ["", "5", "S", "-1S", "1.5S", "100000000S", "1x", "1S "]) {
    it(`41: Grpc-Timeout "${text}" is 400`, async () => {
      const { transcoder } = transcoderFixture(["LibraryService"]);
      const headers = {
        get: (name: string) => (name === "grpc-timeout" ? text : null),
        forEach: () => {},
      };
      const request = { method: "GET", url: "/v1/books/1", headers, body: new Uint8Array() };
      const { status } = await transcoder.handle(request, new AbortController().signal);
      assert.equal(status, 400);
    });
  }
});

describe("headers of replies", () => {
  it("41: headers of the RPC are sent, trailers with a prefix", async () => {
    const { send } = transcoderFixture(["LibraryService"], {}, () => ({
      headers: new Headers({ etag: '"1"', "x-own-bin": "AQI" }),
      trailers: new Headers({ cost: "3" }),
    }));
    const { headers } = await send("GET", "/v1/books/1");
    assert.deepEqual([headers.get("etag"), headers.get("x-own-bin")], ['"1"', "AQI"]);
    assert.equal(headers.get("trailer-cost"), "3");
  });

  it("41: those of the protocol and of the body that was are not", async () => {
    const { send } = transcoderFixture(["LibraryService"], {}, () => ({
      headers: new Headers({
        "content-length": "99",
        "content-type": "application/grpc",
        "content-encoding": "gzip",
        "grpc-encoding": "gzip",
        connection: "close",
      }),
      trailers: new Headers({ "grpc-status": "0", "grpc-message": "" }),
    }));
    const { headers } = await send("GET", "/v1/books/1");
    assert.deepEqual(Object.fromEntries(headers), { "content-type": "application/json" });
  });
});
