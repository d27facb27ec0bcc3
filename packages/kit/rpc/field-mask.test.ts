import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clone, create, equals, isFieldSet } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { type Post, PostSchema } from "@plaza/contract/posts/v1/posts";
import { UserSchema } from "@plaza/contract/users/v1/users";
import fc from "fast-check";
import { Fault } from "../errors/fault.ts";
import { SayRequestSchema } from "../testing/contract.ts";
import { deepFreeze } from "../testing/plaza.ts";
import {
  includesField,
  parseReadMask,
  parseUpdateMask,
  prune,
  subMask,
  writableFields,
} from "./field-mask.ts";

const mask = (...paths: string[]) => create(FieldMaskSchema, { paths });

function reason(work: () => unknown): string {
  try {
    work();
    return "";
  } catch (error) {
    assert.ok(error instanceof Fault);
    assert.equal(error.kind, "invalid");
    assert.equal(error.details.violations?.[0]?.reason, error.reason);
    return error.reason;
  }
}

const post = create(PostSchema, {
  id: "p1",
  title: "A title",
  body: "A body",
  author: { id: "u1", nickname: "ann", phone: "123456", createTime: { seconds: 5n } },
  createTime: { seconds: 7n },
});
deepFreeze(post);

const flat = PostSchema.fields.map(({ name }) => name);
const nested = UserSchema.fields.map(({ name }) => `author.${name}`);
const paths = fc.array(fc.constantFrom(...flat, ...nested, "author.create_time.seconds"), {
  minLength: 1,
});

/** The oracle: whether a path is selected, or is above or below a selected one. */
function isSelected(path: string, by: readonly string[]): boolean {
  return by.some((one) => one === path || path.startsWith(`${one}.`) || one.startsWith(`${path}.`));
}

function pruned(by: readonly string[]): Post {
  return prune(PostSchema, post, parseReadMask(PostSchema, mask(...by)));
}

describe("prune", () => {
  it("keeps exactly the selected fields, at every depth", () => {
    fc.assert(
      fc.property(paths, (by) => {
        const rest = pruned(by);
        for (const field of PostSchema.fields) {
          const expected = isFieldSet(post, field) && isSelected(field.name, by);
          assert.equal(isFieldSet(rest, field), expected, field.name);
        }
        const { author } = rest;
        for (const field of author ? UserSchema.fields : []) {
          const is = post.author && isFieldSet(post.author, field);
          const expected = is && isSelected(`author.${field.name}`, by);
          assert.equal(author && isFieldSet(author, field), expected, field.name);
        }
      }),
    );
  });

  it("ignores order and repetition of paths", () => {
    fc.assert(
      fc.property(paths, (by) => {
        assert.ok(equals(PostSchema, pruned(by), pruned([...by, ...by].reverse())));
      }),
    );
  });

  it("does not change the message", () => {
    const before = clone(PostSchema, post);
    pruned(["title", "author.nickname"]);
    assert.ok(equals(PostSchema, post, before));
  });

  it("returns the message itself when all fields are selected", () => {
    assert.equal(pruned(["*"]), post);
    assert.equal(pruned(["title", "*"]), post);
    assert.equal(prune(PostSchema, post, parseReadMask(PostSchema, undefined)), post);
    assert.equal(prune(PostSchema, post, parseReadMask(PostSchema, mask())), post);
  });

  it("prunes the member of a oneof", () => {
    const message = create(SayRequestSchema, {
      choice: { case: "nested", value: create(SayRequestSchema, { text: "t", email: "e" }) },
    });
    const { choice } = prune(
      SayRequestSchema,
      message,
      parseReadMask(SayRequestSchema, mask("nested.text")),
    );
    assert.equal(choice.case, "nested");
    assert.equal(choice.value.text, "t");
    assert.equal(choice.value.email, "");
  });
});

describe("parseReadMask", () => {
  const hostile = [
    "",
    ".",
    "nope",
    "title.length",
    "author.",
    ".author",
    "author..id",
    "author.nope",
    "title,body",
    "createTime",
    "__proto__",
    "__proto__.polluted",
    "author.__proto__.polluted",
    "constructor",
    "constructor.prototype",
    "toString",
    "create_time.seconds.x",
    "$typeName",
    "*.title",
    "author.*",
    "x".repeat(1_000_000),
    "author.".repeat(100_000),
  ];
  for (const path of hostile) {
    it(`refuses ${JSON.stringify(path.slice(0, 30))}`, () => {
      assert.equal(
        reason(() => parseReadMask(PostSchema, mask("title", path))),
        "UNKNOWN_FIELD_PATH",
      );
      assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
    });
  }

  it("throws for any path that names no field", () => {
    const known = new Set([...flat, ...nested, "*", "create_time.seconds", "update_time.seconds"]);
    fc.assert(
      fc.property(fc.string(), (path) => {
        fc.pre(!known.has(path));
        assert.equal(
          reason(() => parseReadMask(PostSchema, mask(path))),
          "UNKNOWN_FIELD_PATH",
        );
      }),
    );
  });

  it("throws for an unknown path beside *", () => {
    assert.equal(
      reason(() => parseReadMask(PostSchema, mask("*", "nope"))),
      "UNKNOWN_FIELD_PATH",
    );
  });

  it("does not mistake a path with a comma for two cached ones", () => {
    parseReadMask(PostSchema, mask("title", "excerpt"));
    assert.equal(
      reason(() => parseReadMask(PostSchema, mask("title,excerpt"))),
      "UNKNOWN_FIELD_PATH",
    );
  });

  it("shortens the quote of a bad path", () => {
    try {
      parseReadMask(PostSchema, mask("y".repeat(100_000)));
      assert.fail("accepted");
    } catch (error) {
      assert.ok(error instanceof Fault && error.message.length < 200);
    }
  });
});

describe("includesField and subMask", () => {
  it("tell which fields to fill in", () => {
    const some = parseReadMask(
      PostSchema,
      mask("title", "author.nickname", "author.create_time.seconds"),
    );
    assert.ok(
      includesField(some, "author") && includesField(some, "title") && !includesField(some, "body"),
    );
    assert.deepEqual(subMask(some, "author")?.paths, ["nickname", "create_time.seconds"]);
    assert.equal(subMask(some, "title"), undefined);
    assert.ok(!includesField(some, "toString") && !includesField(some, "constructor"));
  });

  it("include everything when everything is selected", () => {
    for (const whole of [
      parseReadMask(PostSchema, undefined),
      parseReadMask(PostSchema, mask("author")),
    ]) {
      assert.ok(includesField(whole, "author"));
      assert.equal(subMask(whole, "author"), undefined);
    }
  });
});

describe("parseUpdateMask", () => {
  const writable = ["title", "body"] as const;
  const cases: [string[] | undefined, string[] | string][] = [
    [["title"], ["title"]],
    [
      ["body", "title", "body"],
      ["body", "title"],
    ],
    [["*"], ["title", "body"]],
    [
      ["*", "title"],
      ["title", "body"],
    ],
    [[], "EMPTY_UPDATE_MASK"],
    [undefined, "EMPTY_UPDATE_MASK"],
    [["nope"], "UNKNOWN_FIELD_PATH"],
    [["title", "__proto__"], "UNKNOWN_FIELD_PATH"],
    [["*", "nope"], "UNKNOWN_FIELD_PATH"],
    [["title", "id"], "FIELD_NOT_WRITABLE"],
    [["author.nickname"], "FIELD_NOT_WRITABLE"],
  ];
  for (const [paths, expected] of cases) {
    it(`maps ${JSON.stringify(paths)} to ${expected}`, () => {
      const update = () => parseUpdateMask(PostSchema, paths && mask(...paths), writable);
      if (Array.isArray(expected)) assert.deepEqual(update(), expected);
      else if (expected === "EMPTY_UPDATE_MASK") assert.throws(update, { reason: expected });
      else assert.equal(reason(update), expected);
    });
  }
});

describe("writableFields", () => {
  const toChanges = writableFields(UserSchema, { first_name: "firstName", about: "about" });
  const values = create(UserSchema, { firstName: "Ann", about: "Bakes", phone: "123456" });

  it("returns the values that the mask names, by property name", () => {
    assert.deepEqual(toChanges(values, mask("first_name")), { firstName: "Ann" });
    assert.deepEqual(toChanges(values, mask("*")), { firstName: "Ann", about: "Bakes" });
  });

  it("refuses other fields", () => {
    assert.equal(
      reason(() => toChanges(values, mask("phone"))),
      "FIELD_NOT_WRITABLE",
    );
  });
});
