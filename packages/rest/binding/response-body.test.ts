import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  createMessage,
  errorInfoOf,
  type RecordedCall,
  transcoderFixture,
} from "../testing/contract.ts";

const list = {
  books: [{ name: "b" }],
  titles: ["one", "two"],
  first: { name: "b", title: "B" },
  nextPageToken: "t",
  count: 3,
};

function answering(init: Record<string, unknown>, options = {}) {
  return transcoderFixture(["LibraryService"], options, ({ method }: RecordedCall) => ({
    message: createMessage(method.name === "ListBooks" ? "ListBooksResponse" : "Book", init),
  }));
}

describe("replies", () => {
  it("29: without response_body, the whole response", async () => {
    const reply = await answering(list).send("GET", "/v1/shelves/1/books");
    assert.deepEqual(reply.json, list);
    assert.equal(reply.headers.get("content-type"), "application/json");
  });

  for (const [name, path, json, unset] of [
    ["a repeated field", "/v1/titles", list.titles, []],
    ["a message", "/v1/first", list.first, null],
    ["a string", "/v1/token", "t", ""],
    ["an optional field", "/v1/count", 3, null],
  ] as const) {
    it(`29: response_body that is ${name}, set and unset`, async () => {
      assert.deepEqual((await answering(list).send("GET", path)).body, JSON.stringify(json));
      assert.deepEqual((await answering({}).send("GET", path)).body, JSON.stringify(unset));
    });
  }

  it("29: response_body under its proto name, where those are written", async () => {
    const { send } = answering(list, { json: { useProtoFieldName: true } });
    assert.equal((await send("GET", "/v1/token")).body, '"t"');
  });

  it("29: response_body of a response with a HttpBody in its request", async () => {
    const { send } = transcoderFixture(["LibraryService"], {}, () => ({
      message: createMessage("UploadResponse", { receipt: "r" }),
    }));
    const headers = { "content-type": "text/plain" };
    assert.equal((await send("PUT", "/v1/files/a", { body: "x", headers })).body, '"r"');
  });

  it("31: a response over the limit is 500, before anything of it is sent", async () => {
    const limited = answering({ title: "äää" }, { maxResponseBytes: 18 });
    assert.equal((await limited.send("GET", "/v1/books/1")).status, 200);
    const longer = answering({ title: "ääää" }, { maxResponseBytes: 18 });
    const reply = await longer.send("GET", "/v1/books/1");
    assert.deepEqual([reply.status, errorInfoOf(reply).reason], [500, "RESPONSE_TOO_LARGE"]);
  });

  it("32: a google.api.HttpBody is sent as it is, with its type", async () => {
    const data = new Uint8Array([0, 1, 255]);
    const raw = transcoderFixture(["LibraryService"]);
    const reply = await raw.send("POST", "/v1/raw", {
      body: data,
      headers: { "content-type": "image/png" },
    });
    assert.equal(reply.headers.get("content-type"), "image/png");
    assert.deepEqual(reply.body, data);
  });

  it("32: a google.api.HttpBody without a type is bytes", async () => {
    const reply = await transcoderFixture(["LibraryService"]).send("GET", "/v1/files/x");
    assert.equal(reply.headers.get("content-type"), "application/octet-stream");
    assert.equal(reply.body.length, 0);
  });
});

describe("compression", () => {
  const title = "long ".repeat(1000);
  const { send, lastCall } = answering({ title }, { maxRequestBytes: 10_000 });

  it("33: a long reply is in gzip for who accepts it", async () => {
    for (const accepted of ["gzip", "deflate, gzip;q=0.5, br", "*"]) {
      const headers = { "accept-encoding": accepted };
      const reply = await send("GET", "/v1/books/1", { headers });
      assert.equal(reply.headers.get("content-encoding"), "gzip", accepted);
      assert.equal(reply.headers.get("vary"), "accept-encoding");
      assert.deepEqual(JSON.parse(gunzipSync(reply.body).toString()), { title });
    }
  });

  it("33: a coding is accepted by any of its names", async () => {
    for (const accepted of ["GZIP", "x-gzip", "*", "br, *;q=0.1", "gzip;q=1, *;q=0"]) {
      const reply = await send("GET", "/v1/books/1", { headers: { "accept-encoding": accepted } });
      assert.equal(reply.headers.get("content-encoding"), "gzip", accepted);
    }
  });

  it("33: and as it is for others", async () => {
    for (const accepted of ["", "br", "gzip;q=0", "gzip;q=0.0", "*;q=0", "*, gzip;q=0"]) {
      const reply = await send("GET", "/v1/books/1", { headers: { "accept-encoding": accepted } });
      assert.equal(reply.headers.get("content-encoding"), null, accepted);
      assert.equal(reply.headers.get("vary"), "accept-encoding");
      assert.deepEqual(reply.json, { title });
    }
  });

  it("33: a short reply is left alone", async () => {
    const reply = await answering({ title: "t" }).send("GET", "/v1/books/1", {
      headers: { "accept-encoding": "gzip" },
    });
    assert.equal(reply.headers.get("content-encoding"), null);
  });

  it("33: a body in gzip is read", async () => {
    for (const encoding of ["gzip", "GZIP", "x-gzip", "identity, gzip"]) {
      const headers = { "content-encoding": encoding };
      const body = gzipSync(JSON.stringify({ title: encoding }));
      await send("POST", "/v1/shelves/1/books", { body, headers });
      assert.deepEqual(lastCall().json, { parent: "shelves/1", book: { title: encoding } });
    }
  });

  it("33: a body in no encoding is read, whatever that is called", async () => {
    for (const encoding of ["identity", "Identity", "", " , "]) {
      const reply = await send("POST", "/v1/shelves/1/books", {
        body: "{}",
        headers: { "content-encoding": encoding },
      });
      assert.equal(reply.status, 200, encoding);
    }
  });

  it("33: a small body that is large inside is 413", async () => {
    const body = gzipSync(Buffer.alloc(1_000_000, " "));
    const reply = await send("POST", "/v1/shelves/1/books", {
      body,
      headers: { "content-encoding": "gzip" },
    });
    assert.deepEqual([reply.status, errorInfoOf(reply).reason], [413, "BODY_TOO_LARGE"]);
  });

  it("33: broken gzip is 400, and another encoding 415", async () => {
    const broken = { "content-encoding": "gzip" };
    const reply = await send("POST", "/v1/shelves/1/books", { body: "{}", headers: broken });
    assert.deepEqual([reply.status, errorInfoOf(reply).reason], [400, "MALFORMED_BODY"]);
    for (const encoding of ["br", "gzip, gzip", "gzip, br"]) {
      const other = await send("POST", "/v1/shelves/1/books", {
        body: "{}",
        headers: { "content-encoding": encoding },
      });
      assert.deepEqual([other.status, errorInfoOf(other).reason], [415, "UNSUPPORTED_ENCODING"]);
      assert.equal(other.headers.get("accept-encoding"), "gzip");
    }
  });
});
