import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { RegisterRequestSchema } from "@plaza/contract/auth/v1/auth";
import {
  CreatePostRequestSchema,
  GetPostRequestSchema,
  ListPostsRequestSchema,
  UpdatePostRequestSchema,
} from "@plaza/contract/posts/v1/posts";
import {
  BatchGetUsersRequestSchema,
  UpdateUserRequestSchema,
} from "@plaza/contract/users/v1/users";
import { Fault } from "../errors/fault.ts";
import { SayRequestSchema } from "../testing/contract.ts";
import { validate } from "./validate.ts";

const id = "0190163d-8694-739b-aea5-966c26f8ad90";

/** The violations, each as `field reason`. */
function violations<T extends DescMessage>(schema: T, init: MessageInitShape<T>): string[] {
  try {
    validate(schema, create(schema, init));
    return [];
  } catch (error) {
    assert.ok(error instanceof Fault);
    assert.equal(error.kind, "invalid");
    assert.equal(error.reason, "INVALID_REQUEST");
    return (error.details.violations ?? []).map(({ field, reason }) => `${field} ${reason}`);
  }
}

describe("validate", () => {
  it("accepts messages that satisfy their contract", () => {
    assert.deepEqual(violations(GetPostRequestSchema, { id }), []);
    assert.deepEqual(violations(ListPostsRequestSchema, {}), []);
    assert.deepEqual(violations(UpdatePostRequestSchema, { post: { id, title: "x" } }), []);
    assert.deepEqual(violations(SayRequestSchema, { text: "💬".repeat(100) }), []);
  });

  it("names the invalid field and the broken rule", () => {
    const cases: [string[], string[]][] = [
      [["id STRING_UUID"], violations(GetPostRequestSchema, { id: "1" })],
      [["id STRING_UUID_EMPTY"], violations(GetPostRequestSchema, {})],
      [["page_size INT32_GTE_LTE"], violations(ListPostsRequestSchema, { pageSize: 101 })],
      [["title STRING_VISIBLE"], violations(CreatePostRequestSchema, { title: " ", body: "b" })],
      [
        ["title STRING_MAX_LEN"],
        violations(CreatePostRequestSchema, { title: "t".repeat(126), body: "b" }),
      ],
      [["post REQUIRED"], violations(UpdatePostRequestSchema, {})],
      [["ids REPEATED_MIN_ITEMS"], violations(BatchGetUsersRequestSchema, {})],
    ];
    for (const [expected, found] of cases) assert.deepEqual(found, expected);
  });

  it("reports all invalid fields", () => {
    const request = { email: "nobody", password: "short", nickname: "!" };
    assert.deepEqual(violations(RegisterRequestSchema, request), [
      "email STRING_EMAIL",
      "password STRING_MIN_LEN",
      "nickname STRING_NICKNAME",
    ]);
  });

  it("gives the path of a nested field in proto names", () => {
    const long = "x".repeat(101);
    assert.deepEqual(violations(UpdateUserRequestSchema, { user: { firstName: long } }), [
      "user.first_name STRING_MAX_LEN",
    ]);
    assert.deepEqual(violations(BatchGetUsersRequestSchema, { ids: [id, "no"] }), [
      "ids[1] STRING_UUID",
    ]);
    assert.deepEqual(violations(SayRequestSchema, { byName: { a: { inner: { text: long } } } }), [
      'by_name["a"].inner.text STRING_MAX_LEN',
    ]);
  });

  it("does not quote the invalid value", () => {
    try {
      validate(RegisterRequestSchema, create(RegisterRequestSchema, { email: "canary" }));
      assert.fail("accepted");
    } catch (error) {
      assert.doesNotMatch(JSON.stringify({ error, text: String(error) }), /canary/);
    }
  });

  it("reports no more violations than fit in a header", () => {
    const many = Array.from({ length: 1_000 }, () => "no");
    assert.ok(violations(BatchGetUsersRequestSchema, { ids: many }).length <= 20);
    const nul = { items: Array.from({ length: 100_000 }, () => "\0") };
    assert.equal(violations(SayRequestSchema, nul).length, 20);
    const [path = ""] = violations(SayRequestSchema, {
      labels: { [`${"k".repeat(9_000)}\0`]: "" },
    });
    assert.ok(path.length < 200);
  });
});

describe("validate, on texts that cannot be stored", () => {
  const nul = "a\0b";
  const cases: [string, MessageInitShape<typeof SayRequestSchema>][] = [
    ["text", { text: nul }],
    ["inner.text", { inner: { text: nul } }],
    ["inner.inner.items[1]", { inner: { inner: { items: ["fine", nul] } } }],
    ["children[1].text", { children: [{}, { text: nul }] }],
    ['labels["k"]', { labels: { k: nul } }],
    ['labels["a\\u0000b"]', { labels: { [nul]: "v" } }],
    ['by_name["k"].text', { byName: { k: { text: nul } } }],
    ["word", { choice: { case: "word", value: nul } }],
    ["nested.text", { choice: { case: "nested", value: { text: nul } as never } }],
  ];
  for (const [path, request] of cases) {
    it(`finds a NUL in ${path}`, () => {
      assert.deepEqual(violations(SayRequestSchema, request), [`${path} NUL_CHARACTER`]);
    });
  }

  it("finds a NUL in a field mask", () => {
    const request = { id, readMask: { paths: ["id", nul] } };
    assert.deepEqual(violations(GetPostRequestSchema, request), [
      "read_mask.paths[1] NUL_CHARACTER",
    ]);
  });

  it("finds a lone surrogate", () => {
    assert.deepEqual(violations(SayRequestSchema, { text: "\ud83d" }), ["text ILL_FORMED_TEXT"]);
    assert.deepEqual(violations(SayRequestSchema, { text: "\u{1f600}" }), []);
  });
});
