import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import {
  create,
  createFileRegistry,
  createRegistry,
  type DescExtension,
  type DescField,
  type DescMessage,
  fromBinary,
  getOption,
  hasExtension,
  type Message,
  type MessageInitShape,
  ScalarType,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createValidator } from "@bufbuild/protovalidate";
import {
  type FieldRules,
  field as fieldOption,
  predefined,
  type Rule,
  StringRulesSchema,
} from "@plaza/contract/buf/validate/validate";
import { ReactToMessageRequestSchema } from "@plaza/contract/chat/v1/messages";
import { output_only } from "@plaza/contract/kit/v1/options";
import * as rules from "@plaza/contract/kit/v1/rules";
import { CreatePostRequestSchema } from "@plaza/contract/posts/v1/posts";
import { Fault } from "../errors/fault.ts";
import { patternOf } from "./rule-patterns.ts";
import { validate } from "./validate.ts";

const contracts = createFileRegistry(
  fromBinary(
    FileDescriptorSetSchema,
    readFileSync(fileURLToPath(import.meta.resolve("@plaza/contract/plaza.binpb"))),
  ),
);

/** The fields of all messages that callers send. */
const requestFields = [...contracts].flatMap((type) => {
  if (type.kind !== "service") return [];
  return type.methods.flatMap(({ input }) => fieldsOf(input, new Set()));
});

function fieldsOf(message: DescField["parent"], seen: Set<string>): DescField[] {
  if (seen.has(message.typeName) || !message.typeName.startsWith("plaza.")) return [];
  seen.add(message.typeName);
  return message.fields
    .filter((field) => !getOption(field, output_only))
    .flatMap((field) => [field, ...(field.message ? fieldsOf(field.message, seen) : [])]);
}

/** The rules of a field, of its items, and of its keys and values. */
function rulesOf(field: DescField): FieldRules[] {
  const own = getOption(field, fieldOption);
  const { case: kind, value } = own.type;
  const inner =
    kind === "repeated" ? [value.items] : kind === "map" ? [value.keys, value.values] : [];
  return [own, ...inner.filter((one) => one !== undefined)];
}

describe("the rules of the contracts", () => {
  it("have words for people, and show no regular expression", () => {
    const extended = Object.values(rules).filter((one) => one.kind === "extension");
    const all: [string, Rule][] = extended.flatMap((one) =>
      getOption(one, predefined).cel.map((rule): [string, Rule] => [one.name, rule]),
    );
    for (const field of requestFields) {
      for (const own of rulesOf(field)) {
        // protovalidate's message for a pattern is the pattern.
        const { case: kind, value } = own.type;
        const hasPattern = (kind === "string" || kind === "bytes") && value.pattern !== "";
        assert.ok(!hasPattern, `${field} has a pattern: make it a rule with a message`);
        all.push(...own.cel.map((rule): [string, Rule] => [String(field), rule]));
      }
    }
    assert.ok(all.length > 8);
    for (const [name, { id, message }] of all) {
      assert.match(message, /^must [a-z]/, `${name} ${id}`);
      assert.doesNotMatch(message, /[\\^$|*[\]{}]/, `${name} ${id}`);
    }
  });

  it("say of each text whether it is a line, must be visible, or may be anything", () => {
    // Texts of several lines that may be empty, and texts for programs.
    const free =
      /\.(about|address|delivery_address|description|note|body|query|idempotency_key|etag|.*token|.*password|login|credential|seen|target|source|read_mask|update_mask)$/;
    const known = Object.values(rules).filter((one) => one.kind === "extension");
    for (const field of requestFields.filter(({ scalar }) => scalar === ScalarType.STRING)) {
      const isDecided = rulesOf(field).some(({ type: { case: kind, value }, cel }) => {
        if (cel.length > 0) return true;
        if (kind !== "string") return false;
        const isOf = (one: (typeof known)[number]) =>
          one.extendee === StringRulesSchema && hasExtension(value, one);
        return value.wellKnown.case !== undefined || value.in.length > 0 || known.some(isOf);
      });
      assert.ok(isDecided || free.test(String(field)), `${field} has no rule`);
    }
  });
});

describe("the rules of text", () => {
  it("take what has a visible character, in any script", () => {
    const visible = [
      "a",
      "上海",
      "สวัสดี",
      "नमस्ते",
      "مرحبا",
      "שלום",
      "!",
      "€",
      "👍",
      "👩‍🚀",
      "می\u200cخواهم",
      " x ",
    ];
    const invisible = [
      "",
      " ",
      "\n\t",
      "\u200b",
      "\u200d",
      "\u2060\ufeff",
      "\u00ad",
      "\u3164",
      "\u2800",
      "\u202e",
      "\u0301",
    ];
    const taken = (body: string) => !broken(CreatePostRequestSchema, { title: "x", body });
    for (const text of visible) assert.ok(taken(text), JSON.stringify(text));
    for (const text of invisible) assert.ok(!taken(text), JSON.stringify(text));
  });

  it("call invisible what Unicode calls so", () => {
    const looksEmpty =
      /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Mn}\u2800\u{1d159}]/u;
    const matches = regExpOf(rules.visible);
    const isWrong = (character: string) =>
      looksEmpty.test(character)
        ? matches.test(character)
        : /[\p{L}\p{N}\p{P}\p{S}\p{Co}]/u.test(character) && !matches.test(character);
    assert.deepEqual(charactersWhere(isWrong), []);
  });

  it("refuse line breaks, control characters and bidirectional controls in a line", () => {
    const refused = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
    const matches = regExpOf(rules.line);
    const isWrong = (character: string) => matches.test(character) === refused.test(character);
    assert.deepEqual(charactersWhere(isWrong), []);
    assert.equal(
      broken(CreatePostRequestSchema, { title: "a\u202eb", body: "b" }),
      "title STRING_LINE",
    );
  });

  it("take one emoji and nothing else for an emoji", () => {
    const one = ["👍", "👍🏽", "❤️", "❤", "🇫🇮", "1️⃣", "👨‍👩‍👧‍👦", "👩🏽‍❤️‍💋‍👨🏿", "🏳️‍🌈", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🫨"];
    const other = [
      "",
      "ok",
      "é",
      "上",
      "→",
      "★",
      "♞",
      "👍👍",
      "👍 ",
      "👍é",
      "🇫",
      "1",
      "\u200d",
      "👍\u200d",
      "\ufe0f",
    ];
    const taken = (emoji: string) =>
      !broken(ReactToMessageRequestSchema, { chatId: uuid, seq: 1, emoji });
    for (const text of one) assert.ok(taken(text), text);
    for (const text of other) assert.ok(!taken(text), JSON.stringify(text));
    const matches = regExpOf(rules.emoji);
    const pictograph = /^[\p{Emoji}\p{Extended_Pictographic}]$/v;
    const single = /^[\p{ASCII}\p{Regional_Indicator}]$/u;
    const isWrong = (character: string) =>
      matches.test(character) !== (pictograph.test(character) && !single.test(character));
    assert.deepEqual(charactersWhere(isWrong), []);
  });
});

describe("the patterns of the rules", () => {
  it("mean the same in RE2, which other languages use", () => {
    const registry = createRegistry(rules.file_plaza_kit_v1_rules);
    const validator = createValidator({ registry });
    const reaction = (emoji: string) =>
      create(ReactToMessageRequestSchema, { chatId: uuid, seq: 1, emoji });
    const post = (title: string) => create(CreatePostRequestSchema, { title, body: "b" });
    const isValid = (schema: DescMessage, message: Message) =>
      validator.validate(schema, message).kind === "valid";
    for (const text of ["a", "上海", "\u200b", "\u3164", "a\u202eb", "a\nb"]) {
      const ours = broken(CreatePostRequestSchema, post(text)) === undefined;
      assert.equal(isValid(CreatePostRequestSchema, post(text)), ours, JSON.stringify(text));
    }
    for (const text of ["👍🏽", "🏳️‍🌈", "1️⃣", "é", "👍👍"]) {
      const ours = broken(ReactToMessageRequestSchema, reaction(text)) === undefined;
      assert.equal(isValid(ReactToMessageRequestSchema, reaction(text)), ours, text);
    }
  });
});

const uuid = "0190163d-8694-739b-aea5-966c26f8ad90";

/** The first violation, as `field reason`. */
function broken<T extends DescMessage>(schema: T, init: MessageInitShape<T>): string | undefined {
  try {
    validate(schema, create(schema, init));
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Fault);
    const [first] = error.details.violations ?? [];
    return `${first?.field} ${first?.reason}`;
  }
}

function regExpOf(rule: DescExtension): RegExp {
  const [own] = getOption(rule, predefined).cel;
  const [pattern = ""] = own ? patternOf(own) : [];
  return new RegExp(pattern, "u");
}

/** The characters of Unicode for which `test` is true, as U+…. */
function charactersWhere(test: (character: string) => boolean): string[] {
  const found: string[] = [];
  for (let code = 0; code <= 0x10ffff; code += 1) {
    if ((code < 0xd800 || code > 0xdfff) && test(String.fromCodePoint(code))) {
      found.push(`U+${code.toString(16)}`);
    }
  }
  return found;
}
