import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorInfoOf, transcoderFixture } from "./testing/contract.ts";

describe("Transcoder.handle: routes", () => {
  const library = transcoderFixture(["LibraryService"]);

  it("10: leads to the method, and fills its request from the path", async () => {
    const reply = await library.send("GET", "/v1/shelves/1/books/2");
    assert.equal(reply.status, 200);
    assert.equal(library.lastCall().method.name, "GetBook");
    assert.deepEqual(library.lastCall().json, { name: "shelves/1/books/2" });
  });

  it("11: the same path leads to other methods by other HTTP methods", async () => {
    for (const [httpMethod, name] of [
      ["GET", "GetBook"],
      ["DELETE", "DeleteBook"],
      ["PATCH", "UpdateBook"],
      ["PUT", "UpdateBook"],
    ] as const) {
      await library.send(httpMethod, "/v1/shelves/1/books/2");
      assert.equal(library.lastCall().method.name, name);
    }
  });

  it("11: custom kinds, the standard ones and others", async () => {
    for (const kind of ["HEAD", "OPTIONS", "TRACE", "LINK"]) {
      const reply = await library.send(kind, "/v1/probe");
      assert.equal(reply.status, 200, kind);
      assert.equal(library.lastCall().method.name, "Probe");
    }
    assert.equal((await library.send("UNLINK", "/v1/probe")).status, 405);
  });

  it("11: the kind * answers any method", async () => {
    assert.equal((await library.send("BREW", "/v1/anything")).status, 200);
    assert.equal((await library.send("GET", "/v1/anything")).status, 200);
  });

  it("11: HEAD is answered as GET, without the body", async () => {
    const reply = await library.send("HEAD", "/v1/shelves/1/books/2");
    assert.equal(library.lastCall().method.name, "GetBook");
    assert.deepEqual([reply.status, reply.body], [200, ""]);
    assert.equal(reply.headers.get("content-type"), "application/json");
  });

  it("12: a known path with a wrong method is 405 with Allow and a Status", async () => {
    const reply = await library.send("POST", "/v1/shelves/1/books/2");
    assert.equal(reply.status, 405);
    assert.equal(reply.headers.get("allow"), "DELETE, GET, HEAD, PATCH, PUT");
    assert.equal(errorInfoOf(reply).reason, "METHOD_NOT_ALLOWED");
  });

  it("8: a colon with nothing after it is part of the id", async () => {
    for (const method of ["GET", "DELETE"]) {
      await library.send(method, "/v1/shelves/1/books/2:");
      assert.deepEqual(library.lastCall().json, { name: "shelves/1/books/2:" });
    }
    assert.equal((await library.send("POST", "/v1/library:open:")).status, 404);
  });

  it("14: an additional binding is equal to the first, with a body of its own", async () => {
    await library.send("GET", "/v1/books/7");
    assert.deepEqual(library.lastCall().json, { name: "7" });
    const body = JSON.stringify({ book: { title: "T" }, updateMask: "title" });
    await library.send("PATCH", "/v1/whole/9", { body });
    assert.deepEqual(library.lastCall().json, {
      book: { name: "9", title: "T" },
      updateMask: "title",
    });
  });

  it("15: a method without a rule is not reachable, unless by its full name", async () => {
    assert.equal(
      (await library.send("POST", "/rest.test.v1.LibraryService/Unannotated")).status,
      404,
    );
    const all = transcoderFixture(["LibraryService"], { bindUnannotated: true });
    await all.send("POST", "/rest.test.v1.LibraryService/Unannotated", { body: '{"name":"n"}' });
    assert.equal(all.calls[0]?.method.name, "Unannotated");
    assert.deepEqual(all.calls[0]?.json, { name: "n" });
  });

  it("17: an unknown path is 404 with a Status", async () => {
    const reply = await library.send("GET", "/v1/nowhere?x=1");
    assert.deepEqual([reply.status, errorInfoOf(reply).reason], [404, "NO_SUCH_ROUTE"]);
    assert.deepEqual((reply.json as { code: number }).code, 5);
    assert.equal((await library.send("GET", "v1/probe")).status, 404);
    assert.equal((await library.send("GET", "")).status, 404);
  });

  it("17: a stream is 501 with a Status, where streams are not called", async () => {
    const notes = transcoderFixture(["NoteService"]);
    const reply = await notes.send("GET", "/v1/boards/1/notes:watch");
    assert.deepEqual([reply.status, errorInfoOf(reply).reason], [501, "STREAMING_NOT_SUPPORTED"]);
  });
});

describe("Transcoder.handle: X-HTTP-Method-Override", () => {
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-http-method-override": "GET",
  };

  it("16: does nothing unless it is switched on", async () => {
    const { send } = transcoderFixture(["LibraryService"]);
    assert.equal((await send("POST", "/v1/books/1", { headers })).status, 405);
  });

  it("16: turns a form into the query of a method without a body", async () => {
    const { send, calls } = transcoderFixture(["ValueService"], { methodOverride: true });
    const body = "strings=b+c&int32Value=5";
    const reply = await send("POST", "/v1/values?strings=a", { headers, body });
    assert.equal(reply.status, 200);
    assert.deepEqual(calls[0]?.json, { strings: ["a", "b c"], int32Value: 5 });
  });

  it("16: leaves the form as the body of a method with one", async () => {
    const { send, calls } = transcoderFixture(["LibraryService"], { methodOverride: true });
    const override = { ...headers, "x-http-method-override": "put" };
    await send("POST", "/v1/shelves/1/books/2", {
      headers: override,
      body: "title=T&author.firstName=A",
    });
    const book = { name: "shelves/1/books/2", title: "T", author: { firstName: "A" } };
    assert.deepEqual(calls[0]?.json, { book });
  });

  it("16: counts only with a form, and only on POST", async () => {
    const { send } = transcoderFixture(["LibraryService"], { methodOverride: true });
    const json = { ...headers, "content-type": "application/json" };
    assert.equal((await send("POST", "/v1/books/1", { headers: json })).status, 405);
    assert.equal((await send("DELETE", "/v1/books/1", { headers })).status, 405);
  });
});

describe("Transcoder.match", () => {
  const { transcoder } = transcoderFixture(["LibraryService"]);

  it("resolves a path without a request", () => {
    const match = transcoder.match("GET", "/v1/shelves/1/books/2");
    assert.equal(match && "method" in match && match.method.name, "GetBook");
    const allow = ["DELETE", "GET", "HEAD", "PATCH", "PUT"];
    assert.deepEqual(transcoder.match("POST", "/v1/shelves/1/books/2"), { allow });
    assert.equal(transcoder.match("GET", "/index.html"), undefined);
    assert.equal(transcoder.match("GET", "/100%"), undefined);
  });
});
