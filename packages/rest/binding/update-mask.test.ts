import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject } from "@bufbuild/protobuf";
import { errorInfoOf, transcoderFixture } from "../testing/contract.ts";

const library = transcoderFixture(["LibraryService"]);
const book = "/v1/shelves/1/books/2";

async function pathsOf(body: JsonObject | string, query = ""): Promise<string[] | undefined> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const reply = await library.send("PATCH", `${book}${query}`, { body: text });
  assert.equal(reply.status, 200, JSON.stringify(reply.json));
  const message = library.lastCall().message as unknown as { updateMask?: { paths: string[] } };
  return message.updateMask?.paths;
}

const inferred: [name: string, body: JsonObject, paths: string[]][] = [
  ["the keys present, in their order", { copies: "1", title: "T" }, ["copies", "title"]],
  [
    "keys that hold a zero or null",
    { title: "", author: null, tags: [] },
    ["title", "author", "tags"],
  ],
  [
    "nested messages by their fields",
    { author: { firstName: "A", kind: 1 } },
    ["author.first_name", "author.kind"],
  ],
  ["deeply nested messages", { sequel: { sequel: { title: "T" } } }, ["sequel.sequel.title"]],
  ["an empty message by itself", { author: {} }, ["author"]],
  ["JSON names of their own", { subtitle: "s" }, ["sub_title"]],
  ["proto names", { sub_title: "s" }, ["sub_title"]],
  ["lists as a whole", { tags: ["a"], editors: [{ firstName: "A" }] }, ["tags", "editors"]],
  ["maps as a whole", { labels: { a: "b" } }, ["labels"]],
  ["a Struct as a whole", { extra: { a: { b: 1 } } }, ["extra"]],
  ["a Value as a whole", { note: { a: 1 } }, ["note"]],
  [
    "an Any as a whole",
    { attachment: { "@type": "type.googleapis.com/rest.test.v1.Author", kind: 1 } },
    ["attachment"],
  ],
  ["well-known types", { createTime: "2026-01-31T00:00:00Z" }, ["create_time"]],
  ["a member of a oneof", { room: "r" }, ["room"]],
  ["not the field that the path fills", { name: "other", title: "T" }, ["title"]],
  ["nothing of an empty object", {}, []],
];

describe("update masks of PATCH", () => {
  for (const [name, body, paths] of inferred) {
    it(`35: infers ${name}`, async () => assert.deepEqual(await pathsOf(body), paths));
  }

  it("35: infers nothing of no body", async () => assert.deepEqual(await pathsOf(""), []));

  it("35: infers from a form", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    await library.send("PATCH", book, { body: "author.firstName=A&title=T", headers });
    const message = library.lastCall().message as unknown as { updateMask: { paths: string[] } };
    assert.deepEqual(message.updateMask.paths, ["author.first_name", "title"]);
  });

  it("35: an explicit mask wins, in either name", async () => {
    assert.deepEqual(await pathsOf({ title: "T" }, "?updateMask=subTitle,author.first_name"), [
      "sub_title",
      "author.first_name",
    ]);
  });

  it("35: an empty mask is no mask", async () => {
    assert.deepEqual(await pathsOf({ title: "T" }, "?update_mask="), ["title"]);
  });

  it("35: the path still wins over the body", async () => {
    await pathsOf({ name: "other", title: "T" });
    const json = library.lastCall().json as { book: JsonObject };
    assert.deepEqual(json.book, { name: "shelves/1/books/2", title: "T" });
  });

  it("35: an object under a scalar is refused", async () => {
    const reply = await library.send("PATCH", book, { body: '{"title":{"a":"x"}}' });
    assert.deepEqual(errorInfoOf(reply), { reason: "INVALID_FIELD", fields: ["book.title"] });
  });

  it("35: of several masks, it is update_mask that is inferred, or none", async () => {
    await library.send("PATCH", "/v1/two/2", { body: '{"title":"T"}' });
    const json = { book: { name: "2", title: "T" } };
    assert.deepEqual(library.lastCall().json, { ...json, updateMask: "title" });
    await library.send("PATCH", "/v1/other/2", { body: '{"title":"T"}' });
    assert.deepEqual(library.lastCall().json, json);
  });

  it('35: neither PUT nor body "*" infers one', async () => {
    for (const [method, url, body] of [
      ["PUT", book, '{"title":"T"}'],
      ["PATCH", "/v1/whole/2", '{"book":{"title":"T"}}'],
    ] as const) {
      await library.send(method, url, { body });
      assert.equal("updateMask" in (library.lastCall().json as object), false);
    }
  });
});
