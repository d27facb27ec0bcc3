import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault } from "@plaza/kit/errors/fault";
import {
  edit,
  mayChange,
  newPost,
  type PostDraft,
  resolveDuplicate,
  type StoredPost,
} from "./domain.ts";

const published = new Date("2026-03-01T12:00:00Z");
const later = new Date("2026-03-02T12:00:00Z");
const post = newPost("post", "ada", { title: "  Cake ", body: "With *plums*." }, published);

describe("newPost", () => {
  it("trims the title, keeps the body and makes the excerpt", () => {
    assert.deepEqual(post, {
      id: "post",
      authorId: "ada",
      title: "Cake",
      body: "With *plums*.",
      excerpt: "With plums.",
      createTime: published,
      updateTime: published,
    });
  });
});

describe("edit", () => {
  it("changes what is given, and the excerpt with the body", () => {
    const after = edit(post, { body: "With **pears**." }, later);
    const changed = { body: "With **pears**.", excerpt: "With pears.", updateTime: later };
    assert.deepEqual(after, { ...post, ...changed });
  });

  for (const field of ["title", "body"] as const) {
    it(`refuses a blank ${field}`, () => {
      assert.throws(
        () => edit(post, { [field]: " \n\t" }, later),
        (err) =>
          err instanceof Fault &&
          err.reason === "FIELD_REQUIRED" &&
          err.details.violations?.[0]?.field === `post.${field}`,
      );
    });
  }
});

describe("mayChange", () => {
  const account = (id: string, ...roles: string[]) => ({ id, roles });
  for (const [who, caller, allowed] of [
    ["its author", account("ada", "member"), true],
    ["an admin", account("bruno", "member", "admin"), true],
    ["another member", account("bruno", "member"), false],
  ] as const) {
    it(`${allowed ? "lets" : "does not let"} ${who}`, () => {
      assert.equal(mayChange(post, caller), allowed);
    });
  }
});

describe("resolveDuplicate", () => {
  const draft: PostDraft = { post, idempotencyKey: "key", requestDigest: "digest" };
  const first: StoredPost = {
    ...post,
    id: "first",
    idempotencyKey: "key",
    requestDigest: "digest",
  };

  it("returns the first post to a retry", () => {
    assert.equal(resolveDuplicate(first, draft), first);
  });

  it("refuses another request under the same key, and one whose post was deleted", () => {
    for (const earlier of [{ ...first, requestDigest: "other" }, undefined]) {
      const answer = resolveDuplicate(earlier, draft);
      assert.ok(answer instanceof Fault && answer.kind === "conflict");
      assert.equal(answer.reason, "KEY_REUSED");
    }
  });
});
