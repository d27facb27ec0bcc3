import { createRegistry, type DescMessage, isFieldSet, type Message } from "@bufbuild/protobuf";
import { type Path, pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator } from "@bufbuild/protovalidate";
import { file_plaza_kit_v1_rules } from "@plaza/contract/kit/v1/rules";
import { Fault, type Violation } from "../errors/fault.ts";
import { fieldValues } from "./field-values.ts";

// The patterns are our own, so RegExp is safe; the default RE2 engine guards against hostile patterns and is
// 20 times as slow.
const compiledPatterns = new Map<string, RegExp>();
const validator = createValidator({
  registry: createRegistry(file_plaza_kit_v1_rules),
  regexMatch: matchesPattern,
});

// Violations are sent in a header; more, or longer ones, would not fit.
const maxViolations = 20;
const maxPathLength = 100;

/**
 * Throws INVALID_REQUEST with the invalid fields unless the message satisfies its protovalidate rules and its
 * texts can be stored: without NUL, which PostgreSQL rejects, and without lone surrogates, which UTF-8 cannot
 * encode. Reports at most 20 violations.
 */
export function validate(schema: DescMessage, message: Message): void {
  const violations: Violation[] = [];
  const result = validator.validate(schema, message);
  if (result.kind === "error") throw result.error;
  for (const { field, message: description, ruleId } of result.violations ?? []) {
    violations.push(createViolation(formatPath(field), reasonOfRule(ruleId), description));
    if (violations.length === maxViolations) break;
  }
  checkStrings(schema, message, "", violations);
  const [first] = violations;
  if (!first) return;
  throw new Fault("invalid", "INVALID_REQUEST", `${first.field}: ${first.description}`, {
    violations,
  });
}

function matchesPattern(pattern: string, text: string): boolean {
  return compiledPatterns.getOrInsertComputed(pattern, () => new RegExp(pattern, "u")).test(text);
}

function createViolation(field: string, reason: string, description: string): Violation {
  return { field: field.slice(0, maxPathLength).toWellFormed(), reason, description };
}

function formatPath(path: Path): string {
  return path.length === 0 ? "request" : pathToString(path);
}

/** `string.min_len` → `STRING_MIN_LEN`. */
function reasonOfRule(ruleId: string): string {
  return ruleId === "" ? "INVALID" : ruleId.replaceAll(/[^A-Za-z0-9]+/g, "_").toUpperCase();
}

function checkStrings(
  schema: DescMessage,
  message: Message,
  prefix: string,
  violations: Violation[],
): void {
  for (const field of schema.fields) {
    if (!isFieldSet(message, field)) continue;
    for (const [path, value] of fieldValues(message, field)) {
      if (violations.length >= maxViolations) return;
      if (typeof value === "string") {
        if (value.includes("\0")) {
          const description = "must not contain the NUL character";
          violations.push(
            createViolation(prefix + field.name + path, "NUL_CHARACTER", description),
          );
        } else if (!value.isWellFormed()) {
          const description = "must be well-formed Unicode text";
          violations.push(
            createViolation(prefix + field.name + path, "ILL_FORMED_TEXT", description),
          );
        }
      } else if (field.message) {
        checkStrings(field.message, value as Message, `${prefix}${field.name}${path}.`, violations);
      }
    }
  }
}
