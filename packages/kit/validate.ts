import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { isFieldSet } from "@bufbuild/protobuf";
import { type Path, pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator } from "@bufbuild/protovalidate";
import { Fault, type Violation } from "./fault.ts";

// The patterns come from our own contracts, so the platform's RegExp serves; the default RE2 engine
// guards against hostile patterns and costs 20 times as much.
const patterns = new Map<string, RegExp>();
const validator = createValidator({ regexMatch: matches });

/**
 * Throws INVALID_REQUEST, naming every field at fault, unless the message obeys the rules that its
 * contract states (protovalidate) and its strings hold no NUL, which PostgreSQL cannot store.
 */
export function validate(schema: DescMessage, message: Message): void {
  const violations: Violation[] = [];
  const result = validator.validate(schema, message);
  if (result.kind === "error") throw result.error;
  for (const { field, message: description, ruleId } of result.violations ?? []) {
    violations.push({ field: pathText(field), description, reason: reasonFor(ruleId) });
  }
  findNul(schema, message, "", violations);
  const [first] = violations;
  if (!first) return;
  throw new Fault("invalid", "INVALID_REQUEST", `${first.field}: ${first.description}`, {
    violations,
  });
}

function matches(pattern: string, text: string): boolean {
  return patterns.getOrInsertComputed(pattern, () => new RegExp(pattern, "u")).test(text);
}

function pathText(path: Path): string {
  return path.length === 0 ? "request" : pathToString(path);
}

/** `string.min_len` → `STRING_MIN_LEN`. */
function reasonFor(ruleId: string): string {
  return ruleId === "" ? "INVALID" : ruleId.replaceAll(/[^A-Za-z0-9]+/g, "_").toUpperCase();
}

function findNul(schema: DescMessage, message: Message, at: string, found: Violation[]): void {
  for (const field of schema.fields) {
    if (!isFieldSet(message, field)) continue;
    for (const value of valuesOf(message, field)) {
      if (typeof value === "string") {
        if (!value.includes("\0")) continue;
        const description = "must not contain the NUL character";
        found.push({ field: at + field.name, description, reason: "NUL_CHARACTER" });
      } else if (field.message) {
        findNul(field.message, value as Message, `${at}${field.name}.`, found);
      }
    }
  }
}

function valuesOf(message: Message, field: DescField): unknown[] {
  const value = field.oneof
    ? (message as never)[field.oneof.localName]["value"]
    : (message as never)[field.localName];
  if (field.fieldKind === "list") return value as unknown[];
  if (field.fieldKind === "map") {
    const entries = value as Record<string, unknown>;
    return [...Object.keys(entries), ...Object.values(entries)];
  }
  return [value];
}
