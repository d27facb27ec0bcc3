import {
  create,
  type DescField,
  type DescMessage,
  type Message,
  ScalarType,
} from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";

/** Strings that have broken programs before; none matches the pattern for leaked internals. */
const hostileStrings = [
  "",
  " ",
  "\0",
  "\u0000abc",
  "me",
  "null",
  "undefined",
  "__proto__",
  "constructor",
  "toString",
  "../../etc",
  "%00",
  "%",
  "%zz",
  "'\"`\\",
  "'; --",
  "{{7*7}}",
  "<b>",
  "$1",
  "\ud800",
  "\udfff\ud800",
  "\u202e\u200f",
  "e\u0301\u0301\u0301",
  "İıſK",
  "👩‍👩‍👧‍👦",
  "\r\n\r\n",
  "*",
  ".",
  "..",
  "a.b.c",
  "1e309",
  "-0",
  "9223372036854775808",
  "NaN",
  "00000000-0000-0000-0000-000000000000",
  "ffffffff-ffff-ffff-ffff-ffffffffffff",
  "0190ABCD-0000-7000-8000-00000000000G",
  "x".repeat(126),
  "x".repeat(20_001),
  "é".repeat(500),
];

/** Random messages of a type, in which some strings are one of `known`: ids, tokens, names. */
export function arbitraryMessage(
  desc: DescMessage,
  known: readonly string[],
): fc.Arbitrary<Message> {
  return arbitraryMessageAt(desc, known, 0);
}

/** Random text: hostile, known, of any characters, or a mutation of a known one. */
export function arbitraryText(known: readonly string[]): fc.Arbitrary<string> {
  const some = fc.constantFrom(...known, "me");
  return fc.oneof(
    { weight: 4, arbitrary: some },
    { weight: 3, arbitrary: fc.constantFrom(...hostileStrings) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
    { weight: 1, arbitrary: fc.string({ maxLength: 300 }) },
    { weight: 1, arbitrary: fc.uuid() },
    { weight: 1, arbitrary: fc.emailAddress() },
    { weight: 1, arbitrary: some.chain(mutatedText) },
  );
}

function arbitraryMessageAt(
  desc: DescMessage,
  known: readonly string[],
  depth: number,
): fc.Arbitrary<Message> {
  if (desc.typeName === FieldMaskSchema.typeName) return arbitraryFieldMask(desc, known);
  const fields = Object.fromEntries(
    desc.fields.map((field) => [field.localName, arbitraryField(field, known, depth)]),
  );
  return fc.record(fields, { requiredKeys: [] }).map((init) => create(desc, init));
}

function arbitraryField(
  field: DescField,
  known: readonly string[],
  depth: number,
): fc.Arbitrary<unknown> {
  switch (field.fieldKind) {
    case "scalar":
      return arbitraryScalar(field.scalar, known);
    case "enum":
      return fc.oneof(
        fc.constantFrom(...field.enum.values.map(({ number }) => number)),
        arbitraryInt32(),
      );
    case "message":
      return depth > 3
        ? fc.constant(undefined)
        : arbitraryMessageAt(field.message, known, depth + 1);
    case "list": {
      const inner = field.message
        ? arbitraryMessageAt(field.message, known, depth + 1)
        : arbitraryScalar(field.scalar ?? ScalarType.INT32, known);
      return fc.oneof(
        { weight: 9, arbitrary: fc.array(inner, { maxLength: 5 }) },
        { weight: 1, arbitrary: fc.array(inner, { minLength: 101, maxLength: 120 }) },
      );
    }
    default:
      throw new Error(`${field.name}: no random values for a ${field.fieldKind} field yet`);
  }
}

function arbitraryScalar(type: ScalarType, known: readonly string[]): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return arbitraryText(known);
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 50 });
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return fc.double();
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return fc.oneof(fc.nat(200), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
    default:
      return fc.oneof(fc.nat(200), arbitraryInt32());
  }
}

function arbitraryInt32(): fc.Arbitrary<number> {
  const edges = fc.constantFrom(-(2 ** 31), -1, 0, 1, 101, 2 ** 31 - 1);
  return fc.oneof(edges, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
}

/** Masks of field names of any message, nested at random, and of random text. */
function arbitraryFieldMask(desc: DescMessage, known: readonly string[]): fc.Arbitrary<Message> {
  const names = [
    "id",
    "nickname",
    "title",
    "body",
    "about",
    "author",
    "phone",
    "roles",
    "create_time",
  ];
  const name = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: arbitraryText(known) },
  );
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("."));
  return fc.array(path, { maxLength: 5 }).map((paths) => create(desc, { paths }));
}

/** A text with one of its characters replaced, for tokens that are almost right. */
function mutatedText(text: string): fc.Arbitrary<string> {
  const at = fc.nat(Math.max(0, text.length - 1));
  return fc
    .tuple(at, fc.string({ minLength: 1, maxLength: 1 }))
    .map(([index, char]) => text.slice(0, index) + char + text.slice(index + 1));
}
