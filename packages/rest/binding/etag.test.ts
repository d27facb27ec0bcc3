import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.ts";
import { createMessage, errorInfoOf, transcoderFixture } from "../testing/contract.ts";

const book = "/v1/shelves/1/books/2";
const body = JSON.stringify({ title: "Emma" });

function aborted(metadata: Record<string, string>): ConnectError {
  const info = { desc: ErrorInfoSchema, value: { reason: "STALE", domain: "library", metadata } };
  return new ConnectError("stale", Code.Aborted, undefined, [info]);
}

describe("etags (AIP-154)", () => {
  const library = transcoderFixture(["LibraryService"]);
  const patchWith = (ifMatch: string, text = body) =>
    library.send("PATCH", book, { body: text, headers: { "if-match": ifMatch } });

  it("43: are filled from If-Match, as it is, and are nothing to change", async () => {
    await patchWith('"a", W/"b"');
    assert.deepEqual(library.lastCall().json, {
      book: { name: "shelves/1/books/2", title: "Emma", etag: '"a", W/"b"' },
      updateMask: "title",
    });
  });

  it("43: are taken from the body as well, and must then be the same", async () => {
    const tagged = JSON.stringify({ title: "Emma", etag: '"a"' });
    await library.send("PATCH", book, { body: tagged });
    assert.deepEqual(library.lastCall().json, {
      book: { name: "shelves/1/books/2", title: "Emma", etag: '"a"' },
      updateMask: "title",
    });
    assert.equal((await patchWith('"a"', tagged)).status, 200);
    const refused = await patchWith('"b"', tagged);
    assert.deepEqual([refused.status, errorInfoOf(refused).reason], [400, "INVALID_HEADER"]);
  });

  it("43: are left empty by If-Match: *", async () => {
    await patchWith("*");
    assert.deepEqual(library.lastCall().json, {
      book: { name: "shelves/1/books/2", title: "Emma" },
      updateMask: "title",
    });
  });

  it("43: make If-Match nothing to methods without one, nor to POST", async () => {
    const headers = { "if-match": '"a"' };
    await library.send("DELETE", book, { headers });
    assert.deepEqual(library.lastCall().json, { name: "shelves/1/books/2" });
    await library.send("POST", "/v1/shelves/1/books", { body, headers });
    assert.deepEqual(library.lastCall().json, { parent: "shelves/1", book: { title: "Emma" } });
  });

  it("43: become the ETag of a GET, between quotes, and of nothing else", async () => {
    const etags: [string, string | null][] = [
      ['"a"', '"a"'],
      ['W/"a"', 'W/"a"'],
      ["a", '"a"'],
      ["", null],
      ["a\nb", null],
    ];
    for (const [etag, header] of etags) {
      const message = createMessage("Book", { etag });
      const { send } = transcoderFixture(["LibraryService"], {}, () => ({ message }));
      assert.equal((await send("GET", book)).headers.get("etag"), header, etag);
      assert.equal((await send("PATCH", book, { body })).headers.get("etag"), null);
    }
  });

  it("43: that do not match are 412 to If-Match, and 409 otherwise", async () => {
    const refuse = (error: ConnectError) =>
      transcoderFixture(["LibraryService"], {}, () => Promise.reject(error)).send;
    const headers = { "if-match": '"a"' };
    const stale = refuse(aborted({ etag: '"b"' }));
    assert.equal((await stale("PATCH", book, { body, headers })).status, 412);
    assert.equal((await stale("PATCH", book, { body })).status, 409);
    assert.equal((await stale("DELETE", book, { headers })).status, 409);
    assert.equal((await refuse(aborted({}))("PATCH", book, { body, headers })).status, 409);
  });
});
