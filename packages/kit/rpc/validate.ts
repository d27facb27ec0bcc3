import { type DescMessage, isFieldSet, type Message } from "@bufbuild/protobuf";
import { type Path, pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator } from "@bufbuild/protovalidate";
import { Fault, type Violation } from "../errors/fault.ts";
import { valuesOf } from "./field-values.ts";

// The patterns come from our own contracts, so the platform's RegExp serves; the default RE2 engine
// guards against hostile patterns and costs 20 times as much.
const patterns = new Map<string, RegExp>();
const validator = createValidator({ regexMatch: matches });

// The violations travel in a header; more, or longer ones, would not fit.
const mostViolations = 20;
const longestPath = 100;

/**
 * Throws INVALID_REQUEST, naming the fields at fault, unless the message obeys the rules that its
 * contract states (protovalidate) and its texts can be stored: no NUL, which PostgreSQL refuses, and
 * no half of a surrogate pair, which UTF-8 cannot hold. Reports 20 violations at most.
 */
export function validate(schema: DescMessage, message: Message): void {
  const violations: Violation[] = [];
  const result = validator.validate(schema, message);
  if (result.kind === "error") throw result.error;
  for (const { field, message: description, ruleId } of result.violations ?? []) {
    violations.push(violation(pathText(field), reasonFor(ruleId), description));
    if (violations.length === mostViolations) break;
  }
  checkTexts(schema, message, "", violations);
  const [first] = violations;
  if (!first) return;
  throw new Fault("invalid", "INVALID_REQUEST", `${first.field}: ${first.description}`, {
    violations,
  });
}

function matches(pattern: string, text: string): boolean {
  return patterns.getOrInsertComputed(pattern, () => new RegExp(pattern, "u")).test(text);
}

function violation(field: string, reason: string, description: string): Violation {
  return { field: field.slice(0, longestPath).toWellFormed(), reason, description };
}

function pathText(path: Path): string {
  return path.length === 0 ? "request" : pathToString(path);
}

/** `string.min_len` → `STRING_MIN_LEN`. */
function reasonFor(ruleId: string): string {
  return ruleId === "" ? "INVALID" : ruleId.replaceAll(/[^A-Za-z0-9]+/g, "_").toUpperCase();
}

function checkTexts(schema: DescMessage, message: Message, at: string, found: Violation[]): void {
  for (const field of schema.fields) {
    if (!isFieldSet(message, field)) continue;
    for (const [path, value] of valuesOf(message, field)) {
      if (found.length >= mostViolations) return;
      if (typeof value === "string") {
        if (value.includes("\0")) {
          const description = "must not contain the NUL character";
          found.push(violation(at + field.name + path, "NUL_CHARACTER", description));
        } else if (!value.isWellFormed()) {
          const description = "must be well-formed Unicode text";
          found.push(violation(at + field.name + path, "ILL_FORMED_TEXT", description));
        }
      } else if (field.message) {
        checkTexts(field.message, value as Message, `${at}${field.name}${path}.`, found);
      }
    }
  }
}
